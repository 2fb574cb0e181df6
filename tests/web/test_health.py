"""Health checks, and what residents get while the model is loading or missing."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient

from knowledge.schema import Base
from web import keys
from web.app import create_app
from web.settings import Settings


async def fetch(client: TestClient | ClientSession, path: str) -> tuple[int, Any]:
    async with client.get(path) as response:
        return response.status, await response.json()


def make_settings(folder: Path, model: Path, knowledge_url: str, **values: int) -> Settings:
    return Settings(data=str(folder / "data"), model=str(model), knowledge_url=knowledge_url, **values)


@pytest.fixture
async def without_model(aiohttp_client, tmp_path, knowledge) -> TestClient:
    """An application whose model folder is empty."""
    empty = tmp_path / "models"
    empty.mkdir()
    client: TestClient = await aiohttp_client(create_app(make_settings(tmp_path, empty, str(knowledge.engine.url))))
    return client


async def test_a_running_server_is_ready_and_names_its_model(server, model_path):
    async with ClientSession(server.url) as session:
        assert await fetch(session, "/health/live") == (200, {"status": "ok"})
        status, body = await fetch(session, "/health/ready")
    assert (status, body["status"]) == (200, "ok")
    assert body["checks"] == {"model": True, "knowledge": True, "database": True}
    assert body["model"] == model_path.name.removesuffix(".tar.gz")


async def test_without_a_model_it_is_alive_and_not_ready(without_model):
    assert await fetch(without_model, "/health/live") == (200, {"status": "ok"})
    status, body = await fetch(without_model, "/health/ready")
    assert (status, body["status"], body["model"]) == (503, "unavailable", "")
    assert body["checks"] == {"model": False, "knowledge": True, "database": True}


@pytest.mark.parametrize(
    ("path", "body"), [("/api/v1/conversations", {}), ("/webhooks/rest/webhook", {"sender": "a", "message": "hej"})]
)
async def test_without_a_model_residents_are_told_to_come_back(without_model, path, body):
    async with without_model.post(path, json=body) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (503, "not_ready")
        assert int(response.headers["Retry-After"]) > 0


async def test_without_a_model_a_conversation_can_still_be_read_and_erased(without_model):
    conversation, token = without_model.app[keys.CONVERSATIONS].insert_conversation("sv")
    path, headers = f"/api/v1/conversations/{conversation.id}", {"Authorization": f"Bearer {token}"}
    async with without_model.post(f"{path}/messages", json={"text": "hej"}, headers=headers) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (503, "not_ready")
    async with without_model.get(f"{path}/messages", headers=headers) as response:
        assert (response.status, (await response.json())["messages"]) == (200, [])
    async with without_model.delete(path, headers=headers) as response:
        assert response.status == 204


async def test_without_a_model_the_page_is_still_shown(without_model):
    async with without_model.get("/") as response:
        assert (response.status, response.content_type) == (200, "text/html")


async def test_a_knowledge_database_that_lost_its_tables_is_not_ready(aiohttp_client, tmp_path):
    url = f"sqlite:///{tmp_path}/knowledge.db"
    client = await aiohttp_client(create_app(make_settings(tmp_path, tmp_path, url)))
    assert (await fetch(client, "/health/ready"))[1]["checks"]["knowledge"] is True
    Base.metadata.drop_all(client.app[keys.KNOWLEDGE].engine)
    assert (await fetch(client, "/health/ready"))[1]["checks"]["knowledge"] is False


async def test_a_database_that_cannot_be_opened_is_not_ready(without_model, tmp_path):
    # moved in one step, and before the pool is emptied: a thread of the server may open or close files in it meanwhile
    (tmp_path / "data").rename(tmp_path / "moved")
    without_model.app[keys.ENGINE].dispose()
    status, body = await fetch(without_model, "/health/ready")
    assert (status, body["checks"]["database"]) == (503, False)


async def test_messages_wait_for_a_model_that_is_loading(aiohttp_client, tmp_path, knowledge, model_path):
    settings = make_settings(tmp_path, model_path, str(knowledge.engine.url))
    client = await aiohttp_client(create_app(settings))
    assert (await fetch(client, "/health/ready"))[0] == 503
    begun = await asyncio.gather(*(client.post("/api/v1/conversations", json={}) for _ in range(3)))
    assert [response.status for response in begun] == [201, 201, 201]
    assert (await fetch(client, "/health/ready"))[0] == 200


async def test_nobody_waits_longer_than_the_setting_says(aiohttp_client, tmp_path, knowledge, model_path):
    settings = make_settings(tmp_path, model_path, str(knowledge.engine.url), ready_timeout=0)
    client = await aiohttp_client(create_app(settings))
    async with client.post("/api/v1/conversations", json={}) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (503, "not_ready")
    await asyncio.gather(client.app[keys.LOADING])
    async with client.post("/api/v1/conversations", json={}) as response:
        assert response.status == 201
