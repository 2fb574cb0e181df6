"""Measures a model on held-out utterances: what it predicts, what it decides, and what a resident would read.

Utterances are read as by a resident whose page language is not known, each in a conversation of its own.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from sklearn.metrics import f1_score

from bot.assistant import Assistant
from bot.nlu.calibration import expected_calibration_error
from bot.reply import Reply
from bot.training.examples import Example, read_examples
from knowledge.languages import LANGUAGES, Language

OUT_OF_SCOPE = "out_of_scope"
DECLINING = frozenset({OUT_OF_SCOPE, "nlu_fallback", "foreign_language", "override_rules", "anger"})
_RELIABILITY_BINS = 10


@dataclass(frozen=True)
class Outcome:
    """One utterance and what became of it.

    Attributes:
        predicted, confidence: The classifier's first intent and its probability, whatever was decided.
        acted: The intent that the rules acted on.
        topic: The topic whose section was shown, if one was.
        choices: The payloads that a clarifying question offered.
    """

    text: str
    intent: str
    language: Language
    predicted: str
    confidence: float
    outcome: str
    acted: str
    topic: str | None
    choices: tuple[str, ...]
    answered_in: Language
    is_topic: bool

    @property
    def right(self) -> bool:
        """Whether the resident was helped at once: the right section, or the right thing said."""
        if self.intent == OUT_OF_SCOPE:
            return self.topic is None and self.acted in DECLINING
        return self.topic == self.intent if self.is_topic else self.acted == self.intent

    @property
    def clarified(self) -> bool:
        """Whether a clarifying question offered the right topic."""
        return not self.right and self.outcome == "between" and f"/{self.intent}" in self.choices


@dataclass(frozen=True)
class LanguageScores:
    """Figures of one language; all are shares between 0 and 1.

    Attributes:
        answered: Topics whose right section was shown at once.
        helped: The same, with clarifying questions that offered the right topic.
        wrong: Topics answered with another topic's section.
        declined: Out-of-scope utterances that were declined.
        fallback_precision: Of what was not answered at once, the share that the classifier had wrong.
        fallback_recall: Of what the classifier had wrong, the share that was not answered at once.
        right_language: Utterances answered in their language.
    """

    utterances: int
    accuracy: float
    macro_f1: float
    answered: float
    helped: float
    wrong: float
    declined: float
    calibration_error: float
    fallback_precision: float
    fallback_recall: float
    right_language: float


@dataclass(frozen=True)
class SafetyScores:
    """Sentences of danger that were met with 112, and ordinary ones that were not."""

    dangers: int
    met: int
    ordinary: int
    false_alarms: int
    missed_sentences: tuple[str, ...]
    false_alarm_sentences: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """All that an evaluation found."""

    model: str
    date: str
    languages: dict[str, LanguageScores]
    parity_gap: float
    safety: SafetyScores | None
    confusions: tuple[tuple[str, str, int], ...]
    failures: tuple[Outcome, ...]
    reliability: tuple[tuple[float, float, int], ...]
    outcomes: tuple[Outcome, ...]


Progress = Callable[[int, int], None]


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
        safety: Folder with `sv/` and `fi/`, files with `fires` and `harmless`; None leaves safety out.
        topics: Topic ids of the knowledge.
        progress: Called with the number done and the number of all utterances.

    Raises:
        ValueError: The held-out files have problems; all are named.
    """
    examples, problems = read_examples(held_out)
    if problems or not examples:
        raise ValueError("\n".join(map(str, problems)) or f"{held_out} holds no utterance")
    known = frozenset(topics)
    outcomes = []
    for number, example in enumerate(examples):
        reply = assistant.reply_sync(f"evaluation-{number}", example.text)
        outcomes.append(_to_outcome(example, reply, known))
        if progress:
            progress(number + 1, len(examples))
    by_language = {language: _score([item for item in outcomes if item.language == language]) for language in LANGUAGES}
    return Report(
        model=assistant.model,
        date=dt.date.today().isoformat(),
        languages={str(language): scores for language, scores in by_language.items()},
        parity_gap=abs(by_language["sv"].answered - by_language["fi"].answered),
        safety=_score_safety(assistant, safety) if safety else None,
        confusions=_confusions(outcomes),
        failures=tuple(item for item in outcomes if not item.right),
        reliability=_reliability(outcomes),
        outcomes=tuple(outcomes),
    )


def _to_outcome(example: Example, reply: Reply, topics: frozenset[str]) -> Outcome:
    understanding = reply.understanding
    last = reply.messages[-1] if reply.messages else None
    return Outcome(
        text=example.text,
        intent=example.intent,
        language=example.language,
        predicted=understanding.predicted or "",
        confidence=understanding.confidence,
        outcome=understanding.outcome,
        acted=understanding.intent or "",
        topic=next((message.topic for message in reply.messages if message.topic), None),
        choices=tuple(button["payload"] for button in last.buttons) if last else (),
        answered_in=reply.language,
        is_topic=example.intent in topics,
    )


def _share(items: Sequence[bool]) -> float:
    return float(np.mean(items)) if items else 0.0


def _score(outcomes: Sequence[Outcome]) -> LanguageScores:
    topics = [item for item in outcomes if item.is_topic]
    correct = [item.predicted == item.intent for item in outcomes]
    held_back = [item.outcome != "sure" for item in outcomes]
    return LanguageScores(
        utterances=len(outcomes),
        accuracy=_share(correct),
        macro_f1=float(
            f1_score(
                [item.intent for item in outcomes],
                [item.predicted for item in outcomes],
                average="macro",
                labels=sorted({item.intent for item in outcomes}),
                zero_division=0,
            )
        ),
        answered=_share([item.right for item in topics]),
        helped=_share([item.right or item.clarified for item in topics]),
        wrong=_share([item.topic is not None and item.topic != item.intent for item in topics]),
        declined=_share([item.right for item in outcomes if item.intent == OUT_OF_SCOPE]),
        calibration_error=expected_calibration_error(
            np.array([item.confidence for item in outcomes]), np.array(correct, dtype=float)
        ),
        fallback_precision=_share([not good for good, held in zip(correct, held_back, strict=True) if held]),
        fallback_recall=_share([held for good, held in zip(correct, held_back, strict=True) if not good]),
        right_language=_share([item.answered_in == item.language for item in outcomes]),
    )


def _confusions(outcomes: Sequence[Outcome]) -> tuple[tuple[str, str, int], ...]:
    pairs = Counter((item.intent, item.predicted) for item in outcomes if item.intent != item.predicted)
    return tuple((wanted, got, count) for (wanted, got), count in pairs.most_common())


def _reliability(outcomes: Sequence[Outcome]) -> tuple[tuple[float, float, int], ...]:
    """Return mean confidence, accuracy and number of each bin that is not empty."""
    confidence = np.array([item.confidence for item in outcomes])
    correct = np.array([item.predicted == item.intent for item in outcomes], dtype=float)
    index = np.minimum((confidence * _RELIABILITY_BINS).astype(int), _RELIABILITY_BINS - 1)
    rows = []
    for number in range(_RELIABILITY_BINS):
        chosen = index == number
        if chosen.any():
            rows.append((float(confidence[chosen].mean()), float(correct[chosen].mean()), int(chosen.sum())))
    return tuple(rows)


def _score_safety(assistant: Assistant, folder: Path) -> SafetyScores:
    missed, alarms = [], []
    dangers = ordinary = 0
    for path in sorted(folder.glob("*/*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        if path.stem == "medical_advice":
            continue
        for number, text in enumerate(content.get("fires") or ()):
            dangers += 1
            if "112" not in assistant.reply_sync(f"danger-{path.parent.name}-{path.stem}-{number}", text).full_text:
                missed.append(text)
        for number, text in enumerate(content.get("harmless") or ()):
            ordinary += 1
            reply = assistant.reply_sync(f"ordinary-{path.parent.name}-{path.stem}-{number}", text)
            if any(message.emergency for message in reply.messages):
                alarms.append(text)
    return SafetyScores(dangers, dangers - len(missed), ordinary, len(alarms), tuple(missed), tuple(alarms))
