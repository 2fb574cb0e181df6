"""Server-sent events (WHATWG HTML standard, section 9.2): one client, and a loop that looks for what is new."""

from __future__ import annotations

import asyncio
import json

from aiohttp import web

from web.live import Subscription

_POLL_SECONDS = 2.0
_HEARTBEAT_SECONDS = 15.0
_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx would keep events back
}


class EventStream:
    """One client that watches something; a subclass says what is new."""

    def __init__(self, request: web.Request) -> None:
        """Set up.

        Args:
            request: The client's request.
        """
        self.request = request
        self._response = web.StreamResponse(headers=_HEADERS)
        self._written_at = 0.0

    async def send_news(self) -> bool:
        """Send what is new since the last call; return whether there can be more."""
        raise NotImplementedError

    async def send_writing(self, writer: str) -> None:
        """Tell that somebody is writing, where this client should know.

        Args:
            writer: As of `Live.tell_writing`.
        """

    async def send_heartbeat(self) -> bool:
        """Send something, so that a client which has gone is noticed; return whether the stream may go on."""
        await self.write(":\n\n")
        return True

    async def send(self, subscription: Subscription) -> web.StreamResponse:
        """Send until the client goes, nothing more can come, or the server stops."""
        await self._response.prepare(self.request)
        try:
            while not (subscription.closing or self.is_gone()):
                for writer in subscription.take_writing():  # what was written by then comes after it
                    await self.send_writing(writer)
                if not await self.send_news():
                    break
                if self._is_silent() and not await self.send_heartbeat():
                    break
                await subscription.wait(_POLL_SECONDS)
        except ConnectionResetError:
            pass
        return self._response

    def is_gone(self) -> bool:
        """Tell whether the client's connection has ended."""
        transport = self.request.transport
        return transport is None or transport.is_closing()

    async def write_event(self, kind: str, data: object, position: int | None = None) -> None:
        """Send an event.

        Args:
            kind: Its name.
            data: A value that JSON knows.
            position: What the client says it has when it comes back.
        """
        id = "" if position is None else f"id: {position}\n"
        await self.write(f"{id}event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n")

    async def write(self, text: str) -> None:
        """Send lines as they are."""
        await self._response.write(text.encode("utf-8"))
        self._written_at = asyncio.get_running_loop().time()

    def _is_silent(self) -> bool:
        return asyncio.get_running_loop().time() - self._written_at >= _HEARTBEAT_SECONDS
