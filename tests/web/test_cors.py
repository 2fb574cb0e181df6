"""Which other sites a browser lets read the API, and how it asks beforehand."""

from __future__ import annotations

from typing import Any

import pytest

from web.app import create_app
from web.settings import Settings

CONVERSATIONS = "/api/v1/conversations"
OTHER = "https://www.soite.fi"
ASKS = {"Origin": OTHER, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}


@pytest.fixture
def make_client(aiohttp_client, tmp_path, knowledge) -> Any:
    async def _make(origins: str) -> Any:
        settings = Settings(
            data=str(tmp_path / "data"),
            model=str(tmp_path),
            knowledge_url=str(knowledge.engine.url),
            allowed_origins=origins,
            ready_timeout=1,
        )
        return await aiohttp_client(create_app(settings))

    return _make


@pytest.mark.parametrize("path", [CONVERSATIONS, f"{CONVERSATIONS}/any/messages", "/api/v1/widget", "/widget.js"])
async def test_a_browser_that_asks_beforehand_is_told_what_is_allowed(make_client, path):
    client = await make_client("*")
    async with client.options(path, headers=ASKS) as response:
        assert (response.status, await response.read()) == (204, b"")
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        methods = set(response.headers["Access-Control-Allow-Methods"].split(", "))
        assert {"GET", "POST", "PATCH", "DELETE"} <= methods
        allowed = {name.lower() for name in response.headers["Access-Control-Allow-Headers"].split(", ")}
        assert allowed == {"authorization", "content-type", "idempotency-key", "last-event-id"}
        assert "Access-Control-Allow-Credentials" not in response.headers


async def test_errors_can_be_read_from_other_sites_with_their_headers(make_client):
    client = await make_client("*")
    async with client.get(f"{CONVERSATIONS}/nobody/messages", headers={"Origin": OTHER}) as response:
        assert response.status == 404
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "Retry-After" in response.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (OTHER, True),
        ("http://localhost:3000", True),
        ("https://soite.fi", False),
        ("http://www.soite.fi", False),
        ("https://www.soite.fi.evil.example", False),
        ("null", False),
        ("", False),
    ],
)
async def test_only_the_sites_that_are_named_may_read(make_client, origin, allowed):
    client = await make_client(f"{OTHER}, http://localhost:3000")
    for method, headers in (("OPTIONS", {**ASKS, "Origin": origin}), ("GET", {"Origin": origin})):
        async with client.request(method, "/api/v1/widget", headers=headers) as response:
            assert response.headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)
            assert "Origin" in ", ".join(response.headers.getall("Vary"))


async def test_nothing_else_is_opened(make_client):
    client = await make_client("*")
    for path in ("/", "/health/live", "/webhooks/rest", "/static/icon.svg"):
        async with client.get(path, headers={"Origin": OTHER}) as response:
            assert "Access-Control-Allow-Origin" not in response.headers
    async with client.options("/health/live", headers=ASKS) as response:
        assert response.status == 405


async def test_an_options_call_that_is_no_preflight_is_answered_as_ever(make_client):
    client = await make_client("*")
    async with client.options(CONVERSATIONS) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (405, "method_not_allowed")
