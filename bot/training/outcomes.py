"""What became of one utterance: what the classifier predicted, what was decided, what a resident would read.

Utterances are read as by a resident whose page language is not known, each in a conversation of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from bot.assistant import Assistant
from bot.reply import Reply
from bot.training.examples import Example
from knowledge.languages import Language

OUT_OF_SCOPE = "out_of_scope"
DECLINING = frozenset({OUT_OF_SCOPE, "nlu_fallback", "foreign_language", "override_rules", "anger"})
SURE, BETWEEN, UNSURE = "sure", "between", "unsure"
BY_CONFIDENCE = frozenset({SURE, BETWEEN, UNSURE})
"""The outcomes that the classifier's confidence decides; danger and foreign languages go before it."""

Progress = Callable[[int, int], None]
"""Called with the number done and the number of all."""


@dataclass(frozen=True)
class Outcome:
    """One utterance and what became of it.

    Attributes:
        predicted, confidence: The classifier's first intent and its probability, whatever was decided.
        outcome: `safety`, `foreign`, `sure`, `between` or `unsure` (`bot.nlu.decision`).
        acted: The intent that the rules acted on.
        topic: The topic whose section was shown, if one was.
        choices: The payloads that a clarifying question offered.
        is_topic: Whether the intent is a topic of the knowledge, not something the bot says about itself.
        emergency: Whether an emergency answer was given.
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
    emergency: bool = False

    @property
    def right(self) -> bool:
        """Whether the resident was helped at once: the right section, or the right thing said."""
        if self.intent == OUT_OF_SCOPE:
            return self.topic is None and self.acted in DECLINING
        return self.topic == self.intent if self.is_topic else self.acted == self.intent

    @property
    def clarified(self) -> bool:
        """Whether a clarifying question offered the right topic."""
        return not self.right and self.outcome == BETWEEN and f"/{self.intent}" in self.choices

    @property
    def predicted_right(self) -> bool:
        """Whether the classifier's first intent is the right one."""
        return self.predicted == self.intent

    @property
    def got(self) -> str:
        """What the resident got: the topic shown, or the intent acted on."""
        return self.topic or self.acted


def observe(
    assistant: Assistant, examples: Sequence[Example], topics: Collection[str], progress: Progress | None = None
) -> tuple[Outcome, ...]:
    """Ask the loaded model each utterance, and return what became of it, in order.

    Args:
        assistant: With a model.
        examples: Held-out utterances.
        topics: Topic ids of the knowledge.
        progress: Told after each utterance.
    """
    outcomes = []
    for number, example in enumerate(examples, start=1):
        reply = assistant.reply_sync(f"evaluation-{number}", example.text)
        outcomes.append(_to_outcome(example, reply, topics))
        if progress:
            progress(number, len(examples))
    return tuple(outcomes)


def _to_outcome(example: Example, reply: Reply, topics: Collection[str]) -> Outcome:
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
        emergency=any(message.emergency for message in reply.messages),
    )
