"""`GET …/{id}/events`: a conversation as it happens, as server-sent events (WHATWG HTML standard, section 9.2)."""

from __future__ import annotations

import asyncio
import json

from aiohttp import web

from conversations.errors import ConversationNotFound
from conversations.handoffs import Standing
from conversations.records import Message
from web import keys
from web.auth.access import resident
from web.chat.access import authorize
from web.chat.turns import to_json
from web.errors import ApiError
from web.live import Subscription, TooManyStreams

_POLL_SECONDS = 2.0
_HEARTBEAT_SECONDS = 15.0
_RETRY_AFTER = "5"
_HIGHEST_POSITION = 2**31 - 1
"""What a database's integer holds."""
_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx would keep events back
}


@resident
async def stream_events(request: web.Request) -> web.StreamResponse:
    """Send what is new in a conversation, from a position on, until the client goes or the server stops."""
    id = await authorize(request)
    position = _read_position(request)
    stream = EventStream(request, id, position)
    try:
        with request.app[keys.LIVE].subscribe(id, stream.is_gone) as subscription:
            return await stream.send(subscription)
    except TooManyStreams as error:
        raise ApiError("too_many_streams", headers={"Retry-After": _RETRY_AFTER}) from error


def _read_position(request: web.Request) -> int:
    """Return the position after which to begin; -1 is the beginning."""
    stated = request.headers.get("Last-Event-ID") or request.query.get("after") or "-1"
    try:
        return min(max(-1, int(stated[:20])), _HIGHEST_POSITION)
    except ValueError as error:
        problem = "'after' and 'Last-Event-ID' must be the position of a message"
        raise ApiError("query_invalid", problems=[problem]) from error


class EventStream:
    """One client that watches one conversation."""

    def __init__(self, request: web.Request, conversation: str, position: int) -> None:
        """Set up.

        Args:
            request: The client's request.
            conversation: The conversation's id.
            position: Of the last message that the client has.
        """
        self._request = request
        self._conversation = conversation
        self._position = position
        self._standing: Standing | None = None
        self._response = web.StreamResponse(headers=_HEADERS)
        self._written_at = 0.0

    async def send(self, subscription: Subscription) -> web.StreamResponse:
        """Send until the client goes, the conversation is erased, or the server stops."""
        await self._response.prepare(self._request)
        try:
            while not (subscription.closing or self.is_gone()):
                await self._send_news()
                await subscription.wait(_POLL_SECONDS)
        except ConversationNotFound:
            await self._write("event: erased\ndata: {}\n\n")
        except ConnectionResetError:
            pass
        return self._response

    def is_gone(self) -> bool:
        """Tell whether the client's connection has ended."""
        transport = self._request.transport
        return transport is None or transport.is_closing()

    async def _send_news(self) -> None:
        messages, standing = await asyncio.to_thread(self._fetch_news)
        for message in messages:
            await self._write(f"id: {message.position}\nevent: message\ndata: {_dump(to_json(message))}\n\n")
            self._position = message.position
        if standing != self._standing:
            await self._write(f"event: state\ndata: {_dump(vars(standing))}\n\n")
            self._standing = standing
        if asyncio.get_running_loop().time() - self._written_at >= _HEARTBEAT_SECONDS:
            await self._write(":\n\n")

    def _fetch_news(self) -> tuple[list[Message], Standing]:
        """Read the state first: what led to it is then among the messages, and is sent before it."""
        app = self._request.app
        standing = app[keys.HANDOFFS].fetch_standing(self._conversation)
        return app[keys.CONVERSATIONS].fetch_messages(self._conversation, self._position), standing

    async def _write(self, text: str) -> None:
        await self._response.write(text.encode("utf-8"))
        self._written_at = asyncio.get_running_loop().time()


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
