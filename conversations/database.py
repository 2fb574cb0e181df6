"""Opens the conversations database and brings its tables up to date (Alembic)."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

import conversations.desk_schema
import conversations.job_schema
import conversations.model_schema
import conversations.question_schema
import conversations.review_schema
import conversations.staff_schema
import conversations.studio_schema  # noqa: F401 (puts its tables onto the one `Base`)
from knowledge.engine import for_writing, open_engine

_MIGRATIONS = Path(__file__).resolve().parent / "migrations"


def open_database(url: str) -> Engine:
    """Return an engine whose tables are up to date.

    Args:
        url: A SQLAlchemy URL, `sqlite:///file` or `postgresql+psycopg2://…`.
    """
    engine = open_engine(url)
    migrate(engine)
    return engine


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the tables of `engine` to `revision`, in one transaction; of several that begin at once, one goes first.

    Args:
        engine: The database.
        revision: An Alembic revision; the newest if left out.
    """
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with for_writing(engine).begin() as connection:
        wait_for_turn(connection, "conversations_migrate")
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def wait_for_turn(transaction: Connection | Session, name: str) -> None:
    """Let only one transaction at a time go on from here; SQLite's are serialised already by `for_writing`.

    Args:
        transaction: Begun through `for_writing(engine)`.
        name: What they take turns at.
    """
    bind = transaction.get_bind() if isinstance(transaction, Session) else transaction
    if bind.dialect.name == "postgresql":
        transaction.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name})
