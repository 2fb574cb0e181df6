"""`…/{id}/handoff` and `…/{id}/end`: the way to a human being, and the end of a conversation."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import unicodedata
from typing import Any

from aiohttp import web

from conversations.callbacks import Caller
from conversations.masking import mask_text
from knowledge.languages import as_language
from web import keys
from web.auth.access import resident
from web.body import clean_optional, read_json
from web.chat import notices
from web.chat.access import authorize, authorize_action
from web.chat.turns import to_json
from web.chat.widget import describe_hours
from web.errors import ApiError
from web.live import QUEUE

_KINDS = ("queue", "callback")
_PHONE = re.compile(r"^\+?[\d\s()./\u2010-\u2015-]+$", re.ASCII)
_DIGITS = range(6, 16)
"""E.164 allows 15; the shortest Finnish subscriber numbers have 6 with their area code."""
_NAME_LIMIT = 100
_WISH_LIMIT = 300


@resident
async def request_handoff(request: web.Request) -> web.Response:
    """`POST …/{id}/handoff`: into the queue, or a call-back request."""
    id = await authorize_action(request)
    body = await read_json(request, {"kind": str, "phone": str, "name": str, "when": str})
    if body["kind"] not in _KINDS:
        raise ApiError("body_invalid", problems=[f"'kind' must be one of {', '.join(_KINDS)}"])
    async with request.app[keys.TURNS].lock(id):
        return await (_queue(request, id) if body["kind"] == "queue" else _call_back(request, id, body))


async def _queue(request: web.Request, id: str) -> web.Response:
    app = request.app
    handoffs = app[keys.HANDOFFS]
    conversation = await asyncio.to_thread(app[keys.CONVERSATIONS].fetch_conversation, id)
    if conversation.state == "bot":
        hours = describe_hours(app[keys.SERVICE_HOURS], as_language(conversation.language) or "sv")
        if not hours["open"]:
            raise ApiError("human_closed", opens_at=hours["opens_at"], hours=hours["hours"])
    is_staffed = await asyncio.to_thread(app[keys.PRESENCE].is_anybody_present)
    messages = await asyncio.to_thread(handoffs.request, id, [notices.queued(conversation.language, is_staffed)])
    return await _answer_standing(request, id, [to_json(message) for message in messages])


async def _call_back(request: web.Request, id: str, body: dict[str, Any]) -> web.Response:
    app = request.app
    caller = _read_caller(body)
    conversation = await asyncio.to_thread(app[keys.CONVERSATIONS].fetch_conversation, id)
    due = app[keys.SERVICE_HOURS].due_at(dt.datetime.now(dt.timezone.utc))
    messages = await asyncio.to_thread(
        app[keys.CALLBACKS].request, id, caller, due, [notices.callback(conversation.language)]
    )
    app[keys.LIVE].wake(id)
    answer = {"state": conversation.state, "messages": [to_json(message) for message in messages]}
    return web.json_response(answer, status=201)


def _read_caller(body: dict[str, Any]) -> Caller:
    """Return whom to call back. Name and wish are for a few words, and lose what they should not hold."""
    name, wish = (
        text and mask_text(text).text
        for text in (clean_optional(body["name"], _NAME_LIMIT), clean_optional(body["when"], _WISH_LIMIT))
    )
    return Caller(read_phone(body["phone"] or ""), name, wish)


def read_phone(text: str) -> str:
    """Return a phone number as digits, with the `+` of a country code.

    Args:
        text: As it was written, such as `+358 (0)40-123 45 67`.

    Raises:
        ApiError: `body_invalid`; it is no phone number.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    digits = re.sub(r"\D", "", plain)
    if not _PHONE.match(plain) or len(digits) not in _DIGITS:
        raise ApiError("body_invalid", problems=["'phone' must be a phone number, such as 040 123 4567"])
    return ("+" if plain.startswith("+") else "") + digits


@resident
async def read_handoff(request: web.Request) -> web.Response:
    """`GET …/{id}/handoff`: who answers, and the place in the queue."""
    return await _answer_standing(request, await authorize(request))


@resident
async def leave_queue(request: web.Request) -> web.Response:
    """`DELETE …/{id}/handoff`: back to the bot."""
    id = await authorize_action(request)
    app = request.app
    conversation = await asyncio.to_thread(app[keys.CONVERSATIONS].fetch_conversation, id)
    messages = await asyncio.to_thread(app[keys.HANDOFFS].leave, id, [notices.left(conversation.language)])
    return await _answer_standing(request, id, [to_json(message) for message in messages])


@resident
async def end_conversation(request: web.Request) -> web.Response:
    """`POST …/{id}/end`: nothing more is said; it can still be read, saved, rated and erased."""
    id = await authorize_action(request)
    app = request.app
    async with app[keys.TURNS].lock(id):
        conversation = await asyncio.to_thread(app[keys.CONVERSATIONS].fetch_conversation, id)
        await asyncio.to_thread(app[keys.HANDOFFS].end, id, [notices.ended(conversation.language)])
    app[keys.LIVE].wake(id, QUEUE)
    return web.json_response({"state": "ended"})


async def _answer_standing(request: web.Request, id: str, messages: list[dict[str, Any]] | None = None) -> web.Response:
    """Answer with state and place; with `messages`, which are there where something may have changed, wake all."""
    standing = await asyncio.to_thread(request.app[keys.HANDOFFS].fetch_standing, id)
    answer: dict[str, Any] = {"state": standing.state, "place": standing.place}
    if messages is not None:
        answer["messages"] = messages
    if messages:
        request.app[keys.LIVE].wake(id, QUEUE)
    return web.json_response(answer)
