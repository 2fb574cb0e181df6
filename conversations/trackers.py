"""Keeps Rasa's events of each conversation, session by session; knows nothing of what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Engine, Select, bindparam, delete, func, insert, select
from sqlalchemy.orm import Session

from conversations.schema import ConversationRow, TrackerEventRow
from knowledge.engine import for_writing

_SESSION_START = "action_session_start"
# Written once: every turn runs them, and to compose a statement takes longer than SQLite takes to answer it.
_CONVERSATION: Any = bindparam("conversation")
_OF_CONVERSATION = TrackerEventRow.conversation_id == _CONVERSATION
_ALL = select(TrackerEventRow.event).where(_OF_CONVERSATION)
_ALL = _ALL.order_by(TrackerEventRow.session, TrackerEventRow.position)
_NEWEST = _ALL.where(
    TrackerEventRow.session == select(func.max(TrackerEventRow.session)).where(_OF_CONVERSATION).scalar_subquery()
)
_NEWEST_LENGTH = (
    select(TrackerEventRow.session, func.count())
    .where(_OF_CONVERSATION)
    .group_by(TrackerEventRow.session)
    .order_by(TrackerEventRow.session.desc())
    .limit(1)
)
_HELD = select(ConversationRow.id).where(ConversationRow.id == _CONVERSATION)
_HELD = _HELD.with_for_update(read=True, key_share=True)
_APPEND = insert(TrackerEventRow.__table__)  # type: ignore[arg-type]


class TrackerEvents:
    """The table of tracker events, behind `bot.tracker_store`."""

    def __init__(self, engine: Engine) -> None:
        """Use the tables of `engine`.

        Args:
            engine: A migrated conversations database.
        """
        self._engine = engine
        self._writer = for_writing(engine)

    def fetch_session(self, conversation: str) -> list[dict[str, Any]]:
        """Return the events of a conversation's newest session, oldest first."""
        return self._fetch(_NEWEST, conversation)

    def fetch_all(self, conversation: str) -> list[dict[str, Any]]:
        """Return the events of all sessions, oldest first."""
        return self._fetch(_ALL, conversation)

    def _fetch(self, statement: Select[tuple[dict[str, Any]]], conversation: str) -> list[dict[str, Any]]:
        with Session(self._engine) as session:
            return list(session.scalars(statement, {"conversation": conversation}))

    def replace_session(self, conversation: str, events: Sequence[Mapping[str, Any]]) -> None:
        """Append what is new in `events`, which begin where the newest stored session begins.

        Nothing is kept of a conversation that is not there: it has been erased while its turn was taken.

        Args:
            conversation: The conversation's id.
            events: The tracker's events; a session start among them that is not yet stored opens a new session.
        """
        with Session(self._writer) as session, session.begin():
            if not self._holds(session, conversation):
                return
            newest, count = session.execute(_NEWEST_LENGTH, {"conversation": conversation}).one_or_none() or (0, 0)
            number, position = newest, count
            rows = []
            for event in events[count:]:
                if event.get("name") == _SESSION_START and event.get("event") == "action" and position > 0:
                    number, position = number + 1, 0
                rows.append(
                    {"conversation_id": conversation, "session": number, "position": position, "event": dict(event)}
                )
                position += 1
            if rows:
                session.execute(_APPEND, rows)

    @staticmethod
    def _holds(session: Session, conversation: str) -> bool:
        """Tell whether a conversation is there, and keep it there until the transaction ends."""
        return session.scalar(_HELD, {"conversation": conversation}) is not None

    def fetch_conversations(self) -> list[str]:
        """Return the ids of all conversations that have events."""
        with Session(self._engine) as session:
            return list(session.scalars(select(TrackerEventRow.conversation_id).distinct()))

    def delete(self, conversation: str) -> None:
        """Delete all events of a conversation."""
        with Session(self._writer) as session, session.begin():
            session.execute(delete(TrackerEventRow).where(TrackerEventRow.conversation_id == conversation))
