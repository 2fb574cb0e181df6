"""Which conversations have been kept long enough: the privacy notice promises that they are erased then."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from conversations.records import current_moment
from conversations.schema import ConversationRow


def fetch_expired(engine: Engine, days: int, limit: int = 500) -> list[str]:
    """Return the ids of conversations whose last message is older than `days`, the oldest first.

    Args:
        engine: A migrated conversations database.
        days: How long a conversation is kept after its last message.
        limit: So many at most; the rest is found by the next call.
    """
    before = current_moment() - dt.timedelta(days=days)
    query = (
        select(ConversationRow.id)
        .where(ConversationRow.updated_at < before)
        .order_by(ConversationRow.updated_at)
        .limit(limit)
    )
    with Session(engine) as session:
        return list(session.scalars(query))
