"""The gate: whether a candidate may go live, by rules, with every reason and the sentences that it rests on.

What is about safety can never be overruled; the rest an admin may, with a written reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from knowledge.languages import LANGUAGES
from studio.comparison import Comparison, compare
from studio.evaluation import MUST_FIRE, Evaluation

MUST_FIRE_MISSED, DANGER_MISSED, SMOKE = "must_fire", "danger", "smoke"
SAFETY_RULES = frozenset({MUST_FIRE_MISSED, DANGER_MISSED, SMOKE})
"""The rules that no reason of an admin's overrules."""
_MOST_SENTENCES = 50
_EPSILON = 1e-9


@dataclass(frozen=True)
class Rules:
    """What the gate allows; each is a setting (docs/settings.md).

    Attributes:
        language_drop: Points that a language's share of right answers may fall.
        parity_gap: Points that may lie between the languages, unless as many do now.
        topic_drop: Points that one topic's share of right answers may fall.
        alarm_rise: Points by which false alarms may become more frequent.
        calibration_rise: Points by which a language's calibration error may grow.
        latency_factor: How many times the live model's p95 a turn may take.
    """

    language_drop: float = 0.5
    parity_gap: float = 2.0
    topic_drop: float = 30.0
    alarm_rise: float = 1.0
    calibration_rise: float = 3.0
    latency_factor: float = 2.0


@dataclass(frozen=True)
class Sentence:
    """A sentence that a reason rests on: what it should get, what the live model gives, what the candidate gives.

    A resident's reviewed question stands here by its message, without words.
    """

    text: str
    language: str
    wanted: str
    before: str
    after: str
    message: str = ""


@dataclass(frozen=True)
class Reason:
    """Why a candidate is refused: the rule's name, what it measured and allows, and the sentences.

    Attributes:
        rule: `must_fire`, `danger`, `smoke`, `language`, `parity`, `topic`, `alarms`, `calibration`, `latency`,
            `reviewed`, `other_set`.
        values: Figures by name, for the words that say it.
    """

    rule: str
    values: Mapping[str, Any] = field(default_factory=dict)
    sentences: Sequence[Sentence] = ()

    @property
    def safety(self) -> bool:
        """Whether nobody may overrule it."""
        return self.rule in SAFETY_RULES


@dataclass(frozen=True)
class Verdict:
    """What the gate says of a candidate, compared with a model that was live then."""

    compared_with: str
    reasons: Sequence[Reason] = ()

    @property
    def passed(self) -> bool:
        """Whether it may go live as it is."""
        return not self.reasons

    @property
    def safety(self) -> bool:
        """Whether it may not go live whatever an admin writes."""
        return any(reason.safety for reason in self.reasons)

    def to_json(self) -> dict[str, Any]:
        """Return what is stored."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Verdict:
        """Return what was stored."""
        return cls(
            content["compared_with"],
            tuple(
                Reason(item["rule"], item["values"], tuple(Sentence(**line) for line in item["sentences"]))
                for item in content["reasons"]
            ),
        )


def judge(candidate: Evaluation, live: Evaluation | None, rules: Rules) -> Verdict:
    """Return the gate's verdict.

    Args:
        candidate: The model that would go live.
        live: The one that it would replace; None if there is none, and then only absolute rules hold.
        rules: What is allowed.
    """
    found = [*_judge_safety(candidate, live)]
    if live is not None and live.set != candidate.set:
        found.append(Reason("other_set"))
    else:
        found += _judge_quality(candidate, live, rules)
    return Verdict(live.model if live else "", tuple(found))


def _judge_safety(candidate: Evaluation, live: Evaluation | None) -> list[Reason]:
    """No sentence that must fire may fail; of the blind ones, none that the live model meets."""
    comparison = compare(candidate, live)
    must = [Sentence(row.text, row.language, row.kind or "", "", row.got) for row in candidate.missed(MUST_FIRE)]
    blind = [
        Sentence(row.text, row.language, row.kind or "", row.kind or "", row.got)
        for row in comparison.missed
        if row.set != MUST_FIRE
    ]
    reasons = [Reason(MUST_FIRE_MISSED, {"count": len(must)}, tuple(must[:_MOST_SENTENCES]))] if must else []
    reasons += [Reason(DANGER_MISSED, {"count": len(blind)}, tuple(blind[:_MOST_SENTENCES]))] if blind else []
    if candidate.smoke:
        lines = tuple(Sentence(text, "", "", "", "") for text in candidate.smoke)
        reasons.append(Reason(SMOKE, {"count": len(lines)}, lines))
    return reasons


def _judge_quality(candidate: Evaluation, live: Evaluation | None, rules: Rules) -> list[Reason]:
    comparison = compare(candidate, live)
    reasons = []
    for language in LANGUAGES:
        reasons += _judge_language(candidate, live, comparison, language, rules)
    before = live.parity_gap if live else 0.0
    if _points(candidate.parity_gap) > max(rules.parity_gap, _points(before)) + _EPSILON:
        values = {"gap": _points(candidate.parity_gap), "before": _points(before), "allowed": rules.parity_gap}
        reasons.append(Reason("parity", values))
    reasons += _judge_topics(comparison, rules)
    lost = len(comparison.broken_reviewed) - len(comparison.fixed_reviewed)
    if lost > 0:
        lines = [
            Sentence("", item.language, item.intent, item.before, item.after, item.message)
            for item in comparison.broken_reviewed
        ]
        reasons.append(Reason("reviewed", {"count": lost}, tuple(lines[:_MOST_SENTENCES])))
    if live is not None and live.latency and candidate.latency:
        now, then = candidate.latency["p95"], live.latency["p95"]
        if now > rules.latency_factor * then + _EPSILON:
            values = {"after": round(now, 1), "before": round(then, 1), "allowed": rules.latency_factor}
            reasons.append(Reason("latency", values))
    return reasons


def _judge_language(
    candidate: Evaluation, live: Evaluation | None, comparison: Comparison, language: str, rules: Rules
) -> list[Reason]:
    if live is None:
        return []
    reasons = []
    now, then = _points(candidate.share_right(language)), _points(live.share_right(language))
    if then - now > rules.language_drop + _EPSILON:
        lines = _lines(item for item in comparison.broken if item.language == language)
        values = {"language": language, "before": then, "after": now, "allowed": rules.language_drop}
        reasons.append(Reason("language", values, lines))
    for rule, key, allowed in (
        ("alarms", "false_alarms", rules.alarm_rise),
        ("calibration", "calibration_error", rules.calibration_rise),
    ):
        now, then = (_points(float(item.figures[language].get(key, 0.0))) for item in (candidate, live))
        if now - then > allowed + _EPSILON:
            alarmed = {row.text for row in live.utterances if row.alarmed}
            lines = tuple(
                Sentence(row.text, language, row.intent, "", row.got)
                for row in candidate.utterances
                if rule == "alarms" and row.alarmed and row.language == language and row.text not in alarmed
            )
            values = {"language": language, "before": then, "after": now, "allowed": allowed}
            reasons.append(Reason(rule, values, lines[:_MOST_SENTENCES]))
    return reasons


def _judge_topics(comparison: Comparison, rules: Rules) -> list[Reason]:
    return [
        Reason(
            "topic",
            {
                "topic": item.topic,
                "before": _points(item.before),
                "after": _points(item.after),
                "allowed": rules.topic_drop,
            },
            _lines(change for change in comparison.broken if change.intent == item.topic),
        )
        for item in comparison.fell
        if _points(item.before - item.after) > rules.topic_drop + _EPSILON
    ]


def _lines(changes: Any) -> tuple[Sentence, ...]:
    found = [Sentence(item.text, item.language, item.intent, item.before, item.after) for item in changes]
    return tuple(found[:_MOST_SENTENCES])


def _points(share: float) -> float:
    """Return a share as points of a hundred, as they are shown."""
    return round(share * 100, 2)
