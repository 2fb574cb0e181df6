"""Conversations from before the inbox get their entry, and only those."""

from __future__ import annotations

import datetime as dt
import threading

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from conversations.feedback import FeedbackStore
from conversations.inbox import Filters, Inbox
from conversations.inbox_backfill import BATCH, backfill_inbox
from conversations.leases import Lease
from conversations.review_schema import InboxRow
from conversations.store import ConversationStore, NewMessage
from web.inbox_backfill import JOB, run_backfill


def converse(store: ConversationStore, text: str = "var finns tandläkaren") -> str:
    begun, _ = store.insert_conversation("sv")
    store.insert_messages(begun.id, [NewMessage("resident", text, "sv", outcome="unsure", confidence=0.3)])
    return begun.id


def forget(engine: Engine) -> None:
    """Leave the database as it was before the inbox came."""
    with Session(engine) as session, session.begin():
        session.execute(delete(InboxRow))


def entries(engine: Engine) -> list[str]:
    with Session(engine) as session:
        return list(session.scalars(select(InboxRow.conversation_id)))


def test_an_older_conversation_is_found_ranked_and_searched_like_any_other(engine: Engine, store: ConversationStore):
    id = converse(store)
    (message,) = store.fetch_messages(id)
    (answer,) = store.insert_messages(id, [NewMessage("bot", "Jag vet inte.", "sv")])
    FeedbackStore(engine).write_feedback(id, answer.id, "down")
    inbox = Inbox(engine)
    before = inbox.fetch_entry(id)
    forget(engine)
    assert inbox.fetch_page(Filters(status="all")).entries == ()
    assert backfill_inbox(engine) == 1
    after = inbox.fetch_entry(id)
    assert (after.attention, after.reasons, after.excerpt) == (before.attention, before.reasons, message.text)
    assert (after.status, after.updated_at) == ("new", before.updated_at)
    for filters in (Filters(text="tandläkare"), Filters(reason="dont_know"), Filters(rating="down")):
        assert [entry.conversation_id for entry in inbox.fetch_page(filters).entries] == [id]


def test_what_is_there_is_left_alone_and_a_second_run_makes_nothing(engine: Engine, store: ConversationStore):
    id = converse(store)
    forget(engine)
    reviewed = converse(store)
    with Session(engine) as session, session.begin():
        row = session.scalars(select(InboxRow).where(InboxRow.conversation_id == reviewed)).one()
        row.status, row.version = "resolved", 7
    assert [backfill_inbox(engine), backfill_inbox(engine)] == [1, 0]
    assert sorted(entries(engine)) == sorted([id, reviewed])
    assert Inbox(engine).fetch_entry(reviewed).version == 7


def test_a_conversation_without_a_question_gets_none(engine: Engine, store: ConversationStore):
    begun, _ = store.insert_conversation("fi")
    store.insert_messages(begun.id, [NewMessage("bot", "Hei!", "fi")])
    assert (backfill_inbox(engine), entries(engine)) == (0, [])


def test_what_a_server_that_was_killed_left_behind_is_made_good(engine: Engine, store: ConversationStore):
    id = converse(store)
    words = NewMessage("resident", "var finns hälsostationen", "sv")
    asked, state = store.insert_question(id, words, ["bot"], ["bot"])
    assert asked is not None and state == "bot"
    found = Filters(text="hälsostationen")
    assert Inbox(engine).fetch_page(found).entries == ()
    assert [backfill_inbox(engine), backfill_inbox(engine)] == [1, 0]
    (entry,) = Inbox(engine).fetch_page(found).entries
    assert (entry.conversation_id, entry.questions) == (id, 2)


def test_words_that_nobody_answers_at_once_are_in_the_inbox_at_once(engine: Engine, store: ConversationStore):
    id = converse(store)
    store.insert_question(id, NewMessage("resident", "var finns hälsostationen", "sv"), ["bot"], ["waiting"])
    assert len(Inbox(engine).fetch_page(Filters(text="hälsostationen")).entries) == 1
    assert store.insert_question(id, NewMessage("resident", "hej", "sv"), ["human"], ["bot"]) == (None, "bot")
    assert len(store.fetch_messages(id)) == 2


def test_a_run_that_is_broken_off_goes_on_where_it_was_the_newest_first(engine: Engine, store: ConversationStore):
    ids = [converse(store) for _ in range(BATCH + 1)]
    forget(engine)
    answers = iter([True, False])
    assert backfill_inbox(engine, lambda: next(answers)) == BATCH
    assert sorted(entries(engine)) == sorted(ids[1:])
    assert backfill_inbox(engine) == 1


def test_of_several_processes_one_does_it(engine: Engine, store: ConversationStore):
    converse(store)
    forget(engine)
    other = Lease(engine, JOB)
    other.take(dt.timedelta(0))
    assert run_backfill(engine, threading.Event()) is None
    other.give_up()
    assert run_backfill(engine, threading.Event()) == 1
    assert run_backfill(engine, threading.Event()) == 0
