"""What a resident reads around an answer: source and date, channels, history, buttons."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
import yaml

from bot.actions.phrases import Phrases, conversation_language, find_response
from bot.actions.rendering import (
    _hours,
    _in_force,
    full_text,
    other_language,
    render_answer,
    render_channels,
    render_source,
    topic_buttons,
)
from bot.importer import PROJECT_FOLDER
from bot.reply import to_bot_message, to_understanding
from knowledge.languages import LANGUAGES
from knowledge.reader import Source
from knowledge.services import ServiceHours
from knowledge.store import ChannelView

RESPONSES = yaml.safe_load((PROJECT_FOLDER / "domain.yml").read_text(encoding="utf-8"))["responses"]
SOURCE = Source("Resultat", "Soite", "sv", "2023-11", None)
PHONE = ChannelView("counselling", "Rådgivningen", "phone", "Telefon", "0800 1", None, None, "free", True, (), ("sv",))
WEB = ChannelView(
    "counselling", "Rådgivningen", "web_page", "Webb", None, "https://soite.fi", None, None, False, (), ("sv",)
)


def phrases(language: str) -> Phrases:
    return Phrases({"responses": RESPONSES}, language)


def lines(*channels: ChannelView, text: str = "", language: str = "sv") -> list[str]:
    return [item["line"] for item in render_channels(channels, phrases(language), text)]


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_every_response_has_both_languages_and_the_same_buttons(name):
    texts = {language: find_response(RESPONSES, name, language) for language in LANGUAGES}
    assert texts["sv"]["text"] != texts["fi"]["text"] or name == "utter_foreign_language"
    payloads = {code: [item["payload"] for item in text.get("buttons", ())] for code, text in texts.items()}
    assert payloads["sv"] == payloads["fi"]


def test_a_response_that_is_not_there_is_named():
    with pytest.raises(KeyError, match="utter_nothing"):
        find_response(RESPONSES, "utter_nothing", "sv")


@pytest.mark.parametrize(("slots", "language"), [({"language": "fi"}, "fi"), ({"language": None}, "sv"), ({}, "sv")])
def test_the_language_is_that_of_the_slot(slots, language):
    assert conversation_language(slots) == language


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("sv", "Källa: Resultat (Soite, november 2023)."),
        ("fi", "Lähde: Resultat (Soite, marraskuu 2023). Lähde on ruotsinkielinen."),
    ],
)
def test_a_source_is_named_with_its_date_and_its_language_where_it_is_another(language, line):
    assert render_source(SOURCE, phrases(language))["line"] == line


def test_a_source_keeps_its_machine_readable_date():
    rendered = render_source(dataclasses.replace(SOURCE, published="2021-06-29"), phrases("sv"))
    assert rendered["published"] == "2021-06-29"
    assert "29" in rendered["line"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_has_text_source_channels_and_buttons_in_one_language(knowledge, language):
    answer = knowledge.fetch_answer("counselling", language)
    message = render_answer(answer, phrases(language))
    custom = message["custom"]
    assert message["text"] == f"{answer.lead}\n\n{answer.details}"
    assert (custom["language"], custom["topic"]) == (language, "counselling")
    assert [source["published"] for source in custom["sources"]] == ["2023-11"]
    assert message["buttons"] == topic_buttons(answer.related)
    assert all(button["payload"].startswith("/") for button in message["buttons"])


def test_an_opening_goes_before_the_answer(knowledge):
    answer = knowledge.fetch_answer("counselling", "sv")
    assert render_answer(answer, phrases("sv"), "Det här hittade jag:")["text"].startswith("Det här hittade jag:\n\n")


@pytest.mark.parametrize(("language", "word"), [("sv", "Tidigare ("), ("fi", "Aiemmin (")])
def test_what_an_older_document_said_is_named_as_history_with_its_source(knowledge, language, word):
    answer = knowledge.fetch_answer("municipalities", language)
    message = render_answer(answer, phrases(language))
    first, history = message["text"].split(word)
    assert answer.lead in first
    assert answer.history[0].lead in history
    assert len(message["custom"]["sources"]) == 2


@pytest.mark.parametrize(("language", "words"), [("sv", "Uppgiften gäller tiden"), ("fi", "Tieto koskee aikaa")])
def test_a_topic_of_the_past_says_so_first(knowledge, language, words):
    day = dt.date(2026, 11, 22)
    topics = knowledge.fetch_titles(language, day)
    past = [answer for topic in topics if (answer := knowledge.fetch_answer(topic, language, day)) and answer.past]
    assert past
    for answer in past:
        assert render_answer(answer, phrases(language))["text"].startswith(f"{words} ")


def test_a_phone_channel_says_number_price_and_hours():
    assert lines(PHONE) == ["Telefon: 0800 1 (gratis, dygnet runt)"]
    assert lines(PHONE, language="fi") == ["Telefon: 0800 1 (maksuton, ympäri vuorokauden)"]


def test_a_page_that_the_text_names_already_is_not_said_again():
    assert lines(WEB) == ["Webb: https://soite.fi"]
    assert lines(WEB, text="Se soite.fi.") == [""]


def test_the_same_target_is_shown_once():
    assert len(lines(WEB, dataclasses.replace(WEB, service="other", name="Samma"))) == 1


def test_a_service_whose_number_is_not_known_says_so_unless_the_text_does():
    unknown = dataclasses.replace(PHONE, number=None)
    assert lines(unknown) == ["Kontaktuppgifterna till Rådgivningen finns inte i mina dokument. Se soite.fi."]
    assert lines(unknown, text="Uppgifterna finns på soite.fi.") == []


def test_a_service_with_one_known_direct_channel_is_not_called_unknown():
    assert lines(dataclasses.replace(PHONE, number=None), PHONE) == ["Telefon: 0800 1 (gratis, dygnet runt)"]


@pytest.mark.parametrize(("language", "text"), [("sv", "mån, fre 9:00–15:30"), ("fi", "ma, pe 9.00–15.30")])
def test_hours_are_written_as_the_language_writes_them(language, text):
    assert _hours(ServiceHours(("mon", "fri"), "9:00", "15:30"), phrases(language)) == text


@pytest.mark.parametrize(
    ("start", "end", "holds"),
    [
        (None, None, True),
        ("2026-06-15", "2026-08-15", True),
        ("2026-07-01", None, True),
        (None, "2026-07-01", True),
        ("2026-07-02", None, False),
        (None, "2026-06-30", False),
    ],
)
def test_hours_are_shown_while_they_hold(start, end, holds):
    hours = ServiceHours(("mon",), "9:00", "15:00", start, end)
    assert _in_force(hours, dt.date(2026, 7, 1)) is holds


def test_the_full_text_is_answer_channels_and_sources_and_nothing_empty():
    message = {
        "text": "Svar",
        "custom": {"channels": [{"line": "Telefon: 1"}, {"line": ""}], "sources": [{"line": "Källa: A."}]},
    }
    assert full_text(message) == "Svar\n\nTelefon: 1\n\nKälla: A."
    assert full_text({"text": "Svar"}) == "Svar"
    assert full_text({}) == ""


def test_there_are_two_languages():
    assert [other_language(language) for language in LANGUAGES] == ["fi", "sv"]


def test_a_sent_message_becomes_a_typed_row():
    message = {
        "text": "Svar",
        "buttons": [{"title": "Mer", "payload": "/fees", "type": "x"}],
        "custom": {"language": "fi", "topic": "fees", "emergency": True, "sources": [{"line": "Källa."}]},
    }
    row = to_bot_message(message, "sv")
    assert (row.text, row.language, row.topic, row.emergency, row.handoff) == ("Svar", "fi", "fees", True, False)
    assert row.buttons == ({"title": "Mer", "payload": "/fees"},)
    assert row.full_text == "Svar\n\nKälla."


def test_a_plain_phrase_is_in_the_language_of_the_conversation():
    row = to_bot_message({"text": "Hei!", "buttons": None, "custom": None}, "fi")
    assert (row.language, row.topic, row.buttons, row.sources) == ("fi", None, (), ())


def test_what_was_parsed_becomes_a_typed_row():
    parsed = {
        "intent": {"name": "clarify", "confidence": 0.4},
        "intent_ranking": [{"name": "fees", "confidence": 0.4}],
        "decision": {"outcome": "between", "predicted": "fees", "confidence": 0.4},
        "safety": None,
    }
    row = to_understanding(parsed)
    assert (row.intent, row.predicted, row.confidence, row.outcome) == ("clarify", "fees", 0.4, "between")
    assert row.ranking == (("fees", 0.4),)
    assert row.trigger is None


def test_a_button_is_understood_as_itself():
    row = to_understanding({"intent": {"name": "fees", "confidence": 1.0}})
    assert (row.intent, row.predicted, row.confidence, row.outcome) == ("fees", "fees", 1.0, "payload")
