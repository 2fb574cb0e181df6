"""A linear model over sentence embeddings, for the questions whose words no example has."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression


class SemanticModel:
    """Multinomial logistic regression on centred embeddings of length one.

    Embeddings of one model all point the same way; taking their mean away makes the differences count.
    """

    def __init__(self, penalty: float) -> None:
        """Set up an untrained model.

        Args:
            penalty: scikit-learn's `C`; larger follows the examples more closely.
        """
        self._model = LogisticRegression(C=penalty, max_iter=150, tol=1e-3)
        self._mean: NDArray[np.float32] = np.zeros(1, dtype=np.float32)

    @property
    def classes(self) -> NDArray[Any]:
        """The intents, in the order of the logits' columns."""
        return np.asarray(self._model.classes_)

    def fit(self, vectors: NDArray[np.float32], targets: NDArray[Any]) -> SemanticModel:
        """Learn from embeddings, shape (examples, dimensions), and their intents."""
        self._mean = vectors.mean(axis=0)
        self._model.fit(self._centre(vectors), targets)
        return self

    def logits(self, vectors: NDArray[np.float32]) -> NDArray[Any]:
        """Return shape (rows, intents)."""
        margins = np.asarray(self._model.decision_function(self._centre(vectors)))
        return margins if margins.ndim == 2 else np.stack([-margins, margins], axis=1)

    def _centre(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        centred = vectors - self._mean
        return np.asarray(centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9))


def order_by_hash(texts: Sequence[str]) -> list[int]:
    """Return the numbers of `texts` in an order by chance that depends on nothing but each text."""
    hashes = [hashlib.sha256(text.encode()).digest() for text in texts]
    return sorted(range(len(texts)), key=lambda number: (hashes[number], number))


def choose_rows(texts: Sequence[str], targets: Sequence[str], languages: Sequence[str], enough: int) -> NDArray[Any]:
    """Return some rows of each intent and language, chosen by the hashes of their texts.

    A linear model over embeddings needs fewer examples than one over words, and each costs milliseconds to embed. An
    intent as wide as out-of-scope keeps more: a tenth of what it has. A new example takes at most one other's place,
    so that a retrain finds nearly all embeddings in the cache.

    Args:
        texts, targets, languages: Of each row.
        enough: Rows of one intent and language that are taken in any case, if there are so many.
    """
    keys = list(zip(targets, languages, strict=True))
    most = {key: max(enough, count // 10) for key, count in Counter(keys).items()}
    taken: Counter[tuple[str, str]] = Counter()
    chosen = []
    for row in order_by_hash(texts):
        if taken[keys[row]] < most[keys[row]]:
            taken[keys[row]] += 1
            chosen.append(row)
    return np.array(sorted(chosen), dtype=int)
