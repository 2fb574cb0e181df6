"""`…/messages/{message}/feedback` and `…/rating`: what a resident thinks of an answer, and of the conversation."""

from __future__ import annotations

import asyncio

from aiohttp import web

from conversations.masking import mask_text
from web import keys
from web.auth.access import resident
from web.body import clean_optional, read_json
from web.chat.access import authorize_action
from web.errors import ApiError

_VALUES = (None, "up", "down")
_STARS = range(1, 6)
_TEXT_LIMIT = 1000


@resident
async def write_feedback(request: web.Request) -> web.Response:
    """`POST …/messages/{message}/feedback`: a thumb up or down, or none again."""
    id = await authorize_action(request)
    body = await read_json(request, {"value": str, "reason": str})
    if body["value"] not in _VALUES:
        raise ApiError("body_invalid", problems=["'value' must be up, down or null"])
    reason = await _read_text(request, body["reason"])
    store = request.app[keys.FEEDBACK]
    await asyncio.to_thread(store.write_feedback, id, request.match_info["message"], body["value"], reason)
    return web.json_response({"value": body["value"]})


@resident
async def write_rating(request: web.Request) -> web.Response:
    """`POST …/{id}/rating`: one to five stars."""
    id = await authorize_action(request)
    body = await read_json(request, {"stars": int, "comment": str})
    if body["stars"] not in _STARS:
        raise ApiError("body_invalid", problems=["'stars' must be a whole number from 1 to 5"])
    comment = await _read_text(request, body["comment"])
    await asyncio.to_thread(request.app[keys.FEEDBACK].write_rating, id, body["stars"], comment)
    return web.json_response({"stars": body["stars"]})


async def _read_text(request: web.Request, text: str | None) -> str | None:
    cleaned = clean_optional(text, _TEXT_LIMIT)
    if cleaned is None:
        return None
    return mask_text(cleaned, await asyncio.to_thread(request.app[keys.KNOWLEDGE].fetch_numbers)).text
