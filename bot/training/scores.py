"""From outcomes to figures: pure functions, each figure with its definition."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import f1_score

from bot.nlu.calibration import expected_calibration_error
from bot.training.outcomes import BY_CONFIDENCE, OUT_OF_SCOPE, SURE, Outcome
from knowledge.languages import LANGUAGES, Language

RELIABILITY_BINS = 10


@dataclass(frozen=True)
class LanguageScores:
    """Figures of one language; all but the first are shares between 0 and 1.

    Attributes:
        answered: Topics whose right section was shown at once.
        helped: The same, with clarifying questions that offered the right topic.
        wrong: Topics answered with another topic's section.
        declined: Out-of-scope utterances that were declined.
        false_alarms: Utterances met with an emergency answer; none of them tells of danger.
        fallback_precision: Of what was asked back or searched for, the share that the classifier had wrong.
        fallback_recall: Of what the classifier had wrong, the share that was asked back or searched for.
        right_language: Utterances answered in their language.
    """

    utterances: int
    accuracy: float
    macro_f1: float
    answered: float
    helped: float
    wrong: float
    declined: float
    false_alarms: float
    calibration_error: float
    fallback_precision: float
    fallback_recall: float
    right_language: float


@dataclass(frozen=True)
class Figure:
    """How one figure of `LanguageScores` is shown.

    Attributes:
        key: The field.
        meaning: One sentence for who reads the figure for the first time.
    """

    key: str
    label: str
    meaning: str


FIGURES = (
    Figure("utterances", "utterances", "Held-out utterances that were asked."),
    Figure("answered", "right section at once", "Topics whose own section was shown without a question back."),
    Figure("helped", "… or offered in a clarifying question", "The same, with questions back that offered the topic."),
    Figure("wrong", "another topic's section", "Topics answered with what was not asked; the costliest error."),
    Figure("declined", "out-of-scope declined", "Questions that Soite does not answer, and Lotsi said so."),
    Figure("false_alarms", "met with an emergency answer", "None of these utterances tells of danger."),
    Figure("right_language", "answered in the right language", "The page's language was not known."),
    Figure("accuracy", "classifier accuracy", "The classifier's first intent is right, whatever was decided."),
    Figure("macro_f1", "macro-F1", "F1 averaged over the intents, rare ones as heavy as frequent ones."),
    Figure("calibration_error", "expected calibration error", "Mean gap between confidence and accuracy, ten bins."),
    Figure("fallback_precision", "fallback precision", "Of what was held back, what the classifier had wrong."),
    Figure("fallback_recall", "fallback recall", "Of what the classifier had wrong, what was held back."),
)


@dataclass(frozen=True)
class IntentScores:
    """How many utterances of one intent were answered right, by language."""

    intent: str
    right: dict[str, int]
    utterances: dict[str, int]

    @property
    def share(self) -> float:
        """The share answered right, in both languages together."""
        return sum(self.right.values()) / max(sum(self.utterances.values()), 1)


@dataclass(frozen=True)
class Confusion:
    """An intent taken for another, by the classifier; how often in each language."""

    intent: str
    predicted: str
    counts: dict[str, int]

    @property
    def total(self) -> int:
        """How often in both languages together."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Bin:
    """Utterances of about the same confidence.

    Attributes:
        confidence: The mean.
        accuracy: Share of them that the classifier had right.
    """

    confidence: float
    accuracy: float
    utterances: int


def share(items: Sequence[bool]) -> float:
    """Return the share of what is true; 0 of nothing."""
    return float(np.mean(items)) if items else 0.0


def macro_f1(intents: Sequence[str], predicted: Sequence[str]) -> float:
    """Return F1 averaged over the intents that occur."""
    return float(f1_score(intents, predicted, average="macro", labels=sorted(set(intents)), zero_division=0))


def score_language(outcomes: Sequence[Outcome]) -> LanguageScores:
    """Return the figures of some outcomes, all of one language."""
    topics = [item for item in outcomes if item.is_topic]
    decided = [item for item in outcomes if item.outcome in BY_CONFIDENCE]
    correct = [item.predicted_right for item in outcomes]
    return LanguageScores(
        utterances=len(outcomes),
        accuracy=share(correct),
        macro_f1=macro_f1([item.intent for item in outcomes], [item.predicted for item in outcomes]) if outcomes else 0,
        answered=share([item.right for item in topics]),
        helped=share([item.right or item.clarified for item in topics]),
        wrong=share([item.topic is not None and item.topic != item.intent for item in topics]),
        declined=share([item.right for item in outcomes if item.intent == OUT_OF_SCOPE]),
        false_alarms=share([item.emergency for item in outcomes]),
        calibration_error=expected_calibration_error(
            np.array([item.confidence for item in outcomes]), np.array(correct, dtype=float)
        ),
        fallback_precision=share([not item.predicted_right for item in decided if item.outcome != SURE]),
        fallback_recall=share([item.outcome != SURE for item in decided if not item.predicted_right]),
        right_language=share([item.answered_in == item.language for item in outcomes]),
    )


def score_intents(outcomes: Sequence[Outcome]) -> tuple[IntentScores, ...]:
    """Return a row an intent, the worst first, and by name where equal."""
    by_intent: dict[str, list[Outcome]] = defaultdict(list)
    for item in outcomes:
        by_intent[item.intent].append(item)
    rows = [
        IntentScores(
            intent,
            _count_languages([item.language for item in items if item.right]),
            _count_languages([item.language for item in items]),
        )
        for intent, items in by_intent.items()
    ]
    return tuple(sorted(rows, key=lambda row: (row.share, row.intent)))


def find_confusions(outcomes: Sequence[Outcome]) -> tuple[Confusion, ...]:
    """Return the pairs that the classifier confused, the most frequent first, and by name where equal."""
    pairs: dict[tuple[str, str], list[Language]] = defaultdict(list)
    for item in outcomes:
        if not item.predicted_right:
            pairs[item.intent, item.predicted].append(item.language)
    rows = [Confusion(*pair, _count_languages(languages)) for pair, languages in pairs.items()]
    return tuple(sorted(rows, key=lambda row: (-row.total, row.intent, row.predicted)))


def _count_languages(languages: Sequence[Language]) -> dict[str, int]:
    counts = Counter(languages)
    return {str(language): counts[language] for language in LANGUAGES}


def fill_bins(outcomes: Sequence[Outcome]) -> tuple[Bin, ...]:
    """Return the reliability of the classifier's confidence: ten equal bins of [0, 1], without the empty ones."""
    by_bin: dict[int, list[Outcome]] = defaultdict(list)
    for item in outcomes:
        by_bin[min(int(item.confidence * RELIABILITY_BINS), RELIABILITY_BINS - 1)].append(item)
    return tuple(
        Bin(
            float(np.mean([item.confidence for item in items])),
            share([item.predicted_right for item in items]),
            len(items),
        )
        for _, items in sorted(by_bin.items())
    )
