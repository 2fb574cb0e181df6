"""How long a conversation is kept: reckoned from its last message. Everything on both databases."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from conversations.retention import fetch_expired
from conversations.schema import ConversationRow
from conversations.store import ConversationStore, NewMessage


def _age(engine: Engine, conversation: str, days: float) -> None:
    moment = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=days)
    with Session(engine) as session, session.begin():
        session.execute(update(ConversationRow).where(ConversationRow.id == conversation).values(updated_at=moment))


def test_the_oldest_are_found_first_and_the_young_are_kept(engine: Engine, store: ConversationStore) -> None:
    ages = {store.insert_conversation("sv")[0].id: days for days in (0, 89.9, 90.1, 400)}
    for conversation, days in ages.items():
        _age(engine, conversation, days)
    expired = [id for id, days in sorted(ages.items(), key=lambda item: -item[1]) if days > 90]
    assert fetch_expired(engine, 90) == expired
    assert fetch_expired(engine, 90, limit=1) == expired[:1]
    assert fetch_expired(engine, 401) == []


def test_a_message_begins_the_time_anew(engine: Engine, store: ConversationStore) -> None:
    conversation, _ = store.insert_conversation("fi")
    _age(engine, conversation.id, 100)
    assert fetch_expired(engine, 90) == [conversation.id]
    store.insert_messages(conversation.id, [NewMessage(sender="resident", text="hei", language="fi")])
    assert fetch_expired(engine, 90) == []
