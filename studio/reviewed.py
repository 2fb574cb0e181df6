"""The last questions of residents that counsellors have judged: a model is asked them too."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from conversations.review_schema import ReviewRow
from conversations.schema import MessageRow
from knowledge.languages import Language, as_language

_BY_CONFIDENCE = ("sure", "between", "unsure")
_OUT_OF_CONTEXT = frozenset({"affirm", "deny", "follow_up_more", "follow_up_contact", "change_language", "start_over"})
"""What is said to the bot's last words means nothing alone."""


@dataclass(frozen=True)
class ReviewedQuestion:
    """A resident's question, masked as it was stored, and what it should have been answered with."""

    message: str
    text: str
    language: Language
    intent: str


def fetch_reviewed(engine: Engine, limit: int) -> list[ReviewedQuestion]:
    """Return the questions judged last for which a right topic is known, the newest first.

    A right answer's topic is the one that was shown; a wrong one's is what the counsellor chose. Missing knowledge and
    unsafe answers name no topic and are passed over; so is a right question back.

    Args:
        engine: A migrated conversations database.
        limit: How many at the most.
    """
    statement = (
        select(ReviewRow, MessageRow)
        .join(MessageRow, MessageRow.id == ReviewRow.message_id)
        .where(ReviewRow.verdict.in_(("right", "wrong")), MessageRow.payload.is_(None))
        .order_by(ReviewRow.reviewed_at.desc(), ReviewRow.message_id)
        .limit(limit)
    )
    with Session(engine) as session:
        found = [_question(review, message) for review, message in session.execute(statement)]
    return [item for item in found if item is not None]


def fetch_words(engine: Engine, messages: list[str]) -> dict[str, str]:
    """Return the masked words of messages by their ids; those that are gone are missing."""
    if not messages:
        return {}
    with Session(engine) as session:
        rows = session.execute(select(MessageRow.id, MessageRow.text).where(MessageRow.id.in_(messages)))
        return {id: str(text) for id, text in rows}


def _question(review: ReviewRow, message: MessageRow) -> ReviewedQuestion | None:
    language = as_language(message.language)
    wrong = review.verdict == "wrong"
    intent = review.topic if wrong else message.intent
    outcomes = _BY_CONFIDENCE if wrong else ("sure",)
    if language is None or not intent or intent in _OUT_OF_CONTEXT or message.outcome not in outcomes:
        return None
    return ReviewedQuestion(message.id, str(message.text), language, intent)
