"""Erases conversations for good: their rows, all that refers to them, and the bytes that they were written in.

The tables' ON DELETE CASCADE takes along what belongs to a conversation, in every room's tables. SQLite overwrites what
it deletes (`secure_delete`, set for each connection in `knowledge.engine`), but old pages stay in the write-ahead log
until it is written back and cut off. PostgreSQL keeps dead rows until it vacuums; docs/privacy.md tells operators.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from conversations.schema import ConversationRow
from knowledge.engine import for_writing

_PATIENCE = 500
"""Milliseconds that an open read may take to end."""


def erase_conversations(engine: Engine, ids: Sequence[str], quiet_since: dt.datetime | None = None) -> int:
    """Erase conversations with all that belongs to them, in one transaction; `empty_log` cleans up after the last.

    Args:
        engine: A migrated conversations database.
        ids: The conversations; unknown ones are passed over.
        quiet_since: Spare those that something has happened in since.

    Returns:
        How many there were.
    """
    with Session(for_writing(engine)) as session, session.begin():
        wanted = select(ConversationRow.id).where(ConversationRow.id.in_(ids))
        if quiet_since is not None:
            wanted = wanted.where(ConversationRow.updated_at < quiet_since)
        # In one order, so that two that erase do not each wait for a row that the other one holds.
        found = session.scalars(wanted.order_by(ConversationRow.id).with_for_update()).all()
        session.execute(delete(ConversationRow).where(ConversationRow.id.in_(found)))
        return len(found)


def count_conversations(engine: Engine) -> int:
    """Return how many conversations are stored."""
    with Session(engine) as session:
        return session.scalar(select(func.count()).select_from(ConversationRow)) or 0


def empty_log(engine: Engine) -> bool:
    """Write SQLite's write-ahead log back into the database and cut it off, so that nothing erased stays in it.

    Args:
        engine: The database; of PostgreSQL nothing is asked.

    Returns:
        Whether it is done; not while another connection reads. The server tries again every ten minutes.
    """
    if engine.dialect.name != "sqlite":
        return True
    connection = engine.raw_connection()  # not in a transaction, where SQLite refuses it
    try:
        cursor = connection.cursor()
        (patience,) = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {_PATIENCE}")  # nobody can write while it waits
        busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {patience}")
        cursor.close()
        return not busy
    finally:
        connection.close()
