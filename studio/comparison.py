"""Two models side by side: figures, each sentence that changed, topics that fell, confusions, latency, size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knowledge.languages import LANGUAGES
from studio.evaluation import Evaluation, ReviewedLine, SafetyLine, Utterance


@dataclass(frozen=True)
class Change:
    """An utterance that the one model answers right and the other does not."""

    text: str
    language: str
    intent: str
    before: str
    after: str
    confidence: float


@dataclass(frozen=True)
class ReviewedChange:
    """The same of a resident's reviewed question, whose words stand in its message alone."""

    message: str
    language: str
    intent: str
    before: str
    after: str


@dataclass(frozen=True)
class TopicChange:
    """A topic's share of right answers in both models, 0 to 1, in both languages together."""

    topic: str
    before: float
    after: float
    utterances: int


@dataclass(frozen=True)
class FigureChange:
    """One figure in both models; `before` is None where there is no model to compare with."""

    key: str
    before: float | None
    after: float


@dataclass(frozen=True)
class Comparison:
    """A candidate beside another model, mostly the live one.

    Attributes:
        same_set: Whether both were measured on the same sentences; else only figures are compared.
        figures: By language.
        fixed, broken: Held-out utterances that only the candidate, or only the other, answers right.
        missed, met: Dangers that only the candidate misses, and those that only the other does.
        fell, rose: Topics whose share of right answers changed, the largest change first.
    """

    model: str
    other: str
    same_set: bool
    figures: dict[str, tuple[FigureChange, ...]]
    parity: FigureChange
    fixed: tuple[Change, ...]
    broken: tuple[Change, ...]
    fixed_reviewed: tuple[ReviewedChange, ...]
    broken_reviewed: tuple[ReviewedChange, ...]
    missed: tuple[SafetyLine, ...]
    met: tuple[SafetyLine, ...]
    fell: tuple[TopicChange, ...]
    rose: tuple[TopicChange, ...]
    confusions: tuple[tuple[str, str, int, int], ...]
    latency: tuple[FigureChange, ...]
    size: FigureChange


def compare(candidate: Evaluation, other: Evaluation | None) -> Comparison:
    """Return what is different.

    Args:
        candidate: The model in question.
        other: What it would replace; None if nothing is live.
    """
    pairs = _pair(candidate.utterances, other.utterances if other else ())
    topics = _compare_topics(pairs)
    reviewed = _pair_reviewed(candidate.reviewed, other.reviewed if other else ())
    safety = {(row.set, row.language, row.text): row.alarmed for row in (other.safety if other else ()) if row.kind}
    dangers = [(row, safety.get((row.set, row.language, row.text))) for row in candidate.safety if row.kind]
    return Comparison(
        model=candidate.model,
        other=other.model if other else "",
        same_set=other is not None and other.set == candidate.set,
        figures={
            language: tuple(
                FigureChange(key, float(other.figures[language][key]) if other else None, float(value))
                for key, value in candidate.figures[language].items()
            )
            for language in LANGUAGES
            if language in candidate.figures
        },
        parity=FigureChange("parity_gap", other.parity_gap if other else None, candidate.parity_gap),
        fixed=tuple(_change(old, new) for old, new in pairs if new.right and not old.right),
        broken=tuple(_change(old, new) for old, new in pairs if old.right and not new.right),
        fixed_reviewed=tuple(_reviewed(old, new) for old, new in reviewed if new.right and not old.right),
        broken_reviewed=tuple(_reviewed(old, new) for old, new in reviewed if old.right and not new.right),
        missed=tuple(row for row, before in dangers if not row.alarmed and before),
        met=tuple(row for row, before in dangers if row.alarmed and before is False),
        fell=tuple(item for item in topics if item.after < item.before),
        rose=tuple(item for item in reversed(topics) if item.after > item.before),
        confusions=_compare_confusions(candidate, other),
        latency=tuple(
            FigureChange(key, other.latency.get(key) if other else None, value)
            for key, value in candidate.latency.items()
        ),
        size=FigureChange("size", other.size if other else None, candidate.size),
    )


def _pair(new: Sequence[Utterance], old: Sequence[Utterance]) -> list[tuple[Utterance, Utterance]]:
    """Return the utterances that both were asked, the older answer first."""
    before = {(row.language, row.text, row.intent): row for row in old}
    return [(found, row) for row in new if (found := before.get((row.language, row.text, row.intent))) is not None]


def _pair_reviewed(new: Sequence[ReviewedLine], old: Sequence[ReviewedLine]) -> list[tuple[ReviewedLine, ReviewedLine]]:
    before = {(row.message, row.intent): row for row in old}
    return [(found, row) for row in new if (found := before.get((row.message, row.intent))) is not None]


def _change(old: Utterance, new: Utterance) -> Change:
    return Change(new.text, new.language, new.intent, old.got, new.got, new.confidence)


def _reviewed(old: ReviewedLine, new: ReviewedLine) -> ReviewedChange:
    return ReviewedChange(new.message, new.language, new.intent, old.got, new.got)


def _compare_topics(pairs: Iterable[tuple[Utterance, Utterance]]) -> list[TopicChange]:
    """Return the topics, those that fell most first."""
    rows: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for old, new in pairs:
        rows[new.intent].append((old.right, new.right))
    changes = [
        TopicChange(
            topic, sum(old for old, _ in found) / len(found), sum(new for _, new in found) / len(found), len(found)
        )
        for topic, found in rows.items()
    ]
    return sorted(changes, key=lambda item: (item.after - item.before, item.topic))


def _compare_confusions(candidate: Evaluation, other: Evaluation | None) -> tuple[tuple[str, str, int, int], ...]:
    """Return `(intent, predicted, before, after)` of what is confused in either, the most frequent now first."""
    before = {(first, second): count for first, second, count in (other.confusions if other else ())}
    after = {(first, second): count for first, second, count in candidate.confusions}
    found = {*before, *after}
    rows = [(*pair, before.get(pair, 0), after.get(pair, 0)) for pair in found]
    return tuple(sorted(rows, key=lambda row: (-row[3], -row[2], row[0], row[1])))
