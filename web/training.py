"""Runs the trainings that admins ask for; of several server processes, one takes each."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import structlog
from aiohttp import web

from studio.assembly import Studio
from web import keys

_LOOK_EVERY = 2.0
_log = structlog.get_logger("lotsi.training")


async def keep_training(app: web.Application) -> AsyncIterator[None]:
    """Take trainings until the server stops; one that runs then is marked as interrupted."""
    stopping = threading.Event()
    running = asyncio.create_task(_take(app[keys.STUDIO], stopping))
    yield
    stopping.set()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def _take(studio: Studio, stopping: threading.Event) -> None:
    while True:
        # A thread cannot be cancelled: it ends its trainer when the server stops, and the server waits for that.
        job = asyncio.ensure_future(asyncio.to_thread(_look, studio, stopping))
        try:
            await asyncio.shield(job)
        finally:
            await asyncio.gather(job, return_exceptions=True)
        await asyncio.sleep(_LOOK_EVERY)


def _look(studio: Studio, stopping: threading.Event) -> None:
    """Do a training if one waits; one that fails must not keep the next ones away."""
    try:
        job = studio.jobs.take() if studio.jobs.is_waiting() else None
        if job is not None:
            _log.info("training.begun", job=job.number)
            ended = studio.workshop.run(job, stopping=stopping)
            _log.info("training.ended", job=job.number, state=ended.state, model=ended.model)
    except Exception as error:
        _log.error("training.failed", error=type(error).__name__)
