"""Models of a database, migrated and empty, with a folder of archives and a key to sign them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from people import Clock
from sqlalchemy import Engine

from conversations.audit import AuditLog
from conversations.database import open_database
from conversations.encryption import Cipher
from studio.archives import Archives
from studio.jobs import Jobs
from studio.models import Models


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def archives(tmp_path: Path) -> Archives:
    return Archives(tmp_path / "models", Cipher([Fernet.generate_key()]))


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """The installation's own models: one."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "lotsi-own.tar.gz").write_bytes(b"the installation's own")
    return folder


@pytest.fixture
def models(engine: Engine, archives: Archives, base: Path) -> Models:
    return Models(engine, archives, base)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def jobs(engine: Engine, clock: Clock) -> Jobs:
    return Jobs(engine, clock)


@pytest.fixture
def audit(engine: Engine) -> AuditLog:
    return AuditLog(engine)
