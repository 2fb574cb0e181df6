"""Loads the model beside the running server; whoever needs it waits here."""

from __future__ import annotations

import asyncio

import structlog
from aiohttp import web

from bot.assistant import AssistantError
from web import keys
from web.errors import ApiError

_log = structlog.get_logger("lotsi.web")


async def load_model(app: web.Application) -> None:
    """Load the model in a thread, so that the server answers its health checks meanwhile."""
    try:
        await asyncio.to_thread(app[keys.SWAPPER].load)
    except AssistantError as error:
        _log.error("assistant.model.failed", reason=str(error))
        raise
    _log.info("assistant.model.loaded", model=app[keys.ASSISTANT].model)


async def follow_promotions(app: web.Application) -> None:
    """Take up whatever becomes the live model, once one is loaded."""
    await asyncio.shield(app[keys.LOADING])
    await app[keys.SWAPPER].run(app[keys.BENCH].close_idle)


async def wait_until_ready(app: web.Application) -> None:
    """Return once a model is loaded.

    Raises:
        ApiError: `not_ready` if it could not be loaded or takes too long.
    """
    if app[keys.ASSISTANT].ready:
        return
    try:
        async with asyncio.timeout(app[keys.SETTINGS].ready_timeout):
            await asyncio.shield(app[keys.LOADING])
    except (TimeoutError, AssistantError) as error:
        raise ApiError("not_ready", headers={"Retry-After": "10"}) from error
