"""Conversations and messages as the rest of Lotsi sees them, and what every store does with their rows."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.orm import Session

from conversations.errors import ConversationNotFound
from conversations.inbox_entry import refresh_entry
from conversations.masking import MaskedText, mask_text
from conversations.schema import ConversationRow, MessageRow

_HIGHEST = select(func.max(MessageRow.position)).where(MessageRow.conversation_id == bindparam("conversation"))
_APPEND = insert(MessageRow.__table__)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Conversation:
    """A conversation as stored."""

    id: str
    language: str
    state: str
    channel: str
    created_at: dt.datetime
    updated_at: dt.datetime


@dataclass(frozen=True)
class NewMessage:
    """A message about to be stored; see `conversations.schema.MessageRow`.

    Its text is masked here unless it is a `MaskedText` already: whoever makes a message cannot forget it.
    """

    sender: str
    text: str
    language: str
    payload: str | None = None
    topic: str | None = None
    sources: tuple[dict[str, Any], ...] = ()
    channels: tuple[dict[str, Any], ...] = ()
    buttons: tuple[dict[str, Any], ...] = ()
    masked: tuple[str, ...] = ()
    intent: str | None = None
    predicted: str | None = None
    confidence: float | None = None
    outcome: str | None = None
    ranking: tuple[dict[str, Any], ...] = ()
    trigger: str | None = None
    model: str | None = None
    emergency: bool = False
    handoff: bool = False

    def __post_init__(self) -> None:
        """Mask a text that nobody has masked, and note what was taken out."""
        if not isinstance(self.text, MaskedText):
            masked = mask_text(self.text)
            object.__setattr__(self, "text", masked.text)
            object.__setattr__(self, "masked", tuple(dict.fromkeys((*self.masked, *masked.kinds))))


@dataclass(frozen=True)
class Message(NewMessage):
    """A message as stored; `feedback` is the resident's `up` or `down`."""

    id: str = ""
    position: int = 0
    feedback: str | None = None
    created_at: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.timezone.utc))


def current_moment() -> dt.datetime:
    """Return the present moment in UTC."""
    return dt.datetime.now(dt.timezone.utc)


def hash_text(text: str) -> str:
    """Return the SHA-256 of a text, which a token or a request is compared by."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def get_conversation(session: Session, id: str, lock: bool = False) -> ConversationRow:
    """Return a conversation's row.

    Args:
        session: Where it is looked for.
        id: The conversation's id.
        lock: Whether nobody else may write to the conversation until the transaction ends.

    Raises:
        ConversationNotFound: There is none of that id.
    """
    row = session.get(ConversationRow, id, with_for_update=True if lock else None)
    if row is None:
        raise ConversationNotFound(id)
    return row


def append_messages(
    session: Session, row: ConversationRow, messages: Sequence[NewMessage], judge: bool = True
) -> list[Message]:
    """Append messages to a conversation whose row is locked: positions grow by one and are seen in their order.

    Args:
        session: The caller's transaction.
        row: The conversation's, locked.
        messages: In their order.
        judge: Whether the entry in the inbox is made now; else whoever stores what follows makes it.
    """
    row.updated_at = current_moment()
    session.flush()
    highest = session.scalar(_HIGHEST, {"conversation": row.id})
    start = 0 if highest is None else highest + 1
    stored = [
        Message(**vars(message), id=uuid4().hex, position=position, created_at=row.updated_at)
        for position, message in enumerate(messages, start=start)
    ]
    if stored:
        session.execute(_APPEND, [_values(message, row.id) for message in stored])
    if judge:
        refresh_entry(session, row)
    return stored


def _values(message: Message, conversation: str) -> dict[str, Any]:
    values = {key: list(value) if isinstance(value, tuple) else value for key, value in vars(message).items()}
    del values["feedback"]
    return {**values, "conversation_id": conversation}


def to_conversation(row: ConversationRow) -> Conversation:
    """Return a row as a conversation."""
    return Conversation(row.id, row.language, row.state, row.channel, row.created_at, row.updated_at)


def to_message(row: MessageRow, feedback: str | None = None) -> Message:
    """Return a row as a message.

    Args:
        row: The message's row.
        feedback: What its resident thought of it.
    """
    values = {key: getattr(row, key) for key in NewMessage.__dataclass_fields__}
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    return Message(**values, id=row.id, position=row.position, feedback=feedback, created_at=row.created_at)
