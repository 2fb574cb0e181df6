"""`/staff/presence`: a page's sign of life, one's status, and how many wait, for the navigation of all pages."""

from __future__ import annotations

import asyncio

from aiohttp import web

from web import keys
from web.auth.access import requires
from web.auth.guard import wants_json
from web.errors import Handler
from web.staff.frame import read_form

PRESENCE = "/staff/presence"
QUEUE_PAGE = "/staff/queue"


@web.middleware
async def waiting_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count those who wait for every page that shows the navigation to a counsellor."""
    user = request.get(keys.USER)
    if user is not None and user.may("counsellor") and not wants_json(request):
        _, request[keys.WAITING] = await asyncio.to_thread(_count, request.app, user.id)
    return await handler(request)


def _count(app: web.Application, user: str) -> tuple[list[str], int]:
    """Return the places that a counsellor has, and how many residents wait: in the queue, or for the counsellor."""
    held = app[keys.DESK].fetch_held(user)
    awaiting = sum(item.awaits_answer for item in held)
    return [item.handoff.id for item in held], app[keys.DESK].count_waiting() + awaiting


@requires("counsellor", unattended=True)
async def beat(request: web.Request) -> web.Response:
    """Take a page's sign of life, and tell how many wait, who came last, and what the counsellor has.

    Fields: `desk` where the page is one of the desk, so that its counsellor is there; `active` where somebody has used
    keyboard or pointer since the last one, so that the session goes on.
    """
    app, user, form = request.app, request[keys.USER], await read_form(request)
    if form.get("active"):
        await asyncio.to_thread(app[keys.SESSIONS].touch, request[keys.SESSION].id)
    presence = app[keys.PRESENCE]
    status = await asyncio.to_thread(presence.enter if form.get("desk") else presence.renew, user.id)
    held, waiting = await asyncio.to_thread(_count, app, user.id)
    newest = await asyncio.to_thread(app[keys.DESK].fetch_newest)
    return web.json_response({"status": status, "waiting": waiting, "newest": newest, "held": held})


@requires("counsellor")
async def set_status(request: web.Request) -> web.Response:
    """Say that one is there, or away."""
    form, user = await read_form(request), request[keys.USER]
    status = await asyncio.to_thread(request.app[keys.PRESENCE].set_status, user.id, form.get("status", ""))
    await asyncio.to_thread(request.app[keys.AUDIT].append, user.id, f"presence.{status}", "user", user.id)
    raise web.HTTPSeeOther(QUEUE_PAGE)
