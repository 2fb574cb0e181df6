"""Keeps a conversation's entry in the inbox, and what figures are counted from, true to what is stored.

Every store calls it in its own transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.orm import Session

from conversations.attention import Summary, summarise
from conversations.inbox_text import make_terms
from conversations.masking import MaskedText
from conversations.questions import write_questions
from conversations.review_schema import InboxMarkRow, InboxRow, InboxTextRow
from conversations.schema import CallbackRow, ConversationRow, FeedbackRow, HandoffRow, MessageRow, RatingRow

_SEARCHED = ("resident", "human")
_COMPUTED = ("reason", "rating", "outcome", "topic")
_JUDGED = (
    MessageRow.id,
    MessageRow.conversation_id,
    MessageRow.position,
    MessageRow.created_at,
    MessageRow.sender,
    MessageRow.text,
    MessageRow.language,
    MessageRow.payload,
    MessageRow.topic,
    MessageRow.intent,
    MessageRow.predicted,
    MessageRow.confidence,
    MessageRow.outcome,
    MessageRow.ranking,
    MessageRow.trigger,
    MessageRow.emergency,
)
"""What a conversation is judged by; whole rows, with sources and channels, would cost a turn milliseconds."""


def refresh_entry(session: Session, conversation: ConversationRow) -> None:
    """Judge a conversation anew and write down what came of it; the caller has locked the conversation's row.

    A resolved conversation in which the resident goes on is new again.
    """
    session.flush()
    id = conversation.id
    rows: Sequence[Any] = session.execute(
        select(*_JUDGED).where(MessageRow.conversation_id == id).order_by(MessageRow.position)
    ).all()
    thumbs = list(session.scalars(select(FeedbackRow.value).where(FeedbackRow.conversation_id == id).distinct()))
    stars, asked = session.execute(
        select(
            select(RatingRow.stars).where(RatingRow.conversation_id == id).scalar_subquery(),
            exists().where(HandoffRow.conversation_id == id) | exists().where(CallbackRow.conversation_id == id),
        )
    ).one()
    summary = summarise(rows, thumbs, stars, bool(asked))
    if summary is not None:
        write_questions(session, id, rows)
        entry = _write_entry(session, conversation, summary)
        _write_marks(session, entry, summary)
        _write_terms(session, entry.number, rows)


def _write_entry(session: Session, conversation: ConversationRow, summary: Summary) -> InboxRow:
    entry = session.scalar(select(InboxRow).where(InboxRow.conversation_id == conversation.id))
    if entry is None:
        entry = InboxRow(conversation_id=conversation.id, status="new", version=1, questions=0)
        session.add(entry)
    if entry.status == "resolved" and summary.questions > entry.questions:
        entry.status, entry.version = "new", entry.version + 1
    entry.attention, entry.reasons = summary.attention, list(summary.reasons)
    entry.excerpt = MaskedText(summary.excerpt)
    entry.questions, entry.confidence = summary.questions, summary.confidence
    entry.language, entry.updated_at = conversation.language, conversation.updated_at
    session.flush()
    return entry


def _write_marks(session: Session, entry: InboxRow, summary: Summary) -> None:
    rank = {"attention": entry.attention, "updated_at": entry.updated_at}
    mine = InboxMarkRow.number == entry.number
    there = {
        (kind, value) for kind, value in session.execute(select(InboxMarkRow.kind, InboxMarkRow.value).where(mine))
    }
    gone = {(kind, value) for kind, value in there - summary.marks if kind in _COMPUTED}
    for kind, value in gone:
        session.execute(delete(InboxMarkRow).where(mine, InboxMarkRow.kind == kind, InboxMarkRow.value == value))
    session.execute(update(InboxMarkRow).where(mine).values(**rank), execution_options={"synchronize_session": False})
    new = mark_rows(entry.number, entry.attention, entry.updated_at, summary.marks - there)
    if new:
        session.execute(insert(InboxMarkRow), new)


def mark_rows(
    number: int, attention: int, updated_at: dt.datetime, marks: Iterable[tuple[str, str]]
) -> list[dict[str, object]]:
    """Return marks of one conversation as rows to insert."""
    rank = {"number": number, "attention": attention, "updated_at": updated_at}
    return [{**rank, "kind": kind, "value": value} for kind, value in sorted(marks)]


def _write_terms(session: Session, number: int, rows: Iterable[Any]) -> None:
    row = session.get(InboxTextRow, number)
    done = -1 if row is None else row.position
    fresh = [message for message in rows if message.position > done]
    if not fresh:
        return
    terms = " ".join(make_terms(message.text) for message in fresh if message.sender in _SEARCHED)
    if row is None:
        session.add(InboxTextRow(number=number, position=fresh[-1].position, terms=terms))
        return
    row.position = fresh[-1].position
    if terms:
        row.terms = f"{row.terms} {terms}"
