"""Who may do what in a conversation: its token, and how often a minute."""

from __future__ import annotations

import asyncio

from aiohttp import web

from web import keys
from web.errors import ApiError
from web.rate import RateLimiter


async def authorize(request: web.Request) -> str:
    """Return the conversation's id if the request holds its token.

    Raises:
        ApiError: `token_missing`.
        ConversationNotFound: There is no such conversation.
        TokenRejected: The token is another one's.
    """
    id = request.match_info["id"]
    store = request.app[keys.CONVERSATIONS]
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        await asyncio.to_thread(store.fetch_conversation, id)
        raise ApiError("token_missing", headers={"WWW-Authenticate": "Bearer"})
    await asyncio.to_thread(store.check_token, id, token.strip())
    return id


async def authorize_action(request: web.Request) -> str:
    """Return the conversation's id as `authorize` does, and count the call.

    Asking for a human being must be possible for one whose messages are too many, so these calls are counted apart.
    """
    id = await authorize(request)
    limit_rate(request, keys.ACTION_RATE, id)
    return id


def limit_rate(request: web.Request, limiter: web.AppKey[RateLimiter], key: str) -> None:
    """Count a call.

    Raises:
        ApiError: `too_many_requests`, with the seconds to wait.
    """
    wait = request.app[limiter].take(key)
    if wait:
        raise too_many(wait)


def too_many(wait: float) -> ApiError:
    """Return the error for a caller who must wait so many seconds."""
    seconds = int(wait) + 1
    return ApiError("too_many_requests", headers={"Retry-After": str(seconds)}, retry_after=seconds)
