"""Opens a database by its URL with the settings that every room of Lotsi relies on."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url

_WRITES = "lotsi_writes"
_PATIENCE = 5.0
"""Seconds that a connection waits for another one's lock."""
_HOLDS = "lotsi_holds_turn"


def open_engine(url: str) -> Engine:
    """Return an engine for `url`.

    SQLite gets write-ahead logging, foreign keys, a busy timeout of five seconds, zeros over what is deleted, and real
    transactions (the driver's own begin is off, so that a build with its table definitions is one transaction); its
    folder is made.
    A transaction that will write must be begun through `for_writing(engine)`.

    Args:
        url: A SQLAlchemy URL, `sqlite:///file` or `postgresql+psycopg2://…`.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {_PATIENCE * 1000:.0f}")
        _write_ahead(cursor)
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        if connection.get_execution_options().get(_WRITES):
            turn.take(connection.info)
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("BEGIN")

    @event.listens_for(engine, "checkin")
    def _checkin(_connection: object, record: Any) -> None:
        turn.give_back(record.info)

    turn = _WritersTurn()
    return engine


class _WritersTurn:
    """Lets the threads of this process write one after another.

    SQLite itself lets a writer that finds another one sleep for longer and longer, up to a tenth of a second; a thread
    that waits here goes on at once. Other processes are SQLite's matter. Who holds it is noted with the connection,
    which gives it back when it returns to the pool, whatever became of its transaction.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def take(self, info: dict[Any, Any]) -> None:
        """Wait for the turn, but not longer than SQLite would: a thread may hold it already by another connection."""
        if not info.get(_HOLDS):
            info[_HOLDS] = self._lock.acquire(timeout=_PATIENCE)

    def give_back(self, info: dict[Any, Any]) -> None:
        """Let the next one write, if this connection had the turn."""
        if info.pop(_HOLDS, False):
            self._lock.release()


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    """Turn write-ahead logging on.

    Of connections that open a new file at once, SQLite refuses all but one, whatever the busy timeout, because each
    would wait for the other; so the refused ones try again.
    """
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def for_writing(engine: Engine) -> Engine:
    """Return `engine` for transactions that read first and write then.

    SQLite lets only the first of two such transactions write and refuses the other at once, whatever the timeout;
    with its write lock taken at the beginning the other waits. PostgreSQL needs nothing.
    """
    return engine.execution_options(**{_WRITES: True})


def sqlite_url(path: Path) -> str:
    """Return the SQLAlchemy URL of the SQLite file at `path`."""
    return f"sqlite:///{path.resolve()}"
