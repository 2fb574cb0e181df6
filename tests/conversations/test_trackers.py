"""Rasa's events, session by session. Everything on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from conversations.schema import TrackerEventRow
from conversations.store import ConversationStore
from conversations.trackers import TrackerEvents

START: dict[str, Any] = {"event": "action", "name": "action_session_start"}


def _said(words: str) -> dict[str, Any]:
    return {"event": "user", "text": words, "parse_data": {"intent": {"name": "å", "confidence": 0.5}, "entities": []}}


def _sessions(engine: Engine, conversation: str) -> list[tuple[int, int]]:
    statement = (
        select(TrackerEventRow.session, TrackerEventRow.position)
        .where(TrackerEventRow.conversation_id == conversation)
        .order_by(TrackerEventRow.session, TrackerEventRow.position)
    )
    with Session(engine) as session:
        return [(row.session, row.position) for row in session.execute(statement)]


def test_an_unknown_conversation_has_no_events(trackers: TrackerEvents) -> None:
    assert trackers.fetch_session("nothing") == []
    assert trackers.fetch_all("nothing") == []
    assert trackers.fetch_conversations() == []


def test_events_come_back_as_they_were_in_their_order(trackers: TrackerEvents) -> None:
    events = [START, {"event": "session_started"}, _said("hej 🙂 'x' \"y\""), {"event": "slot", "value": None}]
    trackers.replace_session("1", events)
    assert trackers.fetch_session("1") == events
    assert trackers.fetch_all("1") == events


def test_only_what_is_new_is_appended(engine: Engine, trackers: TrackerEvents) -> None:
    events = [START, _said("1")]
    trackers.replace_session("1", events)
    trackers.replace_session("1", events)
    trackers.replace_session("1", [*events, _said("2"), _said("3")])
    assert trackers.fetch_session("1") == [START, _said("1"), _said("2"), _said("3")]
    assert _sessions(engine, "1") == [(0, 0), (0, 1), (0, 2), (0, 3)]


def test_a_session_start_opens_a_new_session(engine: Engine, trackers: TrackerEvents) -> None:
    first, second = [START, _said("1")], [{**START, "timestamp": 2.0}, _said("2")]
    trackers.replace_session("1", first)
    trackers.replace_session("1", [*first, *second])
    assert trackers.fetch_session("1") == second
    assert trackers.fetch_all("1") == first + second
    assert _sessions(engine, "1") == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_a_new_session_is_continued_from_its_own_start(engine: Engine, trackers: TrackerEvents) -> None:
    trackers.replace_session("1", [START, _said("1")])
    trackers.replace_session("1", [START, _said("1"), START, _said("2")])
    trackers.replace_session("1", [START, _said("2"), _said("3")])
    assert trackers.fetch_session("1") == [START, _said("2"), _said("3")]
    assert _sessions(engine, "1") == [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2)]


def test_several_sessions_may_come_in_one_go(engine: Engine, trackers: TrackerEvents) -> None:
    trackers.replace_session("1", [START, _said("1"), START, START, _said("3")])
    assert trackers.fetch_session("1") == [START, _said("3")]
    assert _sessions(engine, "1") == [(0, 0), (0, 1), (1, 0), (2, 0), (2, 1)]


def test_what_a_resident_says_opens_no_session(engine: Engine, trackers: TrackerEvents) -> None:
    trackers.replace_session("1", [START, {"event": "user", "text": "x", "name": "action_session_start"}])
    assert _sessions(engine, "1") == [(0, 0), (0, 1)]


def test_conversations_are_apart(trackers: TrackerEvents) -> None:
    trackers.replace_session("1", [START, _said("1")])
    trackers.replace_session("2", [START, _said("2")])
    assert sorted(trackers.fetch_conversations()) == ["1", "2"]
    trackers.delete("1")
    assert trackers.fetch_all("1") == []
    assert trackers.fetch_all("2") == [START, _said("2")]
    assert trackers.fetch_conversations() == ["2"]


def test_deleting_an_unknown_conversation_is_no_error(trackers: TrackerEvents) -> None:
    trackers.delete("nothing")


def test_a_deleted_conversation_can_begin_again(engine: Engine, trackers: TrackerEvents) -> None:
    trackers.replace_session("1", [START, _said("1"), START])
    trackers.delete("1")
    trackers.replace_session("1", [START])
    assert _sessions(engine, "1") == [(0, 0)]


@pytest.mark.parametrize("conversations", [4])
def test_conversations_that_are_saved_at_once_do_not_hinder_each_other(
    trackers: TrackerEvents, conversations: int
) -> None:
    def _talk(conversation: int) -> list[dict[str, Any]]:
        events = [START]
        for turn in range(10):
            events.append(_said(str(turn)))
            trackers.replace_session(str(conversation), events)
        return trackers.fetch_session(str(conversation))

    with ThreadPoolExecutor(conversations) as pool:
        for events in pool.map(_talk, range(conversations)):
            assert events == [START, *(_said(str(turn)) for turn in range(10))]


def test_nothing_is_kept_of_a_conversation_that_was_erased_meanwhile(engine: Engine, store: ConversationStore) -> None:
    trackers = TrackerEvents(engine)
    conversation, _ = store.insert_conversation("sv")
    trackers.replace_session(conversation.id, [START])
    store.delete_conversation(conversation.id)
    trackers.replace_session(conversation.id, [START, _said("1")])
    assert trackers.fetch_all(conversation.id) == []
