"""Dialogue state goes with its conversation; leases of jobs; an index that erasing a conversation needs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_FOREIGN_KEY = "tracker_event_conversation"


def upgrade() -> None:
    """Tie `tracker_event` to `conversation` (what belongs to none is an erased one's), make `job_lease`.

    Turns are forgotten: their keys stood there as they came, and are hashed from now on.
    """
    op.execute("DELETE FROM turn")
    op.execute("DELETE FROM tracker_event WHERE conversation_id NOT IN (SELECT id FROM conversation)")
    with op.batch_alter_table("tracker_event") as table:
        table.create_foreign_key(_FOREIGN_KEY, "conversation", ["conversation_id"], ["id"], ondelete="CASCADE")
    op.create_index("handoff_conversation", "handoff", ["conversation_id"])
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "job_lease",
        sa.Column("job", sa.Text, primary_key=True),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("held_until", moment, nullable=False),
        sa.Column("finished_at", moment),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("job_lease")
    op.drop_index("handoff_conversation", "handoff")
    with op.batch_alter_table("tracker_event") as table:
        table.drop_constraint(_FOREIGN_KEY, type_="foreignkey")
