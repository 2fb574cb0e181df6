"""Drafts of topics and service records, with their versions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    _create_heads("studio_topic")
    op.create_table(
        "studio_revision",
        *_revision_key("topic_id", "studio_topic"),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("successor", sa.Text),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("examples_sv", sa.Text, nullable=False),
        sa.Column("examples_fi", sa.Text, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
    )
    _create_heads("studio_service")
    op.create_table(
        "studio_service_revision",
        *_revision_key("service_id", "studio_service"),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("record", sa.JSON, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
    )


def _create_heads(name: str) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("published_version", sa.Integer),
    )


def _revision_key(column: str, table: str) -> tuple[sa.Column[str], sa.Column[int]]:
    return (
        sa.Column(column, sa.Text, sa.ForeignKey(f"{table}.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
    )


def downgrade() -> None:
    """Take them away again."""
    for table in ("studio_service_revision", "studio_service", "studio_revision", "studio_topic"):
        op.drop_table(table)
