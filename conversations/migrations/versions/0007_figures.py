"""What became of each question, narrow enough to be counted over; filled from the messages that are stored."""

from __future__ import annotations

import itertools

import sqlalchemy as sa
from alembic import op

from conversations.questions import question_values
from conversations.schema import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BATCH = 5000
_MESSAGE = sa.table(
    "message",
    *(sa.column(name) for name in ("id", "conversation_id", "position", "sender", "language", "topic", "intent")),
    *(sa.column(name) for name in ("predicted", "outcome", "trigger", "confidence")),
    sa.column("ranking", sa.JSON),
    sa.column("emergency", sa.Boolean),
    sa.column("created_at", UtcDateTime),
)


def upgrade() -> None:
    """Make the table and fill it."""
    table = op.create_table(
        "question",
        sa.Column("message_id", sa.Text, sa.ForeignKey("message.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("conversation_id", sa.Text, sa.ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("topic", sa.Text),
    )
    said = op.get_bind().execute(sa.select(_MESSAGE).order_by(_MESSAGE.c.conversation_id, _MESSAGE.c.position))
    conversations = itertools.groupby(said, key=lambda row: row.conversation_id)
    found = itertools.chain.from_iterable(question_values(list(rows)) for _, rows in conversations)
    while batch := list(itertools.islice(found, _BATCH)):
        op.bulk_insert(table, batch)
    op.create_index("question_day", "question", ["day", "language", "result", "topic", "number"])
    op.create_index("question_conversation", "question", ["conversation_id", "topic"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("question")
