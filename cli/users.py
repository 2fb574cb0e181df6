"""`lotsi users add | list | disable | enable | reset | roles`: the members of staff; every change is recorded."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from cli.output import fail, stderr
from cli.state import database_errors, open_staff, read_settings

if TYPE_CHECKING:
    from cli.state import Staff
    from conversations.staff import User

app = typer.Typer(help="Add, list, disable and reset the members of staff.", no_args_is_help=True)
DataOption = Annotated[Optional[str], typer.Option("--data", help="Folder of all state; 'var' if left out.")]
NameArgument = Annotated[str, typer.Argument(help="What the user types to sign in.", show_default=False)]
RolesOption = Annotated[
    Optional[list[str]], typer.Option("--role", help="counsellor, admin or auditor; may be repeated.")
]
StdinOption = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]
GenerateOption = Annotated[bool, typer.Option("--generate", help="Make a password and print it, this once.")]
_FACTOR_HELP = "Turn the second factor off too, because the phone is lost."


@app.command()
def add(
    name: NameArgument,
    display_name: Annotated[Optional[str], typer.Option(help="What others read; NAME if left out.")] = None,
    role: RolesOption = None,
    language: Annotated[str, typer.Option(help="sv or fi.")] = "sv",
    password_stdin: StdinOption = False,
    generate: GenerateOption = False,
    data: DataOption = None,
) -> None:
    """Add a user, a counsellor if no role is given.

    The password is asked for unless it comes from standard input or is made here. One that is made here must be
    changed at the first sign-in.
    """
    with _opened(data) as staff:
        password, made = _take_password(password_stdin, generate, name, display_name or name)
        user = staff.users.insert(name, display_name or name, role or ["counsellor"], language, password, made)
        _record(staff, "user.added", user, roles=list(user.roles))
    _say_password(user, password, made, "added")


@app.command("list")
def list_users(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False, data: DataOption = None
) -> None:
    """List the users: name, display name, roles, state, last sign-in."""
    with _opened(data) as staff:
        users = staff.users.fetch_all()
    if as_json:
        typer.echo(json.dumps([_to_json(user) for user in users], ensure_ascii=False, indent=2))
        return
    for user in users:
        signed_in = user.signed_in_at.isoformat(timespec="minutes") if user.signed_in_at else "never"
        typer.echo(f"{user.name:20}  {user.display_name:28}  {','.join(user.roles):20}  {_state(user):24}  {signed_in}")


@app.command()
def disable(name: NameArgument, data: DataOption = None) -> None:
    """Let a user not sign in any more; sessions end at once."""
    with _opened(data) as staff:
        user = staff.users.disable(staff.users.fetch_by_name(name).id)
        _record(staff, "user.disabled", user)
    stderr.print(f"{user.name} is disabled")


@app.command()
def enable(name: NameArgument, data: DataOption = None) -> None:
    """Let a disabled user sign in again."""
    with _opened(data) as staff:
        user = staff.users.disable(staff.users.fetch_by_name(name).id, False)
        staff.throttle.forget(user)
        _record(staff, "user.enabled", user)
    stderr.print(f"{user.name} is enabled")


@app.command()
def reset(
    name: NameArgument,
    second_factor: Annotated[bool, typer.Option("--second-factor", help=_FACTOR_HELP)] = False,
    password_stdin: StdinOption = False,
    generate: GenerateOption = False,
    data: DataOption = None,
) -> None:
    """Give a user another password, which must be changed at the next sign-in; sessions and locks end."""
    with _opened(data) as staff:
        user = staff.users.fetch_by_name(name)
        if user.from_directory:
            raise fail(f"{user.name} signs in by the county's directory; the password is changed there")
        password, made = _take_password(password_stdin, generate, user.name, user.display_name)
        staff.users.change_password(user.id, password, must_change=True)
        if second_factor:
            staff.second_factor.turn_off(user.id)
        staff.throttle.forget(user)
        _record(staff, "user.reset", user, second_factor=second_factor)
    _say_password(user, password, made, "reset")


@app.command()
def roles(
    name: NameArgument,
    role: Annotated[list[str], typer.Argument(help="counsellor, admin, auditor: all that the user shall have.")],
    data: DataOption = None,
) -> None:
    """Give a user other roles; sessions end at once. Those of a directory's user come back at the next sign-in."""
    with _opened(data) as staff:
        user = staff.users.change_roles(staff.users.fetch_by_name(name).id, role)
        _record(staff, "user.roles_changed", user, roles=list(user.roles))
    stderr.print(f"{user.name}: {', '.join(user.roles)}")


@contextmanager
def _opened(data: str | None) -> Iterator[Staff]:
    """Open the stores, and say in a line why something could not be done."""
    from conversations.errors import PasswordWeak, UserExists, UserInvalid, UserNotFound
    from conversations.passwords import PROBLEMS

    settings = read_settings(data=data)
    try:
        with database_errors():
            yield open_staff(settings)
    except PasswordWeak as error:
        reasons = ", ".join(PROBLEMS[code] for code in error.problems)
        raise fail(f"the password is too easily guessed: {reasons}") from error
    except (UserExists, UserInvalid, UserNotFound) as error:
        raise fail(str(error)) from error


def _take_password(from_stdin: bool, generate: bool, *names: str) -> tuple[str, bool]:
    """Return a password for a user of these names, and whether it was made here."""
    from conversations.passwords import make_password

    if from_stdin and generate:
        raise fail("--password-stdin and --generate exclude each other", 2)
    if generate:
        return make_password(*names), True
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n"), False
    if not sys.stdin.isatty():
        raise fail("there is nobody to ask for a password; give --password-stdin or --generate", 2)
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)), False


def _say_password(user: User, password: str, made: bool, done: str) -> None:
    stderr.print(f"{user.name} is {done}" + ("; the password, shown this once:" if made else ""))
    if made:
        typer.echo(password)


def _record(staff: Staff, action: str, user: User, **details: Any) -> None:
    staff.audit.append(f"cli:{getpass.getuser()}", action, "user", user.id, details)


def _state(user: User) -> str:
    flags = {
        "disabled": user.disabled,
        "directory": user.from_directory,
        "second factor": user.has_second_factor,
        "must change": user.must_change_password,
    }
    return ", ".join(name for name, there in flags.items() if there) or "active"


def _to_json(user: User) -> dict[str, Any]:
    moments = {"created_at": user.created_at, "signed_in_at": user.signed_in_at}
    return {
        "name": user.name,
        "display_name": user.display_name,
        "roles": list(user.roles),
        "language": user.language,
        "disabled": user.disabled,
        "must_change_password": user.must_change_password,
        "second_factor": user.has_second_factor,
        "from_directory": user.from_directory,
        **{name: moment.isoformat() if moment else None for name, moment in moments.items()},
    }
