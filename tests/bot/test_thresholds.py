"""What a threshold of confidence would do, by hand, and on a few utterances with a real model."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluation_folders import EXAMPLES, write_utterances

from bot.assistant import Assistant
from bot.training.thresholds import THRESHOLDS, Judgement, compare_thresholds, rate_thresholds, read_configured


def judge(intent: str, predicted: str, confidence: float, outcome: str = "sure", acted: str = "") -> Judgement:
    return Judgement(intent, "sv", predicted, confidence, outcome, acted or predicted)


JUDGEMENTS = [
    judge("fees", "fees", 0.9),
    judge("fees", "fees", 0.5),
    judge("fees", "oral_health", 0.4),
    judge("fees", "oral_health", 0.3, "between", "clarify"),
]


def test_shares_and_utility_are_those_computed_by_hand() -> None:
    low, middle, high = rate_thresholds(JUDGEMENTS, 0.4, (0.2, 0.45, 0.6)).rows
    assert (low.right, low.wrong, low.held_back) == (0.5, 0.5, 0)
    assert low.utility == pytest.approx(0.5 - 2 * 0.5)
    assert (middle.right, middle.wrong, middle.held_back, middle.utility) == (0.5, 0, 0.5, 0.5)
    assert (high.right, high.wrong, high.held_back, high.utility) == (0.25, 0, 0.75, 0.25)


def test_the_best_threshold_has_the_highest_utility() -> None:
    table = rate_thresholds(JUDGEMENTS, 0.4, (0.2, 0.45, 0.6))
    assert (table.best, table.configured, table.utterances) == (0.45, 0.4, 4)


def test_of_equal_thresholds_the_higher_one_is_best() -> None:
    assert rate_thresholds(JUDGEMENTS, 0.4, (0.42, 0.45, 0.48)).best == 0.48


def test_a_confidence_at_the_threshold_is_sure() -> None:
    (row,) = rate_thresholds([judge("fees", "fees", 0.5)], 0.4, (0.5,)).rows
    assert row.right == 1


@pytest.mark.parametrize("threshold", [0.2, 0.8])
def test_danger_and_foreign_languages_are_decided_before_any_threshold(threshold: float) -> None:
    judgements = [
        judge("medical_advice", "oral_health", 0.5, "safety", "medical_advice"),
        judge("fees", "fees", 0.5, "safety", "danger_life"),
        judge("fees", "fees", 0.9, "foreign", "foreign_language"),
    ]
    (row,) = rate_thresholds(judgements, 0.4, (threshold,)).rows
    assert (row.right, row.wrong, row.held_back) == (pytest.approx(1 / 3),) * 3


def test_a_danger_below_its_own_bar_is_never_acted_on_for_its_confidence() -> None:
    (row,) = rate_thresholds([judge("fees", "danger_life", 0.25)], 0.4, (0.2,)).rows
    assert row.held_back == 1


def test_the_table_covers_a_fifth_to_four_fifths() -> None:
    assert (THRESHOLDS[0], THRESHOLDS[-1], len(THRESHOLDS)) == (0.2, 0.8, 13)


def test_the_configured_threshold_is_read_by_language(tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text("pipeline:\n- name: bot.nlu.decision.FallbackDecision\n  sure: {sv: 0.35}\n", encoding="utf-8")
    assert read_configured(config) == {"sv": 0.35, "fi": 0.5}


def test_a_real_model_gives_a_table_for_each_language(assistant: Assistant, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    tables = compare_thresholds(
        assistant, write_utterances(tmp_path, EXAMPLES), lambda done, total: told.append((done, total))
    )
    assert told[-1] == (24, 24)
    for language in ("sv", "fi"):
        assert tables[language].utterances == 12
        assert tables[language].configured == read_configured()[language]
        for row in tables[language].rows:
            assert row.right + row.wrong + row.held_back == pytest.approx(1)
        # A higher threshold never answers more.
        assert [row.held_back for row in tables[language].rows] == sorted(
            row.held_back for row in tables[language].rows
        )
        assert tables[language].rows[0].right > 0.5


def test_validation_files_with_problems_are_refused(assistant: Assistant, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="folder is missing"):
        compare_thresholds(assistant, tmp_path)
