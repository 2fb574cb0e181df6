"""A linear model over sentence embeddings, for the questions whose words no example has."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bot.nlu.arrays import keep_arrays, read_arrays
from knowledge.cache import cache_folder

_FILE = "semantics.npz"


@dataclass(frozen=True)
class SemanticStart:
    """What an earlier training found.

    Attributes:
        names: The intents.
        weights: Shape (intents, dimensions).
        offsets: Shape (intents,).
    """

    names: NDArray[np.str_]
    weights: NDArray[np.float64]
    offsets: NDArray[np.float64]

    def of(self, names: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return weights and offsets of some intents; 0 for those that were not there."""
        places = {str(name): place for place, name in enumerate(self.names)}
        rows = np.array([places.get(str(name), -1) for name in names])
        there = rows >= 0
        offsets = np.where(there, self.offsets[rows], 0.0)
        # What is added to all of them changes nothing and would stay for good.
        return np.where(there[:, None], self.weights[rows], 0.0), offsets - offsets.mean()

    @classmethod
    def read(cls, folder: Path | None = None) -> SemanticStart | None:
        """Return what was kept; None if nothing was, or nothing that can be read.

        Args:
            folder: Where the file lies; `cache_folder` if left out.
        """
        stored = read_arrays((folder or cache_folder()) / _FILE, ("names", "weights", "offsets"))
        return cls(**stored) if stored else None

    def keep(self, folder: Path | None = None) -> None:
        """Write it for the next training, in one step; a folder that cannot be written to costs that one time."""
        content = {"names": self.names, "weights": self.weights, "offsets": self.offsets}
        keep_arrays((folder or cache_folder()) / _FILE, content)


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

    def fit(
        self, vectors: NDArray[np.float32], targets: NDArray[Any], start: SemanticStart | None = None
    ) -> SemanticModel:
        """Learn.

        Args:
            vectors: Embeddings, shape (examples, dimensions).
            targets: The intent of each.
            start: Where to begin: it changes how long it takes, and the outcome within the tolerance.
        """
        self._mean = vectors.mean(axis=0)
        names = np.unique(targets)
        if start is not None and len(names) > 2 and start.weights.shape[1] == vectors.shape[1]:
            self._model.set_params(warm_start=True)
            self._model.coef_, self._model.intercept_ = start.of(names)
        self._model.fit(self._centre(vectors), targets)
        return self

    @property
    def start(self) -> SemanticStart:
        """Where a training on nearly the same embeddings may begin."""
        return SemanticStart(self.classes.astype(str), self._model.coef_, self._model.intercept_)

    def logits(self, vectors: NDArray[np.float32]) -> NDArray[Any]:
        """Return shape (rows, intents)."""
        margins = np.asarray(self._model.decision_function(self._centre(vectors)))
        return margins if margins.ndim == 2 else np.stack([-margins, margins], axis=1)

    def _centre(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        centred = vectors - self._mean
        return np.asarray(centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9))


def fit_from_nothing(penalty: float, vectors: NDArray[np.float32], targets: NDArray[Any]) -> SemanticModel:
    """Return a model trained on embeddings; see `SemanticModel`."""
    return SemanticModel(penalty).fit(vectors, targets)


def fit_from_last(penalty: float, vectors: NDArray[np.float32], targets: NDArray[Any]) -> SemanticModel:
    """Return a model trained on embeddings from where the last training ended, and keep where it ended itself."""
    model = SemanticModel(penalty).fit(vectors, targets, SemanticStart.read())
    model.start.keep()
    return model


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
