"""Who answers in a conversation: the queue for a human being, and what a counsellor does with a conversation.

Every change locks the conversation's row first, so that bot, resident and counsellors see them in one order. Notices
(`NewMessage` of sender `system`) come from the caller: this room has no texts of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import Engine, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from conversations.errors import ConversationEnded, HandoffNotFound, HandoffNotTaken, HandoffTaken
from conversations.records import Message, NewMessage, append_messages, current_moment, get_conversation
from conversations.schema import ConversationRow, HandoffRow
from knowledge.engine import for_writing


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


@dataclass(frozen=True)
class Standing:
    """A conversation's state and its place in the queue, counted from 1; no place unless it waits."""

    state: str
    place: int | None


class Handoffs:
    """The queue of one database."""

    def __init__(self, engine: Engine) -> None:
        """Use the tables of `engine`.

        Args:
            engine: A migrated conversations database.
        """
        self._engine = engine
        self._writer = for_writing(engine)

    def fetch_standing(self, conversation: str) -> Standing:
        """Return who answers in a conversation, and its place in the queue.

        Raises:
            ConversationNotFound: There is no conversation of that id.
        """
        with Session(self._engine) as session:
            state = get_conversation(session, conversation).state
            return Standing(state, _fetch_place(session, conversation) if state == "waiting" else None)

    def fetch_queue(self) -> list[Handoff]:
        """Return who waits, longest first."""
        with Session(self._engine) as session:
            rows = session.scalars(
                select(HandoffRow)
                .where(HandoffRow.closed_at.is_(None), HandoffRow.taken_at.is_(None))
                .order_by(HandoffRow.requested_at, HandoffRow.id)
            )
            return [_handoff(row) for row in rows]

    def request(self, conversation: str, notices: Sequence[NewMessage]) -> list[Message]:
        """Put a conversation into the queue, unless it waits already or a human being answers.

        Args:
            conversation: The conversation's id.
            notices: What is said in the conversation if it is put there.

        Returns:
            The notices as stored; none where nothing changed.

        Raises:
            ConversationEnded: Nobody can take it over any more.
            ConversationNotFound: There is no conversation of that id.
        """
        with Session(self._writer) as session, session.begin():
            row = get_conversation(session, conversation, lock=True)
            if row.state == "ended":
                raise ConversationEnded(conversation)
            if row.state != "bot":
                return []
            row.state = "waiting"
            session.add(
                HandoffRow(
                    id=uuid4().hex,
                    conversation_id=conversation,
                    language=row.language,
                    requested_at=current_moment(),
                )
            )
            return append_messages(session, row, notices)

    def leave(self, conversation: str, notices: Sequence[NewMessage]) -> list[Message]:
        """Take a waiting conversation out of the queue; one that does not wait stays as it is.

        Args:
            conversation: The conversation's id.
            notices: What is said in the conversation if it waited.

        Raises:
            ConversationNotFound: There is no conversation of that id.
        """
        with Session(self._writer) as session, session.begin():
            row = get_conversation(session, conversation, lock=True)
            if row.state != "waiting":
                return []
            row.state = "bot"
            _close(session, conversation, "left")
            return append_messages(session, row, notices)

    def end(self, conversation: str, notices: Sequence[NewMessage]) -> list[Message]:
        """End a conversation for good, by whoever's wish; one that has ended stays as it is.

        Args:
            conversation: The conversation's id.
            notices: What is said in the conversation last.

        Raises:
            ConversationNotFound: There is no conversation of that id.
        """
        with Session(self._writer) as session, session.begin():
            row = get_conversation(session, conversation, lock=True)
            if row.state == "ended":
                return []
            row.state = "ended"
            _close(session, conversation, "ended")
            return append_messages(session, row, notices)

    def take(self, id: str, counsellor: str, notices: Sequence[NewMessage]) -> Handoff:
        """Take a waiting conversation over; of two counsellors who try, one gets it.

        Args:
            id: The handoff's id.
            counsellor: Who takes it.
            notices: What is said in the conversation then.

        Raises:
            HandoffTaken: Another one has it.
            HandoffNotFound: It is closed, or its conversation has been erased.
        """
        with Session(self._writer) as session, session.begin():
            conversation = session.scalar(select(HandoffRow.conversation_id).where(HandoffRow.id == id))
            locked = conversation and session.get(ConversationRow, conversation, with_for_update=True)
            handoff = session.get(HandoffRow, id, populate_existing=True)
            if not locked or handoff is None or handoff.closed_at is not None:
                raise HandoffNotFound(id)
            if handoff.taken_by not in (None, counsellor):
                raise HandoffTaken(id)
            if handoff.taken_by is None:
                handoff.taken_by, handoff.taken_at = counsellor, current_moment()
                locked.state = "human"
                append_messages(session, locked, notices)
            return _handoff(handoff)

    def write(self, conversation: str, counsellor: str, messages: Sequence[NewMessage]) -> list[Message]:
        """Append what a counsellor says; `NewMessage` masks it where nobody has.

        Raises:
            ConversationNotFound: There is no conversation of that id.
            HandoffNotTaken: The counsellor has not taken it over.
        """
        with Session(self._writer) as session, session.begin():
            row, _ = _taken(session, conversation, counsellor)
            return append_messages(session, row, messages)

    def hand_back(self, conversation: str, counsellor: str, notices: Sequence[NewMessage]) -> list[Message]:
        """Let the bot answer again.

        Raises:
            ConversationNotFound: There is no conversation of that id.
            HandoffNotTaken: The counsellor has not taken it over.
        """
        with Session(self._writer) as session, session.begin():
            row, _ = _taken(session, conversation, counsellor)
            row.state = "bot"
            _close(session, conversation, "handed_back")
            return append_messages(session, row, notices)


def _fetch_place(session: Session, conversation: str) -> int | None:
    mine, other = aliased(HandoffRow), aliased(HandoffRow)
    earlier = or_(
        other.requested_at < mine.requested_at,
        and_(other.requested_at == mine.requested_at, other.id <= mine.id),
    )
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


def _open(session: Session, conversation: str) -> HandoffRow | None:
    return session.scalars(
        select(HandoffRow).where(HandoffRow.conversation_id == conversation, HandoffRow.closed_at.is_(None))
    ).one_or_none()


def _taken(session: Session, conversation: str, counsellor: str) -> tuple[ConversationRow, HandoffRow]:
    row = get_conversation(session, conversation, lock=True)
    handoff = _open(session, conversation)
    if handoff is None or handoff.taken_by != counsellor:
        raise HandoffNotTaken(conversation)
    return row, handoff


def _close(session: Session, conversation: str, outcome: str) -> None:
    handoff = _open(session, conversation)
    if handoff is not None:
        handoff.closed_at, handoff.outcome = current_moment(), outcome


def _handoff(row: HandoffRow) -> Handoff:
    return Handoff(**{name: getattr(row, name) for name in Handoff.__dataclass_fields__})
