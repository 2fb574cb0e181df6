"""The daily job that erases what has been kept for long enough; of several server processes, one does it."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections.abc import AsyncIterator

import structlog
from aiohttp import web
from sqlalchemy import Engine

from conversations.audit import AuditLog
from conversations.erasure import empty_log
from conversations.leases import Lease
from conversations.retention import Retention
from web import keys

JOB = "retention"
_AT_START = dt.timedelta(hours=1)
_DAILY = dt.timedelta(hours=24)
_LOOK_EVERY = 600
_log = structlog.get_logger("lotsi.retention")


async def keep_retention(app: web.Application) -> AsyncIterator[None]:
    """Run the job when the server starts and once a day then, until it stops; empty SQLite's log between."""
    days = app[keys.SETTINGS].retention_days
    stopping = threading.Event()
    running = asyncio.create_task(_run_daily(app[keys.ENGINE], days, stopping))
    yield
    stopping.set()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def _run_daily(engine: Engine, days: int, stopping: threading.Event) -> None:
    pause = _AT_START
    while True:
        # A thread cannot be cancelled: what it has begun ends with its batch, and the server waits for that.
        job = asyncio.ensure_future(asyncio.to_thread(_look, engine, days, pause, stopping))
        try:
            await asyncio.shield(job)
        finally:
            await asyncio.gather(job, return_exceptions=True)
        pause = _DAILY
        await asyncio.sleep(_LOOK_EVERY)


def _look(engine: Engine, days: int, pause: dt.timedelta, stopping: threading.Event) -> None:
    """Do what is due now; a job that fails once must not stay away for ever."""
    try:
        run_retention(engine, days, pause, stopping)
        empty_log(engine)
    except Exception as error:
        _log.error("retention.failed", error=type(error).__name__)


def run_retention(engine: Engine, days: int, pause: dt.timedelta, stopping: threading.Event) -> int | None:
    """Erase what is due, unless another process does it or has done it within `pause`.

    Args:
        engine: A migrated conversations database.
        days: For how long a conversation is kept.
        pause: For how long after it was done nobody does it again.
        stopping: Set when the server stops; the run ends with its batch.

    Returns:
        How many conversations were erased; None where it was not ours to do.
    """
    lease = Lease(engine, JOB)
    if not lease.take(pause):
        return None
    try:
        erased = Retention(engine, days).run(lambda: not stopping.is_set() and lease.renew())
    except BaseException:
        lease.give_up()
        raise
    if stopping.is_set():
        lease.give_up()
    else:
        lease.finish()
    if erased:
        AuditLog(engine).append("system", "conversation.expired", "conversation", "", {"count": erased, "days": days})
    _log.info("retention.done", erased=erased, days=days)
    return erased
