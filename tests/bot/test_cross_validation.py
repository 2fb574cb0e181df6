"""Cross-validation: how examples are divided, what is counted, and a run over a few examples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from evaluation_folders import EXAMPLES, write_utterances

from bot.importer import VALIDATION_FOLDER
from bot.nlu.features import Utterance
from bot.nlu.intent_model import Examples, IntentModel
from bot.training.cross_validation import CONFIG_FILE, FoldScores, cross_validate, divide, score_fold, summarise
from bot.training.examples import read_examples

ROWS = [
    (text, intent, language, text)
    for language, by_intent in EXAMPLES.items()
    for intent, texts in by_intent.items()
    for text in texts
]
VARIANTS = [(f"{text} slip", intent, language, text) for text, intent, language, _ in ROWS]


def make_examples(rows: list[tuple[str, str, str, str]]) -> Examples:
    return Examples(
        [Utterance(text, (), (), ()) for text, _, _, _ in rows],
        np.array([intent for _, intent, _, _ in rows]),
        [language for _, _, language, _ in rows],
        np.array([1.0 if text == origin else 0.4 for text, _, _, origin in rows]),
        [origin for _, _, _, origin in rows],
    )


EVERYTHING = make_examples([*ROWS, *VARIANTS])


def test_every_written_example_is_held_out_once_and_no_variant_ever() -> None:
    held = np.concatenate([fold.held for fold in divide(EVERYTHING, 4)])
    assert sorted(held.tolist()) == list(range(len(ROWS)))


def test_neither_a_held_example_nor_its_variant_is_trained_on() -> None:
    for fold in divide(EVERYTHING, 4):
        held = {EVERYTHING.origins[row] for row in fold.held}
        trained = {EVERYTHING.origins[row] for row in fold.train}
        assert not held & trained
        # All others are, each with its variant.
        assert len(fold.train) == 2 * (len(ROWS) - len(fold.held))


def test_the_same_words_in_the_other_language_stay_on_the_same_side() -> None:
    rows = [row for row, item in enumerate(ROWS) if item[0] == "karies"]
    assert len(rows) == 2
    assert [len(set(rows) & set(fold.held.tolist())) for fold in divide(EVERYTHING, 4)].count(2) == 1


def test_each_fold_holds_its_share_of_every_intent_and_language() -> None:
    rows = [row for row in ROWS if row[0] != "karies"]
    rows += [(f"tand {language}", "oral_health", language, f"tand {language}") for language in ("sv", "fi")]
    for fold in divide(make_examples(rows), 4):
        strata = [rows[row][1:3] for row in fold.held]
        assert sorted(strata) == sorted({row[1:3] for row in rows})


def test_the_seed_decides_the_division() -> None:
    def held(seed: int) -> list[list[int]]:
        return [fold.held.tolist() for fold in divide(EVERYTHING, 4, seed)]

    assert held(1) == held(1)
    assert held(1) != held(2)


@pytest.mark.parametrize(("folds", "said"), [(1, "too few"), (5, "has 4")])
def test_a_number_of_folds_that_cannot_be_is_refused(folds: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        divide(EVERYTHING, folds)


def test_figures_of_a_fold_are_those_computed_by_hand() -> None:
    scores = score_fold(
        np.array(["a", "a", "b", "b"]),
        np.array(["a", "b", "b", "b"]),
        np.array([0.9, 0.9, 0.6, 0.6]),
        ["sv", "sv", "fi", "fi"],
    )
    # Swedish: a is found once of twice (F1 2/3), one of two at 0.9. Finnish: all right at 0.6.
    assert scores["sv"] == FoldScores(2, 0.5, pytest.approx(2 / 3), pytest.approx(0.4))
    assert scores["fi"] == FoldScores(2, 1.0, 1.0, pytest.approx(0.4))


def test_mean_and_sample_standard_deviation_over_the_folds() -> None:
    folds = [
        {"sv": FoldScores(10, accuracy, 0.5, error), "fi": FoldScores(10, 1.0, 1.0, 0.0)}
        for accuracy, error in ((0.8, 0.1), (0.9, 0.3))
    ]
    result = summarise(folds, 40)
    assert (result.folds, result.examples) == (2, 40)
    assert result.languages["sv"].accuracy.mean == pytest.approx(0.85)
    assert result.languages["sv"].accuracy.deviation == pytest.approx(0.1 / np.sqrt(2))
    assert result.languages["sv"].calibration_error.mean == pytest.approx(0.2)
    assert result.languages["fi"].accuracy.deviation == 0


def test_the_confidence_is_fitted_on_questions_and_on_no_sentence_kept_for_danger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a training: those sentences tell the detector of danger what to weigh, and would bend the confidence."""
    config = tmp_path / "config.yml"
    config.write_text(
        CONFIG_FILE.read_text(encoding="utf-8").replace(
            "LinearIntentClassifier\n", "LinearIntentClassifier\n  embedding: none\n"
        ),
        encoding="utf-8",
    )
    few = {
        "oral_health": [f"hammas {number}" for number in range(4)],
        "out_of_scope": [f"sää {number}" for number in range(4)],
        "danger_fire": [f"talo palaa {number}" for number in range(4)],
    }
    given: list[Examples | None] = []
    fit = IntentModel.fit

    def noted(self: IntentModel, examples: Examples, validation: Examples | None = None, *rest: Any) -> IntentModel:
        given.append(validation)
        return fit(self, examples, validation, *rest)

    monkeypatch.setattr(IntentModel, "fit", noted)
    cross_validate(2, write_utterances(tmp_path / "nlu", {"sv": few, "fi": few}), config)
    questions = [item for item in read_examples(VALIDATION_FOLDER)[0] if item.intent in few]
    assert {item.intent for item in questions} == {"oral_health", "out_of_scope"}
    assert [sorted(validation.intents) for validation in given if validation] == [
        sorted(item.intent for item in questions)
    ] * 2


def test_the_classifier_is_trained_and_measured_in_every_fold(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    # Without embedding, and without the validation utterances of the project: a few examples, in a second.
    config = tmp_path / "config.yml"
    config.write_text(
        CONFIG_FILE.read_text(encoding="utf-8")
        .replace("  validation: true\n", "")
        .replace("LinearIntentClassifier\n", "LinearIntentClassifier\n  embedding: none\n"),
        encoding="utf-8",
    )
    folder = write_utterances(tmp_path / "nlu", EXAMPLES)
    result = cross_validate(4, folder, config, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert (result.folds, result.examples) == (4, len(ROWS))
    assert sum(fold[language].examples for fold in result.by_fold for language in ("sv", "fi")) == len(ROWS)
    # Three intents: chance is a third.
    assert result.languages["sv"].accuracy.mean > 1 / 3
    assert result.languages["fi"].accuracy.mean > 1 / 3
