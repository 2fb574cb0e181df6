"""From a ranking to what the rules act on."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.importer import PROJECT_FOLDER
from bot.nlu.decision import CLARIFY, FALLBACK, FOREIGN, FallbackDecision
from bot.nlu.keys import DANGER, DECISION, DETECTED, LANGUAGE, SAFETY

SURE = {"counselling": 0.9, "fees": 0.05}
BETWEEN = {"counselling": 0.4, "fees": 0.3, "feedback": 0.2, "oral_health": 0.08}
UNSURE = {"counselling": 0.1, "fees": 0.09}


def decide(ranking: dict[str, float], *, config: dict[str, Any] | None = None, **values: Any) -> Message:
    component = FallbackDecision({**FallbackDecision.get_default_config(), **(config or {})})
    rows = [{"name": name, "confidence": confidence} for name, confidence in ranking.items()]
    message = Message({TEXT: "rådgivning", LANGUAGE: "sv", DETECTED: "sv", INTENT_RANKING_KEY: rows, **values})
    component.process([message])
    return message


def detected(intent: str, probability: float) -> dict[str, Any]:
    return {DANGER: {"intent": intent, "probability": probability}}


def outcome(message: Message) -> tuple[str, str, list[str]]:
    decision = message.get(DECISION)
    return message.get(INTENT)["name"], decision["outcome"], decision["candidates"]


def test_defaults():
    assert FallbackDecision.get_default_config() == {
        "sure": {"sv": 0.5, "fi": 0.5},
        "possible": {"sv": 0.2, "fi": 0.2},
        "danger": {"sv": 0.7, "fi": 0.7},
        "caution": {"sv": 0.35, "fi": 0.35},
        "choices": 3,
        "choice_share": 0.25,
        "never_offered": [],
    }


def test_a_sure_intent_is_acted_on():
    message = decide(SURE)
    assert outcome(message) == ("counselling", "sure", [])
    assert message.get(INTENT)["confidence"] == 0.9


@pytest.mark.parametrize(
    ("confidence", "expected"), [(0.5, "sure"), (0.4999, "between"), (0.2, "between"), (0.1999, "unsure")]
)
def test_the_bars_belong_to_the_upper_side(confidence, expected):
    assert outcome(decide({"counselling": confidence}))[1] == expected


def test_the_bars_are_those_of_the_language():
    config = {"sure": {"sv": 0.95, "fi": 0.5}}
    assert outcome(decide(SURE, config=config))[1] == "between"
    assert outcome(decide(SURE, config=config, **{LANGUAGE: "fi", DETECTED: "fi"}))[1] == "sure"


def test_between_the_bars_the_likeliest_topics_are_offered():
    assert outcome(decide(BETWEEN)) == (CLARIFY, "between", ["counselling", "fees", "feedback"])


def test_no_more_choices_than_allowed():
    assert outcome(decide(BETWEEN, config={"choices": 2}))[2] == ["counselling", "fees"]


def test_a_choice_far_behind_the_first_is_not_offered():
    assert outcome(decide(BETWEEN, config={"choice_share": 0.6}))[2] == ["counselling", "fees"]


def test_smalltalk_is_never_offered():
    config = {"never_offered": ["counselling", "feedback"]}
    assert outcome(decide(BETWEEN, config=config)) == (CLARIFY, "between", ["fees"])


def test_with_nothing_to_offer_the_documents_are_searched():
    config = {"never_offered": list(BETWEEN)}
    assert outcome(decide(BETWEEN, config=config))[:2] == (FALLBACK, "unsure")


def test_an_unlikely_intent_leads_to_a_search():
    assert outcome(decide(UNSURE))[:2] == (FALLBACK, "unsure")


def test_an_empty_ranking_leads_to_a_search():
    assert outcome(decide({})) == (FALLBACK, "unsure", [])


def test_the_classifiers_own_word_stays_readable():
    decision = decide(UNSURE).get(DECISION)
    assert (decision["predicted"], decision["confidence"]) == ("counselling", 0.1)


def test_safety_comes_before_everything_else():
    message = decide(SURE, **{SAFETY: {"intent": "danger_life"}, DETECTED: "en", TEXT: "!!!"})
    assert outcome(message)[:2] == ("danger_life", "safety")
    assert message.get(INTENT)["confidence"] == 1.0


def test_danger_that_the_classifier_sees_comes_before_a_surer_topic():
    message = decide({"mental_health": 0.65, "danger_suicide": 0.25}, **detected("danger_suicide", 0.71))
    assert outcome(message)[:2] == ("danger_suicide", "safety")
    assert message.get(INTENT)["confidence"] == pytest.approx(0.71)


def test_a_trigger_says_which_danger_it_is():
    ranking = {"danger_suicide": 0.9}
    assert outcome(decide(ranking, **{SAFETY: {"intent": "danger_life"}}))[0] == "danger_life"


def test_danger_comes_before_a_request_for_medical_advice():
    advice = {SAFETY: {"intent": "medical_advice"}}
    assert outcome(decide(SURE, **advice, **detected("danger_suicide", 0.7)))[0] == "danger_suicide"
    assert outcome(decide(SURE, **advice, **detected("danger_suicide", 0.69)))[0] == "medical_advice"


def test_danger_below_its_bar_is_neither_acted_on_nor_offered():
    ranking = {"danger_life": 0.9, "counselling": 0.28, "fees": 0.25}
    message = decide(ranking, **detected("danger_life", 0.69))
    assert outcome(message) == (CLARIFY, "between", ["counselling", "fees"])


@pytest.mark.parametrize(("probability", "caution"), [(0.34, False), (0.35, True), (0.69, True), (0.7, False)], ids=str)
def test_caution_is_said_between_its_bar_and_that_of_danger(probability, caution):
    message = decide(SURE, **detected("danger_life", probability))
    assert message.get(DECISION)["caution"] is caution
    assert outcome(message)[1] == ("safety" if probability >= 0.7 else "sure")


@pytest.mark.parametrize("text", ["😀", "?!", " ", "", "…"])
def test_a_message_without_letters_is_not_classified(text):
    assert outcome(decide(SURE, **{TEXT: text}))[:2] == (FALLBACK, "unsure")


@pytest.mark.parametrize("language", ["en", "ru", "", None])
def test_a_language_that_is_not_served_comes_before_the_classifier(language):
    assert outcome(decide(SURE, **{DETECTED: language}))[:2] == (FOREIGN, "foreign")


def test_the_decision_reaches_the_tracker():
    assert {INTENT, DECISION} <= set(decide(SURE).as_dict(only_output_properties=True))


def test_the_projects_configuration_offers_topics_and_a_human_alone():
    """What the bot says about itself needs no clarifying question; its names stand in config.yml."""
    pipeline = yaml.safe_load((PROJECT_FOLDER / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    options = next(item for item in pipeline if item["name"].endswith("FallbackDecision"))
    domain = yaml.safe_load((PROJECT_FOLDER / "domain.yml").read_text(encoding="utf-8"))
    intents = {next(iter(item)) for item in domain["intents"]}
    assert set(options["never_offered"]) <= intents
    assert {"greet", "thanks", "goodbye", "affirm", "deny", "out_of_scope"} <= set(options["never_offered"])
