"""`/staff/live/{id}`: a conversation that a counsellor has taken over: read, answer, pass on, give back."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from aiohttp import web

from conversations.desk import Seen
from conversations.errors import ColleagueAbsent, HandoffNotTaken
from conversations.gate import own_words
from conversations.masking import mask_text
from conversations.presence import PRESENT
from conversations.records import Message, NewMessage
from knowledge.languages import Language, as_language
from web import keys
from web.auth.access import requires
from web.auth.guard import wants_json
from web.body import clean_text
from web.chat import notices
from web.errors import ApiError
from web.live import QUEUE
from web.pages import render_text
from web.staff.frame import read_form, read_language, render_staff_page
from web.staff.masked import mark_masked
from web.staff.presence import QUEUE_PAGE
from web.staff.queue import LIVE, waited_minutes
from web.staff.suggestions import last_question, make_suggestion, suggest
from web.staff.words import load_words

TEXT_LIMIT = 4000
_KEY_LIMIT = 64
_Act = Callable[[str, str, list[NewMessage]], list[Message]]


@requires("counsellor")
async def show_live(request: web.Request) -> web.Response:
    """Show the conversation; that it was read is recorded. Who has not taken it over can only read it."""
    return await _render(request)


@requires("counsellor", unattended=True)
async def show_suggestions(request: web.Request) -> web.Response:
    """Show the answers that fit the resident's last words, for the page's script."""
    seen = await _fetch_own(request)
    return render_staff_page(request, "live_suggestions.html", **await _suggestions(request, seen))


@requires("counsellor")
async def send_message(request: web.Request) -> web.Response:
    """Say something; sent again under the same key it is said once."""
    form, app, id = await read_form(request), request.app, request.match_info["id"]
    written = form.get("text", "")
    try:
        text = clean_text(written, TEXT_LIMIT)
    except ApiError as error:
        if wants_json(request):
            raise
        return await _render(request, 422, error.code, written)
    masked = mask_text(text, await asyncio.to_thread(app[keys.KNOWLEDGE].fetch_numbers))
    language = (await asyncio.to_thread(app[keys.CONVERSATIONS].fetch_conversation, id)).language
    message = NewMessage("human", masked.text, language, masked=masked.kinds)
    return await _say(request, message, form.get("key", ""), written)


@requires("counsellor")
async def send_suggestion(request: web.Request) -> web.Response:
    """Say an approved answer as it stands."""
    form, app, id = await read_form(request), request.app, request.match_info["id"]
    language = (await asyncio.to_thread(app[keys.CONVERSATIONS].fetch_conversation, id)).language
    chosen = await asyncio.to_thread(
        make_suggestion, app[keys.KNOWLEDGE], form.get("topic", ""), as_language(language) or "sv"
    )
    if chosen is None:
        raise ApiError("not_found")
    message = NewMessage("human", own_words(chosen.text), language, topic=chosen.topic)
    return await _say(request, message, form.get("key", ""))


@requires("counsellor")
async def hand_back(request: web.Request) -> web.Response:
    """Let the bot answer again."""
    app, id = request.app, request.match_info["id"]
    return await _part(request, "handed_back", app[keys.HANDOFFS].hand_back, id, notices.handed_back)


@requires("counsellor")
async def close(request: web.Request) -> web.Response:
    """End the conversation for good."""
    return await _part(request, "ended", request.app[keys.HANDOFFS].close, request.match_info["id"], notices.ended)


@requires("counsellor")
async def transfer(request: web.Request) -> web.Response:
    """Pass the conversation on: to the front of the queue, or to a colleague who is there."""
    app, id, to = request.app, request.match_info["id"], (await read_form(request)).get("to", "")
    if to == "queue":
        if not _is_queue_open(app):
            return await _render(request, 409, "queue_closed")
        return await _part(request, "transferred", app[keys.TRANSFERS].give_to_queue, id, notices.requeued)

    def _give(conversation: str, counsellor: str, said: list[NewMessage]) -> list[Message]:
        return app[keys.TRANSFERS].give_to_colleague(conversation, counsellor, to, said)

    try:
        return await _part(request, "transferred", _give, id, notices.passed_on)
    except ColleagueAbsent:
        return await _render(request, 409, "absent")


async def _say(request: web.Request, message: NewMessage, key: str, written: str = "") -> web.Response:
    app, id, user = request.app, request.match_info["id"], request[keys.USER].id
    await asyncio.to_thread(app[keys.PRESENCE].enter, user)
    try:
        await asyncio.to_thread(app[keys.HANDOFFS].write, id, user, [message], key[:_KEY_LIMIT] or None)
    except HandoffNotTaken:
        if wants_json(request):
            raise
        return await _render(request, 409, "not_yours", written)
    app[keys.LIVE].wake(id, QUEUE)
    if wants_json(request):
        return web.json_response({"key": uuid4().hex})
    raise web.HTTPSeeOther(f"{LIVE.format(id=id)}?done=said")


async def _part(
    request: web.Request, done: str, act: _Act, id: str, make_notice: Callable[[str], NewMessage]
) -> web.Response:
    """Do what ends this counsellor's part, and go back to the queue."""
    app, user = request.app, request[keys.USER].id
    language = (await asyncio.to_thread(app[keys.CONVERSATIONS].fetch_conversation, id)).language
    try:
        await asyncio.to_thread(act, id, user, [make_notice(language)])
    except HandoffNotTaken:
        return await _render(request, 409, "not_yours")
    app[keys.LIVE].wake(id, QUEUE)
    raise web.HTTPSeeOther(f"{QUEUE_PAGE}?done={done}")


async def _fetch_own(request: web.Request) -> Seen:
    """Return the conversation, which is this counsellor's.

    Raises:
        HandoffNotTaken: It is not, or not any more.
    """
    seen = await asyncio.to_thread(request.app[keys.DESK].fetch, request.match_info["id"])
    if not is_own(seen, request[keys.USER].id):
        raise HandoffNotTaken(seen.conversation.id)
    return seen


def is_own(seen: Seen, user: str) -> bool:
    """Tell whether a counsellor has a conversation."""
    return seen.handoff is not None and seen.handoff.taken_by == user


def _is_queue_open(app: web.Application) -> bool:
    return app[keys.SERVICE_HOURS].is_open(dt.datetime.now(dt.timezone.utc))


async def _suggestions(request: web.Request, seen: Seen) -> dict[str, Any]:
    asked = request.query.get("ask", "").strip()[:200]
    found = await suggest(request.app, seen.conversation.language, last_question(seen.messages), asked)
    address = LIVE.format(id=seen.conversation.id)
    return {"suggestions": found, "address": address, "keys": [uuid4().hex for _ in found.found]}


async def _render(request: web.Request, status: int = 200, problem: str = "", kept: str = "") -> web.Response:
    app, user, language = request.app, request[keys.USER], read_language(request)
    await asyncio.to_thread(app[keys.PRESENCE].enter, user.id)
    seen = await asyncio.to_thread(app[keys.DESK].read, request.match_info["id"], user.id)
    people = {other.id: other for other in await asyncio.to_thread(app[keys.USERS].fetch_all)}
    there = await asyncio.to_thread(app[keys.PRESENCE].fetch_all)
    holder = seen.handoff.taken_by if seen.handoff else None
    values: dict[str, Any] = {
        "seen": seen,
        "is_mine": is_own(seen, user.id),
        "queue_open": _is_queue_open(app),
        "holder": people[holder].display_name if holder in people else "",
        "colleagues": [
            (id, people[id].display_name)
            for id, state in there.items()
            if state == PRESENT and id != user.id and id in people and people[id].may("counsellor")
        ],
        "messages": [render_message(message, language) for message in seen.messages],
        "last": seen.messages[-1].position if seen.messages else -1,
        "key": uuid4().hex,
        "limit": TEXT_LIMIT,
        "words": load_words(language),
        "minutes": waited_minutes,
        "problem": problem,
        "kept": kept,
        "done": request.query.get("done", ""),
        "suggestions": None,
        "address": LIVE.format(id=seen.conversation.id),
    }
    if values["is_mine"]:
        values.update(await _suggestions(request, seen))
    return render_staff_page(request, "live.html", status, **values)


def render_message(message: Message, language: Language) -> str:
    """Return a message as the page shows it.

    Args:
        message: As stored.
        language: The counsellor's.
    """
    words = load_words(language)
    text = mark_masked(message.text, words)
    return render_text("staff/live_message.html", language, message=message, words=words, text=text)
