"""Tables of what staff do with conversations: the inbox, reviews, notes, saved views, and what is learnt from them.

Personal-data decision, column by column: `excerpt`, `terms` and `text` are residents' words, masked before they get
here; notes are masked too; users stand here by their ids. All of it goes with its conversation, but for an example or
wish that an admin has accepted: its link is cut then, and it is the project's own, as the files of examples are.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from conversations.masking import MaskedText
from conversations.schema import Base

_OPEN = text("status <> 'resolved'")


class InboxRow(Base):
    """A conversation as the inbox shows and ranks it; one in which no resident has said anything has none.

    `attention` and `reasons`: see `conversations.attention`. `status`: `new`, `in_review`, `resolved`. `confidence` is
    the lowest of its answers. `version` grows with each change of `status` and `assigned_to`, for optimistic locking.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("conversation_id", name="inbox_conversation"),
        Index("inbox_rank", "attention", "updated_at", "number", "language", "confidence", "assigned_to", "status"),
        Index(
            "inbox_open",
            *("attention", "updated_at", "number", "language", "confidence", "assigned_to"),
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("inbox_assigned", "assigned_to", "attention", "updated_at", "number"),
        Index("inbox_updated", "updated_at"),
    )

    number: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    attention: Mapped[int]
    reasons: Mapped[list[str]]
    excerpt: Mapped[MaskedText]
    questions: Mapped[int]
    language: Mapped[str]
    confidence: Mapped[float | None]
    status: Mapped[str]
    assigned_to: Mapped[str | None]
    version: Mapped[int]
    updated_at: Mapped[dt.datetime]


class InboxMarkRow(Base):
    """What a conversation can be found by and may have several of; carries the rank, so that an index gives the order.

    `kind`: `topic`, `outcome`, `reason`, `rating` (`up`, `down`, `1` to `5`), `tag`.
    """

    __tablename__ = "inbox_mark"
    __table_args__ = (Index("inbox_mark_rank", "kind", "value", "attention", "updated_at", "number"),)

    number: Mapped[int] = mapped_column(ForeignKey("inbox.number", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    attention: Mapped[int]
    updated_at: Mapped[dt.datetime]


class InboxTextRow(Base):
    """The terms under which a conversation is found, up to a position; see `conversations.inbox_text`."""

    __tablename__ = "inbox_text"

    number: Mapped[int] = mapped_column(
        ForeignKey("inbox.number", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    position: Mapped[int]
    terms: Mapped[str]


class ReviewRow(Base):
    """A counsellor's judgement of how one message of a resident was answered.

    `verdict`: `right`, `wrong`, `missing`, `unsafe`. `topic` is what the answer should have been about.
    """

    __tablename__ = "review"
    __table_args__ = (Index("review_conversation", "conversation_id"),)

    message_id: Mapped[str] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    verdict: Mapped[str]
    topic: Mapped[str | None]
    reviewer: Mapped[str]
    reviewed_at: Mapped[dt.datetime]
    version: Mapped[int]


class NoteRow(Base):
    """What a counsellor has noted about a conversation, masked."""

    __tablename__ = "conversation_note"
    __table_args__ = (Index("conversation_note_conversation", "conversation_id", "written_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    author: Mapped[str]
    text: Mapped[MaskedText]
    written_at: Mapped[dt.datetime]


class SavedViewRow(Base):
    """Filters of the inbox that somebody wants to have again; `query` is the address's."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("user_id", "name", name="saved_view_name"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("staff_user.id", ondelete="CASCADE"))
    name: Mapped[MaskedText]
    query: Mapped[str]


class CandidateRow(Base):
    """A resident's wording proposed as an example of a topic. `state`: `pending`, `accepted`, `declined`."""

    __tablename__ = "example_candidate"
    __table_args__ = (
        Index("example_candidate_state", "state", "proposed_at"),
        Index("example_candidate_conversation", "conversation_id"),
        Index("example_candidate_message", "message_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    message_id: Mapped[str | None] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    text: Mapped[MaskedText]
    language: Mapped[str]
    topic: Mapped[str]
    proposed_by: Mapped[str]
    proposed_at: Mapped[dt.datetime]
    state: Mapped[str]
    decided_by: Mapped[str | None]
    decided_at: Mapped[dt.datetime | None]


class WishRow(Base):
    """Something that a resident asked and the documents do not say. `state` as of a candidate."""

    __tablename__ = "knowledge_wish"
    __table_args__ = (
        Index("knowledge_wish_state", "state", "proposed_at"),
        Index("knowledge_wish_conversation", "conversation_id"),
        Index("knowledge_wish_message", "message_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    message_id: Mapped[str | None] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    text: Mapped[MaskedText]
    language: Mapped[str]
    proposed_by: Mapped[str]
    proposed_at: Mapped[dt.datetime]
    state: Mapped[str]
    decided_by: Mapped[str | None]
    decided_at: Mapped[dt.datetime | None]
