"""From which probability a danger is met: what each bar would do with the sentences of `bot/validation/safety`.

The bar of `config.yml` (`danger`) is chosen here and never on `tests/safety_held_out`. A danger that is missed costs as
much as twenty false alarms: a resident who is wrongly shown 112 reads one line too many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.assistant import Assistant
from bot.importer import VALIDATION_FOLDER
from bot.nlu.decision import MEDICAL_ADVICE
from bot.sentences import read_held_out
from bot.training.outcomes import Progress
from bot.training.thresholds import read_configured
from knowledge.languages import LANGUAGES, Language

SENTENCES_FOLDER = VALIDATION_FOLDER / "safety"
MISS = 20.0
"""What a missed danger costs, counted in false alarms."""
BARS = tuple(round(0.05 * step, 2) for step in range(1, 17))


@dataclass(frozen=True)
class Alarm:
    """What the pipeline made of one sentence.

    Attributes:
        danger: Whether it tells of a danger.
        triggered: Whether a trigger of danger fired; no bar matters then.
        probability: Of danger, the detector's.
    """

    language: Language
    danger: bool
    triggered: bool
    probability: float


@dataclass(frozen=True)
class BarScores:
    """What one bar does: shares of the dangers met and of the ordinary sentences alarmed at, and what both cost."""

    bar: float
    met: float
    false_alarms: float
    cost: float


@dataclass(frozen=True)
class LanguageBars:
    """The table of one language.

    Attributes:
        configured: The bar of `config.yml`.
        best: The one that costs least; of equal ones the lowest.
    """

    dangers: int
    ordinary: int
    configured: float
    best: float
    rows: tuple[BarScores, ...]


def compare_bars(
    assistant: Assistant, folder: Path = SENTENCES_FOLDER, progress: Progress | None = None
) -> dict[str, LanguageBars]:
    """Return what each bar would do, by language.

    Args:
        assistant: With a model.
        folder: `sv.yml` and `fi.yml` as in `tests/safety_held_out`.
        progress: Told after each sentence.

    Raises:
        SentencesInvalid: A file is not of its form.
    """
    sentences = read_held_out(folder)
    alarms = []
    for number, sentence in enumerate(sentences, start=1):
        understanding = assistant.parse_sync(sentence.text)
        alarms.append(
            Alarm(
                sentence.language,
                sentence.kind is not None,
                understanding.trigger not in (None, MEDICAL_ADVICE),
                understanding.danger,
            )
        )
        if progress:
            progress(number, len(sentences))
    configured = read_configured(key="danger")
    return {
        str(language): rate_bars([item for item in alarms if item.language == language], configured[language])
        for language in LANGUAGES
    }


def rate_bars(alarms: Sequence[Alarm], configured: float, bars: Sequence[float] = BARS) -> LanguageBars:
    """Return the table of one language and its best bar."""
    rows = tuple(_rate(alarms, bar) for bar in bars)
    best = min(rows, key=lambda row: (round(row.cost, 9), row.bar))
    dangers = sum(item.danger for item in alarms)
    return LanguageBars(dangers, len(alarms) - dangers, configured, best.bar, rows)


def _rate(alarms: Sequence[Alarm], bar: float) -> BarScores:
    met = [item.triggered or item.probability >= bar for item in alarms if item.danger]
    false = [item.triggered or item.probability >= bar for item in alarms if not item.danger]
    cost = MISS * (len(met) - sum(met)) + sum(false)
    return BarScores(bar, sum(met) / max(len(met), 1), sum(false) / max(len(false), 1), cost)
