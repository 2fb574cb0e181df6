"""Runs a training in a child process (`studio.trainer`) and keeps what comes of it: the parent's half.

The child trains and measures; only this process writes to the database, signs archives and knows the secret key. It may
be killed at any moment: the child ends with it, the job is seen as interrupted, and the live model is as it was.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from studio.child import TrainerGone, TrainerProcess
from studio.evaluation import Evaluation
from studio.gate import Rules, judge
from studio.jobs import CANCELLED, DONE, EVALUATING, FAILED, INTERRUPTED, TRAINING, Job, Jobs
from studio.model_errors import ModelError, TrainingFailed
from studio.models import Models
from studio.overlay import Overlay, write_overlay
from studio.reviewed import fetch_reviewed

_BEAT = 1.0
Watch = Callable[[str, int, int], None]
Snapshot = Callable[[Engine, Path], Overlay]


@dataclass(frozen=True)
class WorkshopOptions:
    """How trainings are done; each is a setting (docs/settings.md).

    Attributes:
        evaluation_folder: Holds `nlu`, `safety` and `safety_held_out`.
        published: The overlay that the live answers are built with.
        reviewed: How many of the questions judged last a model is asked.
        memory_mb: What a trainer may take; 0 for no bound.
        keep: How many models are kept that are neither live nor the one before.
        rules: The gate's.
    """

    evaluation_folder: Path
    published: Path
    reviewed: int = 200
    memory_mb: int = 6000
    keep: int = 5
    rules: Rules = field(default_factory=Rules)


class Workshop:
    """Trains, evaluates, and lets the gate judge; for any process that has taken a job."""

    def __init__(
        self,
        engine: Engine,
        models: Models,
        jobs: Jobs,
        options: WorkshopOptions,
        snapshot: Snapshot = write_overlay,
    ) -> None:
        """Set up.

        Args:
            engine: A migrated conversations database.
            models: Where models are registered.
            jobs: Of this process.
            options: The settings.
            snapshot: Writes the admins' drafts into a folder.
        """
        self.engine = engine
        self.models = models
        self.jobs = jobs
        self.options = options
        self.snapshot = snapshot

    def run(self, job: Job, watch: Watch | None = None, stopping: threading.Event | None = None) -> Job:
        """Do a job that this process has taken; return it as it ended.

        Args:
            job: Ours.
            watch: Told each step, how many and of how many.
            stopping: Set when the process ends; the job is marked as interrupted then.
        """
        run = _Run(self, job, watch, stopping or threading.Event())
        try:
            run.work()
        except TrainingFailed as error:
            self.jobs.finish(job.number, FAILED, problems=error.problems)
        except ModelError as error:
            self.jobs.finish(job.number, FAILED, problems=[str(error)])
        except Exception as error:
            self.jobs.finish(job.number, FAILED, problems=[f"{type(error).__name__}: {error}"])
            raise
        finally:
            self.models.archives.sweep()
        return self.jobs.fetch(job.number)


class _Stopped(Exception):
    """The job was cancelled, is somebody else's, or this process ends."""


class _Run:
    """One job, from the snapshot of the drafts to the gate's verdict."""

    def __init__(self, shop: Workshop, job: Job, watch: Watch | None, stopping: threading.Event) -> None:
        self._engine, self._models, self._jobs = shop.engine, shop.models, shop.jobs
        self._options = shop.options
        self._snapshot = shop.snapshot
        self._job = job
        self._watch = watch
        self._stopping = stopping
        self._step = ""
        self._child = TrainerProcess()

    def work(self) -> None:
        """Do the job."""
        archives = self._models.archives
        archives.sweep()
        workspace = archives.workspace(self._job.number)
        snapshot = workspace / "overlay"
        overlay = self._snapshot(self._engine, snapshot)
        beating = threading.Thread(target=self._beat, name="training-heartbeat", daemon=True)
        beating.start()
        try:
            try:
                name, unchanged = self._train(workspace, snapshot, overlay.fingerprint)
                self._evaluate(name, archives.snapshot(name))
            except TrainerGone:
                raise self._explain() from None
            self._models.retire_old(self._options.keep)
            left_out = [f"{id}: {reason}" for id, reasons in overlay.left_out.items() for reason in reasons]
            self._jobs.finish(self._job.number, DONE, name, unchanged, left_out)
        except _Stopped:
            cancelled = self._jobs.fetch(self._job.number).cancel_asked
            self._jobs.finish(self._job.number, CANCELLED if cancelled else INTERRUPTED)
        finally:
            self._child.close()
            beating.join(timeout=5)
            shutil.rmtree(workspace, ignore_errors=True)

    def _train(self, workspace: Path, snapshot: Path, overlay: str) -> tuple[str, bool]:
        """Return the model's name, and whether it had been made of the same data already."""
        self._child.order(overlay=str(snapshot), workspace=str(workspace), memory_mb=self._options.memory_mb)
        fingerprint = self._hear("fingerprint")["fingerprint"]
        known = self._models.find_trained(fingerprint)
        if known is not None:
            self._child.order(archive=known.name)
            return known.name, True
        self._child.order(archive=None)
        made = self._hear("trained")
        name = made["name"]
        archives = self._models.archives
        shutil.rmtree(archives.snapshot(name), ignore_errors=True)
        snapshot.rename(archives.snapshot(name))
        Path(made["archive"]).replace(archives.path(name))
        by = self._job.asked_by
        self._models.register(name, by, fingerprint, overlay, made["topics"], made["seconds"])
        return name, False

    def _evaluate(self, name: str, snapshot: Path) -> None:
        """Measure the model beside the live one, unless that has been done on the same sentences."""
        live = self._models.live_name()
        live_path = self._models.find_live() if live and live != name else None
        known = self._models.fetch_evaluation(live) if live_path else None
        questions = fetch_reviewed(self._engine, self._options.reviewed)
        self._child.order(
            overlay=str(snapshot),
            archive=str(self._models.find_archive(name)),
            live=str(live_path) if live_path else None,
            live_overlay=str(self._options.published),
            live_evaluation=known.evaluation.to_json() if known else None,
            folder=str(self._options.evaluation_folder),
            reviewed=[vars(item) for item in questions],
        )
        found = self._hear("evaluated")
        candidate = Evaluation.from_json(found["candidate"])
        other = Evaluation.from_json(found["live"]) if found["live"] else None
        self._models.store_evaluation(name, candidate, judge(candidate, other, self._options.rules))
        if other is not None:
            before = known.verdict if known else judge(other, None, self._options.rules)
            self._models.store_evaluation(live, other, before)

    def _hear(self, kind: str) -> dict[str, Any]:
        """Return what the child says of a kind, and note all progress until then."""
        for said in self._child.hear():
            if said["kind"] == kind:
                return said
            if said["kind"] == "failed":
                raise TrainingFailed(said["problems"])
            self._note(said)
        raise TrainerGone

    def _note(self, said: dict[str, Any]) -> None:
        state = TRAINING if said["state"] == "training" else EVALUATING
        kind, self._step = ("progress" if said["step"] == self._step else "step"), said["step"]
        if self._watch:
            self._watch(said["step"], said["done"], said["of"])
        if not self._jobs.note(self._job.number, kind, said["step"], said["done"], said["of"], state):
            raise _Stopped

    def _explain(self) -> Exception:
        """Return why the child is gone: we ended it, or it was ended."""
        job = self._jobs.fetch(self._job.number)
        if self._stopping.is_set() or job.cancel_asked or not job.is_open:
            return _Stopped()
        ended = self._child.how_it_ended()
        return TrainingFailed([f"the trainer ended with {ended}, perhaps for want of memory"])

    def _beat(self) -> None:
        """Give signs of life; end the child when the job is to end."""
        while self._child.is_running():
            if self._stopping.wait(_BEAT) or not self._jobs.beat(self._job.number):
                self._child.end()
                return
