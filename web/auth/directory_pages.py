"""`/staff/sign-in/directory`: to the county's directory, and back from it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import structlog
from aiohttp import web

from conversations.errors import UserExists, UserInvalid
from web import keys
from web.auth.access import entrance
from web.auth.directory import Directory, DirectoryError
from web.auth.guard import safe_next
from web.auth.sign_in import begin_session, render_entrance
from web.auth.tokens import Entrance, read_entrance, write_entrance
from web.errors import ApiError
from web.locales import preferred_language

_FAILED, _REFUSED = 502, 403
_log = structlog.get_logger("lotsi.auth")


@entrance
async def ask_directory(request: web.Request) -> web.Response:
    """Send the browser to the directory."""
    directory = _directory(request)
    known = replace(read_entrance(request) or Entrance(), next=safe_next(request.query.get("next", "")))
    try:
        url, asked = await asyncio.to_thread(directory.begin, known)
    except DirectoryError as error:
        _log.error("auth.directory.failed", reason=str(error))
        return render_entrance(request, "sign_in.html", _FAILED, "directory")
    answer = web.HTTPSeeOther(url)
    write_entrance(request, answer, asked)
    raise answer


@entrance
async def return_from_directory(request: web.Request) -> web.Response:
    """Let in whom the directory vouches for."""
    directory, asked = _directory(request), read_entrance(request) or Entrance()
    try:
        identity = await asyncio.to_thread(directory.finish, asked, str(request.url))
    except DirectoryError as error:
        _log.warning("auth.directory.refused", reason=str(error))
        return render_entrance(request, "sign_in.html", _REFUSED, "directory")
    try:
        user = await asyncio.to_thread(
            request.app[keys.SIGN_IN].take_directory_user,
            identity.issuer,
            identity.subject,
            identity.name,
            identity.display_name,
            identity.roles,
            preferred_language(request),
        )
    except (UserInvalid, UserExists) as error:
        _log.warning("auth.directory.no_role", reason=str(error) if identity.roles else "no group with a role")
        return render_entrance(request, "sign_in.html", _REFUSED, "no_role")
    if user.disabled:
        details = {"reason": "disabled"}
        await asyncio.to_thread(request.app[keys.AUDIT].append, "system", "sign_in.refused", "user", user.id, details)
        return render_entrance(request, "sign_in.html", _REFUSED, "no_role")
    return await begin_session(request, user, "directory", asked.next)


def _directory(request: web.Request) -> Directory:
    directory = request.app[keys.DIRECTORY]
    if directory is None:
        raise ApiError("not_found")
    return directory
