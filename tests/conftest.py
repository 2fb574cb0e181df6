"""Fixtures of the whole suite: a real trained model, real databases, a real server, a real browser."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import find_postgresql, new_database, run_postgresql
from directories import find_node, install_provider
from servers import RedisServer, Server
from sqlalchemy import Engine, make_url

from bot.assistant import Assistant
from bot.training.train import MODELS_FOLDER, find_trained, train_model
from conversations.database import open_database
from knowledge.build import build_knowledge
from knowledge.engine import open_engine, sqlite_url
from knowledge.store import Knowledge

IN_CI = bool(os.environ.get("CI"))
LONGEST = (
    "browser/test_new_topic.py",
    "models/test_candidates.py",
    "models/test_killed.py",
    "cli/test_studio_commands.py",
    "browser/test_widget_axe.py",
    "test_nothing_unmasked.py",
)
"""Where the longest tests stand: begun last, they would leave the other process without work."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest tests."""
    folder = Path(__file__).parent
    ranks = {item.path: item.path.relative_to(folder).as_posix() for item in items if item.path.is_relative_to(folder)}
    items.sort(key=lambda item: next((i for i, n in enumerate(LONGEST) if ranks.get(item.path, "").startswith(n)), 99))


def missing(what: str, mend: str) -> None:
    """Skip the test because something is not installed; in CI that is a failure."""
    text = f"{what} is missing; {mend}"
    if IN_CI:
        pytest.fail(text)
    pytest.skip(text)


@pytest.fixture(scope="session")
def model_path() -> Path:
    """The archive of a model trained from this checkout; trained here if there is none."""
    model = find_trained(MODELS_FOLDER) or train_model(MODELS_FOLDER)
    return MODELS_FOLDER / model.path


@pytest.fixture(scope="session")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Knowledge]:
    """The project's own knowledge, built into a SQLite file."""
    engine = open_engine(sqlite_url(tmp_path_factory.mktemp("knowledge") / "knowledge.db"))
    build_knowledge(engine)
    yield Knowledge(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def assistant(knowledge: Knowledge, model_path: Path) -> Iterator[Assistant]:
    """The assistant with the trained model; dialogue state in memory. Use a conversation id of your own."""
    loaded = Assistant(knowledge)
    loaded.load(model_path)
    yield loaded
    loaded.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, model_path: Path) -> Iterator[Server]:
    """A running server for the whole session, with generous rates."""
    running = Server(
        tmp_path_factory.mktemp("data"),
        model_path,
        LOTSI_MESSAGES_PER_MINUTE="100000",
        LOTSI_CONVERSATIONS_PER_MINUTE="100000",
        LOTSI_SERVICE_HOURS="always",
    ).wait()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Debian's Chromium."""
    path = shutil.which("chromium")
    if path is None:
        missing("Chromium", "install Debian's package 'chromium'")
    return Path(str(path))


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """The URL of a private PostgreSQL cluster that runs for the whole session."""
    binaries = find_postgresql()
    if binaries is None:
        missing("PostgreSQL", "install Debian's package 'postgresql'")
    with run_postgresql(Path(str(binaries))) as url:
        yield url


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A private Redis that runs."""
    binary = shutil.which("redis-server")
    if binary is None:
        missing("Redis", "install Debian's package 'redis-server'")
    running = RedisServer(Path(str(binary)))
    running.start()
    yield running
    running.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database; every test that takes it runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "test.db")
        return
    with new_database(request.getfixturevalue("postgresql_url")) as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of a migrated, empty database, to be copied: migrating takes far longer."""
    path = tmp_path_factory.mktemp("template") / "conversations.db"
    open_database(sqlite_url(path)).dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql_url: str) -> Iterator[str]:
    """The name of a migrated, empty database in the session's cluster."""
    with new_database(postgresql_url) as url:
        open_database(url).dispose()
        yield str(make_url(url).database)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A conversations database, migrated and empty; every test that takes it runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "test.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        opened = open_engine(sqlite_url(path))
        yield opened
        opened.dispose()
        return
    template = request.getfixturevalue("postgresql_template")
    with new_database(request.getfixturevalue("postgresql_url"), template) as url:
        opened = open_engine(url)
        yield opened
        opened.dispose()


@pytest.fixture(scope="session")
def oidc_packages() -> Path:
    """The folder with npm's OpenID provider."""
    if find_node() is None:
        pytest.skip("Node 20 with npm is missing; install them to test signing in by the county's directory")
    try:
        return install_provider()
    except subprocess.CalledProcessError as error:
        pytest.skip(f"npm cannot fetch oidc-provider: {error.stderr.decode()[-300:]}")
