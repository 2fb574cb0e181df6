"""`/staff/callbacks`: who is to be called back, one by one, and what came of it."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

from aiohttp import web

from conversations.callback_desk import NOTE_LIMIT, OUTCOMES
from conversations.errors import CallbackInvalid, CallbackNotFound, HandoffTaken
from web import keys
from web.auth.access import requires
from web.live import QUEUE
from web.service_hours import ServiceHours
from web.staff.frame import read_form, read_language, render_staff_page
from web.staff.words import load_words

CALLBACKS = "/staff/callbacks"
CALLBACK = f"{CALLBACKS}/{{id}}"
_HELSINKI = ZoneInfo("Europe/Helsinki")
_AGAIN = dt.timedelta(hours=3)
_DONE = ("claimed", "released", "reported")


@requires("counsellor")
async def show_callbacks(request: web.Request) -> web.Response:
    """Show the open requests, the most urgent first; whom to call is not said here."""
    await asyncio.to_thread(request.app[keys.PRESENCE].enter, request[keys.USER].id)
    return await _render_list(request)


@requires("counsellor")
async def show_callback(request: web.Request) -> web.Response:
    """Show whom to call; that it was read is recorded."""
    return await _render_one(request)


@requires("counsellor")
async def claim(request: web.Request) -> web.Response:
    """Say that one makes the call."""
    return await _act(request, "claimed", request.app[keys.CALLBACK_DESK].claim)


@requires("counsellor")
async def release(request: web.Request) -> web.Response:
    """Let somebody else make the call."""
    return await _act(request, "released", request.app[keys.CALLBACK_DESK].release)


@requires("counsellor")
async def report(request: web.Request) -> web.Response:
    """Note what came of a call."""
    form, app, id = await read_form(request), request.app, request.match_info["id"]
    note, again = form.get("note", ""), form.get("again", "")
    again_at = _read_moment(again)
    if again and again_at is None:
        return await _render_one(request, 422, "again", note)
    numbers = await asyncio.to_thread(app[keys.KNOWLEDGE].fetch_numbers)
    user, outcome = request[keys.USER].id, form.get("outcome", "")
    wants_more = outcome == "not_reached" and form.get("close") != "1"
    if wants_more and again_at is None:
        return await _render_one(request, 422, "again", note)
    try:
        await asyncio.to_thread(
            app[keys.CALLBACK_DESK].report, id, user, outcome, note, again_at if wants_more else None, numbers
        )
    except CallbackInvalid:
        return await _render_one(request, 422, "again" if wants_more else "outcome", note)
    except HandoffTaken as error:
        return await _render_list(request, 409, "taken", error.holder)
    except CallbackNotFound:
        return await _render_list(request, 404, "gone")
    app[keys.LIVE].wake(QUEUE)
    raise web.HTTPSeeOther(f"{CALLBACKS}?done=reported")


async def _act(request: web.Request, done: str, act: Callable[[str, str], None]) -> web.Response:
    id, user = request.match_info["id"], request[keys.USER].id
    try:
        await asyncio.to_thread(act, id, user)
    except HandoffTaken as error:
        return await _render_list(request, 409, "taken", error.holder)
    except CallbackNotFound:
        return await _render_list(request, 404, "gone")
    request.app[keys.LIVE].wake(QUEUE)
    raise web.HTTPSeeOther(f"{CALLBACK.format(id=id)}?done={done}" if done == "claimed" else f"{CALLBACKS}?done={done}")


def _read_moment(written: str) -> dt.datetime | None:
    """A moment as a browser's field gives it, on Finnish clocks."""
    try:
        return dt.datetime.fromisoformat(written).replace(tzinfo=_HELSINKI)
    except ValueError:
        return None


def _propose_again(hours: ServiceHours) -> dt.datetime:
    """Return when to try again: in a few hours, or when the next service hours begin."""
    later = (dt.datetime.now(_HELSINKI) + _AGAIN).replace(minute=0)
    return (later if hours.is_open(later) else hours.opens_at(later) or later).astimezone(_HELSINKI)


async def _names(request: web.Request) -> dict[str, str]:
    people = await asyncio.to_thread(request.app[keys.USERS].fetch_all)
    return {user.id: user.display_name for user in people}


async def _render_list(request: web.Request, status: int = 200, problem: str = "", holder: str = "") -> web.Response:
    names = await _names(request)
    done = request.query.get("done", "")
    return render_staff_page(
        request,
        "callbacks.html",
        status,
        requests=await asyncio.to_thread(request.app[keys.CALLBACK_DESK].fetch_due),
        now=dt.datetime.now(dt.timezone.utc),
        names=names,
        holder=names.get(holder, ""),
        words=load_words(read_language(request)),
        problem=problem,
        done=done if done in _DONE else "",
    )


async def _render_one(request: web.Request, status: int = 200, problem: str = "", kept: str = "") -> web.Response:
    desk, user = request.app[keys.CALLBACK_DESK], request[keys.USER]
    try:
        opened = await asyncio.to_thread(desk.open, request.match_info["id"], user.id)
    except CallbackNotFound:
        return await _render_list(request, 404, "gone")
    again = _propose_again(request.app[keys.SERVICE_HOURS])
    return render_staff_page(
        request,
        "callback.html",
        status,
        opened=opened,
        names=await _names(request),
        words=load_words(read_language(request)),
        outcomes=OUTCOMES,
        again=again.strftime("%Y-%m-%dT%H:%M"),
        limit=NOTE_LIMIT,
        problem=problem,
        kept=kept,
        done=request.query.get("done", "") == "claimed",
        address=CALLBACK.format(id=opened.due.id),
    )
