"""Conversations, messages, turns and tracker events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "conversation",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
    )
    op.create_index("conversation_updated", "conversation", ["updated_at"])
    op.create_table(
        "message",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("conversation_id", sa.Text, sa.ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("payload", sa.Text),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("topic", sa.Text),
        sa.Column("sources", sa.JSON, nullable=False),
        sa.Column("channels", sa.JSON, nullable=False),
        sa.Column("buttons", sa.JSON, nullable=False),
        sa.Column("masked", sa.JSON, nullable=False),
        sa.Column("intent", sa.Text),
        sa.Column("predicted", sa.Text),
        sa.Column("confidence", sa.Double),
        sa.Column("outcome", sa.Text),
        sa.Column("ranking", sa.JSON, nullable=False),
        sa.Column("trigger", sa.Text),
        sa.Column("model", sa.Text),
        sa.Column("emergency", sa.Boolean, nullable=False),
        sa.Column("handoff", sa.Boolean, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.UniqueConstraint("conversation_id", "position", name="message_position"),
    )
    op.create_index("message_conversation", "message", ["conversation_id", "position"])
    op.create_table(
        "turn",
        sa.Column("conversation_id", sa.Text, sa.ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("request_hash", sa.Text, nullable=False),
        sa.Column("response", sa.JSON, nullable=False),
        sa.Column("created_at", moment, nullable=False),
    )
    op.create_table(
        "tracker_event",
        sa.Column("conversation_id", sa.Text, primary_key=True),
        sa.Column("session", sa.Integer, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("event", sa.JSON, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("tracker_event", "turn", "message", "conversation"):
        op.drop_table(table)
