"""What makes a conversation worth a human look: one reason at a time, and what is not one."""

from __future__ import annotations

import pytest

from conversations.attention import REASONS, WEIGHTS, split_turns, summarise
from conversations.records import NewMessage


def said(text: str = "var finns rådgivningen", **values: object) -> NewMessage:
    values = {"outcome": "sure", "confidence": 0.95, "language": "sv", **values}
    return NewMessage(sender="resident", text=text, **values)  # type: ignore[arg-type]


def answered(topic: str | None = "counselling", sender: str = "bot", **values: object) -> NewMessage:
    return NewMessage(sender=sender, text="Svar.", language="sv", topic=topic, **values)  # type: ignore[arg-type]


def reasons(*messages: NewMessage, **values: object) -> tuple[str, ...]:
    summary = summarise(messages, **values)  # type: ignore[arg-type]
    assert summary is not None
    assert summary.attention == sum(WEIGHTS[reason] for reason in summary.reasons)
    return summary.reasons


def test_a_conversation_in_which_nobody_asked_is_not_judged() -> None:
    assert summarise([answered(), answered(sender="system")]) is None


def test_a_good_answer_is_not_worth_a_look() -> None:
    assert reasons(answered(), said(), answered(), said("tack", intent="thanks"), answered(None)) == ()


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([said(outcome="unsure"), answered(None)], ("dont_know",)),
        ([said(intent="out_of_scope"), answered(None)], ("dont_know",)),
        ([said(outcome="unsure"), answered("found-by-search")], ()),
        ([said(outcome="between"), answered(None)], ("near_tie",)),
        ([said(ranking=({"confidence": 0.48}, {"confidence": 0.41})), answered()], ("near_tie",)),
        ([said(ranking=({"confidence": 0.9}, {"confidence": 0.05})), answered()], ()),
        ([said(confidence=0.55), answered()], ("low_confidence",)),
        ([said(outcome="payload", confidence=0.0), answered()], ()),
        ([said(intent="human_handoff"), answered(None)], ("human",)),
        ([said(trigger="danger_life", outcome="safety"), answered(None)], ("emergency",)),
        ([said(), answered(None, emergency=True)], ("emergency",)),
        ([said("Var finns det?"), answered("a"), said("var finns DET"), answered("b")], ("repeated",)),
        ([said("var"), answered("a"), said("var då"), answered("a")], ("repeated",)),
        ([said("var"), answered("a"), said("Mer", payload="/more"), answered("a")], ()),
        ([said("var"), answered(), said("missä", language="fi"), answered("b")], ("language_switch",)),
    ],
)
def test_what_was_said_is_a_reason_or_none(messages: list[NewMessage], expected: tuple[str, ...]) -> None:
    assert reasons(*messages) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"thumbs": ["down"]}, ("thumbs_down",)),
        ({"thumbs": ["up"]}, ()),
        ({"stars": 2}, ("thumbs_down",)),
        ({"stars": 3}, ()),
        ({"asked_for_human": True}, ("human",)),
    ],
)
def test_what_the_resident_did_is_a_reason_or_none(values: dict[str, object], expected: tuple[str, ...]) -> None:
    assert reasons(said(), answered(), **values) == expected


def test_a_reason_counts_once_and_reasons_add_up() -> None:
    unknown = [said("ett", outcome="unsure"), answered(None), said("två", outcome="unsure"), answered(None)]
    assert reasons(*unknown, thumbs=["down"]) == ("thumbs_down", "dont_know")
    assert sorted(REASONS, key=lambda reason: -WEIGHTS[reason]) == list(REASONS)


def test_the_excerpt_is_what_is_worth_most() -> None:
    summary = summarise([said("hej"), answered(), said("x" * 200, outcome="unsure"), answered(None)])
    assert summary is not None
    assert (summary.excerpt, summary.questions) == ("x" * 159 + "…", 2)


def test_a_conversation_is_found_by_topics_outcomes_and_ratings() -> None:
    summary = summarise([said(), answered("a"), said("b", outcome="between"), answered(None)], ["up"], 5)
    assert summary is not None
    assert summary.marks == {
        *(("topic", "a"), ("outcome", "sure"), ("outcome", "between"), ("reason", "near_tie")),
        *(("rating", "up"), ("rating", "5")),
    }


def test_answers_belong_to_the_question_before_them() -> None:
    turns = list(split_turns([answered("greeting"), said("ett"), answered("a"), answered("b", "human"), said("två")]))
    assert [[answer.topic for answer in turn.answers] for turn in turns] == [["a", "b"], []]
