"""Sessions of the staff, on the server: a browser holds a random token, the database its hash alone.

A session ends when nothing was asked for a while (idle limit), when the day's work is over (absolute limit), when
somebody ends it, and when password, roles, second factor or account change. The user is read anew with each request, so
nobody goes on in a role that was taken away.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import Engine, delete, or_, select, update
from sqlalchemy.orm import Session as Transaction

from conversations.records import current_moment, hash_text
from conversations.staff import User, end_sessions, get_user, to_user
from conversations.staff_schema import SessionRow, UserRow
from knowledge.engine import for_writing

FULL, SECOND_FACTOR = "full", "second_factor"
_HALFWAY = dt.timedelta(minutes=5)
"""How long one whose password was right may look for the code."""
_TOUCH = dt.timedelta(minutes=1)
"""A request writes the moment no oftener than this, so that reading pages stays reading."""
_AGENT_LIMIT = 80


@dataclass(frozen=True)
class StaffSession:
    """A session as stored. `method` is `password`, `totp`, `recovery` or `directory`."""

    id: str
    user_id: str
    stage: str
    method: str
    agent: str
    created_at: dt.datetime
    seen_at: dt.datetime
    expires_at: dt.datetime


class SessionStore:
    """The sessions of one database."""

    def __init__(
        self,
        engine: Engine,
        idle: dt.timedelta,
        longest: dt.timedelta,
        clock: Callable[[], dt.datetime] = current_moment,
    ) -> None:
        """Use the tables of `engine`.

        Args:
            engine: A migrated conversations database.
            idle: A session ends when nothing was asked for so long.
            longest: A session ends so long after it began, whatever is done in it.
            clock: The present moment.
        """
        self._engine = engine
        self._writer = for_writing(engine)
        self._idle, self._longest = idle, longest
        self._clock = clock

    def begin(self, user: str, method: str, agent: str = "", stage: str = FULL) -> tuple[StaffSession, str]:
        """Begin a session.

        Args:
            user: The user's id.
            method: How the user signed in.
            agent: The browser's kind, for the list of sessions.
            stage: `second_factor` if a code is still awaited.

        Returns:
            The session and the token that the browser holds.

        Raises:
            UserNotFound: There is no such user.
        """
        token, now = secrets.token_urlsafe(32), self._clock()
        row = SessionRow(
            id=uuid4().hex,
            token_hash=hash_text(token),
            user_id=user,
            stage=stage,
            method=method,
            agent=agent[:_AGENT_LIMIT],
            created_at=now,
            seen_at=now,
            expires_at=now + (self._longest if stage == FULL else _HALFWAY),
        )
        with Transaction(self._writer) as session, session.begin():
            owner = get_user(session, user, lock=True)
            self._delete_ended(session, now)
            if stage == FULL:
                owner.signed_in_at = now
            session.add(row)
            session.flush()
            return _session(row), token

    def fetch(self, token: str, stage: str = FULL, touches: bool = True) -> tuple[StaffSession, User] | None:
        """Return the session of a token and its user; None if it has ended or never was.

        Args:
            token: What the browser sent.
            stage: A session of another stage is none.
            touches: Whether it is a sign of somebody's work; a page that asks by itself is none.
        """
        now = self._clock()
        statement = (
            select(SessionRow, UserRow)
            .join(UserRow, UserRow.id == SessionRow.user_id)
            .where(SessionRow.token_hash == hash_text(token), SessionRow.stage == stage, UserRow.disabled.is_(False))
        )
        with Transaction(self._engine) as session:
            found = session.execute(statement).one_or_none()
        if found is None or found[0].expires_at <= now or found[0].seen_at + self._idle <= now:
            return None
        row, user = found
        if touches and now - row.seen_at >= _TOUCH:
            self.touch(row.id)
        return _session(row), to_user(user)

    def fetch_all(self, user: str) -> list[StaffSession]:
        """Return a user's sessions that go on, the newest first."""
        now = self._clock()
        statement = (
            select(SessionRow)
            .where(
                SessionRow.user_id == user,
                SessionRow.stage == FULL,
                SessionRow.expires_at > now,
                SessionRow.seen_at > now - self._idle,
            )
            .order_by(SessionRow.created_at.desc(), SessionRow.id)
        )
        with Transaction(self._engine) as session:
            return [_session(row) for row in session.scalars(statement)]

    def end(self, token: str) -> None:
        """End the session of a token, if there is one."""
        with Transaction(self._writer) as session, session.begin():
            session.execute(delete(SessionRow).where(SessionRow.token_hash == hash_text(token)))

    def end_one(self, user: str, id: str) -> bool:
        """End one session of a user; say whether there was one."""
        statement = delete(SessionRow).where(SessionRow.user_id == user, SessionRow.id == id).returning(SessionRow.id)
        with Transaction(self._writer) as session, session.begin():
            return session.scalars(statement).one_or_none() is not None

    def end_all(self, user: str, keep: str | None = None) -> None:
        """End a user's sessions everywhere.

        Args:
            user: The user's id.
            keep: The id of one that goes on.
        """
        with Transaction(self._writer) as session, session.begin():
            end_sessions(session, user, keep)

    def touch(self, id: str) -> None:
        """Note that somebody works in a session."""
        with Transaction(self._writer) as session, session.begin():
            session.execute(update(SessionRow).where(SessionRow.id == id).values(seen_at=self._clock()))

    def goes_on(self, id: str) -> bool:
        """Say whether a session has not ended, for what was begun in it and has not ended either."""
        now = self._clock()
        statement = select(SessionRow.id).where(
            SessionRow.id == id, SessionRow.expires_at > now, SessionRow.seen_at > now - self._idle
        )
        with Transaction(self._engine) as session:
            return session.scalar(statement) is not None

    def _delete_ended(self, session: Transaction, now: dt.datetime) -> None:
        ended = or_(SessionRow.expires_at <= now, SessionRow.seen_at <= now - self._idle)
        session.execute(delete(SessionRow).where(ended))


def _session(row: SessionRow) -> StaffSession:
    return StaffSession(**{name: getattr(row, name) for name in StaffSession.__dataclass_fields__})
