"""Runs the application until the process is told to stop."""

from __future__ import annotations

import asyncio
import signal

import structlog
from aiohttp import web

from web import keys
from web.access_log import AccessLogger
from web.app import create_app
from web.deployment import find_unstated
from web.settings import Settings

_log = structlog.get_logger("lotsi.web")


def run_server(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; turns in flight are ended first.

    Raises:
        DeploymentInvalid: The file of the organisation's facts cannot be used.
        OSError: The address cannot be listened on.
    """
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    app = create_app(settings)
    runner = web.AppRunner(app, access_log_class=AccessLogger, shutdown_timeout=10)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.host, settings.port)
        await site.start()
        port = runner.addresses[0][1]
        host = "localhost" if settings.host == "127.0.0.1" else settings.host
        _log.info("web.server.listening", url=f"http://{host}:{port}")
        _warn_of_unstated_facts(app)
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        loading: asyncio.Task[None] = app[keys.LOADING]
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait((stopped, loading), return_when=asyncio.FIRST_COMPLETED)
        if not stop.is_set():
            await loading
            _log.info("web.server.ready", model=app[keys.ASSISTANT].model)
            await stopped
    finally:
        await runner.cleanup()


def _warn_of_unstated_facts(app: web.Application) -> None:
    facts = [fact.name for fact in find_unstated(app[keys.DEPLOYMENT])]
    if facts:
        _log.warning("web.deployment.unstated", file=str(app[keys.SETTINGS].deployment_file), facts=facts)
