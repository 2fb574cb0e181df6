"""Trainings as jobs: one at a time, and what is shown is true whoever was killed."""

from __future__ import annotations

import pytest
from people import Clock
from sqlalchemy import Engine

from conversations.audit import AuditLog
from studio.jobs import SILENCE, Jobs
from studio.model_errors import JobNotFound, JobRunning


@pytest.fixture
def other(engine: Engine, clock: Clock) -> Jobs:
    """Another process."""
    return Jobs(engine, clock)


def test_one_process_takes_a_waiting_job_and_no_other_does(jobs: Jobs, other: Jobs) -> None:
    asked = jobs.ask("admin")
    assert asked.state == "queued"
    taken = other.take()
    assert taken is not None and (taken.number, taken.state) == (asked.number, "training")
    assert jobs.take() is None


def test_one_job_may_wait_and_a_second_one_is_refused(jobs: Jobs) -> None:
    jobs.ask("admin")
    with pytest.raises(JobRunning):
        jobs.ask("admin")
    jobs.take()
    waiting = jobs.ask("admin")
    assert jobs.take() is None
    with pytest.raises(JobRunning):
        jobs.ask("admin")
    assert jobs.fetch(waiting.number).state == "queued"


def test_whoever_would_train_at_once_is_refused_while_one_runs(jobs: Jobs, other: Jobs) -> None:
    jobs.ask("cli:somebody", take=True)
    with pytest.raises(JobRunning):
        other.ask("cli:somebody", take=True)


def test_progress_and_log_are_seen_by_other_processes(jobs: Jobs, other: Jobs) -> None:
    job = jobs.ask("admin", take=True)
    assert jobs.note(job.number, "step", "read", 0, 3)
    assert jobs.note(job.number, "progress", "read", 2, 3)
    assert jobs.note(job.number, "step", "held_out", 0, 9, "evaluating")
    seen = other.fetch(job.number)
    assert (seen.state, seen.step, seen.steps_done, seen.steps) == ("evaluating", "held_out", 0, 9)
    assert [event.step for event in other.fetch_log(job.number)] == ["read", "held_out"]
    assert [event.step for event in other.fetch_log(job.number, after=0)] == ["held_out"]


def test_a_job_whose_process_is_gone_is_shown_as_interrupted_and_can_be_asked_for_again(
    jobs: Jobs, other: Jobs, clock: Clock, audit: AuditLog
) -> None:
    job = jobs.ask("admin", take=True)
    clock.move(seconds=SILENCE.total_seconds() + 1)
    assert other.fetch(job.number).state == "interrupted"
    assert other.fetch_newest()[0].state == "interrupted"
    again = other.ask("admin")
    assert audit.fetch_entries(object_kind="training", object_id=str(job.number))[0].action == "training.interrupted"
    taken = other.take()
    assert taken is not None and taken.number == again.number


def test_a_process_that_was_only_slow_does_not_go_on_with_what_is_not_its_own_any_more(
    jobs: Jobs, other: Jobs, clock: Clock
) -> None:
    job = jobs.ask("admin", take=True)
    clock.move(seconds=SILENCE.total_seconds() + 1)
    other.ask("admin")
    assert not jobs.beat(job.number)
    assert not jobs.note(job.number, "step", "held_out")
    assert not jobs.finish(job.number, "done", "lotsi-1")
    assert jobs.fetch(job.number).state == "interrupted"


def test_signs_of_life_keep_a_job(jobs: Jobs, other: Jobs, clock: Clock) -> None:
    job = jobs.ask("admin", take=True)
    for _ in range(5):
        clock.move(seconds=SILENCE.total_seconds() - 1)
        assert jobs.beat(job.number)
    assert other.fetch(job.number).state == "training"


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_by_whoever_runs_it(jobs: Jobs, other: Jobs) -> None:
    running, waiting = jobs.ask("admin", take=True), jobs.ask("admin")
    assert other.cancel(waiting.number, "admin").state == "cancelled"
    assert other.cancel(running.number, "admin").cancel_asked
    assert not jobs.beat(running.number)
    assert jobs.finish(running.number, "cancelled")
    assert other.fetch(running.number).state == "cancelled"


def test_a_job_that_has_ended_stays_as_it_ended(jobs: Jobs) -> None:
    job = jobs.ask("admin", take=True)
    assert jobs.finish(job.number, "failed", problems=["too few examples"])
    assert jobs.cancel(job.number, "admin").state == "failed"
    assert not jobs.finish(job.number, "done")
    assert jobs.fetch(job.number).problems == ("too few examples",)


def test_a_job_that_is_none_is_not_found(jobs: Jobs) -> None:
    for call in (jobs.fetch, lambda number: jobs.cancel(number, "admin")):
        with pytest.raises(JobNotFound):
            call(7)


def test_looking_for_work_finds_it_and_what_was_left_behind(jobs: Jobs, clock: Clock) -> None:
    assert not jobs.is_waiting()
    jobs.ask("admin")
    assert jobs.is_waiting()
    jobs.take()
    assert not jobs.is_waiting()
    clock.move(seconds=SILENCE.total_seconds() + 1)
    assert jobs.is_waiting()
