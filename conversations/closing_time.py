"""Those who still wait when the service hours end: they leave the queue, and are told so; nobody comes any more today.

Who is being answered by a counsellor is left alone.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from conversations.audit import AuditLog
from conversations.errors import ConversationNotFound
from conversations.places import close_place, is_waiting
from conversations.records import NewMessage, append_messages, get_conversation
from conversations.schema import HandoffRow
from knowledge.engine import for_writing

CLOSED = "closed"


class ClosingTime:
    """The end of the service hours in one database."""

    def __init__(self, engine: Engine) -> None:
        """Use the tables of `engine`.

        Args:
            engine: A migrated conversations database.
        """
        self._engine = engine
        self._writer = for_writing(engine)
        self._audit = AuditLog(engine)

    def release_waiting(self, make_notice: Callable[[str], NewMessage]) -> list[str]:
        """Take everybody who waits out of the queue.

        Any number of processes may do it at once: each conversation is locked and looked at again, so that its
        resident is told once, and not at all if a counsellor has just taken it over.

        Args:
            make_notice: What is said in a conversation of a language.

        Returns:
            The ids of the conversations.
        """
        with Session(self._engine) as session:
            waiting = session.scalars(select(HandoffRow.conversation_id).where(*is_waiting())).all()
        return [conversation for conversation in waiting if self._release(conversation, make_notice)]

    def _release(self, conversation: str, make_notice: Callable[[str], NewMessage]) -> bool:
        with Session(self._writer) as session, session.begin(), suppress(ConversationNotFound):
            row = get_conversation(session, conversation, lock=True)
            if row.state != "waiting":
                return False
            row.state = "bot"
            close_place(session, conversation, CLOSED)
            self._audit.append("system", "conversation.released", "conversation", conversation, session=session)
            append_messages(session, row, [make_notice(row.language)])
            return True
        return False  # erased meanwhile
