"""The audit log: appended to, never changed; whatever is done to it shows."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from conversations.audit import GENESIS, AuditLog, Head
from conversations.database import open_database
from conversations.errors import AuditBroken
from conversations.staff_schema import AuditRow
from knowledge.engine import for_writing

POSTGRESQL_OFF = "ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_append_only"
SQLITE_OFF = ("DROP TRIGGER audit_entry_no_update", "DROP TRIGGER audit_entry_no_delete")


@pytest.fixture
def log(audit) -> AuditLog:
    """A log of five entries."""
    for number in range(1, 6):
        audit.append("desk", "conversation.read", "conversation", f"c{number}", {"messages": number})
    return audit


@pytest.fixture
def tamper(engine):
    """What somebody can do who has all rights on the database."""

    def run(*statements: str) -> None:
        with engine.begin() as connection:
            for statement in [POSTGRESQL_OFF] if engine.dialect.name == "postgresql" else SQLITE_OFF:
                connection.execute(text(statement))
            for statement in statements:
                connection.execute(text(statement))

    return run


def test_entries_are_read_back_as_they_were_written_newest_first(audit):
    first = audit.append("desk", "sign_in.succeeded", "user", "desk")
    second = audit.append(
        "helper", "review.made", "message", "m1", {"verdict": "wrong", "topic": "fees", "tags": ["a"]}
    )
    assert audit.fetch_entries() == [second, first]
    assert (first.position, second.position) == (1, 2)
    assert first.previous_hash == GENESIS
    assert second.previous_hash == first.hash
    assert second.details == {"verdict": "wrong", "topic": "fees", "tags": ["a"]}


def test_entries_are_filtered_and_paged(log):
    log.append("helper", "conversation.erased", "conversation", "c2")
    assert [entry.object_id for entry in log.fetch_entries(limit=2)] == ["c2", "c5"]
    assert [entry.object_id for entry in log.fetch_entries(limit=2, before=5)] == ["c4", "c3"]
    assert [entry.position for entry in log.fetch_entries(actor="helper")] == [6]
    assert [entry.position for entry in log.fetch_entries(object_kind="conversation", object_id="c2")] == [6, 2]
    assert log.fetch_entries(object_kind="user") == []


def test_an_untouched_log_is_whole(log, audit):
    head = log.verify()
    assert head == Head(5, log.fetch_entries(1)[0].hash)
    assert Head.parse(str(head)) == head


def test_an_empty_log_is_whole(audit):
    assert audit.verify() == Head(0, GENESIS)
    assert audit.verify(Head(0, GENESIS)) == Head(0, GENESIS)


def test_a_long_log_is_walked_through_whole(audit, engine, monkeypatch):
    monkeypatch.setattr("conversations.audit._PAGE", 3)
    for number in range(10):
        audit.append("desk", "conversation.read", "conversation", str(number))
    assert audit.verify().position == 10


def test_the_database_refuses_to_change_or_delete(log, engine):
    again = "INTO audit_entry SELECT * FROM audit_entry WHERE position = 3"
    statements = [
        "UPDATE audit_entry SET actor = 'nobody'",
        "DELETE FROM audit_entry",
        f"INSERT {again} ON CONFLICT (position) DO UPDATE SET actor = 'nobody'",
    ]
    own = {"sqlite": f"INSERT OR REPLACE {again}", "postgresql": "TRUNCATE audit_entry"}
    for statement in [*statements, own[engine.dialect.name]]:
        with engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text(statement))
    assert log.verify().position == 5


def test_a_change_to_any_column_shows(log, engine, tamper):
    tamper()
    original = next(vars(entry) for entry in log.fetch_entries() if entry.position == 3)
    for column, value in {name: "x" for name in original if name != "position"}.items():
        put = {"at": original["at"] + dt.timedelta(microseconds=1), "details": {"messages": 4}}.get(column, value)
        with Session(engine) as session, session.begin():
            setattr(session.get_one(AuditRow, 3), column, put)
        with pytest.raises(AuditBroken, match="entry 3 is not what was written"):
            log.verify()
        with Session(engine) as session, session.begin():
            setattr(session.get_one(AuditRow, 3), column, original[column])
    assert log.verify().position == 5


def test_a_changed_entry_with_a_hash_made_anew_shows_in_the_next(log, engine, tamper):
    tamper()
    entry = next(entry for entry in log.fetch_entries() if entry.position == 3)
    forged = {**vars(entry), "actor": "nobody"}
    with Session(engine) as session, session.begin():
        row = session.get_one(AuditRow, 3)
        row.actor, row.hash = "nobody", type(entry)(**forged).compute_hash()
    with pytest.raises(AuditBroken, match="entry 4 is not what was written"):
        log.verify()


def test_a_removed_entry_shows(log, tamper):
    tamper("DELETE FROM audit_entry WHERE position = 3")
    with pytest.raises(AuditBroken, match="entry 3 is missing"):
        log.verify()


def test_a_removed_beginning_shows(log, tamper):
    tamper("DELETE FROM audit_entry WHERE position <= 2")
    with pytest.raises(AuditBroken, match="entry 1 is missing"):
        log.verify()


def test_a_removed_entry_shows_even_if_the_rest_moves_up(log, tamper):
    moved = [f"UPDATE audit_entry SET position = {number - 1} WHERE position = {number}" for number in (4, 5)]
    tamper("DELETE FROM audit_entry WHERE position = 3", *moved)
    with pytest.raises(AuditBroken, match="entry 3 is not what was written"):
        log.verify()


def test_a_tail_that_was_cut_off_shows_against_a_noted_head(log, tamper):
    noted = log.verify()
    tamper("DELETE FROM audit_entry WHERE position > 3")
    assert log.verify().position == 3, "the chain alone cannot tell"
    with pytest.raises(AuditBroken, match="entry 5 is not the one that was noted; the log ends at 3"):
        log.verify(noted)


def test_a_log_written_anew_shows_against_a_noted_head(log, tamper):
    noted = log.verify()
    tamper("DELETE FROM audit_entry")
    for number in range(6):
        log.append("mallory", "conversation.read", "conversation", f"c{number}")
    with pytest.raises(AuditBroken, match="entry 5 is not the one that was noted; it has another hash"):
        log.verify(noted)


def test_an_earlier_head_stays_part_of_a_log_that_grows(log):
    noted = log.verify()
    log.append("helper", "conversation.read", "conversation", "c9")
    assert log.verify(noted).position == 6


@pytest.mark.parametrize("noted", ["", "5", "5:", ":abc", "x:" + "0" * 64, "5:" + "0" * 63, "-1:" + "0" * 64])
def test_what_is_no_head_is_refused(noted):
    with pytest.raises(ValueError, match="a head is written"):
        Head.parse(noted)


def test_personal_data_that_slips_into_details_is_masked_and_ids_stay(audit):
    id = "1234567890abcdef1234567890abcdef"
    note = {"note": "ring 040 123 4567", "ids": [id, f"rest-{id}"], "deep": {"mail": "a@b.fi"}, "count": 12345678901}
    details = audit.append("desk", "note.written", "conversation", id, note).details
    assert details == {
        "note": "ring [phone]",
        "ids": [id, f"rest-{id}"],
        "deep": {"mail": "[email]"},
        "count": 12345678901,
    }
    assert audit.verify().position == 1


def test_odd_text_is_kept_and_whole(audit):
    audit.append("desk", "read", "conversation", "å😀\u202e\"'\\", {"å": "ä\u2028", "n": None, "f": 0.1, "b": True})
    assert audit.verify().position == 1


def test_what_json_does_not_know_is_refused(audit):
    for value in (object(), float("nan"), {1, 2}):
        with pytest.raises((TypeError, ValueError)):
            audit.append("desk", "read", "conversation", "c", {"value": value})
    assert audit.fetch_entries() == []


def test_an_entry_is_kept_with_what_it_tells_of_or_neither(audit, engine, users):
    with (
        pytest.raises(RuntimeError, match="in the middle"),
        Session(for_writing(engine)) as session,
        session.begin(),
    ):
        audit.append("desk", "user.added", "user", "helper", session=session)
        raise RuntimeError("in the middle")
    assert audit.fetch_entries() == []
    with Session(for_writing(engine)) as session, session.begin():
        audit.append("desk", "user.added", "user", "helper", session=session)
        audit.append("desk", "user.disabled", "user", "helper", session=session)
    assert audit.verify().position == 2


def test_writers_of_several_processes_make_one_chain(engine):
    def write(name: str) -> None:
        own = open_database(engine.url.render_as_string(hide_password=False))
        log = AuditLog(own)
        for number in range(15):
            log.append(name, "conversation.read", "conversation", str(number))
        own.dispose()

    threads = [threading.Thread(target=write, args=(f"user{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log = AuditLog(engine)
    assert log.verify().position == 90
    for name in range(6):
        own = [entry.object_id for entry in log.fetch_entries(limit=100, actor=f"user{name}")]
        assert own == [str(number) for number in reversed(range(15))], "each writer's entries in their order"
