"""What the assistant answers: typed rows for everyone who is not Rasa."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.actions.rendering import full_text
from knowledge.languages import DEFAULT_LANGUAGE, Language, as_language


@dataclass(frozen=True)
class BotMessage:
    """One message of the bot.

    Attributes:
        text: The answer proper.
        full_text: All that a resident reads: answer, channels, sources.
        sources: `{"title", "publisher", "published", "language", "url", "line"}` each.
        channels: `{"service", "type", "name", "number", "url", "address", "languages", "note", "line"}` each.
        buttons: `{"title", "payload"}` each.
    """

    text: str
    full_text: str
    language: Language
    topic: str | None = None
    sources: tuple[dict[str, Any], ...] = ()
    channels: tuple[dict[str, Any], ...] = ()
    buttons: tuple[dict[str, str], ...] = ()
    emergency: bool = False
    handoff: bool = False


@dataclass(frozen=True)
class Understanding:
    """How the resident's message was understood.

    Attributes:
        intent: The intent that the rules acted on; None where nothing was parsed.
        predicted: The classifier's first intent, whatever was decided.
        confidence: The classifier's confidence in `predicted`, 0 to 1.
        outcome: `safety`, `foreign`, `sure`, `between`, `unsure` or `payload`.
        ranking: `(intent, confidence)`, best first.
        trigger: The safety trigger that fired.
        danger: Probability of any danger, 0 to 1; what no trigger knows is met from a bar on.
    """

    intent: str | None = None
    predicted: str | None = None
    confidence: float = 0.0
    outcome: str = "unsure"
    ranking: tuple[tuple[str, float], ...] = ()
    trigger: str | None = None
    danger: float = 0.0


@dataclass(frozen=True)
class Reply:
    """The answer to one message."""

    messages: tuple[BotMessage, ...]
    language: Language
    understanding: Understanding
    model: str
    detected_language: str = ""
    events: tuple[dict[str, Any], ...] = field(default=(), repr=False)

    @property
    def full_text(self) -> str:
        """All that a resident would read."""
        return "\n\n".join(message.full_text for message in self.messages)


def to_bot_message(sent: dict[str, Any], language: Language) -> BotMessage:
    """Return what went through the output channel as a typed row.

    Args:
        sent: Rasa's message: `text`, `buttons`, `custom`.
        language: The conversation's language, where the message does not say its own.
    """
    custom = sent.get("custom") or {}
    return BotMessage(
        text=str(sent.get("text") or ""),
        full_text=full_text(sent),
        language=as_language(custom.get("language")) or language,
        topic=custom.get("topic"),
        sources=tuple(custom.get("sources") or ()),
        channels=tuple(custom.get("channels") or ()),
        buttons=tuple({"title": item["title"], "payload": item["payload"]} for item in sent.get("buttons") or ()),
        emergency=bool(custom.get("emergency")),
        handoff=bool(custom.get("handoff")),
    )


def to_understanding(parse_data: dict[str, Any]) -> Understanding:
    """Return what the pipeline wrote of a message as a typed row.

    Args:
        parse_data: `tracker.latest_message.parse_data` of Rasa.
    """
    intent = parse_data.get("intent") or {}
    decision = parse_data.get("decision") or {}
    ranking = parse_data.get("intent_ranking") or ()
    return Understanding(
        intent=intent.get("name"),
        predicted=decision.get("predicted") or intent.get("name"),
        confidence=float(decision.get("confidence", intent.get("confidence") or 0.0)),
        outcome=decision.get("outcome", "payload"),
        ranking=tuple((item["name"], float(item["confidence"])) for item in ranking),
        trigger=(parse_data.get("safety") or {}).get("trigger"),
        danger=float((parse_data.get("danger") or {}).get("probability", 0.0)),
    )


def default_language(value: object) -> Language:
    """Return `value` as a served language, or the default."""
    return as_language(value) or DEFAULT_LANGUAGE
