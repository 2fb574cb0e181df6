"""A browser for this folder's tests; one a module, for Playwright's event loop would hinder asynchronous tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chats import Browsing
from facts import FACTS
from playwright.sync_api import Browser, expect, sync_playwright
from relay import Relay
from residents import Counsellor

expect.set_options(timeout=60_000)  # A busy machine is no fault of the widget; no test asserts a time.


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(chromium), args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def open_chat(browser: Browser, server: Any) -> Iterator[Browsing]:
    """Open the chat; in the end there may be no error and no other host asked."""
    browsing = Browsing(browser, server.url)
    yield browsing
    browsing.close()


@pytest.fixture
def counsellor(server: Any) -> Iterator[Counsellor]:
    """A counsellor of the server."""
    working = Counsellor(server.data)
    working.clear_desk()
    yield working
    working.close()


@pytest.fixture
def relay(server: Any) -> Iterator[Relay]:
    """The network between browser and server, which can be cut."""
    between = Relay(server.url)
    yield between
    between.close()


@pytest.fixture(scope="session")
def stated_server(server: Any, tmp_path_factory: pytest.TempPathFactory, model_path: Path) -> Iterator[Any]:
    """A server as an organisation runs it: every fact stated, the usual limits, and today nobody answers the queue."""
    facts = tmp_path_factory.mktemp("facts") / "deployment.yml"
    facts.write_text(FACTS, encoding="utf-8")
    today = dt.datetime.now(dt.timezone.utc).date()
    closed = ",".join(str(today + dt.timedelta(days=days)) for days in (-1, 0, 1))
    running = type(server)(
        tmp_path_factory.mktemp("stated"),
        model_path,
        LOTSI_DEPLOYMENT=str(facts),
        LOTSI_SERVICE_HOURS="mon-sun 8-16",
        LOTSI_CLOSED_DAYS=closed,
        LOTSI_CONVERSATIONS_PER_MINUTE="1000",
    ).wait()
    yield running
    running.stop()
