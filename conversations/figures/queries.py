"""The queries that figures are counted by. The many rows are counted by the database, the few are fetched.

All of a question, its answer's thumbs and judgement is counted on the question's day; a handoff, call-back or rating on
the day of its own. Thumbs and judgements come after the question, so those since the period's beginning are looked at
and held against the day here: a planner that began with the days would look up hundreds of thousands of questions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import distinct, func, select
from sqlalchemy.orm import Session, aliased

from conversations.figures.scope import Scope
from conversations.question_schema import QuestionRow
from conversations.review_schema import ReviewRow
from conversations.schema import CallbackRow, ConversationRow, FeedbackRow, HandoffRow, MessageRow, RatingRow

_QUESTION = (QuestionRow.message_id, QuestionRow.day, QuestionRow.language, QuestionRow.result, QuestionRow.topic)


class DayCount(NamedTuple):
    """Questions of a day and language with one result, and how many of them were their conversation's first."""

    day: dt.date
    language: str
    result: str
    questions: int
    first: int


class TopicCount(NamedTuple):
    """Questions about a topic with one result."""

    topic: str
    result: str
    questions: int


class Thumb(NamedTuple):
    """A thumb for the answer to a question."""

    question: str
    day: dt.date
    language: str
    result: str
    topic: str | None
    value: str


class Judgement(NamedTuple):
    """A counsellor's judgement of how a question was answered; `outcome` and `confidence` as it was understood."""

    question: str
    day: dt.date
    language: str
    result: str
    topic: str | None
    verdict: str
    outcome: str | None
    confidence: float | None


def count_by_day(session: Session, scope: Scope) -> Iterator[DayCount]:
    """Yield the questions by day, language and result."""
    columns = (QuestionRow.day, QuestionRow.language, QuestionRow.result)
    # Of a topic a conversation counts with any of its questions; of all, counting the first ones is far quicker.
    first = (
        func.count(distinct(QuestionRow.conversation_id))
        if scope.topic
        else func.count().filter(QuestionRow.number == 1)
    )
    rows = session.execute(select(*columns, func.count(), first).where(*scope.questions()).group_by(*columns))
    return (DayCount(*row) for row in rows)


def count_by_topic(session: Session, scope: Scope) -> Iterator[TopicCount]:
    """Yield the questions by topic and result."""
    columns = (QuestionRow.topic, QuestionRow.result)
    known = QuestionRow.topic.is_not(None)
    rows = session.execute(select(*columns, func.count()).where(known, *scope.questions()).group_by(*columns))
    return (TopicCount(str(topic), result, count) for topic, result, count in rows)


def fetch_thumbs(session: Session, scope: Scope) -> Iterator[Thumb]:
    """Yield the thumbs for answers to the questions."""
    answer, asked = aliased(MessageRow), aliased(MessageRow)
    rows = session.execute(
        select(FeedbackRow.message_id, *_QUESTION, FeedbackRow.value)
        .join(answer, answer.id == FeedbackRow.message_id)
        .join(QuestionRow, QuestionRow.conversation_id == FeedbackRow.conversation_id)
        .join(asked, asked.id == QuestionRow.message_id)
        .where(FeedbackRow.created_at >= scope.period.begin, asked.position < answer.position)
        .order_by(QuestionRow.number)
    )
    # An answer belongs to the last question before it; only then can the scope be asked about that one.
    thumbs = {row[0]: Thumb(*row[1:]) for row in rows}
    return (thumb for thumb in thumbs.values() if scope.covers(thumb.day, thumb.language, thumb.topic))


def fetch_judgements(session: Session, scope: Scope) -> Iterator[Judgement]:
    """Yield what counsellors judged of the questions."""
    rows = session.execute(
        select(*_QUESTION, ReviewRow.verdict, MessageRow.outcome, MessageRow.confidence)
        .select_from(ReviewRow)
        .join(QuestionRow, QuestionRow.message_id == ReviewRow.message_id)
        .join(MessageRow, MessageRow.id == ReviewRow.message_id)
        .where(ReviewRow.reviewed_at >= scope.period.begin, *scope.kinds())
    )
    return (found for row in rows if (found := Judgement(*row)).day in scope.period)


def fetch_handoffs(session: Session, scope: Scope) -> list[HandoffRow]:
    """Return the requests for a human being."""
    conditions = scope.events(HandoffRow.requested_at, HandoffRow.conversation_id, HandoffRow.language)
    return list(session.scalars(select(HandoffRow).where(*conditions)))


def count_handoffs_by_topic(session: Session, scope: Scope) -> Iterator[tuple[str, int]]:
    """Yield topics with how many requests for a human being there were in conversations about them."""
    conditions = scope.events(HandoffRow.requested_at, HandoffRow.conversation_id, HandoffRow.language)
    rows = session.execute(
        select(QuestionRow.topic, func.count(distinct(HandoffRow.id)))
        .join(QuestionRow, QuestionRow.conversation_id == HandoffRow.conversation_id)
        .where(QuestionRow.topic.is_not(None), *conditions)
        .group_by(QuestionRow.topic)
    )
    return ((str(topic), count) for topic, count in rows)


def fetch_callbacks(session: Session, scope: Scope) -> list[CallbackRow]:
    """Return the requests to be called back."""
    conditions = scope.events(CallbackRow.requested_at, CallbackRow.conversation_id, CallbackRow.language)
    return list(session.scalars(select(CallbackRow).where(*conditions)))


def fetch_ratings(session: Session, scope: Scope) -> Iterator[tuple[dt.datetime, str, int]]:
    """Yield moment, language and stars of each rating."""
    conditions = scope.events(RatingRow.created_at, RatingRow.conversation_id, ConversationRow.language)
    rows = session.execute(
        select(RatingRow.created_at, ConversationRow.language, RatingRow.stars)
        .join(ConversationRow, ConversationRow.id == RatingRow.conversation_id)
        .where(*conditions)
    )
    return ((at, str(language), stars) for at, language, stars in rows)
