"""Puts conversations that are older than the inbox into it when the server starts; of several processes, one does."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections.abc import AsyncIterator

import structlog
from aiohttp import web
from sqlalchemy import Engine

from conversations.inbox_backfill import backfill_inbox
from conversations.leases import Lease
from web import keys

JOB = "inbox_backfill"
_log = structlog.get_logger("lotsi.inbox")


async def fill_inbox(app: web.Application) -> AsyncIterator[None]:
    """Fill the inbox beside the serving; a server that stops ends it with its batch, and the next one goes on."""
    stopping = threading.Event()
    running = asyncio.create_task(asyncio.to_thread(_run, app[keys.ENGINE], stopping))
    yield
    stopping.set()
    await asyncio.gather(running, return_exceptions=True)


def _run(engine: Engine, stopping: threading.Event) -> None:
    try:
        run_backfill(engine, stopping)
    except Exception as error:  # the console works without the old ones, and the next start tries again
        _log.error("inbox.backfill.failed", error=type(error).__name__)


def run_backfill(engine: Engine, stopping: threading.Event) -> int | None:
    """Make what is missing, unless another process does it now.

    Args:
        engine: A migrated conversations database.
        stopping: Set when the server stops.

    Returns:
        How many entries were made; None where it was not ours to do.
    """
    lease = Lease(engine, JOB)
    if not lease.take(dt.timedelta(0)):
        return None
    try:
        made = backfill_inbox(engine, lambda: not stopping.is_set() and lease.renew())
    except BaseException:
        lease.give_up()
        raise
    if stopping.is_set():
        lease.give_up()
    else:
        lease.finish()
    if made:
        _log.info("inbox.backfill.done", made=made)
    return made
