"""`GET …/{id}/events`: a conversation as it happens, as server-sent events."""

from __future__ import annotations

import asyncio

from aiohttp import web

from conversations.errors import ConversationNotFound
from conversations.handoffs import Standing
from conversations.records import Message
from web import keys
from web.auth.access import resident
from web.chat.access import authorize
from web.chat.turns import to_json
from web.errors import ApiError
from web.event_stream import EventStream
from web.live import TooManyStreams

_RETRY_AFTER = "5"
_HIGHEST_POSITION = 2**31 - 1
"""What a database's integer holds."""


@resident
async def stream_events(request: web.Request) -> web.StreamResponse:
    """Send what is new in a conversation, from a position on, until the client goes or the server stops."""
    id = await authorize(request)
    position = read_position(request)
    stream = ConversationStream(request, id, position)
    try:
        with request.app[keys.LIVE].subscribe(id, stream.is_gone) as subscription:
            return await stream.send(subscription)
    except TooManyStreams as error:
        raise ApiError("too_many_streams", headers={"Retry-After": _RETRY_AFTER}) from error


def read_position(request: web.Request) -> int:
    """Return the position after which to begin; -1 is the beginning.

    Raises:
        ApiError: `query_invalid`.
    """
    stated = request.headers.get("Last-Event-ID") or request.query.get("after") or "-1"
    try:
        return min(max(-1, int(stated[:20])), _HIGHEST_POSITION)
    except ValueError as error:
        problem = "'after' and 'Last-Event-ID' must be the position of a message"
        raise ApiError("query_invalid", problems=[problem]) from error


class ConversationStream(EventStream):
    """A resident who watches the own conversation."""

    def __init__(self, request: web.Request, conversation: str, position: int) -> None:
        """Set up.

        Args:
            request: The client's request.
            conversation: The conversation's id.
            position: Of the last message that the client has.
        """
        super().__init__(request)
        self._conversation = conversation
        self._position = position
        self._standing: Standing | None = None

    async def send_news(self) -> bool:
        """Send new messages, then the state if it has changed; an erased conversation is the end."""
        try:
            messages, standing = await asyncio.to_thread(self._fetch_news)
        except ConversationNotFound:
            await self.write_event("erased", {})
            return False
        for message in messages:
            await self.write_event("message", to_json(message), message.position)
            self._position = message.position
        if standing != self._standing:
            await self.write_event("state", vars(standing))
            self._standing = standing
        return True

    async def send_writing(self, writer: str) -> None:
        """Tell that the counsellor is writing."""
        if writer == "human" and self._standing is not None and self._standing.state == "human":
            await self.write_event("typing", {})

    def _fetch_news(self) -> tuple[list[Message], Standing]:
        """Read the state first: what led to it is then among the messages, and is sent before it."""
        app = self.request.app
        standing = app[keys.HANDOFFS].fetch_standing(self._conversation)
        return app[keys.CONVERSATIONS].fetch_messages(self._conversation, self._position), standing
