"""`lotsi audit verify | show`: whether the audit log is what was written, and what it says."""

from __future__ import annotations

import json
from typing import Annotated, Any, Optional

import typer

from cli.output import fail, stderr
from cli.state import database_errors, open_staff, read_settings

app = typer.Typer(help="Verify and show the audit log.", no_args_is_help=True)
DataOption = Annotated[Optional[str], typer.Option("--data", help="Folder of all state; 'var' if left out.")]


@app.command()
def verify(
    head: Annotated[
        Optional[str], typer.Option(help="What an earlier run printed: it must still be part of the log.")
    ] = None,
    data: DataOption = None,
) -> None:
    """Check that no entry was changed, removed or put in; exit 1 if one was.

    Prints the log's head, '<number>:<hash>'. Note it where whoever rules this database cannot change it, and give it
    back with --head: that shows a tail that was cut off, and a log that was written anew.
    """
    from conversations.audit import Head
    from conversations.errors import AuditBroken

    try:
        noted = Head.parse(head) if head else None
    except ValueError as error:
        raise fail(f"'{head}': {error}", 2) from error
    settings = read_settings(data=data)
    try:
        with database_errors():
            newest = open_staff(settings).audit.verify(noted)
    except AuditBroken as error:
        raise fail(f"the audit log is broken: {error}") from error
    stderr.print(f"{newest.position} entries, none of them changed")
    typer.echo(str(newest))


@app.command()
def show(
    limit: Annotated[int, typer.Option(min=1, help="How many entries at the most, the newest.")] = 50,
    user: Annotated[Optional[str], typer.Option(help="Only what this user did.")] = None,
    object: Annotated[Optional[str], typer.Option(help="Only what was done to it: KIND or KIND/ID.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines with the hashes.")] = False,
    data: DataOption = None,
) -> None:
    """Show entries, the newest last: number, moment, who, what, to what, details."""
    from conversations.errors import UserNotFound

    settings = read_settings(data=data)
    with database_errors():
        staff = open_staff(settings)
        names = {item.id: item.name for item in staff.users.fetch_all()}
        try:
            actor = staff.users.fetch_by_name(user).id if user else None
        except UserNotFound as error:
            raise fail(str(error)) from error
        kind, _, id = (object or "").partition("/")
        entries = staff.audit.fetch_entries(limit, actor=actor, object_kind=kind or None, object_id=id or None)
    for entry in reversed(entries):
        if as_json:
            values: dict[str, Any] = {**vars(entry), "at": entry.at.isoformat(), "details": dict(entry.details)}
            typer.echo(json.dumps(values, ensure_ascii=False))
            continue
        who, what = names.get(entry.actor, entry.actor), names.get(entry.object_id, entry.object_id)
        details = " ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in entry.details.items())
        moment = entry.at.isoformat(timespec="seconds")
        typer.echo(
            f"{entry.position:>7}  {moment}  {who}  {entry.action}  {entry.object_kind} {what}  {details}".rstrip()
        )
