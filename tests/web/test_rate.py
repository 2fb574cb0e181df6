"""Who sends too much waits; nobody else does."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from web import keys
from web.app import create_app
from web.rate import RateLimiter
from web.settings import Settings

CONVERSATIONS = "/api/v1/conversations"


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_calls_up_to_the_limit_go_on_and_the_next_waits(clock):
    limiter = RateLimiter(3, clock)
    assert [limiter.take("a") for _ in range(3)] == [0, 0, 0]
    assert limiter.take("a") == 60.0


def test_the_wait_ends_when_the_oldest_call_is_a_minute_old(clock):
    limiter = RateLimiter(2, clock)
    limiter.take("a")
    clock.now += 20
    limiter.take("a")
    clock.now += 10
    assert limiter.take("a") == 30.0
    clock.now += 30
    assert limiter.take("a") == 0
    assert limiter.take("a") == 20.0


def test_a_call_that_has_to_wait_does_not_make_the_wait_longer(clock):
    limiter = RateLimiter(1, clock)
    limiter.take("a")
    for _ in range(59):
        clock.now += 1
        assert limiter.take("a") > 0
    clock.now += 1
    assert limiter.take("a") == 0


def test_each_key_has_a_limit_of_its_own(clock):
    limiter = RateLimiter(1, clock)
    assert (limiter.take("a"), limiter.take("b")) == (0, 0)
    assert limiter.take("a") > 0


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_of_nothing_is_none(clock, limit):
    limiter = RateLimiter(limit, clock)
    assert [limiter.take("a") for _ in range(1000)] == [0] * 1000


def test_memory_does_not_grow_with_the_number_of_keys(clock):
    limiter = RateLimiter(1, clock)
    limiter.take("first")
    for number in range(60_000):
        limiter.take(str(number))
    assert len(limiter._calls) == 50_000
    assert limiter.take("59999") > 0
    assert limiter.take("first") == 0


@pytest.fixture
async def client(aiohttp_client, tmp_path, knowledge, model_path) -> TestClient:
    """An application in this process with small limits."""
    settings = Settings(
        data=str(tmp_path / "data"),
        model=str(model_path),
        knowledge_url=str(knowledge.engine.url),
        messages_per_minute=2,
        conversations_per_minute=3,
    )
    client: TestClient = await aiohttp_client(create_app(settings))
    return client


async def post(client: TestClient, path: str, body: Any, **headers: str) -> tuple[int, Any, Any]:
    async with client.post(path, json=body, headers=headers) as response:
        return response.status, response.headers, await response.json()


async def test_too_many_requests_are_told_how_long_to_wait(client):
    """One application for all of it: to load a model takes seconds."""
    await check_messages(client)
    await check_conversations(client)
    await check_senders(client)
    assert client.app[keys.ASSISTANT].ready


async def begin(client: TestClient) -> tuple[str, dict[str, str]]:
    status, _, begun = await post(client, CONVERSATIONS, {})
    assert status == 201
    return f"{CONVERSATIONS}/{begun['id']}/messages", {"Authorization": f"Bearer {begun['token']}"}


def check_limited(status: int, headers: Any, body: Any) -> None:
    assert (status, body["error"]["code"]) == (429, "too_many_requests")
    wait = int(headers["Retry-After"])
    assert 0 < wait <= 61
    assert body["error"]["details"] == {"retry_after": wait}


async def check_messages(client: TestClient) -> None:
    """Per conversation; a repeated send, a refused one and reading do not count."""
    path, headers = await begin(client)
    other, other_headers = await begin(client)
    for body in ({}, {"text": ""}, {"payload": "/fees", "text": "a"}):
        assert (await post(client, path, body, **headers))[0] == 400
    for key in ("1", "1", "1", "2"):
        assert (await post(client, path, {"text": "hej"}, **headers, **{"Idempotency-Key": key}))[0] == 200
    check_limited(*await post(client, path, {"text": "hej"}, **headers))
    check_limited(*await post(client, path, {"text": "hej"}, **headers, **{"Idempotency-Key": "3"}))
    assert (await post(client, path, {"text": "hej"}, **headers, **{"Idempotency-Key": "1"}))[0] == 200
    assert (await post(client, other, {"text": "hej"}, **other_headers))[0] == 200
    async with client.get(path, headers=headers) as response:
        senders = [message["sender"] for message in (await response.json())["messages"]]
    assert senders == ["bot", "bot", *["resident", "bot"] * 2]


async def check_conversations(client: TestClient) -> None:
    """Per address; two have begun already."""
    await begin(client)
    check_limited(*await post(client, CONVERSATIONS, {}))


async def check_senders(client: TestClient) -> None:
    """Per sender, and many senders from one address are many conversations from one address."""
    path = "/webhooks/rest/webhook"
    statuses = [(await post(client, path, {"sender": f"new-{number}", "message": "hej"}))[0] for number in range(5)]
    assert 429 in statuses, "a sender's first message begins a conversation, and four had begun in this minute"
