"""Writes `docs/cli.md` from the commands' own help: `python -m cli.reference > docs/cli.md`, or `make docs`.

It reads what Typer made of the commands and not what `--help` prints, because that depends on the terminal's width.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click
import typer.main

from cli.main import app

_HEAD = """\
# The command `lotsi`

Made from the commands' own help by `make docs`; a test fails when it is stale. `lotsi <command> --help` says the same.

What was asked for goes to standard output, everything else (progress, problems, the log) to standard error. The exit
status is 0 when it was done, 1 when it could not be done, and 2 when the command or a setting was given wrongly.
Settings that have no option come from the environment (settings.md).
"""


def render_reference() -> str:
    """Return the reference of every command and subcommand as Markdown."""
    parts = [_HEAD]
    for names, command in iterate_commands(typer.main.get_command(app), ("lotsi",)):
        parts.append(_render_command(names, command))
    return "\n".join(parts)


def iterate_commands(command: click.Command, names: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield the commands below a group, each group before its own subcommands.

    Args:
        command: A group; a command that is none has nothing below it.
        names: How the group is called, word by word.

    Yields:
        How the command is called, word by word, and the command.
    """
    if not isinstance(command, click.Group):
        return
    for name, below in command.commands.items():
        yield (*names, name), below
        yield from iterate_commands(below, (*names, name))


def _render_command(names: tuple[str, ...], command: click.Command) -> str:
    heading = "#" * len(names)
    lines = [f"{heading} {' '.join(names)}", "", *(command.help or "").strip().splitlines(), ""]
    if isinstance(command, click.Group):
        return "\n".join(lines)
    usage = command.collect_usage_pieces(click.Context(command, info_name=names[-1]))
    lines += ["```", " ".join([*names, *usage]), "```", ""]
    rows = [_render_option(item) for item in command.params if isinstance(item, click.Option)]
    if rows:
        lines += ["| option | meaning |", "|---|---|", *rows, ""]
    return "\n".join(lines)


def _render_option(option: click.Option) -> str:
    name = ", ".join(option.opts)
    value = "" if option.is_flag else f" {option.type.name.upper().removesuffix(' RANGE')}"
    least = f" At least {option.type.min}." if isinstance(option.type, click.IntRange) else ""
    default = "" if option.is_flag or option.default is None else f" Default: {option.default}."
    meaning = f"{option.help or ''}{least}{default}".replace("|", "\\|")
    return f"| `{name}{value}` | {meaning} |"


if __name__ == "__main__":
    sys.stdout.write(render_reference())
