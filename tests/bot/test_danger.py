"""The detector of danger, on vectors and margins made by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from bot.nlu.danger import DangerDetector, DangerOptions, DangerReading, choose_telling, is_danger

CLASSES = np.array(["danger_fire", "danger_life", "fees"])
SURE, UNSURE = [[0.9, -1.0, -1.2], [-1.0, 0.8, -1.1]], [[-1.0, -1.1, 0.9], [-0.9, -1.0, -0.2]]
MARGINS = np.array(SURE + UNSURE, dtype=np.float32)
DANGEROUS = np.array([True, True, False, False])


def points(*angles: float) -> np.ndarray:
    return np.array([[np.cos(angle), np.sin(angle)] for angle in angles], dtype=np.float32)


def test_an_intent_is_a_danger_by_its_name() -> None:
    assert is_danger(["danger_life", "emergency_number", "near_danger"]).tolist() == [True, False, False]


def test_a_share_of_the_telling_rows_is_chosen_whatever_stands_beside_them() -> None:
    texts = [f"utterance {number}" for number in range(400)]
    telling = np.arange(400) % 2 == 0
    chosen = choose_telling(texts, telling, 0.5)
    assert set(chosen) <= set(np.flatnonzero(telling))
    assert 70 < len(chosen) < 130
    alone = choose_telling(texts[:100], telling[:100], 0.5)
    assert alone.tolist() == [row for row in chosen.tolist() if row < 100]


@pytest.mark.parametrize(("share", "count"), [(0.0, 0), (1.0, 5)])
def test_none_and_all_can_be_chosen(share: float, count: int) -> None:
    assert len(choose_telling(list("abcde"), np.ones(5, dtype=bool), share)) == count


def test_words_alone_tell_danger_where_there_is_no_embedding() -> None:
    read = DangerReading(MARGINS, softmax(MARGINS, axis=1), CLASSES)
    detector = DangerDetector().calibrate(read, DANGEROUS)
    assert not detector.uses_embedding
    chances = detector.probabilities(read)
    assert chances[:2].min() > 0.5 > chances[2:].max()


def test_a_chance_is_the_one_that_the_regression_gives() -> None:
    read = DangerReading(MARGINS, softmax(MARGINS, axis=1), CLASSES)
    detector = DangerDetector().calibrate(read, DANGEROUS)
    scaled = detector._scaler.transform(detector._opinions(read))
    assert detector.probabilities(read) == pytest.approx(detector._weigher.predict_proba(scaled)[:, 1])


def test_meaning_tells_danger_where_the_words_are_the_same() -> None:
    angles = [0.0, 0.2, 0.4, 2.0, 2.2, 2.4]
    dangerous = np.array([True] * 3 + [False] * 3)
    detector = DangerDetector().fit(points(*angles), dangerous)
    same = np.zeros((6, 3), dtype=np.float32)
    even = softmax(same, axis=1)
    detector.calibrate(DangerReading(same, even, CLASSES, points(0.1, 0.3, 0.5, 2.1, 2.3, 2.5)), dangerous)
    assert detector.uses_embedding
    chances = detector.probabilities(DangerReading(same[:2], even[:2], CLASSES, points(0.25, 2.25)))
    assert chances[0] > 0.5 > chances[1]


def test_the_same_examples_in_another_order_are_learnt_once() -> None:
    angles = np.linspace(0, 3, 24)
    dangerous = angles > 1.5
    one = DangerDetector().fit(points(*angles), dangerous)
    again = DangerDetector().fit(points(*angles[::-1]), dangerous[::-1])
    assert again._kernel is one._kernel
    np.testing.assert_array_equal(again._mean, one._mean)


def test_other_examples_or_options_are_learnt_anew() -> None:
    angles = np.linspace(0, 3, 24)
    one = DangerDetector().fit(points(*angles), angles > 1.5)
    other = DangerDetector().fit(points(*angles), angles > 1.2)
    wider = DangerDetector(DangerOptions(danger_width=0.5)).fit(points(*angles), angles > 1.5)
    assert len({id(item._kernel) for item in (one, other, wider)}) == 3
    assert wider._kernel.gamma == 0.5


def test_examples_that_cannot_be_learnt_from_are_refused_each_time() -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="class"):
            DangerDetector().fit(points(0.0, 1.0), np.array([True, True]))
