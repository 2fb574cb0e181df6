"""A place in the queue for a human being: its row, its order among the others, and how it is opened and closed.

Whoever calls these has locked the conversation's row.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from conversations.errors import HandoffNotTaken
from conversations.records import current_moment, get_conversation
from conversations.schema import ConversationRow, HandoffRow


@dataclass(frozen=True)
class Handoff:
    """A place in the queue as stored; see `conversations.schema.HandoffRow`."""

    id: str
    conversation_id: str
    language: str
    requested_at: dt.datetime
    taken_at: dt.datetime | None
    taken_by: str | None
    closed_at: dt.datetime | None
    outcome: str | None
    origin: str | None = None


def queue_order() -> tuple[ColumnElement[Any], ...]:
    """Return what the queue is ordered by: who has talked with a human being already first, then the longest wait."""
    return HandoffRow.origin.is_(None), HandoffRow.requested_at.expression, HandoffRow.id.expression


def is_waiting() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a place is one of somebody who waits."""
    return HandoffRow.closed_at.is_(None), HandoffRow.taken_at.is_(None)


def fetch_place(session: Session, conversation: str) -> int | None:
    """Return a conversation's place in the queue, counted from 1; None if it does not wait."""
    mine, other = aliased(HandoffRow), aliased(HandoffRow)
    same = other.origin.is_(None) == mine.origin.is_(None)
    longer = or_(
        other.requested_at < mine.requested_at,
        and_(other.requested_at == mine.requested_at, other.id <= mine.id),
    )
    earlier = or_(and_(same, longer), and_(other.origin.is_not(None), mine.origin.is_(None)))
    count = session.scalar(
        select(func.count(other.id))
        .select_from(mine)
        .join(other, earlier)
        .where(
            mine.conversation_id == conversation,
            *(column.is_(None) for row in (mine, other) for column in (row.closed_at, row.taken_at)),
        )
    )
    return count or None


def open_place(
    session: Session, conversation: ConversationRow, origin: str | None = None, taken_by: str | None = None
) -> HandoffRow:
    """Give a conversation a place; one that it has must be closed before.

    Args:
        session: The caller's transaction.
        conversation: The locked row.
        origin: See `HandoffRow`.
        taken_by: Who answers from the beginning; nobody if left out.
    """
    now = current_moment()
    row = HandoffRow(
        id=uuid4().hex,
        conversation_id=conversation.id,
        language=conversation.language,
        requested_at=now,
        taken_at=now if taken_by else None,
        taken_by=taken_by,
        origin=origin,
    )
    session.add(row)
    session.flush()
    return row


def find_open(session: Session, conversation: str) -> HandoffRow | None:
    """Return a conversation's open place; None if it has none."""
    return session.scalars(
        select(HandoffRow).where(HandoffRow.conversation_id == conversation, HandoffRow.closed_at.is_(None))
    ).one_or_none()


def get_taken(session: Session, conversation: str, counsellor: str) -> tuple[ConversationRow, HandoffRow]:
    """Return a conversation, locked from here on, and its place, which a counsellor has.

    Raises:
        ConversationNotFound: There is no conversation of that id.
        HandoffNotTaken: The counsellor has not taken it over, or not any more.
    """
    row = get_conversation(session, conversation, lock=True)
    handoff = find_open(session, conversation)
    if handoff is None or handoff.taken_by != counsellor:
        raise HandoffNotTaken(conversation)
    return row, handoff


def close_place(session: Session, conversation: str, outcome: str) -> None:
    """Close a conversation's open place, if it has one."""
    handoff = find_open(session, conversation)
    if handoff is not None:
        handoff.closed_at, handoff.outcome = current_moment(), outcome
        session.flush()


def to_handoff(row: HandoffRow) -> Handoff:
    """Return a row as a place."""
    return Handoff(**{name: getattr(row, name) for name in Handoff.__dataclass_fields__})
