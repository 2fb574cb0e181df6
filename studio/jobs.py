"""Trainings as jobs: one runs, one may wait. Their state stands in the database, so that it outlives every process.

Whoever runs a job gives a sign of life every second; a job whose holder is silent for `SILENCE` counts as interrupted,
and can be asked for again. A cancelled one is ended by its holder.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from conversations.audit import AuditLog
from conversations.database import wait_for_turn
from conversations.model_schema import TrainingEventRow, TrainingJobRow
from conversations.records import current_moment
from knowledge.engine import for_writing
from studio.model_errors import JobNotFound, JobRunning

QUEUED, TRAINING, EVALUATING = "queued", "training", "evaluating"
DONE, FAILED, INTERRUPTED, CANCELLED = "done", "failed", "interrupted", "cancelled"
RUNNING = (TRAINING, EVALUATING)
OPEN = (QUEUED, *RUNNING)
SILENCE = dt.timedelta(seconds=20)
_KEPT = 50
"""Trainings that are remembered; older ones go with their log."""


@dataclass(frozen=True)
class Job:
    """A training; see `conversations.model_schema.TrainingJobRow`."""

    number: int
    state: str
    asked_by: str
    asked_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    cancel_asked: bool
    step: str
    steps_done: int
    steps: int
    model: str | None
    unchanged: bool
    problems: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        """Whether it runs or waits."""
        return self.state in OPEN


@dataclass(frozen=True)
class Event:
    """One line of a job's log."""

    position: int
    at: dt.datetime
    kind: str
    step: str


class Jobs:
    """The trainings of one database, as one process sees them."""

    def __init__(self, engine: Engine, clock: Callable[[], dt.datetime] = current_moment) -> None:
        """Use the tables of `engine`.

        Args:
            engine: A migrated conversations database.
            clock: The present moment.
        """
        self._engine = engine
        self._writer = for_writing(engine)
        self._clock = clock
        self._audit = AuditLog(engine)
        self.holder = uuid4().hex

    def ask(self, by: str, take: bool = False) -> Job:
        """Ask for a training.

        Args:
            by: Who asks.
            take: Whether this process will run it itself, now.

        Raises:
            JobRunning: One waits already; or one runs, where it is to be taken.
        """
        with Session(self._writer) as session, session.begin():
            wait_for_turn(session, "training_job")
            self._mark_silent(session)
            states = set(session.scalars(select(TrainingJobRow.state).where(TrainingJobRow.state.in_(OPEN))))
            if QUEUED in states or (take and states):
                raise JobRunning("a training runs or waits already; wait until it has ended, or cancel it")
            now = self._clock()
            row = TrainingJobRow(
                number=(session.scalar(select(func.max(TrainingJobRow.number))) or 0) + 1,
                state=TRAINING if take else QUEUED,
                asked_by=by,
                asked_at=now,
                started_at=now if take else None,
                holder=self.holder if take else "",
                heartbeat_at=now if take else None,
                cancel_asked=False,
                step="",
                steps_done=0,
                steps=0,
                unchanged=False,
                problems=[],
            )
            session.add(row)
            session.execute(delete(TrainingJobRow).where(TrainingJobRow.number <= row.number - _KEPT))
            self._audit.append(by, "training.asked", "training", str(row.number), {}, session)
            session.flush()
            return _job(row)

    def take(self) -> Job | None:
        """Take the waiting job, if one waits and none runs; interrupted ones are marked first."""
        with Session(self._writer) as session, session.begin():
            wait_for_turn(session, "training_job")
            self._mark_silent(session)
            rows = session.scalars(select(TrainingJobRow).where(TrainingJobRow.state.in_(OPEN))).all()
            waiting = next((row for row in rows if row.state == QUEUED), None)
            if waiting is None or any(row.state in RUNNING for row in rows):
                return None
            waiting.state, waiting.holder = TRAINING, self.holder
            waiting.started_at = waiting.heartbeat_at = self._clock()
            return _job(waiting)

    def is_waiting(self) -> bool:
        """Tell whether there may be something to take; reads alone, so that looking often costs nothing."""
        oldest = self._clock() - SILENCE
        with Session(self._engine) as session:
            rows = session.execute(
                select(TrainingJobRow.state, TrainingJobRow.heartbeat_at).where(TrainingJobRow.state.in_(OPEN))
            ).all()
        return any(state == QUEUED or beat is None or beat < oldest for state, beat in rows)

    def beat(self, number: int) -> bool:
        """Give a sign of life; return whether to go on: the job is still ours, and nobody has cancelled it."""
        with Session(self._writer) as session, session.begin():
            row = self._own(session, number)
            if row is None:
                return False
            row.heartbeat_at = self._clock()
            return not row.cancel_asked

    def note(self, number: int, kind: str, step: str, done: int = 0, of: int = 0, state: str | None = None) -> bool:
        """Note how far a job is; return as `beat`.

        Args:
            number: The job.
            kind: `step` opens a line of the log; `progress` moves the bar alone.
            step: A component of the pipeline, or a step of the evaluation.
            done, of: How many of how many.
            state: The job's state from now on.
        """
        with Session(self._writer) as session, session.begin():
            row = self._own(session, number)
            if row is None:
                return False
            now = row.heartbeat_at = self._clock()
            row.step, row.steps_done, row.steps = step, done, of
            row.state = state or row.state
            if kind != "progress":
                _append(session, number, now, kind, step)
            return not row.cancel_asked

    def finish(
        self,
        number: int,
        state: str,
        model: str | None = None,
        unchanged: bool = False,
        problems: Sequence[str] = (),
    ) -> bool:
        """End a job of ours.

        Args:
            number: The job.
            state: `done`, `failed`, `cancelled` or `interrupted`.
            model: The model that was made, or found unchanged.
            unchanged: Whether it was there already.
            problems: Why it failed.

        Returns:
            Whether it was still ours.
        """
        with Session(self._writer) as session, session.begin():
            row = self._own(session, number)
            if row is None:
                return False
            row.state, row.finished_at = state, self._clock()
            row.model, row.unchanged, row.problems = model or row.model, unchanged, list(problems)
            _append(session, number, row.finished_at, "end", state)
            details = {"model": model or "", "unchanged": unchanged, "problems": len(problems)}
            self._audit.append("system", f"training.{state}", "training", str(number), details, session)
            return True

    def cancel(self, number: int, by: str) -> Job:
        """Cancel a job: one that waits at once, one that runs by its holder, a second later.

        Raises:
            JobNotFound: There is none of that number.
        """
        with Session(self._writer) as session, session.begin():
            wait_for_turn(session, "training_job")
            self._mark_silent(session)
            row = session.get(TrainingJobRow, number)
            if row is None:
                raise JobNotFound(f"there is no training {number}")
            if row.state in OPEN:
                row.cancel_asked = True
                if row.state == QUEUED:
                    row.state, row.finished_at = CANCELLED, self._clock()
                self._audit.append(by, "training.cancelled", "training", str(number), {}, session)
            return _job(row)

    def fetch(self, number: int) -> Job:
        """Return a job.

        Raises:
            JobNotFound: There is none of that number.
        """
        with Session(self._engine) as session:
            row = session.get(TrainingJobRow, number)
            if row is None:
                raise JobNotFound(f"there is no training {number}")
            return self._shown(row)

    def fetch_newest(self, limit: int = 10) -> list[Job]:
        """Return jobs, the newest first."""
        with Session(self._engine) as session:
            rows = session.scalars(select(TrainingJobRow).order_by(TrainingJobRow.number.desc()).limit(limit))
            return [self._shown(row) for row in rows]

    def fetch_log(self, number: int, after: int = -1) -> list[Event]:
        """Return the lines of a job's log that come after a position."""
        statement = (
            select(TrainingEventRow)
            .where(TrainingEventRow.job == number, TrainingEventRow.position > after)
            .order_by(TrainingEventRow.position)
        )
        with Session(self._engine) as session:
            return [Event(row.position, row.at, row.kind, row.step) for row in session.scalars(statement)]

    def _own(self, session: Session, number: int) -> TrainingJobRow | None:
        wait_for_turn(session, "training_job")
        row = session.get(TrainingJobRow, number)
        return row if row is not None and row.holder == self.holder and row.state in RUNNING else None

    def _is_silent(self, row: TrainingJobRow) -> bool:
        return row.state in RUNNING and (row.heartbeat_at is None or row.heartbeat_at < self._clock() - SILENCE)

    def _mark_silent(self, session: Session) -> None:
        for row in session.scalars(select(TrainingJobRow).where(TrainingJobRow.state.in_(RUNNING))):
            if self._is_silent(row):
                row.state, row.finished_at = INTERRUPTED, row.heartbeat_at
                self._audit.append("system", "training.interrupted", "training", str(row.number), {}, session)
        session.flush()

    def _shown(self, row: TrainingJobRow) -> Job:
        """Return a job as it is, also where nobody has marked yet that its holder is gone."""
        job = _job(row)
        return Job(**{**vars(job), "state": INTERRUPTED}) if self._is_silent(row) else job


def _append(session: Session, number: int, at: dt.datetime, kind: str, step: str) -> None:
    last = session.scalar(select(func.max(TrainingEventRow.position)).where(TrainingEventRow.job == number))
    position = 0 if last is None else last + 1
    session.add(TrainingEventRow(job=number, position=position, at=at, kind=kind, step=step))


def _job(row: TrainingJobRow) -> Job:
    values = {name: getattr(row, name) for name in Job.__dataclass_fields__}
    return Job(**{**values, "problems": tuple(row.problems)})
