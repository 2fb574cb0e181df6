"""Conversations databases, migrated and empty; every test that takes one runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine

from conversations.callbacks import Callbacks
from conversations.database import open_database
from conversations.encryption import Cipher
from conversations.feedback import FeedbackStore
from conversations.handoffs import Handoffs
from conversations.store import ConversationStore, NewMessage
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


@pytest.fixture
def handoffs(engine: Engine) -> Handoffs:
    return Handoffs(engine)


@pytest.fixture
def feedback(engine: Engine) -> FeedbackStore:
    return FeedbackStore(engine)


@pytest.fixture
def cipher() -> Cipher:
    return Cipher([Fernet.generate_key()])


@pytest.fixture
def callbacks(engine: Engine, cipher: Cipher) -> Callbacks:
    return Callbacks(engine, cipher)


@pytest.fixture
def conversation(store: ConversationStore) -> str:
    """The id of a conversation in which the bot has answered once."""
    begun, _ = store.insert_conversation("sv")
    store.insert_messages(
        begun.id,
        [
            NewMessage(sender="resident", text="hej", language="sv"),
            NewMessage(sender="bot", text="Hej!", language="sv"),
        ],
    )
    return begun.id
