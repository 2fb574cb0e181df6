"""Tables of the conversations database. Migrations (`conversations/migrations`) make them; a test compares the two.

Personal-data decision, column by column: `token_hash` cannot be turned back; `text` and everything derived from it is
masked before it gets here (`conversations.masking`); no address of a resident's machine is stored anywhere.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, MetaData, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[dt.datetime]):
    """A moment in UTC; SQLite forgets the zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: object) -> dt.datetime | None:
        """Refuse a moment without a zone, store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored moment needs a time zone")
        return value.astimezone(dt.timezone.utc)

    def process_result_value(self, value: dt.datetime | None, dialect: object) -> dt.datetime | None:
        """Give the moment its zone."""
        return None if value is None else value.replace(tzinfo=value.tzinfo or dt.timezone.utc)


class Base(DeclarativeBase):
    """Base of the conversation tables."""

    metadata = MetaData()
    type_annotation_map = {
        str: Text,
        dt.datetime: UtcDateTime,
        list[str]: JSON,
        list[dict[str, Any]]: JSON,
        dict[str, Any]: JSON,
    }


class ConversationRow(Base):
    """One conversation. `state`: `bot` (the bot answers), `human`, `ended`. `channel`: `web`, `rest`, `cli`."""

    __tablename__ = "conversation"
    __table_args__ = (Index("conversation_updated", "updated_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    token_hash: Mapped[str]
    language: Mapped[str]
    state: Mapped[str]
    channel: Mapped[str]
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]


class MessageRow(Base):
    """One message. `sender`: `resident`, `bot` or `human`; what was understood stands on the resident's row."""

    __tablename__ = "message"
    __table_args__ = (
        Index("message_conversation", "conversation_id", "position"),
        UniqueConstraint("conversation_id", "position", name="message_position"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    position: Mapped[int]
    sender: Mapped[str]
    text: Mapped[str]
    payload: Mapped[str | None]
    language: Mapped[str]
    topic: Mapped[str | None]
    sources: Mapped[list[dict[str, Any]]]
    channels: Mapped[list[dict[str, Any]]]
    buttons: Mapped[list[dict[str, Any]]]
    masked: Mapped[list[str]]
    intent: Mapped[str | None]
    predicted: Mapped[str | None]
    confidence: Mapped[float | None]
    outcome: Mapped[str | None]
    ranking: Mapped[list[dict[str, Any]]]
    trigger: Mapped[str | None]
    model: Mapped[str | None]
    emergency: Mapped[bool]
    handoff: Mapped[bool]
    created_at: Mapped[dt.datetime]


class TurnRow(Base):
    """The answer to a message that came with an `Idempotency-Key`, so that sending it again changes nothing."""

    __tablename__ = "turn"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    response: Mapped[dict[str, Any]]
    created_at: Mapped[dt.datetime]


class TrackerEventRow(Base):
    """One event of Rasa's dialogue state; `session` counts a conversation's sessions from 0."""

    __tablename__ = "tracker_event"

    conversation_id: Mapped[str] = mapped_column(primary_key=True)
    session: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    event: Mapped[dict[str, Any]]
