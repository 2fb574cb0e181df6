"""A small knowledge folder that a test may spoil, and the project's own knowledge on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import new_database
from small_folder import SmallFolder, write_small_folder

from knowledge.build import build_knowledge
from knowledge.engine import open_engine
from knowledge.store import Knowledge


@pytest.fixture
def small_folder(tmp_path: Path) -> SmallFolder:
    """A folder that has no problems."""
    return write_small_folder(tmp_path / "knowledge")


@pytest.fixture(scope="session")
def knowledge_on_postgresql(postgresql_url: str) -> Iterator[Knowledge]:
    """The project's own knowledge, built into a PostgreSQL database."""
    with new_database(postgresql_url) as url:
        engine = open_engine(url)
        build_knowledge(engine)
        yield Knowledge(engine)
        engine.dispose()


@pytest.fixture(params=["knowledge", "knowledge_on_postgresql"], ids=["sqlite", "postgresql"])
def built_knowledge(request: pytest.FixtureRequest) -> Knowledge:
    """The project's own knowledge; every test that takes it runs on both databases."""
    return request.getfixturevalue(request.param)
