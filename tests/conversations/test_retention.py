"""What has been kept for long enough goes, with all that belongs to it, down to the bytes; the rest stays."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import pytest
from people import Clock
from sqlalchemy import Engine, Table, UniqueConstraint, event, func, select, text, update
from sqlalchemy.orm import Session
from trackers import OpenTrackerEvents

from conversations.callbacks import Callbacks, Caller
from conversations.erasure import empty_log, erase_conversations
from conversations.errors import ConversationNotFound
from conversations.feedback import FeedbackStore
from conversations.handoffs import Handoffs
from conversations.leases import LONGEST, Lease
from conversations.retention import Due, Retention
from conversations.schema import Base, ConversationRow
from conversations.store import ConversationStore, NewMessage
from web.retention import run_retention

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.timezone.utc)
DAY = dt.timedelta(days=1)
WORDS = "Sielunvaellussuunnitelma"
RELATED = {"message", "tracker_event", "feedback", "rating", "handoff", "callback", "turn"}


def _referring(*names: str) -> set[Table]:
    """Return the tables that refer to one of `names`, over any number of steps."""
    found = {
        table
        for table in Base.metadata.tables.values()
        if any(key.column.table.name in names for key in table.foreign_keys)
    }
    more = {table.name for table in found} | set(names)
    return found if more == set(names) else _referring(*more)


@pytest.fixture
def retention(engine: Engine) -> Retention:
    return Retention(engine, 90, lambda: NOW)


def _age(engine: Engine, id: str, age: dt.timedelta, state: str = "bot") -> None:
    with Session(engine) as session, session.begin():
        values = {"updated_at": NOW - age, "state": state}
        session.execute(update(ConversationRow).where(ConversationRow.id == id).values(**values))


def _begin(engine: Engine, age: dt.timedelta, state: str = "bot") -> str:
    conversation, _ = ConversationStore(engine).insert_conversation("sv")
    _age(engine, conversation.id, age, state)
    return conversation.id


def _fill(engine: Engine, callbacks: Callbacks) -> str:
    """Return a conversation with a row in every table of the stores."""
    store, feedback = ConversationStore(engine), FeedbackStore(engine)
    id = store.insert_conversation("fi")[0].id
    asked = NewMessage(sender="resident", text=WORDS * 100, language="fi")
    _, answer = store.insert_messages(id, [asked, NewMessage(sender="bot", text=WORDS, language="fi")])
    store.insert_turn(id, "key", "request", {"text": WORDS})
    OpenTrackerEvents(engine).replace_session(id, [{"event": "user", "text": WORDS}])
    feedback.write_feedback(id, answer.id, "down", WORDS)
    feedback.write_rating(id, 1, WORDS)
    callbacks.request(id, Caller("0401234567", WORDS, WORDS), NOW, [])
    Handoffs(engine).request(id, [])
    return id


def _count(engine: Engine) -> dict[str, int]:
    with Session(engine) as session:
        tables = [Base.metadata.tables[name] for name in RELATED | {"conversation"}]
        return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def _bytes(engine: Engine) -> bytes:
    return b"".join(path.read_bytes() for path in Path(str(engine.url.database)).parent.glob("test.db*"))


def test_every_table_that_refers_to_a_conversation_goes_with_it() -> None:
    """Whoever adds a table meets this test: erasing relies on the database alone."""
    referring = _referring("conversation")
    assert {table.name for table in referring} >= RELATED
    for table in referring:
        for key in table.foreign_keys:
            if key.column.table.name == "conversation" or key.column.table in referring:
                assert key.ondelete == "CASCADE", f"{table.name}.{key.parent.name} must be ON DELETE CASCADE"


def test_every_column_that_holds_a_conversations_id_refers_to_it() -> None:
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if column.name in ("conversation_id", "message_id"):
                assert column.foreign_keys, f"{table.name}.{column.name} needs a foreign key with ON DELETE CASCADE"


def test_erasing_finds_what_belongs_to_a_conversation_by_an_index() -> None:
    for table in _referring("conversation"):
        first = {index.columns[0].name for index in table.indexes if index.dialect_options["sqlite"]["where"] is None}
        first |= {next(iter(c.columns)).name for c in table.constraints if isinstance(c, UniqueConstraint)}
        first.add(next(iter(table.primary_key.columns)).name)
        missing = {key.parent.name for key in table.foreign_keys if key.ondelete == "CASCADE"} - first
        assert not missing, f"{table.name} needs an index that begins with {missing}"


def test_a_filled_conversation_has_a_row_in_every_table_and_none_once_erased(
    engine: Engine, callbacks: Callbacks
) -> None:
    id = _fill(engine, callbacks)
    assert all(_count(engine).values()), _count(engine)
    assert erase_conversations(engine, [id, "unknown"]) == 1
    assert not any(_count(engine).values()), _count(engine)


@pytest.mark.parametrize("by", ["resident", "retention"])
def test_the_bytes_of_an_erased_conversation_are_gone(engine: Engine, callbacks: Callbacks, by: str) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL frees what is erased when it vacuums")
    spared = _begin(engine, DAY)
    ConversationStore(engine).insert_messages(spared, [NewMessage(sender="resident", text="spared", language="sv")])
    id = _fill(engine, callbacks)
    assert empty_log(engine)
    assert WORDS.encode() in _bytes(engine)
    if by == "resident":
        ConversationStore(engine).delete_conversation(id)
    else:
        _age(engine, id, 91 * DAY)
        assert Retention(engine, 90, lambda: NOW).run() == 1
    left = _bytes(engine)
    assert WORDS.encode() not in left
    assert id.encode() not in left
    assert b"spared" in left


def test_an_erased_conversation_does_not_wait_for_somebody_who_reads(engine: Engine, callbacks: Callbacks) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has no log to empty")
    id = _fill(engine, callbacks)
    with engine.connect() as reading:
        reading.execute(text("SELECT * FROM message")).fetchone()
        ConversationStore(engine).delete_conversation(id)
        assert not empty_log(engine)
    assert empty_log(engine)
    assert WORDS.encode() not in _bytes(engine)


def test_erasing_an_unknown_conversation_is_said(store: ConversationStore) -> None:
    with pytest.raises(ConversationNotFound):
        store.delete_conversation("unknown")


def test_what_is_old_enough_goes_whatever_its_state_and_the_rest_stays(engine: Engine, retention: Retention) -> None:
    second = dt.timedelta(seconds=1)
    old = [_begin(engine, 90 * DAY + second, state) for state in ("bot", "waiting", "human", "ended")]
    young = [_begin(engine, 90 * DAY), _begin(engine, dt.timedelta())]
    assert retention.run() == len(old)
    store = ConversationStore(engine)
    assert [store.fetch_conversation(id).id for id in young] == young
    assert retention.run() == 0


def test_the_preview_counts_by_day_and_state_and_changes_nothing(engine: Engine, retention: Retention) -> None:
    for age, state in [(100, "bot"), (100, "bot"), (100, "ended"), (99, "bot"), (5, "bot")]:
        _begin(engine, age * DAY, state)
    first, second = (NOW - 100 * DAY).date(), (NOW - 99 * DAY).date()
    expected = [Due(first, "bot", 2), Due(first, "ended", 1), Due(second, "bot", 1)]
    assert retention.preview() == expected
    assert retention.preview() == expected
    assert retention.run() == 4
    assert retention.preview() == []


def test_a_preview_of_the_last_hours_of_a_day_names_that_day(engine: Engine) -> None:
    _begin(engine, NOW - dt.datetime(2026, 1, 1, 23, 59, tzinfo=dt.timezone.utc))
    assert [due.day for due in Retention(engine, 90, lambda: NOW).preview()] == [dt.date(2026, 1, 1)]


def test_more_than_a_batch_goes_in_several_transactions(
    engine: Engine, retention: Retention, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.retention.BATCH", 2)
    for _ in range(5):
        _begin(engine, 100 * DAY)
    commits: list[object] = []
    event.listen(engine, "commit", commits.append)
    assert retention.run() == 5
    assert len(commits) >= 3


def test_a_run_that_is_stopped_ends_with_its_batch(
    engine: Engine, retention: Retention, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.retention.BATCH", 2)
    for _ in range(5):
        _begin(engine, 100 * DAY)
    answers = iter([True, False])
    assert retention.run(lambda: next(answers)) == 2
    assert sum(due.conversations for due in retention.preview()) == 3


def test_a_conversation_that_somebody_comes_back_to_is_spared(engine: Engine) -> None:
    id = _begin(engine, 100 * DAY)
    ConversationStore(engine).insert_messages(id, [NewMessage(sender="resident", text="hej", language="sv")])
    assert erase_conversations(engine, [id], quiet_since=NOW - 90 * DAY) == 0


class TestLease:
    """One of several processes does the job."""

    def test_only_one_of_two_gets_it(self, engine: Engine, clock: Clock) -> None:
        first, second = (Lease(engine, "job", clock) for _ in range(2))
        assert first.take(DAY)
        assert not second.take(DAY)
        assert first.renew()
        assert not second.renew()

    def test_what_was_done_lately_is_not_done_again(self, engine: Engine, clock: Clock) -> None:
        first, second = (Lease(engine, "job", clock) for _ in range(2))
        first.take(DAY)
        assert first.finish()
        assert not second.take(DAY)
        clock.move(hours=24)
        assert second.take(DAY)

    def test_whoever_dies_loses_it(self, engine: Engine, clock: Clock) -> None:
        first, second = (Lease(engine, "job", clock) for _ in range(2))
        first.take(DAY)
        clock.move(seconds=LONGEST.total_seconds())
        assert second.take(DAY)
        assert not first.renew()
        assert not first.finish()

    def test_what_was_given_up_is_free_at_once(self, engine: Engine, clock: Clock) -> None:
        first, second = (Lease(engine, "job", clock) for _ in range(2))
        first.take(DAY)
        assert first.give_up()
        assert second.take(DAY)

    def test_jobs_are_apart(self, engine: Engine, clock: Clock) -> None:
        assert Lease(engine, "one", clock).take(DAY)
        assert Lease(engine, "other", clock).take(DAY)

    def test_of_many_that_begin_at_once_one_erases(self, engine: Engine) -> None:
        for _ in range(3):
            _begin(engine, dt.datetime.now(dt.timezone.utc) - NOW + 9999 * DAY)
        results: list[int | None] = []
        stopping = threading.Event()
        threads = [
            threading.Thread(target=lambda: results.append(run_retention(engine, 90, DAY, stopping))) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(results, key=str) == [3, None, None, None]
