"""What is said beside an answer: a word of caution before it, and an apology where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import text

from bot.actions.answer import ActionAnswer
from bot.assistant import Assistant
from bot.importer import PROJECT_FOLDER
from knowledge.build import build_knowledge
from knowledge.engine import open_engine, sqlite_url
from knowledge.languages import LANGUAGES, Language
from knowledge.store import Knowledge

DOMAIN = yaml.safe_load((PROJECT_FOLDER / "domain.yml").read_text(encoding="utf-8"))


def answer(knowledge: Knowledge, language: Language, caution: bool) -> list[str]:
    latest = {"intent": {"name": "counselling"}, "text": "?", "decision": {"outcome": "sure", "caution": caution}}
    tracker = Tracker("c", {"language": language}, latest, [], False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    ActionAnswer(knowledge).run(dispatcher, tracker, DOMAIN)
    return [str(message["text"]) for message in dispatcher.messages]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_possible_danger_gets_112_before_the_answer(knowledge: Knowledge, language: Language) -> None:
    (plain,) = answer(knowledge, language, caution=False)
    caution, same = answer(knowledge, language, caution=True)
    assert "112" in caution
    assert same == plain


@pytest.mark.parametrize(
    ("language", "question"), [("sv", "vilka kommuner hör till Soite"), ("fi", "mitkä kunnat kuuluvat Soiteen")]
)
def test_an_answer_that_fails_leaves_nobody_without_a_word(
    tmp_path_factory: pytest.TempPathFactory, model_path: Path, language: Language, question: str
) -> None:
    knowledge = Knowledge(open_engine(sqlite_url(tmp_path_factory.mktemp("broken") / "knowledge.db")))
    build_knowledge(knowledge.engine)
    assistant = Assistant(knowledge)
    assistant.load(model_path)
    with knowledge.engine.begin() as connection:
        connection.execute(text("DROP TABLE knowledge_section"))
    (message,) = assistant.reply_sync(f"failing-{language}", question, language=language).messages
    assistant.close()
    knowledge.engine.dispose()
    assert message.language == language
    assert "112" in message.text
    assert [button["payload"] for button in message.buttons] == ["/human_handoff"]
