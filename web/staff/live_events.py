"""`/staff/live/{id}/events` and `/messages`: what happens in a conversation, for the counsellor who has it."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from conversations.desk import Seen
from conversations.errors import ConversationNotFound, HandoffNotTaken
from web import keys
from web.auth.access import requires
from web.chat.events import read_position
from web.chat.typing import signal_typing
from web.live import QUEUE
from web.staff.frame import read_language
from web.staff.live import is_own, render_message
from web.staff.queue import StaffStream


@requires("counsellor", unattended=True)
async def stream_live(request: web.Request) -> web.StreamResponse:
    """Send what is new, until the conversation is another's; the page was read and recorded before."""
    id = request.match_info["id"]
    seen = await asyncio.to_thread(request.app[keys.DESK].fetch, id)
    if not is_own(seen, request[keys.USER].id):
        raise HandoffNotTaken(id)
    stream = LiveStream(request, id, read_position(request))
    with request.app[keys.LIVE].watch(id, QUEUE) as subscription:
        return await stream.send(subscription)


@requires("counsellor", unattended=True)
async def read_messages(request: web.Request) -> web.Response:
    """Tell what is new, for a page that cannot keep a stream open."""
    seen = await asyncio.to_thread(request.app[keys.DESK].fetch, request.match_info["id"], read_position(request))
    if not is_own(seen, request[keys.USER].id):
        return web.json_response({"messages": [], "mine": False})
    return web.json_response({"messages": _messages(request, seen), "mine": True})


def _messages(request: web.Request, seen: Seen) -> list[dict[str, Any]]:
    language = read_language(request)
    return [
        {"position": item.position, "sender": item.sender, "html": render_message(item, language)}
        for item in seen.messages
    ]


@requires("counsellor")
async def tell_typing(request: web.Request) -> web.Response:
    """Let the resident know that the counsellor is writing; nothing of it is stored."""
    app, id, user = request.app, request.match_info["id"], request[keys.USER].id
    if not await asyncio.to_thread(app[keys.DESK].is_held_by, id, user):
        raise HandoffNotTaken(id)
    signal_typing(app, id, "human")
    return web.Response(status=204)


class LiveStream(StaffStream):
    """A page that shows one conversation."""

    def __init__(self, request: web.Request, conversation: str, position: int) -> None:
        """Set up.

        Args:
            request: The page's request.
            conversation: The conversation's id.
            position: Of the last message that the page shows.
        """
        super().__init__(request)
        self._conversation = conversation
        self._position = position

    async def send_writing(self, writer: str) -> None:
        """Tell that the resident is writing."""
        if writer == "resident":
            await self.write_event("typing", {})

    async def send_news(self) -> bool:
        """Send new messages; another's conversation, or an erased one, is the end."""
        try:
            seen = await asyncio.to_thread(self.request.app[keys.DESK].fetch, self._conversation, self._position)
        except ConversationNotFound:
            await self.write_event("erased", {})
            return False
        if not is_own(seen, self.request[keys.USER].id):
            await self.write_event("lost", {})
            return False
        for item in _messages(self.request, seen):
            await self.write_event("message", item, item["position"])
            self._position = item["position"]
        return True
