"""The inbox with its full-text index, reviews, notes, saved views, example candidates, wishes for knowledge."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from conversations.inbox_text import create_text_index, drop_text_index

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    _create_inbox()
    op.create_table(
        "review",
        sa.Column("message_id", sa.Text, sa.ForeignKey("message.id", ondelete="CASCADE"), primary_key=True),
        _conversation(),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("topic", sa.Text),
        sa.Column("reviewer", sa.Text, nullable=False),
        sa.Column("reviewed_at", _MOMENT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("review_conversation", "review", ["conversation_id"])
    op.create_table(
        "conversation_note",
        sa.Column("id", sa.Text, primary_key=True),
        _conversation(),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("written_at", _MOMENT, nullable=False),
    )
    op.create_index("conversation_note_conversation", "conversation_note", ["conversation_id", "written_at"])
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Text, sa.ForeignKey("staff_user.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.UniqueConstraint("user_id", "name", name="saved_view_name"),
    )
    _create_proposals("example_candidate", sa.Column("topic", sa.Text, nullable=False))
    _create_proposals("knowledge_wish")
    create_text_index(op.get_bind())


def _conversation(nullable: bool = False) -> sa.Column[str]:
    return sa.Column(
        "conversation_id", sa.Text, sa.ForeignKey("conversation.id", ondelete="CASCADE"), nullable=nullable
    )


def _create_inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("number", sa.Integer, primary_key=True),
        _conversation(),
        sa.Column("attention", sa.Integer, nullable=False),
        sa.Column("reasons", sa.JSON, nullable=False),
        sa.Column("excerpt", sa.Text, nullable=False),
        sa.Column("questions", sa.Integer, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("confidence", sa.Double),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("assigned_to", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.UniqueConstraint("conversation_id", name="inbox_conversation"),
    )
    rank = ["attention", "updated_at", "number"]
    kept = ["language", "confidence", "assigned_to"]
    is_open = sa.text("status <> 'resolved'")
    op.create_index("inbox_rank", "inbox", [*rank, *kept, "status"])
    op.create_index("inbox_open", "inbox", [*rank, *kept], sqlite_where=is_open, postgresql_where=is_open)
    op.create_index("inbox_assigned", "inbox", ["assigned_to", *rank])
    op.create_index("inbox_updated", "inbox", ["updated_at"])
    op.create_table(
        "inbox_mark",
        sa.Column("number", sa.Integer, sa.ForeignKey("inbox.number", ondelete="CASCADE"), primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, primary_key=True),
        sa.Column("attention", sa.Integer, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
    )
    op.create_index("inbox_mark_rank", "inbox_mark", ["kind", "value", *rank])
    op.create_table(
        "inbox_text",
        sa.Column(
            "number",
            sa.Integer,
            sa.ForeignKey("inbox.number", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("terms", sa.Text, nullable=False),
    )


def _create_proposals(table: str, *columns: sa.Column[str]) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.Text, primary_key=True),
        _conversation(nullable=True),
        sa.Column("message_id", sa.Text, sa.ForeignKey("message.id", ondelete="CASCADE")),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        *columns,
        sa.Column("proposed_by", sa.Text, nullable=False),
        sa.Column("proposed_at", _MOMENT, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", _MOMENT),
    )
    op.create_index(f"{table}_state", table, ["state", "proposed_at"])
    op.create_index(f"{table}_conversation", table, ["conversation_id"])
    op.create_index(f"{table}_message", table, ["message_id"])


def downgrade() -> None:
    """Drop the tables."""
    drop_text_index(op.get_bind())
    for table in ("knowledge_wish", "example_candidate", "saved_view", "conversation_note", "review"):
        op.drop_table(table)
    for table in ("inbox_text", "inbox_mark", "inbox"):
        op.drop_table(table)
