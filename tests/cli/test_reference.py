"""`docs/cli.md` is what the commands say of themselves."""

from __future__ import annotations

import click
import pytest
import typer.main

from cli.main import app
from cli.reference import iterate_commands, render_reference
from web.settings import PROJECT_FOLDER

DOCUMENT = PROJECT_FOLDER / "docs" / "cli.md"
COMMANDS = {" ".join(names): command for names, command in iterate_commands(typer.main.get_command(app), ("lotsi",))}


def test_the_document_is_up_to_date() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == render_reference(), "run 'make docs'"


def test_subcommands_are_found_below_their_group() -> None:
    assert {"lotsi serve", "lotsi ask", "lotsi knowledge", "lotsi knowledge check"} <= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_says_what_it_does(name: str) -> None:
    command = COMMANDS[name]
    assert command.help
    silent = [item.opts for item in command.params if isinstance(item, click.Option) and not item.help]
    assert silent == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_stands_in_the_document(name: str) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    _, found, rest = text.partition(f"# {name}\n")
    assert found
    section = rest.partition("\n#")[0]
    options = [option for item in COMMANDS[name].params if isinstance(item, click.Option) for option in item.opts]
    assert [option for option in options if f"`{option}" not in section] == []
