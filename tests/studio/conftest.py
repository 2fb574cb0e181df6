"""A conversations database, migrated and empty, and the drafts in it; SQLite and PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import new_database
from sqlalchemy import Engine, make_url

from conversations.database import open_database
from knowledge.engine import open_engine, sqlite_url
from studio.topics import TopicStore


@pytest.fixture(scope="session")
def sqlite_studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of a migrated, empty database, to be copied: migrating takes far longer."""
    path = tmp_path_factory.mktemp("studio") / "conversations.db"
    open_database(sqlite_url(path)).dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_studio(postgresql_url: str) -> Iterator[str]:
    """The name of a migrated, empty database in the session's cluster."""
    with new_database(postgresql_url) as url:
        open_database(url).dispose()
        yield str(make_url(url).database)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        path = tmp_path / "conversations.db"
        shutil.copy(request.getfixturevalue("sqlite_studio"), path)
        opened = open_engine(sqlite_url(path))
        yield opened
        opened.dispose()
        return
    with new_database(request.getfixturevalue("postgresql_url"), request.getfixturevalue("postgresql_studio")) as url:
        opened = open_engine(url)
        yield opened
        opened.dispose()


@pytest.fixture
def store(engine: Engine) -> TopicStore:
    return TopicStore(engine)


@pytest.fixture
def one_engine(sqlite_studio: Path, tmp_path: Path) -> Iterator[Engine]:
    """A SQLite database, for what does not differ between databases."""
    path = tmp_path / "one.db"
    shutil.copy(sqlite_studio, path)
    opened = open_engine(sqlite_url(path))
    yield opened
    opened.dispose()


@pytest.fixture
def one_store(one_engine: Engine) -> TopicStore:
    return TopicStore(one_engine)
