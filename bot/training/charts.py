"""What the report draws: points of the reliability diagram and cells of the confusion matrix, as numbers.

Everything here is geometry and counting; colours and words stand in the template.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.training.outcomes import Outcome
from bot.training.scores import RELIABILITY_BINS, Bin

SIDE = 240
"""Side of the reliability diagram's square, in units of its view box."""

STRIP = 60
"""Height of the strip of bars below it."""

_NORMAL_95 = 1.959964


@dataclass(frozen=True)
class Point:
    """One bin of the reliability diagram.

    Attributes:
        x, y: The centre; y grows downwards.
        radius: Grows with the number of utterances, by area.
        low, high: The 95 % interval of the accuracy, as y.
        bar: Height of the bar of utterances.
        bar_x: Its left edge.
        bin: The figures.
    """

    x: float
    y: float
    radius: float
    low: float
    high: float
    bar: float
    bar_x: float
    bin: Bin


@dataclass(frozen=True)
class Cell:
    """One cell of the confusion matrix.

    Attributes:
        level: 0 (nothing) to 5, by the share of the row.
        diagonal: Whether the intent was predicted right.
    """

    count: int
    level: int
    diagonal: bool


@dataclass(frozen=True)
class Row:
    """One intent's row of the confusion matrix."""

    intent: str
    utterances: int
    cells: tuple[Cell, ...]


def interval(share: float, number: int) -> tuple[float, float]:
    """Return the 95 % score interval of a share (Wilson 1927).

    Args:
        share: Between 0 and 1.
        number: Of what it is a share; 1 or more.
    """
    z = _NORMAL_95
    centre = share + z * z / (2 * number)
    half = z * math.sqrt(share * (1 - share) / number + z * z / (4 * number * number))
    scale = 1 + z * z / number
    return max((centre - half) / scale, 0.0), min((centre + half) / scale, 1.0)


def draw_reliability(bins: Sequence[Bin]) -> tuple[Point, ...]:
    """Return the points of one language's diagram, left to right."""
    most = max((item.utterances for item in bins), default=1)
    points = []
    for item in bins:
        low, high = interval(item.accuracy, item.utterances)
        number = min(int(item.confidence * RELIABILITY_BINS), RELIABILITY_BINS - 1)
        points.append(
            Point(
                x=round(item.confidence * SIDE, 1),
                y=round((1 - item.accuracy) * SIDE, 1),
                radius=round(3 + 7 * math.sqrt(item.utterances / most), 1),
                low=round((1 - low) * SIDE, 1),
                high=round((1 - high) * SIDE, 1),
                bar=round(max(item.utterances / most * STRIP, 1), 1),
                bar_x=round(number / RELIABILITY_BINS * SIDE, 1),
                bin=item,
            )
        )
    return tuple(points)


def build_matrix(outcomes: Sequence[Outcome]) -> tuple[Row, ...]:
    """Return the confusion matrix of the intents that are ever confused, rows and columns in the same order.

    An intent that no utterance has, but that was predicted for one, has a row without utterances.
    """
    confused = [item for item in outcomes if not item.predicted_right]
    names = sorted({item.intent for item in confused} | {item.predicted for item in confused})
    pairs = Counter((item.intent, item.predicted) for item in outcomes)
    totals = Counter(item.intent for item in outcomes)
    return tuple(
        Row(name, totals[name], tuple(_to_cell(pairs[name, other], totals[name], name == other) for other in names))
        for name in names
    )


def _to_cell(count: int, total: int, diagonal: bool) -> Cell:
    return Cell(count, math.ceil(count / total * 5) if count else 0, diagonal)
