"""Who of the counsellors is there to answer: a sign of life every few seconds, and whether one takes anybody new.

Who gives no sign of life for `LIMIT` counts as gone, whatever was the cause: a closed lid, a lost network, a crash.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from conversations.database import wait_for_turn
from conversations.desk_schema import PresenceRow
from conversations.records import current_moment
from conversations.staff import get_user
from knowledge.engine import for_writing

LIMIT: Final = dt.timedelta(seconds=90)
"""No setting: browsers wake a page in the background once a minute, and a resident should not wait much longer."""
PRESENT, AWAY = "present", "away"
STATUSES = (PRESENT, AWAY)


class Presence:
    """The presence of one database's counsellors."""

    def __init__(self, engine: Engine, clock: Callable[[], dt.datetime] = current_moment) -> None:
        """Use the tables of `engine`.

        Args:
            engine: A migrated conversations database.
            clock: The present moment.
        """
        self._engine = engine
        self._writer = for_writing(engine)
        self._clock = clock

    def enter(self, user: str) -> str:
        """Note that somebody is at the desk; who was gone is present again, who is away stays so.

        Args:
            user: The user's id.

        Returns:
            The status.

        Raises:
            UserNotFound: There is no such user.
        """
        return self._write(user, None)

    def set_status(self, user: str, status: str) -> str:
        """Say whether one takes anybody new.

        Args:
            user: The user's id.
            status: One of `STATUSES`; another is none and changes nothing.

        Raises:
            UserNotFound: There is no such user.
        """
        return self._write(user, status if status in STATUSES else None)

    def renew(self, user: str) -> str | None:
        """Give a sign of life from elsewhere in the console; who was gone stays gone.

        Returns:
            The status; None for one who is not at the desk.
        """
        now = self._clock()
        with Session(self._writer) as session, session.begin():
            row = session.get(PresenceRow, user, with_for_update=True)
            if row is None or row.seen_at <= now - LIMIT:
                return None
            row.seen_at = now
            return row.status

    def leave(self, user: str) -> None:
        """Note that somebody has gone, such as by signing out."""
        with Session(self._writer) as session, session.begin():
            session.execute(delete(PresenceRow).where(PresenceRow.user_id == user))

    def fetch_status(self, user: str) -> str | None:
        """Return somebody's status; None for one who is not there."""
        return self.fetch_all().get(user)

    def fetch_all(self) -> dict[str, str]:
        """Return the status of everybody who is there, by user id."""
        with Session(self._engine) as session:
            rows = session.scalars(select(PresenceRow).where(PresenceRow.seen_at > self._clock() - LIMIT))
            return {row.user_id: row.status for row in rows}

    def is_anybody_present(self) -> bool:
        """Say whether somebody is there who takes new conversations."""
        return PRESENT in self.fetch_all().values()

    def _write(self, user: str, status: str | None) -> str:
        now = self._clock()
        with Session(self._writer) as session, session.begin():
            wait_for_turn(session, f"presence {user}")  # two tabs that are opened at once
            row = session.get(PresenceRow, user)
            if row is None:
                get_user(session, user)
                row = PresenceRow(user_id=user, status=PRESENT, seen_at=now)
                session.add(row)
            if row.seen_at <= now - LIMIT:
                row.status = PRESENT
            row.status, row.seen_at = status or row.status, now
            return row.status
