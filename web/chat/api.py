"""`/api/v1/conversations`: begin, send, read, change the language, erase."""

from __future__ import annotations

import asyncio

from aiohttp import web

from knowledge.languages import LANGUAGES, Language, as_language
from web import keys
from web.auth.access import public, resident
from web.body import clean_text, read_json
from web.chat.access import authorize, authorize_action, limit_rate
from web.chat.turns import request_fingerprint, to_json
from web.errors import ApiError
from web.live import QUEUE
from web.locales import preferred_language
from web.readiness import wait_until_ready

_KEY_LIMIT = 200


def _language(request: web.Request, stated: object) -> Language:
    if stated is not None and as_language(stated) is None:
        raise ApiError("body_invalid", problems=[f"'language' must be one of {', '.join(LANGUAGES)}"])
    return as_language(stated) or preferred_language(request)


@public
async def begin_conversation(request: web.Request) -> web.Response:
    """`POST /api/v1/conversations`: a new conversation with greeting and disclosure."""
    limit_rate(request, keys.CONVERSATION_RATE, request.remote or "")
    body = await read_json(request, {"language": str}, empty_ok=True)
    language = _language(request, body.get("language"))
    await wait_until_ready(request.app)
    id, token, messages = await request.app[keys.TURNS].begin(language, "web")
    answer = {"id": id, "token": token, "language": language, "messages": [to_json(item) for item in messages]}
    return web.json_response(answer, status=201, headers={"Location": f"/api/v1/conversations/{id}"})


@resident
async def send_message(request: web.Request) -> web.Response:
    """`POST …/{id}/messages`: a resident's words or a button's payload in, the bot's messages out."""
    id = await authorize(request)
    body = await read_json(request, {"text": str, "payload": str})
    text, payload = body.get("text"), body.get("payload")
    if (text is None) == (payload is None):
        raise ApiError("body_invalid", problems=["send either 'text' or 'payload'"])
    if text is not None:
        text = clean_text(text, request.app[keys.SETTINGS].message_limit)
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > _KEY_LIMIT or not key.isascii():
        raise ApiError("body_invalid", problems=[f"'Idempotency-Key' may have {_KEY_LIMIT} characters, all ASCII"])
    await wait_until_ready(request.app)
    turns, store = request.app[keys.TURNS], request.app[keys.CONVERSATIONS]
    fingerprint = request_fingerprint(text, payload)
    async with turns.lock(id):
        if key:
            earlier = await asyncio.to_thread(store.fetch_turn, id, key, fingerprint)
            if earlier is not None:
                return web.json_response(earlier, headers={"Idempotent-Replay": "true"})
        limit_rate(request, keys.MESSAGE_RATE, id)
        result = await asyncio.shield(turns.take(id, text, payload))
        answer = {
            "sent": to_json(result.sent),
            "messages": [to_json(message) for message in result.messages],
            "state": result.state,
            "masked": list(result.sent.masked),
        }
        if key:
            await asyncio.to_thread(store.insert_turn, id, key, fingerprint, answer)
    return web.json_response(answer)


@resident
async def read_messages(request: web.Request) -> web.Response:
    """`GET …/{id}/messages`: the conversation so far."""
    id = await authorize(request)
    store = request.app[keys.CONVERSATIONS]
    conversation = await asyncio.to_thread(store.fetch_conversation, id)
    messages = await asyncio.to_thread(store.fetch_messages, id)
    return web.json_response(
        {
            "id": id,
            "language": conversation.language,
            "state": conversation.state,
            "messages": [to_json(message) for message in messages],
        }
    )


@resident
async def change_language(request: web.Request) -> web.Response:
    """`PATCH …/{id}`: the resident has switched the widget's language."""
    id = await authorize_action(request)
    body = await read_json(request, {"language": str})
    language = as_language(body["language"])
    if language is None:
        raise ApiError("body_invalid", problems=[f"'language' must be one of {', '.join(LANGUAGES)}"])
    await wait_until_ready(request.app)
    turns = request.app[keys.TURNS]
    async with turns.lock(id):
        await asyncio.shield(turns.switch_language(id, language))
    return web.json_response({"language": language})


@resident
async def erase_conversation(request: web.Request) -> web.Response:
    """`DELETE …/{id}`: erase the conversation, dialogue state included."""
    await erase(request.app, await authorize(request))
    return web.Response(status=204)


async def erase(app: web.Application, id: str) -> None:
    """Erase a conversation and its dialogue state, after any turn in flight.

    Raises:
        ConversationNotFound: It has been erased already.
    """
    async with app[keys.TURNS].lock(id):
        await app[keys.ASSISTANT].erase(id)
        await asyncio.to_thread(app[keys.CONVERSATIONS].delete_conversation, id)
    app[keys.LIVE].wake(id, QUEUE)
