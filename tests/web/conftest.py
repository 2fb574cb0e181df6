"""Residents and counsellors of the running server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar
from console import Console
from residents import Counsellor, Resident, begin

from web.app import create_app
from web.settings import Settings

OpenConsole = Callable[..., Awaitable[Console]]


@pytest.fixture
async def caller(server) -> AsyncIterator[ClientSession]:
    async with ClientSession(server.url) as session:
        yield session


@pytest.fixture
async def resident(caller) -> Resident:
    """A conversation that begins in Swedish."""
    return await begin(caller)


@pytest.fixture
def counsellor(server) -> Iterator[Counsellor]:
    working = Counsellor(server.data)
    working.clear_desk()
    yield working
    working.close()


@pytest.fixture
def open_console(aiohttp_client, tmp_path, knowledge) -> OpenConsole:
    """`await open_console(public_url=…)` runs the application in this process, without a model."""

    async def open_it(**values: Any) -> Console:
        paths = {"data": str(tmp_path / "data"), "knowledge_url": str(knowledge.engine.url)}
        app = create_app(
            Settings(**{"model": str(tmp_path / "none.tar.gz"), "service_hours": "always", **paths, **values})
        )
        return Console(await aiohttp_client(app, cookie_jar=CookieJar(unsafe=True)))

    return open_it


@pytest.fixture
async def console(open_console) -> Console:
    """A console in which nobody is signed in; `desk` is a counsellor."""
    opened = await open_console()
    opened.add("desk")
    return opened
