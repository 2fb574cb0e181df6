"""A model over embeddings begins where the last training ended, and ends where it would have ended anyway."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.nlu.semantics import SemanticModel, SemanticStart, fit_from_last, fit_from_nothing

NAMES = ("fees", "mission", "vision")
CHANCE = np.random.default_rng(3)
TARGETS = CHANCE.choice(NAMES, 200)
CENTRES = CHANCE.normal(size=(3, 24))
VECTORS = (CENTRES[np.searchsorted(NAMES, TARGETS)] + CHANCE.normal(size=(200, 24)) * 2).astype(np.float32)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LOTSI_CACHE", str(tmp_path))
    return tmp_path


def rounds(model: SemanticModel) -> int:
    return int(model._model.n_iter_[0])


def test_a_second_training_ends_at_once_where_the_first_ended() -> None:
    first = fit_from_last(10.0, VECTORS, TARGETS)
    second = fit_from_last(10.0, VECTORS, TARGETS)
    assert rounds(second) < rounds(first) / 4
    assert second.logits(VECTORS) == pytest.approx(first.logits(VECTORS), abs=0.02)


def test_a_few_examples_more_end_where_a_training_from_nothing_ends() -> None:
    fit_from_last(10.0, VECTORS[:190], TARGETS[:190])
    warm, cold = fit_from_last(10.0, VECTORS, TARGETS), fit_from_nothing(10.0, VECTORS, TARGETS)
    assert rounds(warm) < rounds(cold)
    assert warm.logits(VECTORS) == pytest.approx(cold.logits(VECTORS), abs=0.02)


def test_an_intent_more_begins_at_nothing() -> None:
    old = TARGETS != "vision"
    fit_from_last(10.0, VECTORS[old], np.where(np.arange(old.sum()) % 9 == 0, "other", TARGETS[old]))
    warm, cold = fit_from_last(10.0, VECTORS, TARGETS), fit_from_nothing(10.0, VECTORS, TARGETS)
    assert warm.classes.tolist() == list(NAMES)
    assert warm.logits(VECTORS) == pytest.approx(cold.logits(VECTORS), abs=0.02)


@pytest.mark.parametrize("targets", [TARGETS, np.where(TARGETS == "fees", "fees", "mission")], ids=["three", "two"])
def test_what_another_embedding_left_is_not_used(targets: np.ndarray) -> None:
    fit_from_last(10.0, VECTORS[:, :7], targets)
    assert fit_from_last(10.0, VECTORS, targets).logits(VECTORS).shape == (200, len(np.unique(targets)))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"\x93NUMPY"])
def test_a_damaged_file_counts_as_absent(cache: Path, content: bytes) -> None:
    (cache / "semantics.npz").write_bytes(content)
    assert SemanticStart.read() is None
    fit_from_last(10.0, VECTORS, TARGETS)
    assert SemanticStart.read() is not None
