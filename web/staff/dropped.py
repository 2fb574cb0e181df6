"""Looks every few seconds for conversations whose counsellor is gone, and puts them back into the queue.

Every server process does it: each conversation is looked at again under its lock (`conversations.transfers`), so no
process has to be the one that does, and none can die while holding the job.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import structlog
from aiohttp import web

from web import keys
from web.chat import notices
from web.live import QUEUE

_LOOK_EVERY = 10.0
_log = structlog.get_logger("lotsi.desk")


async def return_dropped(app: web.Application) -> AsyncIterator[None]:
    """Look until the server stops."""
    looking = asyncio.create_task(_run(app))
    yield
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)


async def _run(app: web.Application) -> None:
    while True:
        await asyncio.sleep(_LOOK_EVERY)
        # A thread cannot be cancelled: the server waits for the look that has begun.
        looking = asyncio.ensure_future(look_once(app))
        try:
            await asyncio.shield(looking)
        finally:
            await asyncio.gather(looking, return_exceptions=True)


async def look_once(app: web.Application) -> list[str]:
    """Return what is dropped now to the queue, and wake who watches; a look that fails is followed by the next.

    Args:
        app: The application.
    """
    try:
        returned = await asyncio.to_thread(app[keys.TRANSFERS].return_dropped, notices.dropped)
    except Exception as error:
        _log.error("desk.return.failed", error=type(error).__name__)
        return []
    if returned:
        app[keys.LIVE].wake(*returned, QUEUE)
        _log.info("desk.returned", count=len(returned))
    return returned
