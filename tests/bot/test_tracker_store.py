"""Dialogue state on the conversations' database, session by session, as Rasa's own store keeps it in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.tracker_store import InMemoryTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
    deserialise_events,
)
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from trackers import OpenTrackerEvents

from bot.assistant import Assistant
from bot.importer import PROJECT_FOLDER
from bot.in_process import InProcessActions, make_actions
from bot.tracker_store import ConversationTrackerStore
from conversations.database import open_database
from conversations.schema import TrackerEventRow
from knowledge.engine import sqlite_url

TURNS = (
    "Vart ska jag ringa om mamma inte klarar sig hemma?",
    "suomeksi kiitos",
    "hammaslääkäri",
    "entä puhelinnumero?",
    "aloitetaan alusta",
)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(sqlite_url(tmp_path / "conversations.db"))
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load(str(PROJECT_FOLDER / "domain.yml"))


@pytest.fixture
def store(engine: Engine, domain: Domain) -> ConversationTrackerStore:
    return ConversationTrackerStore(OpenTrackerEvents(engine), domain)


def session_events(number: int, topic: str) -> list[Event]:
    """Return the events of one session as Rasa writes them; `number` is its hour."""
    start = number * 3600.0
    return [
        ActionExecuted("action_session_start", timestamp=start),
        SessionStarted(timestamp=start + 1),
        ActionExecuted("action_listen", timestamp=start + 2),
        UserUttered("hej", {"name": topic}, timestamp=start + 3),
        SlotSet("last_topic", topic, timestamp=start + 4),
        BotUttered("Hej!", {"custom": {"topic": topic}}, timestamp=start + 5),
        ActionExecuted("action_listen", timestamp=start + 6),
    ]


async def say(store: ConversationTrackerStore, domain: Domain, events: list[Event], sender: str = "a") -> None:
    """Load the tracker as Rasa does each turn, add events and save it."""
    tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
    for event in events:
        tracker.update(event, domain)
    await store.save(tracker)


def texts(tracker: DialogueStateTracker | None) -> list[Any]:
    assert tracker is not None
    return [getattr(event, "action_name", type(event).__name__) for event in tracker.events]


async def test_an_unknown_conversation_has_no_tracker(store):
    assert await store.retrieve("nobody") is None
    assert await store.retrieve_full_tracker("nobody") is None
    assert list(await store.keys()) == []


async def test_a_tracker_comes_back_as_it_was_saved(store, domain):
    events = session_events(0, "fees")
    await say(store, domain, events)
    tracker = await store.retrieve("a")
    assert list(tracker.events) == events
    assert tracker.get_slot("last_topic") == "fees"
    assert tracker.latest_message.intent["name"] == "fees"


async def test_each_turn_adds_its_events_once(store, domain, engine):
    events = session_events(0, "fees")
    for event in events:
        await say(store, domain, [event])
    await say(store, domain, [])
    assert list((await store.retrieve("a")).events) == events
    with Session(engine) as session:
        assert session.query(TrackerEventRow).count() == len(events)


async def test_only_the_current_session_is_loaded(store, domain, engine):
    for number, topic in enumerate(("fees", "feedback", "counselling")):
        await say(store, domain, session_events(number, topic))
    tracker = await store.retrieve("a")
    assert list(tracker.events) == session_events(2, "counselling")
    assert tracker.get_slot("last_topic") == "counselling"
    with Session(engine) as session:
        stored = session.query(TrackerEventRow.session, TrackerEventRow.position).order_by(
            TrackerEventRow.session, TrackerEventRow.position
        )
        assert [tuple(row) for row in stored] == [(number, place) for number in range(3) for place in range(7)]


async def test_the_full_tracker_has_all_sessions(store, domain):
    everything = []
    for number, topic in enumerate(("fees", "feedback", "counselling")):
        await say(store, domain, session_events(number, topic))
        everything += session_events(number, topic)
    assert list((await store.retrieve_full_tracker("a")).events) == everything


async def test_two_sessions_saved_at_once_are_kept_apart(store, domain):
    await say(store, domain, [*session_events(0, "fees"), *session_events(1, "feedback")])
    assert list((await store.retrieve("a")).events) == session_events(1, "feedback")


async def test_conversations_do_not_mix(store, domain):
    await say(store, domain, session_events(0, "fees"), "a")
    await say(store, domain, session_events(0, "feedback"), "b")
    assert (await store.retrieve("a")).get_slot("last_topic") == "fees"
    assert (await store.retrieve("b")).get_slot("last_topic") == "feedback"
    assert sorted(await store.keys()) == ["a", "b"]


async def test_a_deleted_conversation_begins_anew(store, domain, engine):
    await say(store, domain, session_events(0, "fees"))
    OpenTrackerEvents(engine).delete("a")
    assert await store.retrieve("a") is None
    await say(store, domain, session_events(1, "feedback"))
    assert list((await store.retrieve_full_tracker("a")).events) == session_events(1, "feedback")


async def test_a_new_process_finds_the_state_of_the_old_one(store, domain, engine, tmp_path):
    await say(store, domain, session_events(0, "fees"))
    engine.dispose()
    again = open_database(sqlite_url(tmp_path / "conversations.db"))
    tracker = await ConversationTrackerStore(OpenTrackerEvents(again), domain).retrieve("a")
    again.dispose()
    assert list(tracker.events) == session_events(0, "fees")


def state(tracker: DialogueStateTracker) -> Any:
    """Return a tracker's whole state without what differs from run to run."""
    return without(tracker.current_state(EventVerbosity.ALL), {"timestamp", "latest_event_time", "message_id"})


def without(value: Any, keys: set[str]) -> Any:
    """Return nested data without the given keys."""
    if isinstance(value, dict):
        return {key: without(item, keys) for key, item in value.items() if key not in keys}
    return [without(item, keys) for item in value] if isinstance(value, list | tuple | set) else value


async def test_after_five_turns_the_state_is_that_of_rasas_own_store(model_path, knowledge, store, domain):
    states = []
    for tracker_store in (InMemoryTrackerStore(domain), store):
        states.append(await talk(model_path, InProcessActions(make_actions(knowledge)), tracker_store))
    memory, database = states
    assert [event["event"] for event in memory["events"]].count("user") == len(TURNS)
    assert database == memory


async def talk(model_path: Path, actions: InProcessActions, tracker_store: TrackerStore) -> Any:
    """Send all turns to an agent with that store; return the state that the store holds then."""
    agent = Agent.load(str(model_path), action_endpoint=actions, tracker_store=tracker_store)
    tracker_store.domain = agent.domain
    for text in TURNS:
        await agent.handle_message(UserMessage(text, CollectingOutputChannel(), "a"))
    tracker = await tracker_store.retrieve("a")
    assert tracker is not None
    return state(tracker)


def test_a_pause_begins_a_new_session_that_still_knows_language_and_topic(model_path, knowledge, engine):
    events = OpenTrackerEvents(engine)
    assistant = Assistant(knowledge, events)
    try:
        assistant.load(model_path)
        assistant.reply_sync("a", "palveluohjaus", language="sv")
        make_older(engine, hours=2)
        reply = assistant.reply_sync("a", "entä puhelinnumero?", language="sv")
    finally:
        assistant.close()
    assert reply.language == "fi"
    assert [message.topic for message in reply.messages] == ["counselling"]
    newest, everything = deserialise_events(events.fetch_session("a")), deserialise_events(events.fetch_all("a"))
    assert [type(event) for event in everything].count(SessionStarted) == 2
    assert [type(event) for event in newest].count(SessionStarted) == 1
    assert [event.text for event in newest if isinstance(event, UserUttered)] == ["entä puhelinnumero?"]


def make_older(engine: Engine, hours: int) -> None:
    """Move every stored event back in time."""
    with Session(engine) as session, session.begin():
        for row in session.query(TrackerEventRow):
            row.event = {**row.event, "timestamp": row.event["timestamp"] - hours * 3600}
