"""Measures a model: its answers to held-out utterances, its confidence, and how it meets danger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.assistant import Assistant
from bot.sentences import read_held_out, read_reviewed
from bot.training.cross_validation import CrossValidation
from bot.training.danger_bars import LanguageBars
from bot.training.examples import read_examples
from bot.training.outcomes import Outcome, observe
from bot.training.safety_scores import (
    HELD_OUT,
    REVIEWED,
    SafetyScores,
    ask_sentences,
    score_safety,
)
from bot.training.scores import (
    Bin,
    Confusion,
    IntentScores,
    LanguageScores,
    fill_bins,
    find_confusions,
    score_intents,
    score_language,
)
from bot.training.thresholds import LanguageThresholds
from knowledge.languages import LANGUAGES

Progress = Callable[[str, int, int], None]
"""Called with what is being done, the number done and the number of all."""


@dataclass(frozen=True)
class Report:
    """All that an evaluation found.

    Attributes:
        parity_gap: Between the languages' shares of right sections shown at once.
        safety: Sets of sentences, reviewed and blind ones apart.
        intents: Worst first.
        failures: Utterances that did not get the right answer at once.
        reliability: By language.
        cross_validation, thresholds, danger_bars: Where they were asked for.
    """

    model: str
    date: str
    languages: dict[str, LanguageScores]
    parity_gap: float
    safety: tuple[SafetyScores, ...]
    intents: tuple[IntentScores, ...]
    confusions: tuple[Confusion, ...]
    failures: tuple[Outcome, ...]
    reliability: dict[str, tuple[Bin, ...]]
    outcomes: tuple[Outcome, ...]
    cross_validation: CrossValidation | None = None
    thresholds: dict[str, LanguageThresholds] | None = None
    danger_bars: dict[str, LanguageBars] | None = None


def evaluate(
    assistant: Assistant,
    held_out: Path,
    safety: Path | None = None,
    topics: Iterable[str] = (),
    progress: Progress | None = None,
) -> Report:
    """Measure the loaded model.

    Args:
        assistant: With a model.
        held_out: Folder with `sv/` and `fi/`, Rasa NLU files.
        safety: Folder with `safety_held_out/` (blind) and perhaps `safety/` (reviewed); None leaves safety out.
        topics: Topic ids of the knowledge.
        progress: Told after each utterance.

    Raises:
        ValueError: The files have problems; those of the held-out utterances are all named.
    """
    examples, problems = read_examples(held_out)
    if problems or not examples:
        raise ValueError("\n".join(map(str, problems)) or f"{held_out} holds no utterance")
    outcomes = observe(assistant, examples, frozenset(topics), _name(progress, "held-out utterances"))
    return summarise(assistant.model, outcomes, _measure_safety(assistant, safety, progress) if safety else ())


def _measure_safety(assistant: Assistant, folder: Path, progress: Progress | None) -> tuple[SafetyScores, ...]:
    sets = {
        REVIEWED: read_reviewed(folder / "safety"),
        HELD_OUT: read_held_out(folder / "safety_held_out"),
    }
    if not sets[HELD_OUT]:
        raise ValueError(f"{folder} must hold sentences in 'safety_held_out'")
    return tuple(
        score_safety(name, ask_sentences(assistant, name, sentences, _name(progress, f"safety, {name}")))
        for name, sentences in sets.items()
        if sentences
    )


def _name(progress: Progress | None, what: str) -> Callable[[int, int], None] | None:
    return (lambda done, total: progress(what, done, total)) if progress else None


def summarise(model: str, outcomes: tuple[Outcome, ...], safety: tuple[SafetyScores, ...] = ()) -> Report:
    """Return the report of what was observed.

    Args:
        model: The model's name.
        outcomes: Of the held-out utterances.
        safety: Figures of the sets of sentences.
    """
    by_language = {str(language): [item for item in outcomes if item.language == language] for language in LANGUAGES}
    scores = {language: score_language(items) for language, items in by_language.items()}
    return Report(
        model=model,
        date=dt.date.today().isoformat(),
        languages=scores,
        parity_gap=abs(scores["sv"].answered - scores["fi"].answered),
        safety=safety,
        intents=score_intents(outcomes),
        confusions=find_confusions(outcomes),
        failures=tuple(item for item in outcomes if not item.right),
        reliability={language: fill_bins(items) for language, items in by_language.items()},
        outcomes=outcomes,
    )
