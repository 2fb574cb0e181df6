"""Lets one of several server processes do a job for all: who begins it holds a lease in the database meanwhile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from uuid import uuid4

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from conversations.database import wait_for_turn
from conversations.job_schema import JobLeaseRow
from conversations.records import current_moment
from knowledge.engine import for_writing

LONGEST = dt.timedelta(minutes=10)
"""After so long without a sign of life a holder counts as gone, and another one may take the job."""


class Lease:
    """One process's claim to one job."""

    def __init__(self, engine: Engine, job: str, clock: Callable[[], dt.datetime] = current_moment) -> None:
        """Make the claim; nothing is taken yet.

        Args:
            engine: A migrated conversations database.
            job: The job's name, the same in all processes.
            clock: The present moment.
        """
        self._writer = for_writing(engine)
        self._job = job
        self._clock = clock
        self._holder = uuid4().hex

    def take(self, pause: dt.timedelta) -> bool:
        """Take the job, unless somebody does it now or has done it lately.

        Args:
            pause: For how long after it was done nobody does it again.

        Returns:
            Whether it is ours.
        """
        now = self._clock()
        with Session(self._writer) as session, session.begin():
            wait_for_turn(session, "job_lease")
            row = session.get(JobLeaseRow, self._job)
            if row is None:
                session.add(JobLeaseRow(job=self._job, holder=self._holder, held_until=now + LONGEST))
                return True
            if row.held_until > now or (row.finished_at is not None and row.finished_at > now - pause):
                return False
            row.holder, row.held_until = self._holder, now + LONGEST
            return True

    def renew(self) -> bool:
        """Give a sign of life; return whether the job is still ours."""
        return self._write(lambda row, now: setattr(row, "held_until", now + LONGEST))

    def finish(self) -> bool:
        """Give the job back as done; return whether it was still ours."""

        def _done(row: JobLeaseRow, now: dt.datetime) -> None:
            row.held_until = row.finished_at = now

        return self._write(_done)

    def give_up(self) -> bool:
        """Give the job back undone; return whether it was still ours."""
        return self._write(lambda row, now: setattr(row, "held_until", now))

    def _write(self, change: Callable[[JobLeaseRow, dt.datetime], None]) -> bool:
        with Session(self._writer) as session, session.begin():
            wait_for_turn(session, "job_lease")
            row = session.get(JobLeaseRow, self._job)
            if row is None or row.holder != self._holder:
                return False
            change(row, self._clock())
            return True
