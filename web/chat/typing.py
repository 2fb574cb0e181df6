"""`POST …/{id}/typing`: the resident is writing, for the counsellor who answers; passed on, stored nowhere."""

from __future__ import annotations

from aiohttp import web

from web import keys
from web.auth.access import resident
from web.chat.access import authorize

SIGNALS_PER_MINUTE = 30
"""A page sends one in four seconds at most; what is more than this is taken and not passed on."""


@resident
async def tell_typing(request: web.Request) -> web.Response:
    """Let the counsellor know that the resident is writing."""
    id = await authorize(request)
    signal_typing(request.app, id, "resident")
    return web.Response(status=204)


def signal_typing(app: web.Application, conversation: str, writer: str) -> None:
    """Pass on that somebody is writing, unless there have been too many of these signals.

    Args:
        app: The application.
        conversation: The conversation's id.
        writer: `resident` or `human`.
    """
    if not app[keys.TYPING_RATE].take(f"{conversation} {writer}"):
        app[keys.LIVE].tell_writing(conversation, writer)
