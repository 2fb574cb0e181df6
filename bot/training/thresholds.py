"""Which confidence is sure enough: what each threshold would do with the utterances of `bot/validation`.

The thresholds of `config.yml` are chosen here and never on `tests/nlu`, which must stay unseen. An answer that fits is
worth 1, one that does not costs 2 (a resident who is sent the wrong way loses more than one who is asked back), and
holding back, by a question or a search, is worth nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.assistant import Assistant
from bot.importer import PROJECT_FOLDER, VALIDATION_FOLDER
from bot.nlu.danger import DANGER_PREFIX
from bot.nlu.decision import FallbackDecision
from bot.training.examples import read_examples
from bot.training.outcomes import BY_CONFIDENCE, Progress
from knowledge.languages import LANGUAGES, Language

GAIN, LOSS = 1.0, 2.0
THRESHOLDS = tuple(round(0.2 + 0.05 * step, 2) for step in range(13))


@dataclass(frozen=True)
class Judgement:
    """What the pipeline made of one validation utterance.

    Attributes:
        predicted, confidence: The classifier's first intent and its probability.
        outcome, acted: How and for what it was decided; where danger or the language decided, no threshold matters.
    """

    intent: str
    language: Language
    predicted: str
    confidence: float
    outcome: str
    acted: str


@dataclass(frozen=True)
class ThresholdScores:
    """What one threshold does; shares of all utterances of a language.

    Attributes:
        right, wrong: Acted on at once, for the right intent or another.
        held_back: Asked back, searched for, or declined.
        utility: Mean of what the utterances are worth.
    """

    threshold: float
    right: float
    wrong: float
    held_back: float
    utility: float


@dataclass(frozen=True)
class LanguageThresholds:
    """The table of one language.

    Attributes:
        configured: The threshold of `config.yml`.
        best: The one of the highest utility; of equal ones the highest, which is wrong least often.
    """

    utterances: int
    configured: float
    best: float
    rows: tuple[ThresholdScores, ...]


def compare_thresholds(
    assistant: Assistant, folder: Path = VALIDATION_FOLDER, progress: Progress | None = None
) -> dict[str, LanguageThresholds]:
    """Return what each threshold would do, by language.

    Args:
        assistant: With a model.
        folder: Utterances that nothing is trained on, with `sv/` and `fi/`.
        progress: Told after each utterance.

    Raises:
        ValueError: The files have problems; all are named.
    """
    examples, problems = read_examples(folder)
    if problems or not examples:
        raise ValueError("\n".join(map(str, problems)) or f"{folder} holds no utterance")
    judgements = []
    for number, example in enumerate(examples, start=1):
        understanding = assistant.parse_sync(example.text)
        judgements.append(
            Judgement(
                example.intent,
                example.language,
                understanding.predicted or "",
                understanding.confidence,
                understanding.outcome,
                understanding.intent or "",
            )
        )
        if progress:
            progress(number, len(examples))
    configured = read_configured()
    return {
        str(language): rate_thresholds([item for item in judgements if item.language == language], configured[language])
        for language in LANGUAGES
    }


def read_configured(config: Path = PROJECT_FOLDER / "config.yml", key: str = "sure") -> dict[str, float]:
    """Return the threshold of each language that the checkout is configured with.

    Args:
        config: Rasa's configuration file.
        key: An option of `FallbackDecision` that has a value for each language.
    """
    pipeline = yaml.safe_load(config.read_text(encoding="utf-8"))["pipeline"]
    name = f"{FallbackDecision.__module__}.{FallbackDecision.__name__}"
    given: dict[str, Any] = next((item for item in pipeline if item["name"] == name), {})
    return {**FallbackDecision.get_default_config()[key], **given.get(key, {})}


def rate_thresholds(
    judgements: Sequence[Judgement], configured: float, thresholds: Sequence[float] = THRESHOLDS
) -> LanguageThresholds:
    """Return the table of one language and its best threshold."""
    rows = tuple(_rate(judgements, threshold) for threshold in thresholds)
    best = max(rows, key=lambda row: (round(row.utility, 9), row.threshold))
    return LanguageThresholds(len(judgements), configured, best.threshold, rows)


def _rate(judgements: Sequence[Judgement], threshold: float) -> ThresholdScores:
    intents = [(item.intent, _find_acted(item, threshold)) for item in judgements]
    count = max(len(intents), 1)
    right = sum(acted == intent for intent, acted in intents) / count
    held_back = sum(acted is None for _, acted in intents) / count
    wrong = sum(acted is not None and acted != intent for intent, acted in intents) / count
    return ThresholdScores(threshold, right, wrong, held_back, GAIN * right - LOSS * wrong)


def _find_acted(item: Judgement, threshold: float) -> str | None:
    """Return the intent that would be acted on at once with this threshold, or None; as `bot.nlu.decision` decides."""
    if item.outcome == "safety":
        return item.acted
    sure = item.outcome in BY_CONFIDENCE and item.confidence >= threshold
    return item.predicted if sure and not item.predicted.startswith(DANGER_PREFIX) else None
