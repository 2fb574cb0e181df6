"""Whole conversations, written as Rasa's test stories, held with the trained model and the real actions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import yaml
from trackers import OpenTrackerEvents

from bot.assistant import Assistant
from bot.importer import PROJECT_FOLDER
from conversations.database import open_database
from conversations.trackers import TrackerEvents
from knowledge.engine import sqlite_url
from knowledge.languages import LANGUAGES, Language

FOLDER = PROJECT_FOLDER / "tests" / "dialogues"
INTERNAL = {"action_listen", "action_session_start", "action_extract_slots"}


@dataclass
class Step:
    """What a resident says and what is to follow."""

    text: str
    intent: str
    actions: list[str] = field(default_factory=list)
    slots: dict[str, Any] = field(default_factory=dict)


def read_stories(language: Language) -> dict[str, list[Step]]:
    content = yaml.safe_load((FOLDER / language / "test_conversations.yml").read_text(encoding="utf-8"))
    stories: dict[str, list[Step]] = {}
    for story in content["stories"]:
        steps = stories.setdefault(story["story"], [])
        for item in story["steps"]:
            if "user" in item:
                steps.append(Step(item["user"], item["intent"]))
            elif "action" in item:
                steps[-1].actions.append(item["action"])
            else:
                steps[-1].slots.update(*item["slot_was_set"])
    return stories


STORIES = [(language, name, steps) for language in LANGUAGES for name, steps in read_stories(language).items()]


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> TrackerEvents:
    return OpenTrackerEvents(open_database(sqlite_url(tmp_path_factory.mktemp("dialogues") / "conversations.db")))


@pytest.fixture(scope="module")
def talking(knowledge, model_path, events) -> Iterator[Assistant]:
    loaded = Assistant(knowledge, events)
    loaded.load(model_path)
    yield loaded
    loaded.close()


def test_both_languages_hold_the_same_conversations():
    assert list(read_stories("sv")) == list(read_stories("fi"))


@pytest.mark.parametrize(("language", "name", "steps"), STORIES, ids=[f"{item[0]}-{item[1]}" for item in STORIES])
def test_a_conversation_goes_as_it_is_written(talking, events, language, name, steps):
    id = f"{language}-{name}"
    past = 0
    for step in steps:
        reply = talking.reply_sync(id, step.text, language=language)
        happened = events.fetch_all(id)
        actions = [item["name"] for item in happened[past:] if item["event"] == "action"]
        slots = {item["name"]: item["value"] for item in happened if item["event"] == "slot"}
        past = len(happened)
        assert reply.understanding.intent == step.intent, step.text
        assert [action for action in actions if action not in INTERNAL] == step.actions, step.text
        assert {key: slots.get(key) for key in step.slots} == step.slots, step.text
        assert reply.full_text.strip()


def test_what_follows_a_story_is_said_in_its_language(talking):
    """The answer that was asked for in the other language is the same topic, in that language."""
    first = talking.reply_sync("switch", "vad är Hjälp-knappen", language="sv")
    second = talking.reply_sync("switch", "och på finska?")
    assert (first.language, second.language) == ("sv", "fi")
    assert first.messages[-1].topic == second.messages[-1].topic == "help_button"
    assert first.full_text != second.full_text
