"""Who answers in a conversation: the queue for a human being, and what a counsellor does with a conversation.

Every change locks the conversation's row first, so that bot, resident and counsellors see them in one order. Notices
(`NewMessage` of sender `system`) come from the caller: this room has no texts of its own. What a counsellor does is
recorded in the same transaction. `conversations.transfers` passes a conversation on to somebody else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from conversations.audit import AuditLog
from conversations.errors import ConversationEnded, HandoffNotFound, HandoffTaken, KeyReused
from conversations.places import (
    Handoff,
    close_place,
    fetch_place,
    get_taken,
    is_waiting,
    open_place,
    queue_order,
    to_handoff,
)
from conversations.records import Message, NewMessage, append_messages, current_moment, get_conversation, hash_text
from conversations.schema import ConversationRow, HandoffRow, TurnRow
from knowledge.engine import for_writing


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
        self._audit = AuditLog(engine)

    def fetch_standing(self, conversation: str) -> Standing:
        """Return who answers in a conversation, and its place in the queue.

        Raises:
            ConversationNotFound: There is no conversation of that id.
        """
        with Session(self._engine) as session:
            state = get_conversation(session, conversation).state
            return Standing(state, fetch_place(session, conversation) if state == "waiting" else None)

    def fetch_queue(self) -> list[Handoff]:
        """Return who waits, in the order in which they should be taken."""
        with Session(self._engine) as session:
            rows = session.scalars(select(HandoffRow).where(*is_waiting()).order_by(*queue_order()))
            return [to_handoff(row) for row in rows]

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
            open_place(session, row)
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
            close_place(session, conversation, "left")
            return append_messages(session, row, notices)

    def end(self, conversation: str, notices: Sequence[NewMessage]) -> list[Message]:
        """End a conversation for good, by its resident's wish; one that has ended stays as it is.

        Args:
            conversation: The conversation's id.
            notices: What is said in the conversation last.

        Raises:
            ConversationNotFound: There is no conversation of that id.
        """
        with Session(self._writer) as session, session.begin():
            row = get_conversation(session, conversation, lock=True)
            return [] if row.state == "ended" else _end(session, row, notices)

    def take(self, id: str, counsellor: str, notices: Sequence[NewMessage]) -> Handoff:
        """Take a waiting conversation over; of two counsellors who try, one gets it.

        Args:
            id: The handoff's id.
            counsellor: Who takes it.
            notices: What is said in the conversation then.

        Raises:
            HandoffTaken: Another one has it; says who.
            HandoffNotFound: It is closed, or its conversation has been erased.
        """
        with Session(self._writer) as session, session.begin():
            conversation = session.scalar(select(HandoffRow.conversation_id).where(HandoffRow.id == id))
            locked = conversation and session.get(ConversationRow, conversation, with_for_update=True)
            handoff = session.get(HandoffRow, id, populate_existing=True)
            if not locked or handoff is None or handoff.closed_at is not None:
                raise HandoffNotFound(id)
            if handoff.taken_by not in (None, counsellor):
                raise HandoffTaken(str(handoff.taken_by))
            if handoff.taken_by is None:
                handoff.taken_by, handoff.taken_at = counsellor, current_moment()
                locked.state = "human"
                append_messages(session, locked, notices)
                self._record(session, counsellor, "conversation.taken_over", locked.id)
            return to_handoff(handoff)

    def write(
        self, conversation: str, counsellor: str, messages: Sequence[NewMessage], key: str | None = None
    ) -> list[Message]:
        """Append what a counsellor says; `NewMessage` masks it where nobody has.

        Args:
            conversation: The conversation's id.
            counsellor: Who has taken it over.
            messages: In their order.
            key: What is sent again under a key that was used changes nothing.

        Returns:
            The messages as stored; none where the key was used before.

        Raises:
            ConversationNotFound: There is no conversation of that id.
            HandoffNotTaken: The counsellor has not taken it over.
            KeyReused: The key was used for other words.
        """
        with Session(self._writer) as session, session.begin():
            row, _ = get_taken(session, conversation, counsellor)
            if key is not None and _is_known(session, row, key, messages):
                return []
            stored = append_messages(session, row, messages)
            details = {"messages": [message.id for message in stored]}
            self._record(session, counsellor, "conversation.answered", conversation, details)
            return stored

    def hand_back(self, conversation: str, counsellor: str, notices: Sequence[NewMessage]) -> list[Message]:
        """Let the bot answer again.

        Raises:
            ConversationNotFound: There is no conversation of that id.
            HandoffNotTaken: The counsellor has not taken it over.
        """
        with Session(self._writer) as session, session.begin():
            row, _ = get_taken(session, conversation, counsellor)
            row.state = "bot"
            close_place(session, conversation, "handed_back")
            self._record(session, counsellor, "conversation.handed_back", conversation)
            return append_messages(session, row, notices)

    def close(self, conversation: str, counsellor: str, notices: Sequence[NewMessage]) -> list[Message]:
        """End a conversation for good, by the counsellor who has it.

        Raises:
            ConversationNotFound: There is no conversation of that id.
            HandoffNotTaken: The counsellor has not taken it over.
        """
        with Session(self._writer) as session, session.begin():
            row, _ = get_taken(session, conversation, counsellor)
            self._record(session, counsellor, "conversation.ended", conversation)
            return _end(session, row, notices)

    def _record(
        self, session: Session, actor: str, action: str, conversation: str, details: Mapping[str, object] | None = None
    ) -> None:
        self._audit.append(actor, action, "conversation", conversation, details, session)


def _end(session: Session, row: ConversationRow, notices: Sequence[NewMessage]) -> list[Message]:
    row.state = "ended"
    close_place(session, row.id, "ended")
    return append_messages(session, row, notices)


def _is_known(session: Session, row: ConversationRow, key: str, messages: Sequence[NewMessage]) -> bool:
    """Tell whether a key was used, and keep a new one; the conversation's lock keeps two of one key apart.

    Raises:
        KeyReused: It was used for other words.
    """
    hashed, said = hash_text(f"{row.id} staff {key}"), hash_text("\n".join(message.text for message in messages))
    known = session.get(TurnRow, (row.id, hashed))
    if known is not None and known.request_hash != said:
        raise KeyReused(key)
    if known is None:
        turn = TurnRow(conversation_id=row.id, key=hashed, request_hash=said, response={})
        turn.created_at = current_moment()
        session.add(turn)
    return known is not None
