"""Trained models, their evaluations, promotions, trainings and shadow runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TABLES = ("shadow_turn", "training_event", "training_job", "promotion", "evaluation", "model")


def _text(name: str, nullable: bool = False, **options: bool) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable, **options)


def _number(name: str, **options: bool) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, **options)


def _moment(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "model",
        _text("name", primary_key=True),
        *map(_text, ("origin", "state", "sha256", "signature", "fingerprint", "overlay")),
        *map(_number, ("topics", "size")),
        sa.Column("seconds", sa.Double, nullable=False),
        _text("made_by"),
        _moment("made_at"),
        _number("shadow_share"),
    )
    op.create_index("model_state", "model", ["state", "made_at"])
    op.create_table(
        "evaluation",
        sa.Column("model", sa.Text, sa.ForeignKey("model.name", ondelete="CASCADE"), primary_key=True),
        _moment("evaluated_at"),
        _text("compared_with"),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("gate", sa.JSON, nullable=False),
    )
    op.create_table(
        "promotion",
        _number("number", primary_key=True, autoincrement=False),
        *map(_text, ("model", "previous", "kind")),
        _text("reason", nullable=True),
        _text("promoted_by"),
        _moment("promoted_at"),
    )
    op.create_table(
        "training_job",
        _number("number", primary_key=True, autoincrement=False),
        *map(_text, ("state", "asked_by")),
        _moment("asked_at"),
        _moment("started_at", nullable=True),
        _moment("finished_at", nullable=True),
        _text("holder"),
        _moment("heartbeat_at", nullable=True),
        sa.Column("cancel_asked", sa.Boolean, nullable=False),
        _text("step"),
        *map(_number, ("steps_done", "steps")),
        _text("model", nullable=True),
        sa.Column("unchanged", sa.Boolean, nullable=False),
        sa.Column("problems", sa.JSON, nullable=False),
    )
    op.create_index("training_job_state", "training_job", ["state"])
    op.create_table(
        "training_event",
        sa.Column("job", sa.Integer, sa.ForeignKey("training_job.number", ondelete="CASCADE"), primary_key=True),
        _number("position", primary_key=True, autoincrement=False),
        _moment("at"),
        *map(_text, ("kind", "step")),
    )
    op.create_table(
        "shadow_turn",
        sa.Column("model", sa.Text, sa.ForeignKey("model.name", ondelete="CASCADE"), primary_key=True),
        sa.Column("message_id", sa.Text, sa.ForeignKey("message.id", ondelete="CASCADE"), primary_key=True),
        *map(_text, ("live", "language", "live_topic", "shadow_topic")),
        sa.Column("live_confidence", sa.Double, nullable=False),
        sa.Column("shadow_confidence", sa.Double, nullable=False),
        sa.Column("same", sa.Boolean, nullable=False),
        _moment("at"),
    )
    op.create_index("shadow_turn_message", "shadow_turn", ["message_id"])


def downgrade() -> None:
    """Take them away again."""
    for table in _TABLES:
        op.drop_table(table)
