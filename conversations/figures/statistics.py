"""How sure a share is, whether two differ, and whether a confidence means what it says."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_Z = 1.959964
"""Of 95 % of a normal distribution."""
BINS = 10


@dataclass(frozen=True)
class Share:
    """So many of so many, with the interval in which the true share lies with 95 % certainty.

    The interval is Wilson's (1927, doi:10.1080/01621459.1927.10502953), which holds for few and for extreme shares.
    """

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """The share, 0 to 1; None of nothing."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper end; of nothing, all is possible."""
        if not self.whole:
            return 0.0, 1.0
        share, count = self.part / self.whole, self.whole
        spread = 1 + _Z**2 / count
        middle = (share + _Z**2 / (2 * count)) / spread
        half = _Z / spread * math.sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
        return max(0.0, middle - half), min(1.0, middle + half)

    def differs(self, other: Share) -> bool | None:
        """Say whether two shares differ by more than chance, with 95 % certainty; None where one is of nothing.

        By Newcombe's hybrid score interval of a difference (1998, method 10).
        """
        if not self.whole or not other.whole:
            return None
        mine, theirs = self.part / self.whole, other.part / other.whole
        (low, high), (other_low, other_high) = self.interval, other.interval
        difference = mine - theirs
        below = difference - math.sqrt((mine - low) ** 2 + (other_high - theirs) ** 2)
        above = difference + math.sqrt((high - mine) ** 2 + (theirs - other_low) ** 2)
        return not below <= 0 <= above


def find_quantile(values: Sequence[float], share: float) -> float | None:
    """Return the value that so large a share of the values lies at or below (nearest rank); None of nothing.

    Args:
        values: In any order.
        share: 0.5 is the median.
    """
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


@dataclass(frozen=True)
class Bin:
    """Answers of about the same confidence, from `low` up to `high`: the mean of it, and how many were right."""

    low: float
    high: float
    confidence: float
    right: Share


@dataclass(frozen=True)
class Calibration:
    """Confidence against what was right.

    `error` is the expected calibration error (Naeini et al. 2015): the distance of confidence and share right, weighted
    by the bins' sizes; None of nothing.
    """

    bins: tuple[Bin, ...]
    judged: int
    error: float | None


def calibrate(judged: Iterable[tuple[float, bool]]) -> Calibration:
    """Return how well confidence tells what is right.

    Args:
        judged: For each answer its confidence, 0 to 1, and whether it was right.
    """
    sorted_in: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in judged:
        sorted_in.setdefault(min(int(confidence * BINS), BINS - 1), []).append((confidence, right))
    bins = tuple(
        Bin(
            low=number / BINS,
            high=(number + 1) / BINS,
            confidence=sum(confidence for confidence, _ in items) / len(items),
            right=Share(sum(right for _, right in items), len(items)),
        )
        for number, items in sorted(sorted_in.items())
    )
    count = sum(item.right.whole for item in bins)
    distance = sum(abs(item.right.part - item.confidence * item.right.whole) for item in bins)
    return Calibration(bins, count, distance / count if count else None)
