"""Tables of the conversations database. Migrations (`conversations/migrations`) make them; a test compares the two.

`conversations.personal_data` decides on personal data, column by column; a column that holds what somebody wrote is a
`MaskedText` and masks whatever gets to it (`conversations.gate`). Everything goes with its conversation.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, MetaData, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from conversations.gate import MaskedColumn
from conversations.masking import MaskedText


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
        MaskedText: MaskedColumn,
        dt.datetime: UtcDateTime,
        list[str]: JSON,
        list[dict[str, Any]]: JSON,
        dict[str, Any]: JSON,
    }


class ConversationRow(Base):
    """One conversation. `channel`: `web`, `rest`, `cli`.

    `state`: `bot` (the bot answers), `waiting` (for a human being; the bot still answers), `human` (a counsellor has
    taken over; the bot is silent), `ended`.
    """

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
    """One message. What was understood stands on the resident's row.

    `sender`: `resident`, `bot`, `human`, or `system` for a notice such as that a counsellor has joined.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("message_conversation", "conversation_id", "position"),
        UniqueConstraint("conversation_id", "position", name="message_position"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    position: Mapped[int]
    sender: Mapped[str]
    text: Mapped[MaskedText]
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

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE", name="tracker_event_conversation"), primary_key=True
    )
    session: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    event: Mapped[dict[str, Any]]


class HandoffRow(Base):
    """A place in the queue for a human being; a conversation has one open at most.

    `origin` is empty where the resident asked for it; `transferred` and `dropped` are places of those whose counsellor
    passed them on or lost touch: they come first. `outcome` of a closed one: `left` (the resident), `closed` (the
    service hours ended), `handed_back` (to the bot), `ended`, and `transferred` or `dropped` where another place
    follows.
    """

    __tablename__ = "handoff"
    __table_args__ = (
        Index("handoff_queue", "closed_at", "taken_at", "requested_at"),
        Index("handoff_conversation", "conversation_id"),
        Index(
            "handoff_open",
            "conversation_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    language: Mapped[str]
    requested_at: Mapped[dt.datetime]
    taken_at: Mapped[dt.datetime | None]
    taken_by: Mapped[str | None]
    closed_at: Mapped[dt.datetime | None]
    outcome: Mapped[str | None]
    origin: Mapped[str | None]


class CallbackRow(Base):
    """A request to be called back. `phone`, `name`, `wish` are encrypted, and empty once it is done.

    `status`: `open` or `done`. `claimed_by`: who makes the call, for as long as the claim holds.
    """

    __tablename__ = "callback"
    __table_args__ = (
        Index("callback_due", "status", "due_at"),
        Index("callback_conversation", "conversation_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    language: Mapped[str]
    phone: Mapped[str]
    name: Mapped[str | None]
    wish: Mapped[str | None]
    requested_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    status: Mapped[str]
    closed_at: Mapped[dt.datetime | None]
    outcome: Mapped[MaskedText | None]
    claimed_by: Mapped[str | None]
    claimed_at: Mapped[dt.datetime | None]


class FeedbackRow(Base):
    """What a resident thought of one answer. `value`: `up` or `down`."""

    __tablename__ = "feedback"
    __table_args__ = (Index("feedback_conversation", "conversation_id"),)

    message_id: Mapped[str] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    value: Mapped[str]
    reason: Mapped[MaskedText | None]
    created_at: Mapped[dt.datetime]


class RatingRow(Base):
    """What a resident thought of the whole conversation: 1 to 5 stars."""

    __tablename__ = "rating"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    stars: Mapped[int]
    comment: Mapped[MaskedText | None]
    created_at: Mapped[dt.datetime]
