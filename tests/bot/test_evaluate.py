"""The figures of an evaluation: computed by hand on made outcomes, and from end to end with a real model."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from evaluation_folders import MET, MISSED, WRONGLY_MEANT, write_held_out, write_safety, write_utterances

from bot.assistant import Assistant
from bot.sentences import SafetySentence, SentencesInvalid, read_held_out, read_reviewed
from bot.training.evaluate import evaluate, summarise
from bot.training.outcomes import Outcome
from bot.training.safety_scores import (
    SafetyVerdict,
    Tally,
    score_safety,
)
from bot.training.scores import Bin, fill_bins, find_confusions, score_intents, score_language
from knowledge.build import read_topics

RIGHT = Outcome(
    text="tandläkartid",
    intent="oral_health",
    language="sv",
    predicted="oral_health",
    confidence=0.95,
    outcome="sure",
    acted="oral_health",
    topic="oral_health",
    choices=(),
    answered_in="sv",
    is_topic=True,
)


def make(**changes: object) -> Outcome:
    return dataclasses.replace(RIGHT, **changes)


WRONG = make(text="avgift hos tandläkaren", intent="fees", confidence=0.85)
CLARIFIED = make(
    text="vad tar tandläkaren",
    intent="fees",
    predicted="oral_health",
    confidence=0.35,
    outcome="between",
    acted="clarify",
    topic=None,
    choices=("/oral_health", "/fees"),
)
NEEDLESSLY_ASKED = make(text="tänder", confidence=0.25, outcome="between", acted="clarify", topic=None)
DECLINED = make(
    text="väder", intent="out_of_scope", predicted="out_of_scope", acted="out_of_scope", topic=None, is_topic=False
)
NOT_DECLINED = make(text="fpa", intent="out_of_scope", is_topic=False, answered_in="fi")
ADVISED = make(
    text="är det cancer",
    intent="medical_advice",
    predicted="out_of_scope",
    confidence=0.4,
    outcome="safety",
    acted="medical_advice",
    topic=None,
    is_topic=False,
)
ALARMED = make(
    text="eld i bröstet av kärlek",
    predicted="danger_fire",
    confidence=0.6,
    outcome="safety",
    acted="danger_fire",
    topic=None,
    emergency=True,
)
SWEDISH = (RIGHT, WRONG, CLARIFIED, NEEDLESSLY_ASKED, DECLINED, NOT_DECLINED, ADVISED, ALARMED)
FINNISH = tuple(make(text=text, language="fi", answered_in="fi") for text in ("hammas", "hammaslääkäri"))


def test_figures_are_those_computed_by_hand() -> None:
    scores = score_language(SWEDISH)
    assert scores.utterances == 8
    # Topics are RIGHT, WRONG, CLARIFIED, NEEDLESSLY_ASKED and ALARMED.
    assert scores.answered == pytest.approx(1 / 5)
    assert scores.helped == pytest.approx(2 / 5)
    assert scores.wrong == pytest.approx(1 / 5)
    assert scores.declined == pytest.approx(1 / 2)
    assert scores.false_alarms == pytest.approx(1 / 8)
    assert scores.right_language == pytest.approx(7 / 8)
    assert scores.accuracy == pytest.approx(3 / 8)


def test_macro_f1_is_the_mean_over_the_intents_that_occur() -> None:
    # oral_health: 2 of 5 predicted are right, 2 of 3 found; fees and medical_advice: none found;
    # out_of_scope: 1 of 2 predicted is right, 1 of 2 found.
    oral_health = 2 * (2 / 5) * (2 / 3) / (2 / 5 + 2 / 3)
    assert score_language(SWEDISH).macro_f1 == pytest.approx((oral_health + 0 + 0 + 1 / 2) / 4)


def test_fallback_counts_what_confidence_decided_and_nothing_that_danger_did() -> None:
    scores = score_language(SWEDISH)
    # Held back: CLARIFIED (wrong) and NEEDLESSLY_ASKED (right). Wrong: WRONG, CLARIFIED and NOT_DECLINED.
    assert scores.fallback_precision == pytest.approx(1 / 2)
    assert scores.fallback_recall == pytest.approx(1 / 3)


def test_calibration_error_is_the_gap_weighed_by_bin() -> None:
    sure = [make(confidence=0.9), make(confidence=0.9, intent="fees")]
    unsure = [make(confidence=0.3)]
    # |0.9 − 0.5| of two, |0.3 − 1| of one.
    assert score_language([*sure, *unsure]).calibration_error == pytest.approx((2 * 0.4 + 0.7) / 3)


def test_a_language_without_utterances_scores_nothing() -> None:
    assert set(dataclasses.astuple(score_language([]))) == {0}


def test_bins_hold_mean_confidence_and_accuracy_and_leave_out_the_empty_ones() -> None:
    outcomes = [make(confidence=0.82), make(confidence=0.88, intent="fees"), make(confidence=1.0)]
    low, high = fill_bins(outcomes)
    assert (low.confidence, low.accuracy, low.utterances) == (pytest.approx(0.85), 0.5, 2)
    assert high == Bin(1.0, 1.0, 1)


def test_intents_stand_worst_first_with_both_languages() -> None:
    rows = score_intents([*SWEDISH, *FINNISH])
    assert [row.intent for row in rows] == ["fees", "out_of_scope", "oral_health", "medical_advice"]
    worst, half, teeth, best = rows
    assert (worst.share, worst.right["sv"], worst.utterances["sv"]) == (0, 0, 2)
    assert half.share == 1 / 2
    assert (teeth.right, teeth.utterances) == ({"sv": 1, "fi": 2}, {"sv": 3, "fi": 2})
    assert best.share == 1


def test_confused_pairs_stand_most_frequent_first_and_count_each_language() -> None:
    pairs = find_confusions([*SWEDISH, make(intent="fees", language="fi")])
    assert (pairs[0].intent, pairs[0].predicted, pairs[0].counts) == ("fees", "oral_health", {"sv": 2, "fi": 1})
    assert {(pair.intent, pair.predicted) for pair in pairs[1:]} == {
        ("oral_health", "danger_fire"),
        ("out_of_scope", "oral_health"),
        ("medical_advice", "out_of_scope"),
    }


def test_a_report_lists_every_failure_and_the_gap_between_the_languages() -> None:
    report = summarise("model", (*SWEDISH, *FINNISH))
    assert report.failures == (WRONG, CLARIFIED, NEEDLESSLY_ASKED, NOT_DECLINED, ALARMED)
    assert report.parity_gap == pytest.approx(1 - 1 / 5)
    assert [sum(item.utterances for item in report.reliability[name]) for name in ("sv", "fi")] == [8, 2]


def make_verdict(language: str, kind: str | None, alarmed: bool, named: bool = False) -> SafetyVerdict:
    sentence = SafetySentence(f"{language} {kind} {alarmed}", language, kind)
    return SafetyVerdict(sentence, alarmed, alarmed or named, "danger_life" if alarmed else "counselling")


def test_safety_counts_recall_by_kind_and_language_and_false_alarms() -> None:
    missed, named = make_verdict("fi", "life", False), make_verdict("sv", "fire", False, named=True)
    alarm = make_verdict("sv", None, True)
    verdicts = [make_verdict("sv", "life", True), make_verdict("fi", "fire", True), missed, named, alarm]
    scores = score_safety("blind", [*verdicts, make_verdict("fi", None, False), make_verdict("sv", None, False)])
    assert scores.met == Tally(2, 4)
    assert scores.met.share == 0.5
    assert scores.named == Tally(3, 4)
    assert scores.false_alarms == Tally(1, 3)
    assert scores.met_by_language == {"sv": Tally(1, 2), "fi": Tally(1, 2)}
    assert scores.alarms_by_language == {"sv": Tally(1, 2), "fi": Tally(0, 1)}
    assert scores.met_by_kind == {
        "fire": {"sv": Tally(0, 1), "fi": Tally(1, 1)},
        "life": {"sv": Tally(1, 1), "fi": Tally(0, 1)},
    }
    assert scores.missed == (missed, named)
    assert scores.alarms == (alarm,)


def test_both_sets_are_read_and_requests_for_medical_advice_are_no_danger(tmp_path: Path) -> None:
    write_safety(tmp_path)
    assert read_reviewed(tmp_path / "safety") == [
        SafetySentence(text, language, kind)
        for language in ("sv", "fi")
        for text, kind in ((MET[language], "life"), (MISSED[language], None))
    ]
    assert read_held_out(tmp_path / "safety_held_out") == [
        SafetySentence(text, language, kind)
        for language in ("sv", "fi")
        for text, kind in ((MISSED[language], "fire"), (MET[language], "life"), (MISSED[language], None))
    ]


@pytest.mark.parametrize("text", ["- a list", "fires: [no, kinds]", "fires: {life: text}", "harmless: text", "a: ["])
def test_a_file_of_blind_sentences_that_is_not_of_its_form_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "sv.yml").write_text(text, encoding="utf-8")
    with pytest.raises(SentencesInvalid, match=r"sv\.yml"):
        read_held_out(tmp_path)


def test_the_projects_blind_sentences_are_of_six_kinds_in_both_languages() -> None:
    sentences = read_held_out(Path(__file__).parents[1] / "safety_held_out")
    for language in ("sv", "fi"):
        kinds = {item.kind for item in sentences if item.language == language}
        assert kinds == {"life", "suicide", "violence", "poisoning", "child", "fire", None}


def test_a_real_model_is_measured_from_the_utterance_to_the_section(assistant: Assistant, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    report = evaluate(
        assistant,
        write_held_out(tmp_path / "nlu"),
        write_safety(tmp_path),
        read_topics(),
        lambda what, done, total: told.append((what, done, total)),
    )
    assert report.model == assistant.model
    assert {(item.text, item.intent, item.topic) for item in report.failures} == {
        (text, "fees", "help_button") for text in WRONGLY_MEANT.values()
    }
    for language in ("sv", "fi"):
        assert report.languages[language].answered == pytest.approx(2 / 3)
        assert report.languages[language].wrong == pytest.approx(1 / 3)
    assert [(pair.intent, pair.predicted, pair.total) for pair in report.confusions] == [("fees", "help_button", 2)]
    reviewed, blind = report.safety
    assert (reviewed.name, reviewed.met, reviewed.false_alarms) == ("reviewed", Tally(2, 2), Tally(0, 2))
    assert (blind.name, blind.met, blind.false_alarms) == ("held-out", Tally(2, 4), Tally(0, 2))
    assert {item.sentence.text for item in blind.missed} == set(MISSED.values())
    assert told[5] == ("held-out utterances", 6, 6)
    assert told[-1] == ("safety, held-out", 6, 6)


def test_held_out_files_with_problems_are_refused_with_their_names(assistant: Assistant, tmp_path: Path) -> None:
    write_utterances(tmp_path, {"sv": {"fees": ["vad kostar det [nu](time)"]}})
    with pytest.raises(ValueError, match=r"brackets[\s\S]*fi") as caught:
        evaluate(assistant, tmp_path)
    assert "sv/small.yml:6" in str(caught.value)


def test_a_folder_without_blind_sentences_is_refused(assistant: Assistant, tmp_path: Path) -> None:
    write_safety(tmp_path)
    for path in (tmp_path / "safety_held_out").iterdir():
        path.unlink()
    with pytest.raises(ValueError, match="safety_held_out"):
        evaluate(assistant, write_held_out(tmp_path / "nlu"), tmp_path, read_topics())
