"""What a counsellor sees of the live side: who waits, whom one talks with, and a conversation with its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, func, or_, select
from sqlalchemy.orm import Session

from conversations.audit import AuditLog
from conversations.masking import MaskedText
from conversations.places import Handoff, find_open, is_waiting, queue_order, to_handoff
from conversations.records import Conversation, Message, get_conversation, to_conversation, to_message
from conversations.schema import HandoffRow, MessageRow
from knowledge.engine import for_writing


@dataclass(frozen=True)
class Waiting:
    """Somebody who waits. `question` is the resident's last, masked; None who has asked nothing.

    `is_emergency`: the safety triggers fired in the conversation.
    """

    handoff: Handoff
    question: MaskedText | None
    questions: int
    is_emergency: bool


@dataclass(frozen=True)
class Held:
    """A conversation that a counsellor has.

    `awaits_answer`: the last word was the resident's, or nobody has said one since it was taken over or passed on.
    """

    handoff: Handoff
    said: MaskedText | None
    said_at: dt.datetime
    position: int
    awaits_answer: bool


@dataclass(frozen=True)
class Seen:
    """A conversation as it stands, with its open place if it has one."""

    conversation: Conversation
    handoff: Handoff | None
    messages: tuple[Message, ...]


class Desk:
    """The desk of one database."""

    def __init__(self, engine: Engine) -> None:
        """Use the tables of `engine`.

        Args:
            engine: A migrated conversations database.
        """
        self._engine = engine
        self._writer = for_writing(engine)
        self._audit = AuditLog(engine)

    def count_waiting(self) -> int:
        """Return how many wait."""
        with Session(self._engine) as session:
            return session.scalar(select(func.count(HandoffRow.id)).where(*is_waiting())) or 0

    def fetch_newest(self) -> str:
        """Return the id of the place that was opened last of those that wait; empty if nobody does."""
        newest = select(HandoffRow.id).where(*is_waiting()).order_by(HandoffRow.requested_at.desc(), HandoffRow.id)
        with Session(self._engine) as session:
            return session.scalar(newest.limit(1)) or ""

    def fetch_waiting(self) -> list[Waiting]:
        """Return who waits, in the order in which they should be taken."""
        with Session(self._engine) as session:
            places = [
                to_handoff(row)
                for row in session.scalars(select(HandoffRow).where(*is_waiting()).order_by(*queue_order()))
            ]
            ids = [place.conversation_id for place in places]
            last = {row.conversation_id: row for row in _last_messages(session, ids, ("resident",))}
            counts = _count_questions(session, ids)
            emergencies = _find_emergencies(session, ids)
        return [
            Waiting(
                handoff=place,
                question=last[id].text if id in last else None,
                questions=counts.get(id, 0),
                is_emergency=id in emergencies,
            )
            for place, id in zip(places, ids, strict=True)
        ]

    def is_held_by(self, conversation: str, counsellor: str) -> bool:
        """Tell whether a counsellor has a conversation."""
        with Session(self._engine) as session:
            place = find_open(session, conversation)
            return place is not None and place.taken_by == counsellor

    def fetch_held(self, counsellor: str) -> list[Held]:
        """Return the conversations that a counsellor has, the one that was taken first at the top."""
        statement = (
            select(HandoffRow)
            .where(HandoffRow.closed_at.is_(None), HandoffRow.taken_by == counsellor)
            .order_by(HandoffRow.taken_at, HandoffRow.id)
        )
        with Session(self._engine) as session:
            places = [to_handoff(row) for row in session.scalars(statement)]
            ids = [place.conversation_id for place in places]
            last = {row.conversation_id: row for row in _last_messages(session, ids, ("resident", "human"))}
            return [_held(place, last.get(place.conversation_id)) for place in places]

    def read(self, conversation: str, reader: str) -> Seen:
        """Return a conversation as it stands, and record who has read it.

        Raises:
            ConversationNotFound: There is none of that id.
        """
        with Session(self._writer) as session, session.begin():
            seen = _see(session, conversation)
            self._audit.append(reader, "conversation.read", "conversation", conversation, session=session)
            return seen

    def fetch(self, conversation: str, after: int = -1) -> Seen:
        """Return what is new in a conversation that its reader has opened.

        Args:
            conversation: The conversation's id.
            after: Only messages whose position is greater.

        Raises:
            ConversationNotFound: There is none of that id.
        """
        with Session(self._engine) as session:
            return _see(session, conversation, after)


def _see(session: Session, id: str, after: int = -1) -> Seen:
    """Read the place first: what led to it is then among the messages."""
    conversation = to_conversation(get_conversation(session, id))
    place = find_open(session, id)
    rows = session.scalars(
        select(MessageRow)
        .where(MessageRow.conversation_id == id, MessageRow.position > after)
        .order_by(MessageRow.position)
    )
    return Seen(conversation, to_handoff(place) if place else None, tuple(to_message(row) for row in rows))


def _held(place: Handoff, last: MessageRow | None) -> Held:
    if last is None:
        return Held(place, None, place.requested_at, -1, True)
    is_new = place.taken_at is not None and last.created_at < place.taken_at
    return Held(place, last.text, last.created_at, last.position, last.sender == "resident" or is_new)


def _last_messages(session: Session, ids: Collection[str], senders: Sequence[str]) -> Sequence[MessageRow]:
    last = (
        select(MessageRow.conversation_id, func.max(MessageRow.position).label("position"))
        .where(MessageRow.conversation_id.in_(ids), MessageRow.sender.in_(senders))
        .group_by(MessageRow.conversation_id)
        .subquery()
    )
    same = (MessageRow.conversation_id == last.c.conversation_id) & (MessageRow.position == last.c.position)
    return session.scalars(select(MessageRow).join(last, same)).all()


def _count_questions(session: Session, ids: Collection[str]) -> dict[str, int]:
    rows = session.execute(
        select(MessageRow.conversation_id, func.count(MessageRow.id))
        .where(MessageRow.conversation_id.in_(ids), MessageRow.sender == "resident")
        .group_by(MessageRow.conversation_id)
    )
    return {row[0]: row[1] for row in rows}


def _find_emergencies(session: Session, ids: Collection[str]) -> set[str]:
    rows = session.scalars(
        select(MessageRow.conversation_id)
        .where(
            MessageRow.conversation_id.in_(ids), or_(MessageRow.emergency.is_(True), MessageRow.trigger.is_not(None))
        )
        .distinct()
    )
    return set(rows)
