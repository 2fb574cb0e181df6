"""Rasa's REST channel shape, so that an existing Rasa client works unchanged.

In: `{"sender", "message", "metadata"?: {"language"?}}`. Out: `[{"recipient_id", "text", "buttons"?}]`. A sender's
name is stored as a fingerprint (`conversations.encryption`): clients use e-mail addresses and phone numbers for it.
"""

from __future__ import annotations

import asyncio

from aiohttp import web

from conversations.errors import ConversationNotFound
from conversations.store import Message
from knowledge.languages import as_language
from web import keys
from web.auth.access import public
from web.body import clean_text, read_json
from web.chat.access import too_many
from web.chat.turns import to_plain_text
from web.errors import ApiError
from web.readiness import wait_until_ready

_SENDER_LIMIT = 200


@public
async def rest_status(request: web.Request) -> web.Response:
    """`GET /webhooks/rest`: as Rasa answers it."""
    return web.json_response({"status": "ok"})


@public
async def rest_webhook(request: web.Request) -> web.Response:
    """`POST /webhooks/rest/webhook`: one message in, the bot's messages out."""
    body = await read_json(request, {"sender": str, "message": str, "metadata": dict})
    sender = body.get("sender") or "default"
    if len(sender) > _SENDER_LIMIT:
        raise ApiError("body_invalid", problems=[f"'sender' may have {_SENDER_LIMIT} characters"])
    text = clean_text(body.get("message") or "", request.app[keys.SETTINGS].message_limit)
    id = "rest-" + request.app[keys.CIPHER].fingerprint(sender)[:32]
    wait = request.app[keys.MESSAGE_RATE].take(id)
    if wait:
        raise too_many(wait)
    await wait_until_ready(request.app)
    turns, store = request.app[keys.TURNS], request.app[keys.CONVERSATIONS]
    async with turns.lock(id):
        try:
            await asyncio.to_thread(store.fetch_conversation, id)
        except ConversationNotFound:
            wait = request.app[keys.CONVERSATION_RATE].take(request.remote or "")
            if wait:
                raise too_many(wait) from None
            stated = as_language((body.get("metadata") or {}).get("language"))
            language = stated or request.app[keys.SETTINGS].language
            await asyncio.to_thread(store.insert_conversation, language, "rest", id)
        offered = await asyncio.to_thread(store.fetch_offered_buttons, id)
        payload = text if text in offered else None
        result = await asyncio.shield(turns.take(id, None if payload else text, payload))
    return web.json_response([_rest_message(sender, message) for message in result.messages])


def _rest_message(sender: str, message: Message) -> dict[str, object]:
    answer: dict[str, object] = {"recipient_id": sender, "text": to_plain_text(message)}
    if buttons := list(message.buttons):
        answer["buttons"] = buttons
    return answer
