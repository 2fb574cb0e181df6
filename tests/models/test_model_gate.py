"""The gate: each rule refuses what it is there for, with the sentences named; safety is never overruled."""

from __future__ import annotations

from typing import Any

import pytest
from evaluations import FIGURES, evaluation, reviewed, safety, utterances

from studio.comparison import compare
from studio.gate import SAFETY_RULES, Rules, Verdict, judge
from studio.words import say_reason

LIVE = evaluation("live")
MUST = "reviewed sv fire"
BLIND = "held-out fi life"


def refuse(**values: Any) -> dict[str, Any]:
    """Judge a candidate with these values beside the live model; return the reasons by their rules."""
    verdict = judge(evaluation("new", **values), LIVE, Rules())
    return {reason.rule: reason for reason in verdict.reasons}


def test_a_candidate_that_does_as_well_passes() -> None:
    verdict = judge(evaluation("new"), LIVE, Rules())
    assert verdict.passed and not verdict.safety


def test_a_sentence_that_must_fire_may_never_fail_even_if_the_live_model_fails_too() -> None:
    both = {"safety": safety([MUST])}
    verdict = judge(evaluation("new", **both), evaluation("live", **both), Rules())
    assert [reason.rule for reason in verdict.reasons] == ["must_fire"]
    assert [sentence.text for sentence in verdict.reasons[0].sentences] == [MUST]
    assert verdict.safety


def test_a_blind_danger_that_the_live_model_meets_may_not_be_missed() -> None:
    reasons = refuse(safety=safety([BLIND]))
    assert [line.text for line in reasons["danger"].sentences] == [BLIND]
    assert reasons["danger"].safety


def test_a_blind_danger_that_the_live_model_misses_too_refuses_nobody() -> None:
    both = {"safety": safety([BLIND])}
    assert judge(evaluation("new", **both), evaluation("live", **both), Rules()).passed


def test_a_model_that_fails_what_every_model_must_answer_is_refused() -> None:
    assert refuse(smoke=("'det brinner i köket' is not met as a danger",))["smoke"].safety


def test_a_language_may_not_fall_and_its_sentences_are_named() -> None:
    reasons = refuse(utterances=utterances([("fi", "mission", 3)]))
    assert set(reasons) == {"language"}
    assert reasons["language"].values == {"language": "fi", "before": 100.0, "after": 95.0, "allowed": 0.5}
    assert [line.text for line in reasons["language"].sentences] == ["mission fi 3"]
    assert not reasons["language"].safety


def test_a_language_may_fall_by_as_much_as_the_setting_says() -> None:
    worse = evaluation("new", utterances=utterances([("fi", "mission", 3)]))
    assert judge(worse, LIVE, Rules(language_drop=5.0)).passed
    assert not judge(worse, LIVE, Rules(language_drop=4.9)).passed


def test_a_topic_may_not_fall_even_where_the_language_as_a_whole_does_not() -> None:
    before = utterances([("sv", "health_station", number) for number in range(4)])
    after = utterances([("sv", "mission", number) for number in range(4)] + [("fi", "mission", 0)])
    before += utterances()[:0]
    verdict = judge(evaluation("new", utterances=after), evaluation("live", utterances=before), Rules(language_drop=9))
    assert verdict.passed
    verdict = judge(
        evaluation("new", utterances=after),
        evaluation("live", utterances=before),
        Rules(language_drop=9, topic_drop=20),
    )
    (reason,) = verdict.reasons
    assert (reason.rule, reason.values["topic"], reason.values["after"]) == ("topic", "mission", 75.0)
    assert len(reason.sentences) == 5


@pytest.mark.parametrize(
    ("gap", "live_gap", "passes"), [(0.02, 0.0, True), (0.021, 0.0, False), (0.05, 0.05, True), (0.06, 0.05, False)]
)
def test_the_languages_may_lie_apart_by_two_points_or_as_far_as_they_do(
    gap: float, live_gap: float, passes: bool
) -> None:
    verdict = judge(evaluation("new", parity_gap=gap), evaluation("live", parity_gap=live_gap), Rules())
    assert verdict.passed == passes


@pytest.mark.parametrize(
    ("rule", "key", "value"), [("alarms", "false_alarms", 0.02), ("calibration", "calibration_error", 0.08)]
)
def test_false_alarms_and_calibration_errors_may_not_rise_much(rule: str, key: str, value: float) -> None:
    assert set(refuse(figures={key: value})) == {rule}
    assert refuse(figures={key: FIGURES[key] + 0.005}) == {}


def test_a_turn_may_not_take_more_than_twice_as_long() -> None:
    assert set(refuse(latency={"p50": 10.0, "p95": 41.0})) == {"latency"}
    assert refuse(latency={"p50": 10.0, "p95": 40.0}) == {}


def test_reviewed_questions_may_not_be_broken_on_balance_and_are_named_without_words() -> None:
    live = evaluation("live", reviewed=reviewed(True, True, False))
    verdict = judge(evaluation("new", reviewed=reviewed(True, False, False)), live, Rules())
    (reason,) = verdict.reasons
    assert (reason.rule, [line.message for line in reason.sentences]) == ("reviewed", ["message-1"])
    assert reason.sentences[0].text == ""
    assert judge(evaluation("new", reviewed=reviewed(True, False, True)), live, Rules()).passed


def test_models_that_were_measured_on_different_sentences_are_not_compared() -> None:
    verdict = judge(evaluation("new", set="two"), LIVE, Rules())
    assert [reason.rule for reason in verdict.reasons] == ["other_set"]


def test_with_nothing_live_only_what_is_absolute_holds() -> None:
    first = evaluation("new", utterances=utterances([("fi", "mission", 3)]))
    assert judge(first, None, Rules()).passed
    assert judge(evaluation("new", safety=safety([MUST])), None, Rules()).safety


def test_a_verdict_is_read_as_it_was_stored() -> None:
    verdict = judge(evaluation("new", safety=safety([MUST, BLIND]), utterances=utterances()[:9]), LIVE, Rules())
    assert Verdict.from_json(verdict.to_json()) == verdict


def test_every_reason_is_said_in_words_with_its_sentences() -> None:
    everything = evaluation(
        "new",
        {"false_alarms": 0.5, "calibration_error": 0.5},
        safety=safety([MUST, BLIND]),
        smoke=("broken",),
        utterances=utterances([("sv", "mission", number) for number in range(9)]),
        parity_gap=0.4,
        latency={"p95": 900.0},
        reviewed=reviewed(False),
    )
    verdict = judge(everything, evaluation("live", reviewed=reviewed(True)), Rules())
    rules = {reason.rule for reason in verdict.reasons}
    assert rules == {*SAFETY_RULES, "language", "topic", "alarms", "calibration", "parity", "latency", "reviewed"}
    said = [line for reason in verdict.reasons for line in say_reason(reason)]
    assert any(MUST in line for line in said)
    assert not [line for line in said if "{" in line]


def test_a_comparison_names_what_is_fixed_and_broken_and_which_topics_fell_and_rose() -> None:
    old = evaluation("old", utterances=utterances([("sv", "mission", 1), ("sv", "mission", 2)]))
    new = evaluation("new", utterances=utterances([("fi", "health_station", 5)]), safety=safety([BLIND]))
    found = compare(new, old)
    assert [item.text for item in found.fixed] == ["mission sv 1", "mission sv 2"]
    assert [(item.text, item.before, item.after) for item in found.broken] == [
        ("health_station fi 5", "health_station", "other")
    ]
    assert [(item.topic, item.before, item.after) for item in found.fell] == [("health_station", 1.0, 0.95)]
    assert [(item.topic, item.before, item.after) for item in found.rose] == [("mission", 0.9, 1.0)]
    assert [item.text for item in found.missed] == [BLIND]
    assert [item.text for item in compare(old, new).met] == [BLIND]
