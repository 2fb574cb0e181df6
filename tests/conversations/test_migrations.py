"""The migrations make what the models say, on an empty database and beside the other rooms' tables."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from conversations import database
from conversations.database import migrate
from conversations.inbox_text import INDEX_OBJECTS
from conversations.schema import Base
from conversations.store import ConversationStore
from knowledge.build import build_knowledge
from knowledge.engine import open_engine
from knowledge.store import Knowledge

MIGRATIONS = Path(database.__file__).resolve().parent / "migrations"
PROJECT = MIGRATIONS.parent.parent
TABLES = set(Base.metadata.tables)


_SERVER = """
import sys
from conversations.database import open_database
from conversations.store import ConversationStore
print("ready", flush=True)
sys.stdin.readline()
ConversationStore(open_database(sys.argv[1])).insert_conversation("sv")
"""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _is_ours(_object: object, name: str | None, *_: object) -> bool:
    """The full-text index is no part of the schema: each database has its own."""
    return not str(name).startswith(INDEX_OBJECTS)


def _table_names(engine: Engine) -> set[str]:
    return {name for name in inspect(engine).get_table_names() if _is_ours(None, name)}


def _differences(engine: Engine) -> list[object]:
    options = {
        "version_table": "conversations_version",
        "compare_server_default": True,
        "include_object": _is_ours,
    }
    with engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)


def test_migrations_make_what_the_models_say(engine: Engine) -> None:
    assert _table_names(engine) == TABLES | {"conversations_version"}
    assert _differences(engine) == []


def test_the_comparison_sees_a_difference(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE conversation ADD COLUMN nickname TEXT"))
    assert _differences(engine) != []


def test_migrating_again_changes_nothing(engine: Engine, store: ConversationStore) -> None:
    conversation, _ = store.insert_conversation("sv")
    migrate(engine)
    assert store.fetch_conversation(conversation.id) == conversation
    assert _differences(engine) == []


def test_there_is_one_newest_revision() -> None:
    assert len(ScriptDirectory.from_config(_config()).get_heads()) == 1


def test_a_downgrade_takes_every_table_away(engine: Engine) -> None:
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert set(inspect(engine).get_table_names()) & TABLES == set()
    migrate(engine)
    assert _differences(engine) == []


def test_a_migration_that_breaks_off_leaves_the_database_as_it_was(database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE tracker_event (id INTEGER)"))
    with pytest.raises(Exception, match="tracker_event"):
        migrate(engine)
    assert inspect(engine).get_table_names() == ["tracker_event"]
    engine.dispose()


def test_servers_that_start_at_once_on_an_empty_database_all_come_up(database_url: str) -> None:
    servers = [
        subprocess.Popen(
            [sys.executable, "-c", _SERVER, database_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=PROJECT,
        )
        for _ in range(4)
    ]
    try:
        assert [server.stdout.readline() for server in servers if server.stdout] == ["ready\n"] * 4
        for server in servers:
            if server.stdin:
                server.stdin.write("go\n")
                server.stdin.flush()
        errors = [server.communicate(timeout=120)[1] for server in servers]
        assert [(server.returncode, error) for server, error in zip(servers, errors, strict=True)] == [(0, "")] * 4
    finally:
        for server in servers:
            server.kill()


def test_knowledge_and_conversations_can_share_a_database(engine: Engine, store: ConversationStore) -> None:
    conversation, token = store.insert_conversation("fi")
    build_knowledge(engine)
    assert Knowledge(engine).fetch_answer("counselling", "fi") is not None
    assert store.check_token(conversation.id, token) == conversation
    build_knowledge(engine)
    migrate(engine)
    assert store.fetch_conversation(conversation.id) == conversation
