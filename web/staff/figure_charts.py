"""The geometry of the charts: what a template draws as SVG, in units of its own that the page scales."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from babel.dates import format_date

from conversations.figures.statistics import Calibration, Share
from knowledge.languages import Language
from web.staff.figure_cells import Cell, show_cell

WIDTH = 640
_LEFT, _RIGHT, _TOP, _HEIGHT, _BOTTOM = 44, 8, 10, 180, 26
_MOST_COLUMNS = 92
_TICKS = 4
_LABELS = 7
_ROW = 44
_SQUARE = 280


@dataclass(frozen=True)
class Box:
    """A rectangle of one series, with what it says when it is pointed at."""

    series: int
    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True)
class Label:
    """A word at a place."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Columns:
    """Stacked columns over time; `legend` names the series in their order, `ticks` stand at the left."""

    boxes: tuple[Box, ...]
    legend: tuple[str, ...]
    ticks: tuple[Label, ...]
    labels: tuple[Label, ...]
    bottom: float
    height: float
    left: float = _LEFT
    right: float = WIDTH - _RIGHT
    width: float = WIDTH


@dataclass(frozen=True)
class Bar:
    """A row: its name, its bar, its figure, and the ends of the interval that it is sure within."""

    y: float
    name: str
    width: float
    value: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Bars:
    """Rows one below the other; a bar begins at 0 and the longest ends at `full`."""

    rows: tuple[Bar, ...]
    height: float
    full: float
    width: float = WIDTH


@dataclass(frozen=True)
class Point:
    """A bin of answers: confidence to the right, share right upwards, its interval, and how many it is of."""

    x: float
    y: float
    low: float
    high: float
    radius: float
    title: str


@dataclass(frozen=True)
class Reliability:
    """Confidence against what was right; on the diagonal, confidence means what it says."""

    points: tuple[Point, ...]
    ticks: tuple[tuple[float, float, str], ...]
    left: float = _LEFT
    top: float = _TOP
    size: float = _SQUARE
    width: float = _LEFT + _SQUARE + 16
    height: float = _TOP + _SQUARE + 44


def draw_columns(
    series: Mapping[str, Mapping[dt.date, int]], days: Sequence[dt.date], language: Language, week: str
) -> Columns:
    """Return stacked columns, one a day; of a long period one a week.

    Args:
        series: What is counted, by its name and by day.
        days: The days of the period.
        language: The reader's.
        week: How a week is called by its first day, such as `week from {day}`.
    """
    slots = _slots(days)
    highest = max((sum(values.get(day, 0) for values in series.values() for day in slot) for slot in slots), default=0)
    top = _round_up(highest)
    wide = (WIDTH - _LEFT - _RIGHT) / len(slots)
    boxes = []
    for place, slot in enumerate(slots):
        said = format_date(slot[0], "d.M.", locale=language)
        said = said if len(slots) == len(days) else week.format(day=said)
        base = float(_TOP + _HEIGHT)
        for number, (name, values) in enumerate(series.items()):
            count = sum(values.get(day, 0) for day in slot)
            height = count / top * _HEIGHT
            base -= height
            if count:
                title = f"{said} {name}: {show_cell(Cell(count), language)}"
                x, gap = _LEFT + place * wide, min(2.0, wide / 6)
                boxes.append(Box(number, _r(x + gap / 2), _r(base), _r(wide - gap), _r(height), title))
    return Columns(
        boxes=tuple(boxes),
        legend=tuple(series),
        ticks=tuple(
            Label(_LEFT - 6, _r(_TOP + _HEIGHT * (1 - part / _TICKS)), show_cell(Cell(top * part // _TICKS), language))
            for part in range(_TICKS + 1)
        ),
        labels=tuple(_day_labels(slots, wide, language)),
        bottom=_TOP + _HEIGHT,
        height=_TOP + _HEIGHT + _BOTTOM,
    )


def _slots(days: Sequence[dt.date]) -> list[list[dt.date]]:
    if len(days) <= _MOST_COLUMNS:
        return [[day] for day in days]
    weeks: dict[tuple[int, int], list[dt.date]] = {}
    for day in days:
        weeks.setdefault(day.isocalendar()[:2], []).append(day)
    return list(weeks.values())


def _day_labels(slots: Sequence[Sequence[dt.date]], wide: float, language: Language) -> list[Label]:
    step = math.ceil(len(slots) / _LABELS)
    return [
        Label(
            _r(_LEFT + (place + 0.5) * wide), _TOP + _HEIGHT + 18, format_date(slots[place][0], "d.M.", locale=language)
        )
        for place in range(0, len(slots), step)
    ]


def _round_up(highest: int) -> int:
    """Return the end of a scale that four even steps lead to."""
    least = max(highest, _TICKS)
    size = 10 ** int(math.log10(least / _TICKS))
    steps = (1, 2, 2.5, 5, 10) if size > 1 else (1, 2, 5, 10)
    return int(next(step * size for step in steps if step * size * _TICKS >= least) * _TICKS)


def draw_bars(rows: Sequence[tuple[str, int]], language: Language) -> Bars:
    """Return bars of counts.

    Args:
        rows: Names and counts.
        language: The reader's.
    """
    full = WIDTH - 80.0
    highest = max((count for _, count in rows), default=0) or 1
    return Bars(
        rows=tuple(
            Bar(place * _ROW, name, _r(count / highest * full), show_cell(Cell(count), language))
            for place, (name, count) in enumerate(rows)
        ),
        height=len(rows) * _ROW,
        full=full,
    )


def draw_shares(rows: Sequence[tuple[str, Share]], language: Language) -> Bars:
    """Return bars of shares with their intervals; the whole width is 100 per cent.

    Args:
        rows: Names and shares of something.
        language: The reader's.
    """
    full = WIDTH - 80.0
    return Bars(
        rows=tuple(
            Bar(
                y=place * _ROW,
                name=name,
                width=_r((share.value or 0) * full),
                value=show_cell(Cell(share.value, "share"), language),
                low=_r(share.interval[0] * full),
                high=_r(share.interval[1] * full),
            )
            for place, (name, share) in enumerate(rows)
        ),
        height=len(rows) * _ROW,
        full=full,
    )


def draw_reliability(found: Calibration, language: Language) -> Reliability:
    """Return the points of a reliability diagram.

    Args:
        found: What was judged.
        language: The reader's.
    """

    def across(share: float) -> float:
        return _r(_LEFT + share * _SQUARE)

    def up(share: float) -> float:
        return _r(_TOP + (1 - share) * _SQUARE)

    points = tuple(
        Point(
            x=across(item.confidence),
            y=up(item.right.value or 0),
            low=up(item.right.interval[0]),
            high=up(item.right.interval[1]),
            radius=_r(4 + 6 * math.sqrt(item.right.whole / found.judged)),
            title=f"{show_cell(Cell(item.confidence, 'share'), language)}: {item.right.part}/{item.right.whole}",
        )
        for item in found.bins
    )
    shares = (0.0, 0.25, 0.5, 0.75, 1.0)
    return Reliability(points, tuple((across(share), up(share), f"{share * 100:.0f}") for share in shares))


def _r(value: float) -> float:
    return round(value, 1)
