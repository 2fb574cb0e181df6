"""Commands in a process of their own, as an operator runs them; started now, waited for later."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Finished:
    """What a command left: exit status, standard output, standard error."""

    status: int
    output: bytes
    errors: bytes


class Process:
    """One run of `lotsi`."""

    def __init__(self, folder: Path, *arguments: object, input: bytes = b"", project: Path = PROJECT) -> None:
        """Start it.

        Args:
            folder: For what it reads and writes; files, because a pipe that nobody reads holds a process up.
            arguments: The command line after `lotsi`.
            input: What it reads on standard input.
            project: The checkout that it runs in.
        """
        self._output, self._errors = folder / "output", folder / "errors"
        (folder / "input").write_bytes(input)
        with (folder / "input").open("rb") as given, self._output.open("wb") as out, self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "cli.main", *map(str, arguments)],
                stdin=given,
                stdout=out,
                stderr=errors,
                cwd=project,
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            )

    def wait(self) -> Finished:
        """Return what it left, once it has ended."""
        status = self._process.wait(timeout=300)
        return Finished(status, self._output.read_bytes(), self._errors.read_bytes())

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
