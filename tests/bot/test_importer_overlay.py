"""What Rasa is given when admins have changed topics: their intents, rules and examples, and no other's twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from ferry import EXAMPLES, TOPIC, make_ferry
from rasa.shared.core.events import UserUttered
from rasa.shared.nlu.constants import INTENT, TEXT

from bot.importer import OVERLAY_VARIABLE, PROJECT_FOLDER, KnowledgeImporter
from bot.nlu.examples import is_validation, is_written
from conversations.database import open_database
from knowledge.engine import sqlite_url
from studio.changes import rename_topic
from studio.overlay import write_overlay
from studio.topics import TopicStore


def make_importer(overlay: Path | None) -> KnowledgeImporter:
    return KnowledgeImporter(
        config_file=str(PROJECT_FOLDER / "config.yml"),
        domain_path=str(PROJECT_FOLDER / "domain.yml"),
        training_data_paths=[str(PROJECT_FOLDER / "bot" / "data")],
        validation=True,
        overlay=str(overlay) if overlay else None,
    )


@pytest.fixture(scope="module")
def overlay(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("overlay")
    store = TopicStore(open_database(sqlite_url(folder / "conversations.db")))
    store.add(TOPIC, make_ferry(), "cli:test")
    content = store.fetch("mission").content
    store.save("mission", content.with_side("sv", examples=content.sides["sv"].examples[:12]), 0, "cli:test")
    rename_topic(store, "family_centre", "family_house", 0, "cli:test")
    store.retire("vision", 0, "cli:test")
    write_overlay(store.engine, folder / "overlay")
    return folder / "overlay"


@pytest.fixture(scope="module")
def importer(overlay: Path) -> KnowledgeImporter:
    return make_importer(overlay)


def texts(importer: KnowledgeImporter, intent: str, language: str) -> list[str]:
    return [
        message.get(TEXT)
        for message in importer.get_nlu_data().intent_examples
        if message.get(INTENT) == intent and is_written(message) and message.get("metadata")["language"] == language
    ]


@pytest.mark.parametrize("language", ["sv", "fi"])
def test_a_new_topic_brings_its_examples_with_their_language(importer, language) -> None:
    assert texts(importer, TOPIC, language) == list(EXAMPLES[language])


def test_a_new_topic_has_an_intent_and_a_rule(importer) -> None:
    assert {TOPIC, "family_house"} <= set(importer.get_domain().intents)
    events = [event for step in importer.get_stories().story_steps for event in step.events]
    ruled = {event.intent["name"] for event in events if isinstance(event, UserUttered)}
    assert {TOPIC, "family_house"} <= ruled
    assert not {"vision", "family_centre"} & ruled


def test_edited_examples_take_the_place_of_the_checkouts(importer) -> None:
    assert len(texts(importer, "mission", "sv")) == 12
    assert texts(importer, "mission", "fi") == texts(make_importer(None), "mission", "fi")


def test_no_example_and_no_intent_of_a_retired_topic_is_left(importer) -> None:
    data = importer.get_nlu_data()
    assert not {"vision", "family_centre"} & {message.get(INTENT) for message in data.training_examples}
    assert not {"vision", "family_centre"} & set(importer.get_domain().intents)


def test_what_confidence_is_fitted_on_follows_a_renamed_topic(importer) -> None:
    kept = [message for message in importer.get_nlu_data().intent_examples if is_validation(message)]
    assert any(message.get(INTENT) == "family_house" for message in kept)


def test_the_environment_names_the_overlay_too(overlay, monkeypatch) -> None:
    monkeypatch.setenv(OVERLAY_VARIABLE, str(overlay))
    assert TOPIC in make_importer(None).get_domain().intents
