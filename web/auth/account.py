"""`/staff/account`: what one can change about the own account: password, looks, sessions."""

from __future__ import annotations

import asyncio
import math

from aiohttp import web

from conversations.errors import PasswordWeak, UserInvalid
from conversations.staff import User
from conversations.throttle import confirmation_account
from web import keys
from web.auth.access import requires
from web.auth.guard import safe_next
from web.auth.origin import client_address
from web.errors import ApiError
from web.staff.frame import read_form, render_staff_page

ACCOUNT = "/staff/account"
_INVALID, _TOO_MANY = 422, 429


@requires()
async def show_account(request: web.Request) -> web.Response:
    """Show the account with its sessions."""
    user = request[keys.USER]
    sessions = await asyncio.to_thread(request.app[keys.SESSIONS].fetch_all, user.id)
    return render_staff_page(
        request, "account.html", sessions=sessions, here_id=request[keys.SESSION].id, done=request.query.get("done", "")
    )


@requires(with_old_password=True)
async def show_password(request: web.Request) -> web.Response:
    """Show the form for another password."""
    _require_password(request[keys.USER])
    return _render_password(request)


@requires(with_old_password=True)
async def change_password(request: web.Request) -> web.Response:
    """Change the password; every other session ends."""
    user, form = request[keys.USER], await read_form(request)
    _require_password(user)
    wait, right = await confirm_password(request, form.get("current", ""))
    if wait:
        return _render_password(request, _TOO_MANY, ("wait",), wait)
    new = form.get("new", "")
    problems = [] if right else ["current"]
    if new != form.get("again", ""):
        problems.append("again")
    if new == form.get("current", ""):
        problems.append("same")
    if problems:
        return _render_password(request, _INVALID, tuple(problems))
    try:
        await asyncio.to_thread(request.app[keys.USERS].change_password, user.id, new, False, request[keys.SESSION].id)
    except PasswordWeak as error:
        return _render_password(request, _INVALID, error.problems)
    await asyncio.to_thread(request.app[keys.AUDIT].append, user.id, "user.password_changed", "user", user.id)
    raise web.HTTPSeeOther(f"{ACCOUNT}?done=password")


def _require_password(user: User) -> None:
    if not user.has_password:  # the county's directory keeps it
        raise ApiError("not_found")


def _render_password(
    request: web.Request, status: int = 200, problems: tuple[str, ...] = (), minutes: int = 0
) -> web.Response:
    return render_staff_page(request, "password.html", status, problems=problems, minutes=minutes)


async def confirm_password(request: web.Request, password: str) -> tuple[int, bool]:
    """Have a signed-in user prove that it is still the same person, before something that a thief would do first.

    Args:
        request: Of the signed-in user.
        password: As typed.

    Returns:
        Minutes to wait (0: none) because of too many wrong ones, and whether it is right. A user of the county's
        directory has no password here and is taken at the session's word.
    """
    user, address = request[keys.USER], client_address(request)
    if not user.has_password:
        return 0, True
    account = confirmation_account(user)
    wait = await asyncio.to_thread(request.app[keys.THROTTLE].take, account, address)
    if wait:
        return math.ceil(wait / 60), False
    right = await asyncio.to_thread(request.app[keys.USERS].check_password, user.id, password)
    if right:
        await asyncio.to_thread(request.app[keys.THROTTLE].give_back, account, address)
    return 0, right


@requires(with_old_password=True)
async def change_preferences(request: web.Request) -> web.Response:
    """Set the console's language or light and dark, and show the same page again."""
    form = await read_form(request)
    try:
        await asyncio.to_thread(
            request.app[keys.USERS].change_preferences, request[keys.USER].id, form.get("language"), form.get("theme")
        )
    except UserInvalid as error:
        raise ApiError("body_invalid", problems=[str(error)]) from error
    raise web.HTTPSeeOther(safe_next(form.get("next", "")))


@requires()
async def end_session(request: web.Request) -> web.Response:
    """End one of one's own sessions."""
    user, id = request[keys.USER], request.match_info["id"]
    if await asyncio.to_thread(request.app[keys.SESSIONS].end_one, user.id, id):
        await asyncio.to_thread(request.app[keys.AUDIT].append, user.id, "session.ended", "session", id)
    raise web.HTTPSeeOther(f"{ACCOUNT}?done=session")


@requires()
async def end_other_sessions(request: web.Request) -> web.Response:
    """Sign out everywhere but here."""
    user = request[keys.USER]
    await asyncio.to_thread(request.app[keys.SESSIONS].end_all, user.id, request[keys.SESSION].id)
    await asyncio.to_thread(request.app[keys.AUDIT].append, user.id, "session.ended_elsewhere", "user", user.id)
    raise web.HTTPSeeOther(f"{ACCOUNT}?done=sessions")
