"""`/staff/sign-in` and `/staff/sign-out`: name and password, then the code of the second factor."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace

import structlog
from aiohttp import web
from yarl import URL

from conversations.errors import UserNotFound
from conversations.sessions import FULL, SECOND_FACTOR
from conversations.staff import User
from conversations.throttle import code_account
from web import keys
from web.auth.access import entrance, requires
from web.auth.guard import SIGN_IN, safe_next
from web.auth.origin import client_address, describe_browser
from web.auth.tokens import (
    Entrance,
    delete_entrance,
    delete_session_token,
    read_entrance,
    read_session_token,
    write_entrance,
    write_session_token,
)
from web.staff.frame import read_form, render_staff_page

CODE = f"{SIGN_IN}/code"
_INVALID, _TOO_MANY = 422, 429
_log = structlog.get_logger("lotsi.auth")


@entrance
async def show_sign_in(request: web.Request) -> web.Response:
    """Show the sign-in page; whoever is signed in goes on at once."""
    token = read_session_token(request)
    found = await asyncio.to_thread(request.app[keys.SESSIONS].fetch, token, FULL) if token else None
    if found:
        raise web.HTTPSeeOther(safe_next(request.query.get("next", "")))
    return render_entrance(request, "sign_in.html")


def render_entrance(
    request: web.Request, name: str, status: int = 200, problem: str = "", minutes: int = 0, typed: str = ""
) -> web.Response:
    """Return a page of signing in, with the cookie that its form needs.

    Args:
        request: Its query says where to go on, and whether a session has just ended.
        name: The template.
        status: The response's status.
        problem: Why the last attempt failed: `wrong`, `wait`, `directory` or `no_role`.
        minutes: How long one must wait.
        typed: The name that was typed.
    """
    known = read_entrance(request) or Entrance()
    request[keys.FORM_TOKEN] = known.form_token
    response = render_staff_page(
        request,
        name,
        status,
        next=safe_next(request.query.get("next", "")),
        ended="ended" in request.query,
        directory=request.app[keys.DIRECTORY] is not None,
        problem=problem,
        minutes=minutes,
        typed=typed,
    )
    write_entrance(request, response, replace(known, state="", nonce="", verifier=""))
    return response


def _render_wait(request: web.Request, name: str, seconds: int, typed: str = "") -> web.Response:
    minutes = math.ceil(seconds / 60)
    response = render_entrance(request, name, _TOO_MANY, "wait", minutes, typed)
    response.headers["Retry-After"] = str(seconds)
    return response


@entrance
async def sign_in(request: web.Request) -> web.StreamResponse:
    """Take name and password. Whoever guesses learns nothing: text and work are the same for every reason."""
    form = await read_form(request)
    name, password, address = form.get("name", ""), form.get("password", ""), client_address(request)
    throttle = request.app[keys.THROTTLE]
    wait = await asyncio.to_thread(throttle.take, name, address)
    if wait:
        _log.warning("auth.sign_in.slowed", seconds=wait)
        return _render_wait(request, "sign_in.html", wait, name)
    user = await asyncio.to_thread(request.app[keys.SIGN_IN].check_password, name, password)
    if user is None:
        await asyncio.to_thread(_record_refusal, request.app, name)
        return render_entrance(request, "sign_in.html", _INVALID, "wrong", typed=name)
    await asyncio.to_thread(throttle.give_back, name, address)
    if not user.has_second_factor:
        return await begin_session(request, user, "password")
    _, token = await asyncio.to_thread(
        request.app[keys.SESSIONS].begin, user.id, "password", describe_browser(request), SECOND_FACTOR
    )
    answer = web.HTTPSeeOther(URL(CODE).with_query(next=safe_next(request.query.get("next", ""))))
    write_session_token(request, answer, token)
    raise answer


def _record_refusal(app: web.Application, name: str) -> None:
    """Record whose account was tried; never what was typed, because people type passwords into the wrong field."""
    try:
        id = app[keys.USERS].fetch_by_name(name).id
    except UserNotFound:
        id = ""
    app[keys.AUDIT].append("system", "sign_in.refused", "user", id, {"reason": "password"})
    _log.warning("auth.sign_in.refused", user=id)


@entrance
async def show_code(request: web.Request) -> web.Response:
    """Ask for the code; without the right password before it there is nothing to ask."""
    await _fetch_halfway(request)
    return render_entrance(request, "code.html")


@entrance
async def check_code(request: web.Request) -> web.StreamResponse:
    """Take the code of the app, or a recovery code."""
    user = await _fetch_halfway(request)
    address, account = client_address(request), code_account(user)
    throttle = request.app[keys.THROTTLE]
    wait = await asyncio.to_thread(throttle.take, account, address)
    if wait:
        return _render_wait(request, "code.html", wait)
    code = (await read_form(request)).get("code", "")
    method = await asyncio.to_thread(request.app[keys.SECOND_FACTOR].check, user.id, code)
    if method is None:
        details = {"reason": "code"}
        await asyncio.to_thread(request.app[keys.AUDIT].append, "system", "sign_in.refused", "user", user.id, details)
        return render_entrance(request, "code.html", _INVALID, "wrong")
    await asyncio.to_thread(throttle.give_back, account, address)
    return await begin_session(request, user, method)


async def _fetch_halfway(request: web.Request) -> User:
    token = read_session_token(request)
    found = await asyncio.to_thread(request.app[keys.SESSIONS].fetch, token, SECOND_FACTOR)
    if found is None:
        raise web.HTTPSeeOther(URL(SIGN_IN).with_query(next=safe_next(request.query.get("next", ""))))
    return found[1]


async def begin_session(request: web.Request, user: User, method: str, next: str | None = None) -> web.Response:
    """Let a user in who has proved everything: a new token, never the one that the browser came with.

    Args:
        request: The last step of signing in.
        user: Who it is.
        method: How the user proved it.
        next: Where to go on, where the address does not say it.
    """
    app, old = request.app, read_session_token(request)
    await asyncio.to_thread(app[keys.SESSIONS].end, old)
    _, token = await asyncio.to_thread(app[keys.SESSIONS].begin, user.id, method, describe_browser(request), FULL)
    await asyncio.to_thread(app[keys.AUDIT].append, user.id, "sign_in.succeeded", "user", user.id, {"method": method})
    answer = web.HTTPSeeOther(safe_next(request.query.get("next", "") if next is None else next))
    write_session_token(request, answer, token)
    delete_entrance(request, answer)
    raise answer


@requires(with_old_password=True)
async def sign_out(request: web.Request) -> web.Response:
    """End this session."""
    user = request[keys.USER]
    await asyncio.to_thread(request.app[keys.SESSIONS].end, read_session_token(request))
    await asyncio.to_thread(request.app[keys.PRESENCE].leave, user.id)
    await asyncio.to_thread(request.app[keys.AUDIT].append, user.id, "sign_out", "user", user.id)
    answer = web.HTTPSeeOther(SIGN_IN)
    delete_session_token(request, answer)
    # What a page has kept in the browser (drafts) goes too: the next one at this machine may be another.
    answer.headers["Clear-Site-Data"] = '"storage"'
    raise answer
