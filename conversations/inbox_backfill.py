"""Gives conversations their entry in the inbox where it is missing or older than what was said.

Every store keeps the entries itself; those of conversations that are older than the inbox are missing, and a server
that is killed between a question and its answer leaves an entry behind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Engine, exists, select
from sqlalchemy.orm import Session

from conversations.errors import ConversationNotFound
from conversations.inbox_entry import refresh_entry
from conversations.records import get_conversation
from conversations.review_schema import InboxRow
from conversations.schema import ConversationRow, MessageRow
from knowledge.engine import for_writing

BATCH = 50
"""Conversations a transaction: so few that a turn that waits for it does not wait long."""


def backfill_inbox(engine: Engine, go_on: Callable[[], bool] = lambda: True) -> int:
    """Make the entries that are missing or too old, the newest conversation's first; the others are left alone.

    It may be broken off and run again at any time, and beside a server that answers.

    Args:
        engine: A migrated conversations database.
        go_on: Asked before each batch; False ends the run.

    Returns:
        How many entries were made.
    """
    missing = _fetch_missing(engine)
    made = 0
    for start in range(0, len(missing), BATCH):
        if not go_on():
            break
        made += _make_entries(engine, missing[start : start + BATCH])
    return made


def _fetch_missing(engine: Engine) -> list[str]:
    """Return the ids; a conversation in which its resident has said nothing has no entry."""
    mine = InboxRow.conversation_id == ConversationRow.id
    statement = select(ConversationRow.id).where(
        ~exists().where(mine, InboxRow.updated_at >= ConversationRow.updated_at),
        exists().where(MessageRow.conversation_id == ConversationRow.id, MessageRow.sender == "resident"),
    )
    with Session(engine) as session:
        return list(session.scalars(statement.order_by(ConversationRow.updated_at.desc())))


def _make_entries(engine: Engine, ids: Sequence[str]) -> int:
    made = 0
    with Session(for_writing(engine)) as session, session.begin():
        for id in sorted(ids):  # always in one order, so that two that lock the same rows do not wait for each other
            try:
                row = get_conversation(session, id, lock=True)
            except ConversationNotFound:
                continue  # erased meanwhile
            refresh_entry(session, row)
            made += 1
    return made
