"""Handoffs to a human being, call-back requests, feedback and ratings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "handoff",
        sa.Column("id", sa.Text, primary_key=True),
        _conversation(),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("requested_at", moment, nullable=False),
        sa.Column("taken_at", moment),
        sa.Column("taken_by", sa.Text),
        sa.Column("closed_at", moment),
        sa.Column("outcome", sa.Text),
    )
    op.create_index("handoff_queue", "handoff", ["closed_at", "taken_at", "requested_at"])
    is_open = sa.text("closed_at IS NULL")
    op.create_index(
        "handoff_open", "handoff", ["conversation_id"], unique=True, sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_table(
        "callback",
        sa.Column("id", sa.Text, primary_key=True),
        _conversation(),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("wish", sa.Text),
        sa.Column("requested_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("closed_at", moment),
        sa.Column("outcome", sa.Text),
    )
    op.create_index("callback_due", "callback", ["status", "due_at"])
    op.create_index("callback_conversation", "callback", ["conversation_id"])
    op.create_table(
        "feedback",
        sa.Column("message_id", sa.Text, sa.ForeignKey("message.id", ondelete="CASCADE"), primary_key=True),
        _conversation(),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("created_at", moment, nullable=False),
    )
    op.create_index("feedback_conversation", "feedback", ["conversation_id"])
    op.create_table(
        "rating",
        sa.Column("conversation_id", sa.Text, sa.ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("stars", sa.Integer, nullable=False),
        sa.Column("comment", sa.Text),
        sa.Column("created_at", moment, nullable=False),
    )


def _conversation() -> sa.Column[str]:
    return sa.Column("conversation_id", sa.Text, sa.ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False)


def downgrade() -> None:
    """Drop the tables."""
    for table in ("rating", "feedback", "callback", "handoff"):
        op.drop_table(table)
