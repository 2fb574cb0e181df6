"""Confidence that means what it says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from scipy.special import log_softmax

from bot.nlu.calibration import expected_calibration_error, fit_factors, to_probabilities


def draw(*factors: float, rows: int = 4000, columns: int = 6) -> tuple[list[np.ndarray], np.ndarray]:
    """Return the margins of as many models as there are factors, and targets drawn from their pooled softmax."""
    random = np.random.default_rng(7)
    margins = [random.normal(size=(rows, columns)) for _ in factors]
    chances = to_probabilities(margins, factors)
    return margins, np.array([random.choice(columns, p=row) for row in chances])


def loss(margins: list[np.ndarray], targets: np.ndarray, factors: Sequence[float]) -> float:
    pooled = sum(factor * matrix for factor, matrix in zip(factors, margins, strict=True))
    return float(-log_softmax(pooled, axis=1)[np.arange(len(targets)), targets].mean())


def test_a_model_that_knows_nothing_gets_little_weight():
    margins, targets = draw(3.0)
    noise = np.random.default_rng(1).normal(size=margins[0].shape)
    useful, useless = fit_factors([margins[0], noise], targets)
    assert useless < 0.1 * useful


def test_probabilities_sum_to_one_and_keep_the_order():
    margins = np.array([[0.1, -2.0, 1.5], [1000.0, -1000.0, 0.0]])
    chances = to_probabilities([margins], [3.0])
    assert chances.sum(axis=1) == pytest.approx(1.0)
    assert np.isfinite(chances).all()
    assert (chances.argsort(axis=1) == margins.argsort(axis=1)).all()


def test_models_are_pooled_by_their_factors():
    """Of two models that disagree, the one with the larger factor prevails."""
    one, other = np.array([[2.0, 0.0]]), np.array([[0.0, 2.0]])
    assert to_probabilities([one, other], [1.0, 1.0])[0] == pytest.approx([0.5, 0.5])
    assert to_probabilities([one, other], [2.0, 1.0])[0].argmax() == 0
    assert to_probabilities([one, other], [1.0, 2.0])[0].argmax() == 1


def test_the_calibration_error_is_the_gap_between_confidence_and_accuracy():
    assert expected_calibration_error(np.full(10, 0.95), np.array([1.0] * 5 + [0.0] * 5)) == pytest.approx(0.45)
    assert expected_calibration_error(np.full(4, 0.75), np.array([1.0, 1.0, 1.0, 0.0])) == pytest.approx(0.0)


def test_the_calibration_error_weighs_bins_by_their_size():
    confidence = np.array([0.95] * 9 + [0.05])
    correct = np.array([1.0] * 9 + [1.0])
    assert expected_calibration_error(confidence, correct) == pytest.approx(0.9 * 0.05 + 0.1 * 0.95)


def test_a_confidence_of_one_falls_into_the_last_bin():
    assert expected_calibration_error(np.array([1.0]), np.array([0.0])) == pytest.approx(1.0)
