"""Erases conversations once they have been kept as long as the privacy notice says, whoever began them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import structlog
from aiohttp import web

from conversations.errors import ConversationNotFound
from conversations.retention import fetch_expired
from web import keys
from web.chat.api import erase

_HOUR = 3600.0
_log = structlog.get_logger("lotsi.web")


async def retention(app: web.Application) -> AsyncIterator[None]:
    """Look once an hour while the application runs; any number of server processes may do so at once."""
    task = asyncio.create_task(_erase_hourly(app))
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _erase_hourly(app: web.Application) -> None:
    while True:
        try:
            await erase_expired(app)
        except Exception as error:  # the next hour may find the database again; its message may quote what is stored
            _log.error("web.retention.failed", error=type(error).__name__)
        await asyncio.sleep(_HOUR)


async def erase_expired(app: web.Application) -> int:
    """Erase every conversation that has been kept long enough; return how many there were."""
    erased = 0
    while expired := await asyncio.to_thread(fetch_expired, app[keys.ENGINE], app[keys.SETTINGS].retention_days):
        for id in expired:
            try:
                await erase(app, id)
                erased += 1
            except ConversationNotFound:  # another process, or the resident, was first
                continue
    if erased:
        _log.info("web.retention.erased", conversations=erased)
    return erased
