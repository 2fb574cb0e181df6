"""Conversations databases, migrated and empty; every test that takes one runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from conversations.database import open_database
from conversations.store import ConversationStore
from conversations.trackers import TrackerEvents


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def store(engine: Engine) -> ConversationStore:
    return ConversationStore(engine)


@pytest.fixture
def trackers(engine: Engine) -> TrackerEvents:
    return TrackerEvents(engine)
