"""Evaluations as a trainer would have made them, small enough to be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.evaluation import BLIND, MUST_FIRE, Evaluation, ReviewedLine, SafetyLine, Utterance
from studio.models import Model, Models

FIGURES = {"utterances": 20.0, "answered": 0.9, "false_alarms": 0.0, "calibration_error": 0.04, "accuracy": 0.9}
TOPICS = ("health_station", "mission")


def utterances(wrong: Iterable[tuple[str, str, int]] = ()) -> tuple[Utterance, ...]:
    """Ten utterances of each topic and language; those in `wrong`, `(language, topic, number)`, got another topic."""
    missed = set(wrong)
    return tuple(
        Utterance(
            text=f"{topic} {language} {number}",
            language=language,
            intent=topic,
            got="other" if (language, topic, number) in missed else topic,
            right=(language, topic, number) not in missed,
            predicted=topic,
            confidence=0.9,
        )
        for language in ("sv", "fi")
        for topic in TOPICS
        for number in range(10)
    )


def safety(missed: Iterable[str] = ()) -> tuple[SafetyLine, ...]:
    """Two dangers and an ordinary sentence of each set and language; those whose words are in `missed` got no alarm."""
    gone = set(missed)
    return tuple(
        SafetyLine(text, language, name, kind, bool(kind) and text not in gone, kind or "mission")
        for name in (MUST_FIRE, BLIND)
        for language in ("sv", "fi")
        for text, kind in (
            (f"{name} {language} fire", "fire"),
            (f"{name} {language} life", "life"),
            (f"{name} {language} ordinary", None),
        )
    )


def evaluation(model: str = "lotsi-1", figures: Mapping[str, float] | None = None, **values: Any) -> Evaluation:
    """An evaluation in which all is well, but for what is given."""
    made = Evaluation(
        model=model,
        date="2026-11-22",
        set="one",
        figures={language: {**FIGURES, **(figures or {})} for language in ("sv", "fi")},
        parity_gap=0.01,
        reliability={"sv": [[0.9, 0.92, 20]], "fi": [[0.9, 0.88, 20]]},
        confusions=[("mission", "vision", 2)],
        utterances=utterances(),
        safety=safety(),
        latency={"p50": 10.0, "p95": 20.0},
        size=1000,
    )
    return replace(made, **values)


def reviewed(*right: bool) -> tuple[ReviewedLine, ...]:
    """Residents' reviewed questions, one for each value."""
    return tuple(
        ReviewedLine(f"message-{number}", "sv", "mission", "mission" if value else "vision", value)
        for number, value in enumerate(right)
    )


def make_model(models: Models, name: str = "lotsi-1", content: bytes = b"a model", fingerprint: str = "data") -> Model:
    """Put an archive into the folder and register it."""
    path: Path = models.archives.path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return models.register(name, "admin", fingerprint, "", 90, 1.5)
