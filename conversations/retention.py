"""How long conversations are kept: what is due, and the erasing of it in batches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, func, select
from sqlalchemy.orm import Session

from conversations.erasure import empty_log, erase_conversations
from conversations.records import current_moment
from conversations.schema import ConversationRow

BATCH = 200
"""Conversations a transaction: a few thousand rows, so that a turn that waits for it does not wait long."""


@dataclass(frozen=True)
class Due:
    """Conversations that are to be erased: the day (UTC) of the last thing that happened in them, and their state."""

    day: dt.date
    state: str
    conversations: int


class Retention:
    """The rule of one database."""

    def __init__(self, engine: Engine, days: int, clock: Callable[[], dt.datetime] = current_moment) -> None:
        """Set the rule.

        Args:
            engine: A migrated conversations database.
            days: For how long a conversation is kept after the last thing that happened in it.
            clock: The present moment.
        """
        self._engine = engine
        self._days = dt.timedelta(days=days)
        self._clock = clock

    def preview(self) -> list[Due]:
        """Return what `run` would erase now, by day and state, the oldest day first; nothing is changed."""
        day = _day(self._engine)
        with Session(self._engine) as session:
            rows = session.execute(
                select(day, ConversationRow.state, func.count())
                .where(ConversationRow.updated_at < self._clock() - self._days)
                .group_by(day, ConversationRow.state)
                .order_by(day, ConversationRow.state)
            )
            return [Due(dt.date.fromisoformat(day), state, count) for day, state, count in rows]

    def run(self, go_on: Callable[[], bool] = lambda: True) -> int:
        """Erase what is due, batch by batch, and clean up.

        Args:
            go_on: Asked before each batch; False ends the run.

        Returns:
            How many conversations were erased.
        """
        limit = self._clock() - self._days
        erased = 0
        while go_on() and (due := self._fetch_due(limit)):
            erased += erase_conversations(self._engine, due, quiet_since=limit)
        empty_log(self._engine)
        return erased

    def _fetch_due(self, limit: dt.datetime) -> list[str]:
        statement = select(ConversationRow.id).where(ConversationRow.updated_at < limit)
        with Session(self._engine) as session:
            return list(session.scalars(statement.order_by(ConversationRow.updated_at).limit(BATCH)))


def _day(engine: Engine) -> ColumnElement[str]:
    if engine.dialect.name == "sqlite":
        return func.date(ConversationRow.updated_at)
    return func.to_char(func.timezone("UTC", ConversationRow.updated_at), "YYYY-MM-DD")
