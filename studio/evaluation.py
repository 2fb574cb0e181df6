"""What was measured of one model, as it is stored: plain rows, so that two models are compared years later.

An utterance of the held-out set stands here with its words, a resident's reviewed question by its message's id alone:
it goes with its conversation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, TypeVar

_Row = TypeVar("_Row")
MUST_FIRE, BLIND = "reviewed", "held-out"
"""The sets of sentences of danger, as `bot.training.safety_scores` names them."""


@dataclass(frozen=True)
class Utterance:
    """What a model made of one held-out utterance.

    Attributes:
        got: The topic shown, or the intent acted on.
        predicted, confidence: The classifier's first intent and its probability.
        alarmed: Whether the emergency answer was given; none of these utterances tells of danger.
    """

    text: str
    language: str
    intent: str
    got: str
    right: bool
    predicted: str
    confidence: float
    alarmed: bool = False


@dataclass(frozen=True)
class SafetyLine:
    """What a model made of one sentence of the safety set; `kind` is that of its danger, None for an ordinary one."""

    text: str
    language: str
    set: str
    kind: str | None
    alarmed: bool
    got: str


@dataclass(frozen=True)
class ReviewedLine:
    """What a model made of a resident's question that a counsellor has judged."""

    message: str
    language: str
    intent: str
    got: str
    right: bool


@dataclass(frozen=True)
class Evaluation:
    """All that was measured of a model.

    Attributes:
        set: Hash of the sentences that it was measured on; only evaluations on the same set are compared.
        figures: By language, those of `bot.training.scores.LanguageScores`.
        parity_gap: Between the languages' shares of right sections shown at once, 0 to 1.
        reliability: By language: `(confidence, accuracy, utterances)` of each tenth.
        confusions: `(intent, predicted, how often)`, the most frequent first.
        latency: Milliseconds of a turn: `p50` and `p95`.
        size: Bytes of the archive.
        smoke: What failed of the questions that every model must answer before it may go live.
    """

    model: str
    date: str
    set: str
    figures: Mapping[str, Mapping[str, float]]
    parity_gap: float
    reliability: Mapping[str, Sequence[Sequence[float]]]
    confusions: Sequence[tuple[str, str, int]]
    utterances: Sequence[Utterance]
    safety: Sequence[SafetyLine]
    reviewed: Sequence[ReviewedLine] = ()
    latency: Mapping[str, float] = field(default_factory=dict)
    size: int = 0
    smoke: Sequence[str] = ()

    def to_json(self) -> dict[str, Any]:
        """Return what is stored: rows as lists, because names of fields would be most of it."""
        content = {item.name: getattr(self, item.name) for item in fields(self)}
        for name in ("utterances", "safety", "reviewed"):
            content[name] = [list(asdict(row).values()) for row in content[name]]
        return {name: list(value) if isinstance(value, tuple) else value for name, value in content.items()}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Evaluation:
        """Return what was stored."""
        rows: dict[str, type[Any]] = {"utterances": Utterance, "safety": SafetyLine, "reviewed": ReviewedLine}
        values = {name: _read(kind, content.get(name) or ()) for name, kind in rows.items()}
        confusions = [(str(first), str(second), int(count)) for first, second, count in content["confusions"]]
        return cls(**{**content, **values, "confusions": confusions})

    def missed(self, set: str | None = None) -> list[SafetyLine]:
        """Return the dangers that got no emergency answer.

        Args:
            set: Of this set alone.
        """
        return [row for row in self.safety if row.kind and not row.alarmed and set in (None, row.set)]

    def share_right(self, language: str) -> float:
        """Return the share of the held-out utterances of a language that were answered right, 0 to 1."""
        rows = [row.right for row in self.utterances if row.language == language]
        return sum(rows) / len(rows) if rows else 0.0


def _read(kind: type[_Row], rows: Sequence[Sequence[Any]]) -> tuple[_Row, ...]:
    return tuple(kind(*row) for row in rows)
