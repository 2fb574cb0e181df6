"""Calling residents back, the counsellor's end of `conversations.callbacks`: who calls, and what came of it.

A list says nothing of whom to call; each request is opened by itself, and that is recorded. A request that is done
keeps no number, name or wish.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from conversations.audit import AuditLog
from conversations.desk_schema import CallbackAttemptRow
from conversations.encryption import Cipher
from conversations.errors import CallbackInvalid, CallbackNotFound, HandoffTaken
from conversations.masking import MaskedText, mask_text
from conversations.records import current_moment
from conversations.schema import CallbackRow
from knowledge.engine import for_writing

OUTCOMES: Final = ("reached", "not_reached", "wrong_number", "other")
CLAIM: Final = dt.timedelta(hours=4)
"""For so long a request is somebody's; one that was forgotten is anybody's again."""
NOTE_LIMIT: Final = 1000
FURTHEST: Final = dt.timedelta(days=30)


@dataclass(frozen=True)
class Due:
    """A request that is open; `claimed_by` only while the claim holds. `attempts` counts calls that were made."""

    id: str
    conversation_id: str
    language: str
    requested_at: dt.datetime
    due_at: dt.datetime
    claimed_by: str | None
    attempts: int


@dataclass(frozen=True)
class Attempt:
    """A call that was made; see `conversations.desk_schema`."""

    made_by: str
    made_at: dt.datetime
    outcome: str
    note: MaskedText | None


@dataclass(frozen=True)
class Opened:
    """A request with whom to call; `phone` is None where the key that it was encrypted with is gone."""

    due: Due
    phone: str | None
    name: str | None
    wish: str | None
    attempts: tuple[Attempt, ...]


class CallbackDesk:
    """The open requests of one database."""

    def __init__(self, engine: Engine, cipher: Cipher, clock: Callable[[], dt.datetime] = current_moment) -> None:
        """Use the tables of `engine`.

        Args:
            engine: A migrated conversations database.
            cipher: Decrypts whom to call.
            clock: The present moment.
        """
        self._engine = engine
        self._writer = for_writing(engine)
        self._audit = AuditLog(engine)
        self._cipher = cipher
        self._clock = clock

    def fetch_due(self, limit: int = 200) -> list[Due]:
        """Return the open requests, the most urgent first, without whom to call."""
        made = (
            select(func.count(CallbackAttemptRow.id))
            .where(CallbackAttemptRow.callback_id == CallbackRow.id)
            .scalar_subquery()
        )
        statement = (
            select(CallbackRow, made)
            .where(CallbackRow.status == "open")
            .order_by(CallbackRow.due_at, CallbackRow.id)
            .limit(limit)
        )
        with Session(self._engine) as session:
            return [self._due(row, count) for row, count in session.execute(statement)]

    def count(self) -> tuple[int, int]:
        """Return how many requests are open, and how many of them should have been called by now."""
        statement = select(func.count(CallbackRow.id)).where(CallbackRow.status == "open")
        with Session(self._engine) as session:
            late = session.scalar(statement.where(CallbackRow.due_at <= self._clock()))
            return session.scalar(statement) or 0, late or 0

    def open(self, id: str, reader: str) -> Opened:
        """Return a request with whom to call, and record who has read it.

        Raises:
            CallbackNotFound: It is done, or has gone with its conversation.
        """
        with Session(self._writer) as session, session.begin():
            row = _get_open(session, id)
            made = session.scalars(
                select(CallbackAttemptRow)
                .where(CallbackAttemptRow.callback_id == id)
                .order_by(CallbackAttemptRow.made_at, CallbackAttemptRow.id)
            ).all()
            self._record(session, reader, "callback.read", row)
            phone, name, wish = (text and self._cipher.decrypt(text) for text in (row.phone, row.name, row.wish))
            attempts = tuple(Attempt(item.made_by, item.made_at, item.outcome, item.note) for item in made)
            return Opened(self._due(row, len(attempts)), phone, name, wish, attempts)

    def claim(self, id: str, counsellor: str) -> None:
        """Say that one makes the call; of two who try, one gets it.

        Raises:
            CallbackNotFound: It is done, or has gone with its conversation.
            HandoffTaken: Another one makes it; says who.
        """
        with Session(self._writer) as session, session.begin():
            row = self._get_free(session, id, counsellor)
            row.claimed_by, row.claimed_at = counsellor, self._clock()
            self._record(session, counsellor, "callback.claimed", row)

    def release(self, id: str, counsellor: str) -> None:
        """Let somebody else make the call.

        Raises:
            CallbackNotFound: It is done, or has gone with its conversation.
            HandoffTaken: It is another one's.
        """
        with Session(self._writer) as session, session.begin():
            row = self._get_free(session, id, counsellor)
            row.claimed_by = row.claimed_at = None
            self._record(session, counsellor, "callback.released", row)

    def report(
        self,
        id: str,
        counsellor: str,
        outcome: str,
        note: str = "",
        again_at: dt.datetime | None = None,
        numbers: Collection[str] = (),
    ) -> None:
        """Note what came of a call. Who was not reached is called again if a time is given; else the request is done.

        Args:
            id: The request's id.
            counsellor: Who has called.
            outcome: One of `OUTCOMES`.
            note: In the counsellor's words; masked.
            again_at: When the next attempt is due; only for `not_reached`.
            numbers: Published numbers, which are not masked.

        Raises:
            CallbackInvalid: The outcome, the note's length or the next attempt's time cannot be used.
            CallbackNotFound: It is done, or has gone with its conversation.
            HandoffTaken: Another one makes the call.
        """
        masked = mask_text(note.strip(), numbers).text
        now = self._clock()
        _check_report(outcome, masked, again_at, now)
        with Session(self._writer) as session, session.begin():
            row = self._get_free(session, id, counsellor)
            attempt = CallbackAttemptRow(
                id=uuid4().hex,
                callback_id=row.id,
                conversation_id=row.conversation_id,
                made_by=counsellor,
                made_at=now,
                outcome=outcome,
                note=masked or None,
            )
            session.add(attempt)
            row.claimed_by = row.claimed_at = None
            if again_at is not None:
                row.due_at = again_at
            else:
                row.status, row.closed_at, row.outcome = "done", now, MaskedText(outcome)
                row.phone, row.name, row.wish = "", None, None
            details = {"outcome": outcome, "again": again_at is not None}
            self._record(session, counsellor, "callback.reported", row, details)

    def _get_free(self, session: Session, id: str, counsellor: str) -> CallbackRow:
        row = _get_open(session, id)
        holder = self._holder(row)
        if holder not in (None, counsellor):
            raise HandoffTaken(str(holder))
        return row

    def _holder(self, row: CallbackRow) -> str | None:
        holds = row.claimed_at is not None and row.claimed_at > self._clock() - CLAIM
        return row.claimed_by if holds else None

    def _due(self, row: CallbackRow, attempts: int) -> Due:
        return Due(row.id, row.conversation_id, row.language, row.requested_at, row.due_at, self._holder(row), attempts)

    def _record(
        self, session: Session, actor: str, action: str, row: CallbackRow, details: dict[str, object] | None = None
    ) -> None:
        self._audit.append(
            actor, action, "callback", row.id, {"conversation": row.conversation_id, **(details or {})}, session
        )


def _check_report(outcome: str, note: str, again_at: dt.datetime | None, now: dt.datetime) -> None:
    if outcome not in OUTCOMES:
        raise CallbackInvalid(f"'{outcome}' is no outcome; choose among {', '.join(OUTCOMES)}")
    if len(note) > NOTE_LIMIT:
        raise CallbackInvalid(f"a note has {NOTE_LIMIT} characters at the most")
    if again_at is not None and (outcome != "not_reached" or not now < again_at <= now + FURTHEST):
        raise CallbackInvalid(f"a next attempt is for who was not reached, within {FURTHEST.days} days")


def _get_open(session: Session, id: str) -> CallbackRow:
    row = session.get(CallbackRow, id, with_for_update=True)
    if row is None or row.status != "open":
        raise CallbackNotFound(id)
    return row
