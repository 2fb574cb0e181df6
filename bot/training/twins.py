"""Finds texts that say nearly the same: they share nearly all their runs of three letters, in whatever order.

An utterance that models are measured on must have no twin among the examples; two topics must not share one either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import normalize

from bot.training.validate import fold_example

NEAR = 0.93
"""Cosine of two texts' counts of three-letter runs from which on they are twins."""


@dataclass(frozen=True)
class Twin:
    """A text that is near another one: its number, and how near (0 to 1)."""

    number: int
    nearness: float


class Twins:
    """Texts among which twins are looked for."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Count the texts' runs of letters.

        Args:
            texts: The texts; their places are their numbers.
        """
        self._counter = CountVectorizer(analyzer="char_wb", ngram_range=(3, 3))
        folded = [fold_example(text) for text in texts]
        self._known = normalize(self._counter.fit_transform(folded)).T.tocsc() if any(folded) else None

    def nearest(self, text: str, count: int = 1, least: float = NEAR) -> list[Twin]:
        """Return the nearest texts, the nearest first.

        Args:
            text: Any text.
            count: How many at the most.
            least: How near they must be.
        """
        if self._known is None:
            return []
        row = (normalize(self._counter.transform([fold_example(text)])) @ self._known).tocsr()
        order = np.argsort(-row.data, kind="stable")[:count]
        # the folded text's own length rounds to 1.0000000000000002 and the like
        found = [Twin(int(row.indices[place]), min(1.0, float(row.data[place]))) for place in order]
        return [twin for twin in found if twin.nearness >= least]


def find_twins(texts: Sequence[str], others: Sequence[str]) -> list[tuple[str, str]]:
    """Return each of `texts` that has a twin among `others`, with the nearest one."""
    known = Twins(others)
    found = ((text, known.nearest(text)) for text in texts)
    return [(text, others[twins[0].number]) for text, twins in found if twins]
