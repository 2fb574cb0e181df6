"""Opens the conversations database and brings its tables up to date (Alembic)."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from knowledge.engine import open_engine

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
    """Bring the tables of `engine` to `revision`, in one transaction.

    Args:
        engine: The database.
        revision: An Alembic revision; the newest if left out.
    """
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
