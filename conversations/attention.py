"""How much a human look at a conversation is worth, and why: one table of weights, and one function that judges.

It is judged from what is stored, all of it each time, so that a changed table of weights needs a new count and no more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

from knowledge.lemmas import fold, normalise

if TYPE_CHECKING:
    from conversations.records import NewMessage
    from conversations.schema import MessageRow

    Said: TypeAlias = NewMessage | MessageRow

WEIGHTS: Final[dict[str, int]] = {
    "emergency": 40,  # the safety triggers fired: somebody may be in danger, and every such answer must be right
    "thumbs_down": 30,  # a thumb down, or one or two stars: a resident says in so many words that it failed
    "human": 25,  # asked for a human being, in words, by the queue or by a call-back
    "dont_know": 25,  # nothing was found: the documents or the examples miss something
    "repeated": 20,  # the same question again: the first answer was no help
    "near_tie": 15,  # two topics were almost as likely, or the resident was asked which
    "low_confidence": 10,  # answered, and hardly sure enough
    "language_switch": 5,  # both languages in one conversation: one may have been misunderstood
}
"""Each reason counts once; a conversation's attention is their sum, 0 to 170."""

REASONS = tuple(WEIGHTS)
LOW_CONFIDENCE = 0.6
NEAR_TIE = 0.1
_HUMAN_INTENT = "human_handoff"
_UNKNOWN_INTENTS = ("nlu_fallback", "out_of_scope")
_LOW_STARS = 2
_EXCERPT = 160


@dataclass(frozen=True)
class Turn:
    """A resident's message and what was said to it."""

    question: Said
    answers: tuple[Said, ...] = ()

    @property
    def is_unknown(self) -> bool:
        """Whether the resident heard that nothing is known of it."""
        asked = self.question
        missed = asked.outcome == "unsure" or asked.intent in _UNKNOWN_INTENTS
        return missed and not any(answer.topic for answer in self.answers)

    @property
    def is_near_tie(self) -> bool:
        """Whether two topics were almost as likely."""
        shares = [float(item["confidence"]) for item in self.question.ranking[:2]]
        close = len(shares) == 2 and shares[0] - shares[1] < NEAR_TIE
        return self.question.outcome == "between" or (self.question.outcome == "sure" and close)

    @property
    def reasons(self) -> frozenset[str]:
        """What in this turn is worth a look."""
        asked = self.question
        found = {
            "emergency": asked.trigger is not None or any(answer.emergency for answer in self.answers),
            "human": asked.intent == _HUMAN_INTENT,
            "dont_know": self.is_unknown,
            "near_tie": self.is_near_tie,
            "low_confidence": asked.outcome == "sure" and (asked.confidence or 0.0) < LOW_CONFIDENCE,
        }
        return frozenset(reason for reason, holds in found.items() if holds)


@dataclass(frozen=True)
class Summary:
    """A conversation for the inbox.

    Attributes:
        attention: How much a look is worth.
        reasons: Why, the weightiest first.
        excerpt: The resident's words that are worth most.
        questions: How many messages the resident has written.
        confidence: The lowest of those that were answered by their words.
        marks: What it is found by: `(kind, value)`.
    """

    attention: int
    reasons: tuple[str, ...]
    excerpt: str
    questions: int
    confidence: float | None
    marks: frozenset[tuple[str, str]] = field(default_factory=frozenset)


def summarise(
    messages: Sequence[Said],
    thumbs: Collection[str] = (),
    stars: int | None = None,
    asked_for_human: bool = False,
) -> Summary | None:
    """Judge a conversation.

    Args:
        messages: All of them, oldest first.
        thumbs: The resident's `up` and `down`.
        stars: The rating.
        asked_for_human: Whether there is a place in the queue or a call-back request.

    Returns:
        None where the resident has said nothing.
    """
    turns = list(split_turns(messages))
    if not turns:
        return None
    found = {reason for turn in turns for reason in turn.reasons}
    if "down" in thumbs or (stars is not None and stars <= _LOW_STARS):
        found.add("thumbs_down")
    if asked_for_human:
        found.add("human")
    if _is_repeated(turns):
        found.add("repeated")
    if len({turn.question.language for turn in turns}) > 1:
        found.add("language_switch")
    reasons = tuple(reason for reason in REASONS if reason in found)
    telling = max(turns, key=lambda turn: sum(WEIGHTS[reason] for reason in turn.reasons))
    known = [turn.question.confidence for turn in turns if turn.question.outcome in ("sure", "between", "unsure")]
    return Summary(
        attention=sum(WEIGHTS[reason] for reason in reasons),
        reasons=reasons,
        excerpt=_shorten(telling.question.text),
        questions=len(turns),
        confidence=min((value for value in known if value is not None), default=None),
        marks=frozenset(_marks(turns, reasons, thumbs, stars)),
    )


def split_turns(messages: Iterable[Said]) -> Iterator[Turn]:
    """Yield a resident's messages with what was said to each; what came before the first is nobody's answer."""
    question: Said | None = None
    answers: list[Said] = []
    for message in messages:
        if message.sender == "resident":
            if question is not None:
                yield Turn(question, tuple(answers))
            question, answers = message, []
        elif message.sender in ("bot", "human"):
            answers.append(message)
    if question is not None:
        yield Turn(question, tuple(answers))


def _is_repeated(turns: Sequence[Turn]) -> bool:
    """Say whether the resident had to ask again: in the same words, or at once for the same topic in others."""
    typed = [turn for turn in turns if turn.question.payload is None]
    words = [fold(normalise(turn.question.text)).strip(" ?!.") for turn in typed]
    if len(set(words)) < len(words):
        return True
    topics = [next((answer.topic for answer in turn.answers if answer.topic), None) for turn in typed]
    return any(one is not None and one == other for one, other in pairwise(topics))


def _marks(
    turns: Sequence[Turn], reasons: Sequence[str], thumbs: Collection[str], stars: int | None
) -> Iterator[tuple[str, str]]:
    yield from (("reason", reason) for reason in reasons)
    yield from (("rating", value) for value in thumbs)
    if stars is not None:
        yield "rating", str(stars)
    for turn in turns:
        if turn.question.outcome:
            yield "outcome", turn.question.outcome
        yield from (("topic", answer.topic) for answer in turn.answers if answer.topic)


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _EXCERPT else line[: _EXCERPT - 1].rstrip() + "…"
