"""Residents and counsellors of the running server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from aiohttp import ClientSession
from residents import Counsellor, Resident, begin


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
    yield working
    working.close()
