"""Looks after the queue every few seconds: conversations whose counsellor is gone come back, and it empties at closing.

Every server process does it: each conversation is looked at again under its lock (`conversations.transfers`,
`conversations.closing_time`), so no process has to be the one that does, and none can die while holding the job.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from functools import partial

import structlog
from aiohttp import web

from conversations.records import NewMessage
from knowledge.languages import as_language
from web import keys
from web.chat import notices
from web.chat.widget import fetch_contacts
from web.live import QUEUE

_LOOK_EVERY = 10.0
_log = structlog.get_logger("lotsi.desk")


async def keep_queue(app: web.Application) -> AsyncIterator[None]:
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
    """Do what the queue needs now, and wake who watches; a look that fails is followed by the next.

    Args:
        app: The application.

    Returns:
        The conversations that were put back into the queue, or taken out of it.
    """
    try:
        changed = await asyncio.to_thread(_look, app)
    except Exception as error:
        _log.error("desk.look.failed", error=type(error).__name__)
        return []
    if changed:
        app[keys.LIVE].wake(*changed, QUEUE)
    return changed


def _look(app: web.Application) -> list[str]:
    is_open = app[keys.SERVICE_HOURS].is_open(dt.datetime.now(dt.timezone.utc))
    returned = app[keys.TRANSFERS].return_dropped(partial(notices.dropped, is_open=is_open))
    if returned:
        _log.info("desk.returned", count=len(returned))
    if is_open:
        return returned
    released = app[keys.CLOSING_TIME].release_waiting(partial(_say_closed, app))
    if released:
        _log.info("desk.released", count=len(released))
    return list(dict.fromkeys(returned + released))


def _say_closed(app: web.Application, language: str) -> NewMessage:
    spoken = as_language(language) or "sv"
    hours = app[keys.SERVICE_HOURS].describe(spoken)
    return notices.closed(language, hours, fetch_contacts(app[keys.KNOWLEDGE], spoken))
