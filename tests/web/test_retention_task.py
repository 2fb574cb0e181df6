"""What the privacy notice promises: a conversation goes, whole, once it has been kept long enough."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient
from sqlalchemy import Engine, inspect, text, update
from sqlalchemy.orm import Session

from conversations.database import open_database
from conversations.schema import ConversationRow
from conversations.store import ConversationStore, NewMessage
from conversations.trackers import TrackerEvents
from knowledge.engine import sqlite_url
from web.app import create_app
from web.settings import Settings

SECRET = "hemlig och gammal"


@pytest.fixture
def engine(tmp_path: Path):
    opened = open_database(sqlite_url(tmp_path / "conversations.db"))
    yield opened
    opened.dispose()


async def start(aiohttp_client, tmp_path: Path, knowledge, **values: int) -> TestClient:
    (tmp_path / "none").mkdir()
    settings = Settings(
        data=str(tmp_path), model=str(tmp_path / "none"), knowledge_url=str(knowledge.engine.url), **values
    )
    client: TestClient = await aiohttp_client(create_app(settings))
    return client


def add_conversation(engine: Engine, days: float, words: str) -> str:
    """Store a conversation with dialogue state, whose last message is so many days old."""
    store = ConversationStore(engine)
    conversation, _ = store.insert_conversation("sv")
    store.insert_messages(conversation.id, [NewMessage(sender="resident", text=words, language="sv")])
    TrackerEvents(engine).replace_session(conversation.id, [{"event": "user", "text": words}])
    moment = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=days)
    with Session(engine) as session, session.begin():
        session.execute(update(ConversationRow).where(ConversationRow.id == conversation.id).values(updated_at=moment))
    return conversation.id


def stored(engine: Engine) -> str:
    """Everything that the database holds, as one text."""
    with engine.connect() as connection:
        tables = inspect(engine).get_table_names()
        return str([connection.execute(text(f"SELECT * FROM {table}")).all() for table in tables])


async def test_an_old_conversation_goes_when_the_server_starts_and_a_young_one_stays(
    aiohttp_client, tmp_path, knowledge, engine
):
    old, young = add_conversation(engine, 91, SECRET), add_conversation(engine, 89, "ung")
    assert SECRET in stored(engine)
    await start(aiohttp_client, tmp_path, knowledge)
    for _ in range(600):
        if SECRET not in (left := stored(engine)):
            break
        await asyncio.sleep(0.1)
    assert SECRET not in left
    assert old not in left
    assert young in left
    assert "ung" in left


async def test_the_setting_says_how_long(aiohttp_client, tmp_path, knowledge, engine):
    add_conversation(engine, 8, SECRET)
    add_conversation(engine, 6, "ung")
    await start(aiohttp_client, tmp_path, knowledge, retention_days=7)
    for _ in range(600):
        if SECRET not in (left := stored(engine)):
            break
        await asyncio.sleep(0.1)
    assert SECRET not in left
    assert "ung" in left
