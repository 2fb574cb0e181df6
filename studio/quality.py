"""How well the live model understands each topic: its share of held-out utterances, and what it takes them for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from knowledge.languages import Language, as_language
from studio.evaluation import Evaluation
from studio.models import Models


@dataclass(frozen=True)
class Quality:
    """A topic's held-out utterances in one language.

    Attributes:
        right: How many were answered right.
        utterances: How many there are.
        confused_with: What the others were taken for most often, None if all were right.
    """

    right: int
    utterances: int
    confused_with: str | None


def fetch_quality(models: Models) -> dict[tuple[str, Language], Quality]:
    """Return the quality of each topic by language; empty where the live model has not been measured."""
    name = models.live_name()
    measured = models.fetch_evaluation(name) if name else None
    return compute_quality(measured.evaluation) if measured else {}


def compute_quality(evaluation: Evaluation) -> dict[tuple[str, Language], Quality]:
    """Return the quality of each topic by language according to one evaluation."""
    counts: Counter[tuple[str, Language]] = Counter()
    wrong: dict[tuple[str, Language], Counter[str]] = {}
    for item in evaluation.utterances:
        language = as_language(item.language)
        if language is None:
            continue
        key = item.intent, language
        counts[key] += 1
        if not item.right:
            wrong.setdefault(key, Counter())[item.got or item.predicted] += 1
    return {
        key: Quality(
            count - wrong[key].total() if key in wrong else count,
            count,
            wrong[key].most_common(1)[0][0] if key in wrong else None,
        )
        for key, count in counts.items()
    }
