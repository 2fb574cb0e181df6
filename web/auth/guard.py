"""Holds every request against what its route declares (`web.auth.access`): session, role, origin, the form's token."""

from __future__ import annotations

import asyncio
from typing import NoReturn

import structlog
from aiohttp import web
from yarl import URL

from conversations.staff import User
from web import keys
from web.auth.access import Access, find_access
from web.auth.origin import is_own_origin, own_path
from web.auth.tokens import (
    delete_session_token,
    derive_form_token,
    is_same,
    read_entrance,
    read_sent_token,
    read_session_token,
)
from web.errors import ApiError, Handler

CONSOLE = ("/staff/", "/admin/")
"""Where the console's pages are: counsellors' and everybody's, and admins' alone."""
SIGN_IN = "/staff/sign-in"
PASSWORD = "/staff/account/password"  # noqa: S105 (a path)
_SAFE = ("GET", "HEAD", "OPTIONS")
_log = structlog.get_logger("lotsi.auth")


@web.middleware
async def guard_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a request through to its handler, or not."""
    if request.match_info.http_exception is not None:  # no such address, or not by this method
        if request.path.startswith(CONSOLE):  # the page that says so speaks the language of whoever is signed in
            await _recognise(request)
        return await handler(request)
    access = find_access(request.match_info.handler)
    if access is None:
        raise RuntimeError(f"the route {request.match_info.route.resource} declares no access")
    if access.kind == "entrance":
        await _check_entrance(request)
    elif access.kind == "staff":
        await _check_staff(request, access)
    return await handler(request)


async def _check_entrance(request: web.Request) -> None:
    if request.method in _SAFE:
        return
    entrance = read_entrance(request)
    await _check_form(request, entrance.form_token if entrance else "")


async def _recognise(request: web.Request, unattended: bool = False) -> User | None:
    """Put whoever is signed in onto the request."""
    token, sessions = read_session_token(request), request.app[keys.SESSIONS]
    found = await asyncio.to_thread(sessions.fetch, token, touches=not unattended) if token else None
    if found is None:
        return None
    request[keys.SESSION], request[keys.USER] = found
    request[keys.FORM_TOKEN] = derive_form_token(token)
    return found[1]


async def _check_staff(request: web.Request, access: Access) -> None:
    user = await _recognise(request, access.unattended)
    if user is None:
        _ask_to_sign_in(request, had_session=bool(read_session_token(request)))
    if access.roles and not user.may(*access.roles):
        await _refuse(request, user, "role")
        raise ApiError("forbidden")
    if access.body_limit:
        request._client_max_size = access.body_limit  # aiohttp has it for a whole application alone
    if request.method not in _SAFE:
        await _check_form(request, request[keys.FORM_TOKEN])
    if user.must_change_password and not access.with_old_password:
        raise ApiError("forbidden") if wants_json(request) else web.HTTPSeeOther(PASSWORD)


async def _check_form(request: web.Request, expected: str) -> None:
    """A request that changes something must come from one of our pages, and bring what only that page knows."""
    if is_own_origin(request) and is_same(await read_sent_token(request), expected):
        return
    user = request.get(keys.USER)
    if user is not None:
        await _refuse(request, user, "form")
    raise ApiError("form_rejected")


async def _refuse(request: web.Request, user: User, reason: str) -> None:
    """Record that somebody who is signed in was refused: a mistake, or an attack by or through that person."""
    resource = request.match_info.route.resource
    path = resource.canonical if resource else ""
    details = {"reason": reason, "method": request.method}
    await asyncio.to_thread(request.app[keys.AUDIT].append, user.id, "access.refused", "route", path, details)
    _log.warning("auth.access.refused", path=path, **details)


def _ask_to_sign_in(request: web.Request, had_session: bool) -> NoReturn:
    """Send a person to the sign-in page and back again afterwards; tell a script in its own way."""
    if wants_json(request):
        raise ApiError("sign_in_required")
    here = str(request.rel_url) if request.method in _SAFE else own_path(request, request.headers.get("Referer", ""))
    # What a page says once ("Saved.") was said before; said again it would also let go of what was being written.
    query = {"next": str(URL(here).without_query_params("done"))} if here else {}
    if had_session:
        query["ended"] = "1"
    answer = web.HTTPSeeOther(URL(SIGN_IN).with_query(query))
    if had_session:
        delete_session_token(request, answer)
    raise answer


def wants_json(request: web.Request) -> bool:
    """Say whether a script has asked and not a person who follows a link or sends a form."""
    accepted = request.headers.get("Accept", "")
    return request.headers.get("Sec-Fetch-Dest") == "empty" or (
        "text/html" not in accepted and "application/json" in accepted
    )


def safe_next(path: str) -> str:
    """Return where to go on after signing in: a page of the console and nowhere else, whatever was asked for."""
    plain = path.isprintable() and "\\" not in path and path.startswith(CONSOLE) and not path.startswith(SIGN_IN)
    return path if plain else "/staff/"
