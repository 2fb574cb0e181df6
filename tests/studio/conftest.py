"""The drafts in a conversations database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from knowledge.engine import open_engine, sqlite_url
from studio.topics import TopicStore


@pytest.fixture
def store(engine: Engine) -> TopicStore:
    return TopicStore(engine)


@pytest.fixture
def one_engine(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    """A SQLite database, for what does not differ between databases."""
    path = tmp_path / "one.db"
    shutil.copy(sqlite_template, path)
    opened = open_engine(sqlite_url(path))
    yield opened
    opened.dispose()


@pytest.fixture
def one_store(one_engine: Engine) -> TopicStore:
    return TopicStore(one_engine)
