"""Everything that is stored about one conversation, for the person whose it is (GDPR, article 15).

It walks the tables that refer to a conversation, so that a table which is added later is in it too. What is encrypted
is decrypted; a token's hash is left out, because it says nothing about anybody and could only help to guess one.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from sqlalchemy import Engine, Table, select
from sqlalchemy.orm import Session

from conversations.encryption import Cipher
from conversations.errors import ConversationNotFound
from conversations.personal_data import ENCRYPTED, HASHED, decide
from conversations.schema import Base

Collected = dict[str, list[dict[str, Any]]]


def collect_stored(engine: Engine, id: str, cipher: Cipher) -> Collected:
    """Return every stored row about a conversation, by table; the conversation's own comes first.

    Args:
        engine: A migrated conversations database.
        id: The conversation's id.
        cipher: Decrypts; what it has no key for is None.

    Raises:
        ConversationNotFound: There is no conversation of that id.
    """
    tables = Base.metadata.tables
    with Session(engine) as session:
        conversation = session.execute(select(tables["conversation"]).where(tables["conversation"].c.id == id)).all()
        if not conversation:
            raise ConversationNotFound(id)
        found = {"conversation": [_row(tables["conversation"], row, cipher) for row in conversation]}
        for table in referring_tables():
            rows = session.execute(
                select(table).where(table.c.conversation_id == id).order_by(*table.primary_key.columns)
            )
            found[table.name] = [_row(table, row, cipher) for row in rows]
    found["message"].sort(key=lambda row: int(row["position"]))
    return found


def referring_tables() -> list[Table]:
    """Return the tables whose rows belong to a conversation, by name."""
    return sorted(
        (table for table in Base.metadata.tables.values() if "conversation_id" in table.c), key=lambda table: table.name
    )


def render_json(collected: Collected) -> str:
    """Return what was collected as JSON."""
    return json.dumps(collected, ensure_ascii=False, indent=2)


def render_text(collected: Collected) -> str:
    """Return what was collected for reading: a heading for each table, a line for each value that is there."""
    lines: list[str] = []
    for name, rows in collected.items():
        lines += [f"{name}: {len(rows)}", "=" * (len(name) + 2 + len(str(len(rows))))]
        for row in rows:
            lines += [f"{key}: {_plain(value)}" for key, value in row.items() if value not in (None, "", [], {})]
            lines.append("")
    return "\n".join(lines)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _row(table: Table, row: Any, cipher: Cipher) -> dict[str, Any]:
    values = {}
    for name, value in row._mapping.items():
        decision = decide(table.name, name)
        if decision == HASHED:
            continue
        if decision == ENCRYPTED and value is not None:
            value = cipher.decrypt(value)
        values[name] = value.isoformat() if isinstance(value, dt.date) else value
    return values
