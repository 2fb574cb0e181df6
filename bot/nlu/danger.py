"""Tells whether a message is about a danger that is there now, beside the question which topic it is about.

Three opinions go into one probability. The machines of the intent classifier know the words of danger; the classifier's
own odds know how sure it is of a topic; a support vector machine with a Gaussian kernel over sentence embeddings knows
what is meant, because it was shown dangers side by side with harmless sentences in the same words. A logistic
regression, fitted on sentences that none of them has seen, weighs them (stacking, Wolpert 1992).
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

_LEAST_CHANCE = 1e-4
"""A probability nearer to 0 or 1 than this says no more: its odds would drown the other opinions."""
DANGER_PREFIX = "danger_"
"""Begins the name of each intent that is a danger."""


@dataclass(frozen=True)
class DangerOptions:
    """What the detector can be told; the defaults were chosen on `bot/validation/safety` (docs/understanding.md).

    Attributes:
        danger_share: Share of the dangers, and of the harmless examples in a danger's words, that are embedded.
        danger_penalty: The kernel machine's `C`.
        danger_width: Its `gamma`; larger looks at nearer examples only.
        danger_sentences: How many sentences the probability is fitted on at the most.
    """

    danger_share: float = 0.5
    danger_penalty: float = 5.0
    danger_width: float = 1.0
    danger_sentences: int = 600


def is_danger(intents: Sequence[str] | NDArray[np.str_]) -> NDArray[np.bool_]:
    """Return for each intent whether it is a danger."""
    return np.array([str(intent).startswith(DANGER_PREFIX) for intent in intents], dtype=bool)


def choose_telling(texts: Sequence[str], telling: NDArray[np.bool_], share: float) -> NDArray[np.intp]:
    """Return a share of the telling rows, chosen by the hashes of their texts: a retrain finds them in the cache.

    Args:
        texts: Of each row.
        telling: Whether a row is a danger, or harmless in a danger's words.
        share: Of the telling rows, 0 to 1.
    """
    kept = [_place(text) < share for text in texts]
    return np.flatnonzero(telling & np.array(kept, dtype=bool))


def _place(text: str) -> float:
    """Return where a text falls between 0 and 1, by chance that depends on nothing but the text."""
    return int.from_bytes(hashlib.sha256(b"danger " + text.encode()).digest()[:8], "big") / 2**64


@dataclass(frozen=True)
class DangerReading:
    """What the intent classifier says of some utterances.

    Attributes:
        margins: Of its machines on words, shape (utterances, intents).
        chances: Its probabilities, of the same shape.
        classes: The intents, in the order of the columns.
        vectors: Embeddings, shape (utterances, dimensions); None where there is no embedding.
    """

    margins: NDArray[np.float32]
    chances: NDArray[np.float64]
    classes: NDArray[np.str_]
    vectors: NDArray[np.float32] | None = None


_FITS: dict[str, Future[SVC]] = {}
_FITS_LOCK = threading.Lock()


def _fit_once(kernel: SVC, vectors: NDArray[np.float32], dangerous: NDArray[np.bool_]) -> SVC:
    """Return the machine fitted, or another of the same settings that has been or is being fitted on the same.

    The last one alone is kept, so that a training can begin with it before it comes to the classifier.
    """
    digest = hashlib.sha256(repr(sorted(kernel.get_params().items())).encode())
    digest.update(vectors.tobytes() + dangerous.tobytes())
    with _FITS_LOCK:
        known = _FITS.get(digest.hexdigest())
        if known is None:
            _FITS.clear()
            mine = _FITS[digest.hexdigest()] = Future()
    if known is not None:
        return known.result()
    try:
        mine.set_result(kernel.fit(vectors, dangerous))
    except BaseException as error:
        mine.set_exception(error)
    return mine.result()


class DangerDetector:
    """Gives each message a probability of danger."""

    def __init__(self, options: DangerOptions | None = None) -> None:
        """Set up an untrained detector.

        Args:
            options: The defaults if left out.
        """
        options = options or DangerOptions()
        self._kernel = SVC(C=options.danger_penalty, gamma=options.danger_width)
        self._mean: NDArray[np.float32] = np.zeros(0, dtype=np.float32)
        self._scaler = StandardScaler()
        self._weigher = LogisticRegression()

    @property
    def uses_embedding(self) -> bool:
        """Whether the kernel machine has been trained; without it the words alone speak."""
        return bool(self._mean.size)

    def fit(self, vectors: NDArray[np.float32], dangerous: NDArray[np.bool_]) -> DangerDetector:
        """Train the kernel machine.

        Args:
            vectors: Embeddings, shape (examples, dimensions).
            dangerous: Shape (examples,), of both kinds.
        """
        # In an order of their own, whatever order they came in: whoever fits ahead may read them in another one.
        order = sorted(range(len(vectors)), key=lambda row: vectors[row].tobytes())
        vectors, dangerous = vectors[order], dangerous[order]
        self._mean = vectors.mean(axis=0)
        self._kernel = _fit_once(self._kernel, self._centre(vectors), dangerous)
        return self

    def calibrate(self, read: DangerReading, dangerous: NDArray[np.bool_]) -> DangerDetector:
        """Learn how to weigh the opinions, from sentences that nothing was trained on.

        Args:
            read: What the intent classifier says of them.
            dangerous: Shape (sentences,), of both kinds.
        """
        opinions = self._scaler.fit_transform(self._opinions(read))
        self._weigher.fit(opinions, dangerous)
        return self

    def probabilities(self, read: DangerReading) -> NDArray[np.float64]:
        """Return the probability of danger, shape (utterances,)."""
        # As the scaler and the regression say it themselves, but they look at their input for a millisecond.
        opinions = (self._opinions(read) - self._scaler.mean_) / self._scaler.scale_
        return np.asarray(expit(opinions @ self._weigher.coef_[0] + self._weigher.intercept_[0]))

    def _opinions(self, read: DangerReading) -> NDArray[np.float64]:
        """Return how far the likeliest danger lies inside its border and before any topic, its odds; the kernel's."""
        dangers = is_danger(read.classes)
        highest = read.margins[:, dangers].max(axis=1)
        odds = logit(np.clip(read.chances[:, dangers].sum(axis=1), _LEAST_CHANCE, 1 - _LEAST_CHANCE))
        opinions = [highest, highest - read.margins[:, ~dangers].max(axis=1), odds]
        if self.uses_embedding and read.vectors is not None:
            opinions.append(self._kernel.decision_function(self._centre(read.vectors)))
        return np.asarray(np.stack(opinions, axis=1), dtype=np.float64)

    def _centre(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        centred = vectors - self._mean
        return np.asarray(centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9))
