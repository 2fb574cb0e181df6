"""`lotsi conversations list | show | export | erase | retention`: what an operator does with what was said."""

from __future__ import annotations

import getpass
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from cli.output import fail, stderr
from cli.state import database_errors, read_settings
from conversations.errors import ConversationError, TokenRejected

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from conversations.retention import Due
    from web.settings import Settings

app = typer.Typer(
    help="List, show, export and erase conversations; erase what has been kept for long enough.", no_args_is_help=True
)
DataOption = Annotated[Optional[str], typer.Option("--data", help="Folder of all state; 'var' if left out.")]
IdArgument = Annotated[str, typer.Argument(help="The conversation's id.")]


class Format(StrEnum):
    """What an export is written as."""

    JSON = "json"
    TEXT = "text"


@app.command("list")
def list_conversations(
    data: DataOption = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at the most.")] = 20,
    state: Annotated[Optional[str], typer.Option(help="Only those: bot, waiting, human or ended.")] = None,
) -> None:
    """List conversations, the newest first: id, last message (UTC), state, language, channel. Nothing that was said."""
    from conversations.store import ConversationStore

    with database_errors():
        engine = _open(read_settings(data=data))
        for row in ConversationStore(engine).fetch_newest(limit, state):
            moment = row.updated_at.isoformat(sep=" ", timespec="minutes")[:16]
            typer.echo(f"{row.id:37}  {moment}  {row.state:8}{row.language:4}{row.channel}")


@app.command()
def show(id: IdArgument, data: DataOption = None) -> None:
    """Show what was said in a conversation. The audit log notes that it was read."""
    from conversations.store import ConversationStore

    with database_errors():
        engine = _open(read_settings(data=data))
        try:
            messages = ConversationStore(engine).fetch_messages(id)
        except ConversationError as error:
            raise _missing(id) from error
        _note(engine, "conversation.read", id)
        for message in messages:
            typer.echo(f"{message.created_at.isoformat(sep=' ', timespec='seconds')[:19]}  {message.sender}")
            typer.echo("\n".join(f"    {line}" for line in message.text.splitlines()))


@app.command()
def export(
    id: IdArgument,
    data: DataOption = None,
    format: Annotated[Format, typer.Option(help="How it is written.")] = Format.JSON,
    output: Annotated[Optional[Path], typer.Option(help="File to write, for its owner alone; else printed.")] = None,
    token_stdin: Annotated[
        bool, typer.Option("--token-stdin", help="Read the resident's token from standard input and check it.")
    ] = False,
) -> None:
    """Write everything that is stored about a conversation, for whoever asks what is stored about them.

    Whoever asks proves that the conversation is theirs with its token; without --token-stdin you vouch for it.
    Call-back requests are decrypted. The audit log notes the export.
    """
    from conversations.encryption import open_cipher
    from conversations.store import ConversationStore
    from conversations.subject_access import collect_stored, render_json, render_text

    settings = read_settings(data=data)
    with database_errors():
        engine = _open(settings)
        try:
            if token_stdin:
                ConversationStore(engine).check_token(id, sys.stdin.readline().strip())
            cipher = open_cipher(settings.secret_key_path, make=not settings.secret_key_file)
            collected = collect_stored(engine, id, cipher)
        except TokenRejected as error:
            raise fail("the token does not belong to this conversation") from error
        except ConversationError as error:
            raise _missing(id) if str(error) == id else fail(str(error)) from error
        _note(engine, "conversation.exported", id)
    text = render_json(collected) if format is Format.JSON else render_text(collected)
    if output is None:
        typer.echo(text)
    else:
        _write(output, text + "\n")


@app.command()
def erase(
    ids: Annotated[list[str], typer.Argument(help="The conversations' ids.")],
    data: DataOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase conversations with everything that belongs to them; there is no way back. The audit log notes it."""
    from conversations.erasure import empty_log
    from conversations.store import ConversationStore

    if not yes:
        typer.confirm(f"Erase {len(ids)} conversations for good?", abort=True, err=True)
    unknown = []
    with database_errors():
        engine = _open(read_settings(data=data))
        for id in dict.fromkeys(ids):
            try:
                ConversationStore(engine).delete_conversation(id)
            except ConversationError:
                unknown.append(id)
                continue
            _note(engine, "conversation.erased", id)
            typer.echo(id)
        if not empty_log(engine):
            stderr.print("The database is being read; the server cleans up within ten minutes.")
    if unknown:
        raise _missing(", ".join(unknown))


@app.command()
def retention(
    data: DataOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be erased.")] = False,
    days: Annotated[Optional[int], typer.Option(help="In place of the setting retention_days.")] = None,
) -> None:
    """Erase conversations that have been kept for long enough, as the server does by itself once a day.

    Shows first what is due: day of the last message (UTC), state, conversations.
    """
    from conversations.audit import AuditLog
    from conversations.retention import Retention

    settings = read_settings(data=data, retention_days=days)
    kept = settings.retention_days
    with database_errors():
        engine = _open(settings)
        rule = Retention(engine, kept)
        count = _print_due(rule.preview())
        if dry_run:
            stderr.print(f"{count} conversations would be erased; they have been silent for {kept} days.")
            return
        erased = rule.run()
        if erased:
            details = {"count": erased, "days": kept}
            AuditLog(engine).append(_actor(), "conversation.expired", "conversation", "", details)
    stderr.print(f"{erased} conversations erased; they had been silent for {kept} days.")


def _print_due(due: list[Due]) -> int:
    for item in due:
        typer.echo(f"{item.day}  {item.state:8}{item.conversations:8}")
    return sum(item.conversations for item in due)


def _open(settings: Settings) -> Engine:
    from conversations.database import open_database

    return open_database(settings.conversations_database)


def _note(engine: Engine, action: str, id: str) -> None:
    from conversations.audit import AuditLog

    AuditLog(engine).append(_actor(), action, "conversation", id)


def _actor() -> str:
    return f"cli:{getpass.getuser()}"


def _missing(id: str) -> typer.Exit:
    return fail(f"there is no conversation {id}; it may have been erased")


def _write(path: Path, text: str) -> None:
    try:
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise fail(f"cannot write {path}: {error.strerror}") from error
