"""What residents thought of an answer, and of the whole conversation. Their words come in masked."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from conversations.errors import MessageNotFound
from conversations.gate import masked_or_none
from conversations.inbox_entry import refresh_entry
from conversations.records import current_moment, get_conversation
from conversations.schema import FeedbackRow, MessageRow, RatingRow
from knowledge.engine import for_writing

_ANSWERING = ("bot", "human")


@dataclass(frozen=True)
class Rating:
    """A rating as stored: 1 to 5 stars, and perhaps a comment."""

    stars: int
    comment: str | None


class FeedbackStore:
    """The feedback and ratings of one database."""

    def __init__(self, engine: Engine) -> None:
        """Use the tables of `engine`.

        Args:
            engine: A migrated conversations database.
        """
        self._engine = engine
        self._writer = for_writing(engine)

    def write_feedback(self, conversation: str, message: str, value: str | None, reason: str | None = None) -> None:
        """Keep what a resident thought of one answer, in place of what was said of it before.

        Args:
            conversation: The conversation's id.
            message: The answer's id.
            value: `up`, `down`, or None to take it back.
            reason: Why; masked here where nobody has.

        Raises:
            ConversationNotFound: There is no conversation of that id.
            MessageNotFound: It has no answer of that id; its resident's own messages are none.
        """
        with Session(self._writer) as session, session.begin():
            parent = get_conversation(session, conversation, lock=True)
            row = session.get(MessageRow, message)
            if row is None or row.conversation_id != conversation or row.sender not in _ANSWERING:
                raise MessageNotFound(message)
            written = session.get(FeedbackRow, message)
            if value is None:
                if written is not None:
                    session.delete(written)
            else:
                if written is None:
                    written = FeedbackRow(message_id=message, conversation_id=conversation)
                    session.add(written)
                written.value, written.reason, written.created_at = value, masked_or_none(reason), current_moment()
            refresh_entry(session, parent)

    def fetch_reason(self, message: str) -> str | None:
        """Return why a resident liked an answer or not; None where nothing was said."""
        with Session(self._engine) as session:
            return session.scalar(select(FeedbackRow.reason).where(FeedbackRow.message_id == message))

    def write_rating(self, conversation: str, stars: int, comment: str | None = None) -> None:
        """Keep what a resident thought of the conversation, in place of an earlier rating.

        Args:
            conversation: The conversation's id.
            stars: 1 to 5.
            comment: In the resident's words; masked here where nobody has.

        Raises:
            ConversationNotFound: There is no conversation of that id.
        """
        with Session(self._writer) as session, session.begin():
            parent = get_conversation(session, conversation, lock=True)
            row = session.get(RatingRow, conversation)
            if row is None:
                row = RatingRow(conversation_id=conversation)
                session.add(row)
            row.stars, row.comment, row.created_at = stars, masked_or_none(comment), current_moment()
            refresh_entry(session, parent)

    def fetch_rating(self, conversation: str) -> Rating | None:
        """Return a conversation's rating, or None if it has none."""
        with Session(self._engine) as session:
            row = session.get(RatingRow, conversation)
            return None if row is None else Rating(row.stars, row.comment)
