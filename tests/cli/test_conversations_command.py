"""`lotsi conversations`: list, show, export, erase, and the erasing of what has been kept for long enough."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from conversations.audit import AuditLog
from conversations.callbacks import Callbacks, Caller
from conversations.database import open_database
from conversations.encryption import open_cipher
from conversations.records import Conversation, current_moment
from conversations.schema import ConversationRow
from conversations.store import ConversationStore, NewMessage
from knowledge.engine import sqlite_url


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(sqlite_url(tmp_path / "conversations.db"))
    yield opened
    opened.dispose()


@pytest.fixture
def begun(engine: Engine, tmp_path: Path) -> tuple[Conversation, str]:
    """A conversation with a message and a call-back request, and its token."""
    store = ConversationStore(engine)
    conversation, token = store.insert_conversation("sv")
    store.insert_messages(conversation.id, [NewMessage(sender="resident", text="Hej på er", language="sv")])
    callbacks = Callbacks(engine, open_cipher(tmp_path / "secret.key", make=True))
    callbacks.request(conversation.id, Caller("0401234567", "Desk"), current_moment(), [])
    return conversation, token


def _age(engine: Engine, id: str, days: int) -> dt.datetime:
    moment = current_moment() - dt.timedelta(days=days)
    with Session(engine) as session, session.begin():
        session.execute(update(ConversationRow).where(ConversationRow.id == id).values(updated_at=moment))
    return moment


def _actions(engine: Engine) -> list[tuple[str, str, str]]:
    return [(entry.actor.split(":")[0], entry.action, entry.object_id) for entry in AuditLog(engine).fetch_entries()]


def test_a_list_names_conversations_and_nothing_that_was_said(invoke, engine, begun, tmp_path) -> None:
    ended, _ = ConversationStore(engine).insert_conversation("fi", "rest", "rest-1")
    _age(engine, ended.id, 1)
    result = invoke("conversations", "list", "--data", tmp_path)
    lines = [line.split() for line in result.stdout.splitlines()]
    assert [(line[0], *line[3:]) for line in lines] == [
        (begun[0].id, "bot", "sv", "web"),
        ("rest-1", "bot", "fi", "rest"),
    ]
    assert "Hej" not in result.stdout
    assert len(invoke("conversations", "list", "--data", tmp_path, "--limit", 1).stdout.splitlines()) == 1
    assert invoke("conversations", "list", "--data", tmp_path, "--state", "ended").stdout == ""


def test_showing_a_conversation_is_noted_in_the_audit_log(invoke, engine, begun, tmp_path) -> None:
    result = invoke("conversations", "show", begun[0].id, "--data", tmp_path)
    assert "resident\n    Hej på er\n" in result.stdout
    assert _actions(engine) == [("cli", "conversation.read", begun[0].id)]


def test_an_export_holds_everything_that_is_stored(invoke, engine, begun, tmp_path) -> None:
    result = invoke("conversations", "export", begun[0].id, "--data", tmp_path)
    stored = json.loads(result.stdout)
    assert [message["text"] for message in stored["message"]] == ["Hej på er"]
    assert [(row["phone"], row["name"]) for row in stored["callback"]] == [("0401234567", "Desk")]
    assert _actions(engine) == [("cli", "conversation.exported", begun[0].id)]


def test_an_export_into_a_file_is_for_its_owner_alone(invoke, begun, tmp_path) -> None:
    file = tmp_path / "export.txt"
    result = invoke("conversations", "export", begun[0].id, "--data", tmp_path, "--format", "text", "--output", file)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "text: Hej på er" in file.read_text("utf-8")
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("right", [True, False])
def test_an_export_to_a_resident_needs_the_conversations_token(invoke, engine, begun, tmp_path, right) -> None:
    token = begun[1] if right else "another"
    arguments = ("conversations", "export", begun[0].id, "--data", tmp_path, "--token-stdin")
    result = invoke(*arguments, input=f"{token}\n".encode())
    assert result.exit_code == (0 if right else 1)
    assert ("Hej på er" in result.stdout) is right
    assert bool(_actions(engine)) is right
    assert right or "the token does not belong" in result.stderr


def test_erasing_names_what_it_erased_and_what_it_did_not_find(invoke, engine, begun, tmp_path) -> None:
    result = invoke("conversations", "erase", begun[0].id, "unknown", "--yes", "--data", tmp_path)
    assert (result.exit_code, result.stdout) == (1, f"{begun[0].id}\n")
    assert "there is no conversation unknown" in result.stderr
    assert ConversationStore(engine).fetch_newest(5) == []
    assert _actions(engine) == [("cli", "conversation.erased", begun[0].id)]


def test_erasing_asks_first(invoke, engine, begun, tmp_path) -> None:
    result = invoke("conversations", "erase", begun[0].id, "--data", tmp_path, input=b"n\n")
    assert result.exit_code == 1
    assert ConversationStore(engine).fetch_conversation(begun[0].id).id == begun[0].id


@pytest.mark.parametrize("command", ["show", "export"])
def test_a_conversation_that_is_not_there_is_said(invoke, tmp_path, command) -> None:
    result = invoke("conversations", command, "unknown", "--data", tmp_path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "there is no conversation unknown; it may have been erased" in result.stderr


def test_a_dry_run_shows_what_is_due_and_erases_nothing(invoke, engine, begun, tmp_path) -> None:
    day = _age(engine, begun[0].id, 91).date()
    shown = f"{day}  bot            1\n"
    result = invoke("conversations", "retention", "--dry-run", "--data", tmp_path)
    assert (result.exit_code, result.stdout) == (0, shown)
    assert "1 conversations would be erased" in result.stderr
    assert invoke("conversations", "retention", "--data", tmp_path, LOTSI_RETENTION_DAYS="92").stdout == ""
    assert len(ConversationStore(engine).fetch_newest(5)) == 1
    result = invoke("conversations", "retention", "--data", tmp_path)
    assert result.stdout == shown
    assert ConversationStore(engine).fetch_newest(5) == []
    (entry,) = AuditLog(engine).fetch_entries()
    assert (entry.action, dict(entry.details)) == ("conversation.expired", {"count": 1, "days": 90})


def test_a_wrong_number_of_days_erases_nothing(invoke, engine, begun, tmp_path) -> None:
    _age(engine, begun[0].id, 9999)
    result = invoke("conversations", "retention", "--data", tmp_path, "--days", "0")
    assert result.exit_code == 2
    assert "LOTSI_RETENTION_DAYS" in result.stderr
    assert len(ConversationStore(engine).fetch_newest(5)) == 1
