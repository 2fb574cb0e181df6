"""Shows how far a long piece of work is: a bar on a terminal, else a plain line for each step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from cli.output import stderr

Show = Callable[[str, int, int], None]
"""Told what is done now, and how many are done of how many."""


@contextmanager
def shown_steps(first: str) -> Iterator[Show]:
    """Show the steps of the work that is done inside, on standard error.

    A log or a pipe gets a line when a step begins and nothing in between: a bar drawn anew would be noise there.

    Args:
        first: What is done until the first step is told.
    """
    if not stderr.is_terminal:
        lines = _Lines()
        lines.show(first, 0, 0)
        yield lines.show
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=stderr) as progress:
        task = progress.add_task(first, total=None)
        yield lambda step, done, of: progress.update(task, description=step, completed=done, total=of)


class _Lines:
    """Prints a step when it is another one than before."""

    def __init__(self) -> None:
        self._last = ""

    def show(self, step: str, done: int, of: int) -> None:
        if step != self._last:
            self._last = step
            stderr.print(step, markup=False, soft_wrap=True)
