"""Keeps a conversation's entry in the inbox, and what figures are counted from, true to what is stored.

Every store calls it in its own transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, exists, insert, select, update
from sqlalchemy.orm import Session

from conversations.attention import Summary, summarise
from conversations.inbox_text import make_terms
from conversations.masking import MaskedText
from conversations.questions import write_questions
from conversations.review_schema import InboxMarkRow, InboxRow, InboxTextRow
from conversations.schema import CallbackRow, ConversationRow, FeedbackRow, HandoffRow, MessageRow, RatingRow

_SEARCHED = ("resident", "human")
_THUMBS = ("up", "down")
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

# Written once: every turn runs them, and to compose a statement takes longer than SQLite takes to answer it.
_CONVERSATION: Any = bindparam("conversation")
_NUMBER: Any = bindparam("entry")
_MESSAGES = select(*_JUDGED).where(MessageRow.conversation_id == _CONVERSATION).order_by(MessageRow.position)
_OPINIONS = select(
    *(
        exists().where(FeedbackRow.conversation_id == _CONVERSATION, FeedbackRow.value == value).label(value)
        for value in _THUMBS
    ),
    select(RatingRow.stars).where(RatingRow.conversation_id == _CONVERSATION).scalar_subquery().label("stars"),
    (
        exists().where(HandoffRow.conversation_id == _CONVERSATION)
        | exists().where(CallbackRow.conversation_id == _CONVERSATION)
    ).label("asked"),
)
_ENTRY = select(InboxRow).where(InboxRow.conversation_id == _CONVERSATION)
_MARKS = select(InboxMarkRow.kind, InboxMarkRow.value).where(InboxMarkRow.number == _NUMBER)
_RANK = (
    update(InboxMarkRow)
    .where(InboxMarkRow.number == _NUMBER)
    .values(attention=bindparam("rank"), updated_at=bindparam("moment"))
    .execution_options(synchronize_session=False)
)


def refresh_entry(session: Session, conversation: ConversationRow) -> None:
    """Judge a conversation anew and write down what came of it; the caller has locked the conversation's row.

    A resolved conversation in which the resident goes on is new again.
    """
    session.flush()
    id = conversation.id
    rows: Sequence[Any] = session.execute(_MESSAGES, {"conversation": id}).all()
    opinions = session.execute(_OPINIONS, {"conversation": id}).one()
    thumbs = [value for value in _THUMBS if getattr(opinions, value)]
    summary = summarise(rows, thumbs, opinions.stars, bool(opinions.asked))
    if summary is not None:
        write_questions(session, id, rows)
        entry = _write_entry(session, conversation, summary)
        _write_marks(session, entry, summary)
        _write_terms(session, entry.number, rows)


def _write_entry(session: Session, conversation: ConversationRow, summary: Summary) -> InboxRow:
    entry = session.scalar(_ENTRY, {"conversation": conversation.id})
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
    there = {(kind, value) for kind, value in session.execute(_MARKS, {"entry": entry.number})}
    for kind, value in there - summary.marks:
        if kind in _COMPUTED:
            mark = (InboxMarkRow.number == entry.number, InboxMarkRow.kind == kind, InboxMarkRow.value == value)
            session.execute(delete(InboxMarkRow).where(*mark))
    session.execute(_RANK, {"entry": entry.number, "rank": entry.attention, "moment": entry.updated_at})
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
