"""Tables of the trained models: what there is, what was measured, what is live, who trains; on the same `Base`.

Personal-data decision, column by column: users stand here by their ids; `reason` is what an admin wrote, masked. An
evaluation holds our own held-out sentences; of residents' reviewed questions it holds the messages' ids alone, and so
do the rows of a shadow run, which go with their messages.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from conversations.masking import MaskedText
from conversations.schema import Base


class ModelRow(Base):
    """A trained model. `state`: `candidate`, `live`, `former`, `failed`.

    `origin`: `studio` (made here, its archive lies in the data folder and is signed) or `checkout` (a model that the
    installation brought along and that was live once). `overlay` is the fingerprint of the admins' drafts that it
    knows, `topics` how many topics. `shadow_share` is the share of real turns that it listens to, in percent.
    """

    __tablename__ = "model"
    __table_args__ = (Index("model_state", "state", "made_at"),)

    name: Mapped[str] = mapped_column(primary_key=True)
    origin: Mapped[str]
    state: Mapped[str]
    sha256: Mapped[str]
    signature: Mapped[str]
    fingerprint: Mapped[str]
    overlay: Mapped[str]
    topics: Mapped[int]
    size: Mapped[int]
    seconds: Mapped[float]
    made_by: Mapped[str]
    made_at: Mapped[dt.datetime]
    shadow_share: Mapped[int]


class EvaluationRow(Base):
    """What was measured of a model on one evaluation set; see `studio.evaluation`."""

    __tablename__ = "evaluation"

    model: Mapped[str] = mapped_column(ForeignKey("model.name", ondelete="CASCADE"), primary_key=True)
    evaluated_at: Mapped[dt.datetime]
    compared_with: Mapped[str]
    content: Mapped[dict[str, Any]]
    gate: Mapped[dict[str, Any]]


class PromotionRow(Base):
    """One change of the live model; the newest says which is live. `kind`: `promotion`, `override`, `rollback`."""

    __tablename__ = "promotion"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    model: Mapped[str]
    previous: Mapped[str]
    kind: Mapped[str]
    reason: Mapped[MaskedText | None]
    promoted_by: Mapped[str]
    promoted_at: Mapped[dt.datetime]


class TrainingJobRow(Base):
    """One training. `state`: `queued`, `training`, `evaluating`, `done`, `failed`, `interrupted`, `cancelled`.

    `holder` is the process that runs it and `heartbeat_at` its last sign of life. `problems` are those of the training
    data, or what went wrong; of one that is done, the drafts that were left out. `unchanged` says that there was a
    model of the same data already.
    """

    __tablename__ = "training_job"
    __table_args__ = (Index("training_job_state", "state"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[dt.datetime]
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]
    holder: Mapped[str]
    heartbeat_at: Mapped[dt.datetime | None]
    cancel_asked: Mapped[bool]
    step: Mapped[str]
    steps_done: Mapped[int]
    steps: Mapped[int]
    model: Mapped[str | None]
    unchanged: Mapped[bool]
    problems: Mapped[list[str]]


class TrainingEventRow(Base):
    """One line of a training's log. `step` is a component of the pipeline or a step of the evaluation."""

    __tablename__ = "training_event"

    job: Mapped[int] = mapped_column(ForeignKey("training_job.number", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime]
    kind: Mapped[str]
    step: Mapped[str]


class ShadowTurnRow(Base):
    """What a candidate would have made of a resident's message, beside what the live model made of it."""

    __tablename__ = "shadow_turn"
    __table_args__ = (Index("shadow_turn_message", "message_id"),)

    model: Mapped[str] = mapped_column(ForeignKey("model.name", ondelete="CASCADE"), primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    live: Mapped[str]
    language: Mapped[str]
    live_topic: Mapped[str]
    shadow_topic: Mapped[str]
    live_confidence: Mapped[float]
    shadow_confidence: Mapped[float]
    same: Mapped[bool]
    at: Mapped[dt.datetime]
