"""The counsellors' desk: presence, whence a place in the queue came, who calls back and what came of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables and columns."""
    op.add_column("handoff", sa.Column("origin", sa.Text))
    op.add_column("callback", sa.Column("claimed_by", sa.Text))
    op.add_column("callback", sa.Column("claimed_at", _MOMENT))
    op.create_table(
        "presence",
        sa.Column("user_id", sa.Text, sa.ForeignKey("staff_user.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "callback_attempt",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("callback_id", sa.Text, sa.ForeignKey("callback.id", ondelete="CASCADE"), nullable=False),
        sa.Column("conversation_id", sa.Text, sa.ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("note", sa.Text),
    )
    op.create_index("callback_attempt_callback", "callback_attempt", ["callback_id", "made_at"])
    op.create_index("callback_attempt_conversation", "callback_attempt", ["conversation_id"])


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("callback_attempt")
    op.drop_table("presence")
    for column in ("claimed_at", "claimed_by"):
        op.drop_column("callback", column)
    op.drop_column("handoff", "origin")
