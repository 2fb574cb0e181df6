"""Conversations databases, migrated and empty; every test that takes one runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import datetime as dt

import pytest
from argon2 import PasswordHasher
from cryptography.fernet import Fernet
from people import PASSWORD, Clock
from sqlalchemy import Engine
from trackers import OpenTrackerEvents

from conversations.audit import AuditLog
from conversations.callback_desk import CallbackDesk
from conversations.callbacks import Callbacks
from conversations.desk import Desk
from conversations.encryption import Cipher
from conversations.feedback import FeedbackStore
from conversations.handoffs import Handoffs
from conversations.passwords import Passwords
from conversations.presence import Presence
from conversations.sessions import SessionStore
from conversations.staff import User
from conversations.store import ConversationStore, NewMessage
from conversations.trackers import TrackerEvents
from conversations.transfers import Transfers
from conversations.users import UserStore


@pytest.fixture
def store(engine: Engine) -> ConversationStore:
    return ConversationStore(engine)


@pytest.fixture
def trackers(engine: Engine) -> TrackerEvents:
    return OpenTrackerEvents(engine)


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
def callback_desk(engine: Engine, cipher: Cipher, clock: Clock) -> CallbackDesk:
    return CallbackDesk(engine, cipher, clock)


@pytest.fixture
def counter(engine: Engine) -> Desk:
    """The desk: what a counsellor sees of those who wait."""
    return Desk(engine)


@pytest.fixture
def presence(engine: Engine, clock: Clock) -> Presence:
    return Presence(engine, clock)


@pytest.fixture
def transfers(engine: Engine, clock: Clock) -> Transfers:
    return Transfers(engine, clock)


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


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def passwords() -> Passwords:
    """argon2id, with little work: what is tested here is not how hard a hash is to guess."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture
def users(engine: Engine, passwords: Passwords) -> UserStore:
    return UserStore(engine, passwords)


@pytest.fixture
def sessions(engine: Engine, clock: Clock) -> SessionStore:
    return SessionStore(engine, idle=dt.timedelta(minutes=30), longest=dt.timedelta(hours=10), clock=clock)


@pytest.fixture
def audit(engine: Engine) -> AuditLog:
    return AuditLog(engine)


@pytest.fixture
def desk(users: UserStore) -> User:
    return users.insert("desk", "Rådgivare Ett", ["counsellor"], "sv", PASSWORD)


@pytest.fixture
def colleague(users: UserStore) -> User:
    return users.insert("colleague", "Rådgivare Två", ["counsellor"], "fi", PASSWORD)
