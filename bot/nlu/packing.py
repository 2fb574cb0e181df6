"""What components have learnt as files that are quick to store, and to load beside turns.

A vectoriser is kept as a few long strings and an array: its vocabulary is a dictionary of hundreds of thousands of
terms, each of which pickle would write and read by itself.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.preprocessing import normalize

from bot.nlu.pacing import rest_at_times

APART = "\0"
"""The sign that stands between terms."""
_AT_ONCE = 5_000
"""Terms of one string; while one is taken apart no other thread runs."""


def store(value: Any, path: Path) -> None:
    """Write what a component has learnt to a file, compressed."""
    joblib.dump(value, path, compress=("zlib", 1))


def load(path: Path) -> Any:
    """Return what `store` wrote.

    It is unpacked at once: joblib would do so in ten thousand pieces, and after each ask for Python's lock, which turns
    need meanwhile.

    Raises:
        zlib.error: The file is damaged.
    """
    return joblib.load(_PacedBytes(zlib.decompress(path.read_bytes())))


class _PacedBytes(BytesIO):
    """Bytes that pickle reads piece by piece, with rests between."""

    def read(self, size: int | None = -1, /) -> bytes:
        rest_at_times()
        return super().read(size)


class LoadedVectorizer(TfidfVectorizer):
    """A trained vectoriser for one message after another.

    scikit-learn adds all its weights up at each message, to see whether it has been trained: most of a message's time.
    """

    inverse: NDArray[np.float32]

    def transform(self, raw_documents: Iterable[Any]) -> Any:
        """Return what `TfidfVectorizer.transform` returns with weights by frequency and rows of length one.

        Args:
            raw_documents: As the analyser takes them.
        """
        rows = CountVectorizer.transform(self, raw_documents)
        if self.sublinear_tf:
            rows.data = np.log(rows.data) + 1
        rows.data = rows.data * self.inverse[rows.indices]
        return normalize(rows, copy=False)


def join_terms(terms: Sequence[str]) -> tuple[str, ...]:
    """Return terms in a few long strings.

    Raises:
        ValueError: A term holds the sign that stands between terms.
    """
    if any(APART in term for term in terms):
        raise ValueError("a term holds a null character; take it out of the examples")
    return tuple(APART.join(terms[start : start + _AT_ONCE]) for start in range(0, len(terms), _AT_ONCE))


@dataclass(frozen=True)
class PackedVectorizer:
    """A vectoriser as it is stored.

    Attributes:
        options: What it was made with.
        terms: In the order of their columns, many in a string.
        weights: Inverse document frequency of each term.
    """

    options: dict[str, Any]
    terms: tuple[str, ...]
    weights: NDArray[np.float32]

    @classmethod
    def pack(cls, vectorizer: TfidfVectorizer) -> PackedVectorizer:
        """Return the stored form of a trained vectoriser.

        Raises:
            ValueError: A term holds the sign that stands between terms.
        """
        terms = sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.__getitem__)
        options = {**vectorizer.get_params(), "vocabulary": None}
        return cls(options, join_terms(terms), vectorizer.idf_)

    def unpack(self) -> LoadedVectorizer:
        """Return the vectoriser."""
        vectorizer = LoadedVectorizer(**self.options)
        columns = count()
        vocabulary: dict[str, int] = {}
        for part in self.terms:
            vocabulary.update(zip(part.split(APART), columns, strict=False))
            rest_at_times()
        vectorizer.fixed_vocabulary_ = False
        vectorizer.vocabulary_ = vocabulary
        vectorizer.idf_ = vectorizer.inverse = self.weights
        return vectorizer
