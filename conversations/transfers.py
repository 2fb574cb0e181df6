"""Passes a conversation on: to a colleague, to the front of the queue, or there because its counsellor is gone.

Each way closes the place that was held and opens another, so that it stays known who had a conversation and for how
long a resident has waited.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import suppress

from sqlalchemy import Engine, Select, or_, select
from sqlalchemy.orm import Session

from conversations.audit import AuditLog
from conversations.desk_schema import PresenceRow
from conversations.errors import ColleagueAbsent, ConversationNotFound
from conversations.places import close_place, get_taken, open_place
from conversations.presence import LIMIT, PRESENT
from conversations.records import Message, NewMessage, append_messages, current_moment, get_conversation
from conversations.schema import HandoffRow
from knowledge.engine import for_writing

TRANSFERRED, DROPPED = "transferred", "dropped"


class Transfers:
    """What is passed on in one database."""

    def __init__(self, engine: Engine, clock: Callable[[], dt.datetime] = current_moment) -> None:
        """Use the tables of `engine`.

        Args:
            engine: A migrated conversations database.
            clock: The present moment.
        """
        self._engine = engine
        self._writer = for_writing(engine)
        self._audit = AuditLog(engine)
        self._clock = clock

    def give_to_colleague(
        self, conversation: str, counsellor: str, colleague: str, notices: Sequence[NewMessage]
    ) -> list[Message]:
        """Make a conversation a colleague's, who is there and not away.

        Args:
            conversation: The conversation's id.
            counsellor: Who has it.
            colleague: Who gets it.
            notices: What is said in the conversation then.

        Raises:
            ColleagueAbsent: The colleague is not there.
            ConversationNotFound: There is no conversation of that id.
            HandoffNotTaken: The counsellor has not taken it over.
        """
        with Session(self._writer) as session, session.begin():
            row, _ = get_taken(session, conversation, counsellor)
            presence = session.get(PresenceRow, colleague)
            is_there = presence is not None and presence.seen_at > self._clock() - LIMIT
            if presence is None or not is_there or presence.status != PRESENT or colleague == counsellor:
                raise ColleagueAbsent(colleague)
            close_place(session, conversation, TRANSFERRED)
            open_place(session, row, TRANSFERRED, colleague)
            details = {"to": colleague}
            self._audit.append(counsellor, "conversation.transferred", "conversation", conversation, details, session)
            return append_messages(session, row, notices)

    def give_to_queue(self, conversation: str, counsellor: str, notices: Sequence[NewMessage]) -> list[Message]:
        """Put a conversation to the front of the queue; its resident has waited already.

        Args:
            conversation: The conversation's id.
            counsellor: Who has it.
            notices: What is said in the conversation then.

        Raises:
            ConversationNotFound: There is no conversation of that id.
            HandoffNotTaken: The counsellor has not taken it over.
        """
        with Session(self._writer) as session, session.begin():
            get_taken(session, conversation, counsellor)
            details = {"to": "queue"}
            self._audit.append(counsellor, "conversation.transferred", "conversation", conversation, details, session)
            return _requeue(session, conversation, TRANSFERRED, notices)

    def return_dropped(self, make_notice: Callable[[str], NewMessage]) -> list[str]:
        """Put the conversations of counsellors who are gone to the front of the queue.

        Any number of processes may do it at once: each conversation is locked and looked at again, so that it is
        returned once, and not at all if its counsellor has come back meanwhile.

        Args:
            make_notice: What is said in a conversation of a language.

        Returns:
            The ids of the conversations.
        """
        with Session(self._engine) as session:
            found = session.execute(self._dropped()).all()
        return [conversation for conversation, _ in found if self._return(conversation, make_notice)]

    def _return(self, conversation: str, make_notice: Callable[[str], NewMessage]) -> bool:
        with Session(self._writer) as session, session.begin(), suppress(ConversationNotFound):
            row = get_conversation(session, conversation, lock=True)
            still = session.execute(self._dropped().where(HandoffRow.conversation_id == conversation)).one_or_none()
            if still is None:
                return False
            details = {"counsellor": still.taken_by}
            self._audit.append("system", "conversation.dropped", "conversation", conversation, details, session)
            _requeue(session, conversation, DROPPED, [make_notice(row.language)])
            return True
        return False  # erased meanwhile

    def _dropped(self) -> Select[str, str | None]:
        gone = self._clock() - LIMIT
        return (
            select(HandoffRow.conversation_id, HandoffRow.taken_by)
            .outerjoin(PresenceRow, PresenceRow.user_id == HandoffRow.taken_by)
            .where(
                HandoffRow.closed_at.is_(None),
                HandoffRow.taken_at <= gone,
                or_(PresenceRow.user_id.is_(None), PresenceRow.seen_at <= gone),
            )
            .order_by(HandoffRow.requested_at)
        )


def _requeue(session: Session, conversation: str, origin: str, notices: Sequence[NewMessage]) -> list[Message]:
    row = get_conversation(session, conversation, lock=True)
    close_place(session, conversation, origin)
    open_place(session, row, origin)
    row.state = "waiting"
    return append_messages(session, row, notices)
