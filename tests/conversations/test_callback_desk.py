"""Calling residents back: read one by one, claimed by one, reported with an outcome. Everything on both databases."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from people import Clock
from sqlalchemy import Engine, select

from conversations.audit import AuditLog
from conversations.callback_desk import CLAIM, OUTCOMES, CallbackDesk
from conversations.callbacks import Callbacks, Caller
from conversations.encryption import Cipher
from conversations.errors import CallbackInvalid, CallbackNotFound, HandoffTaken
from conversations.schema import CallbackRow
from conversations.store import ConversationStore
from conversations.subject_access import collect_stored

CALLER = Caller("+358401234567", "Örjan", "efter klockan tolv")


@pytest.fixture
def request_id(callbacks: Callbacks, callback_desk: CallbackDesk, conversation: str, clock: Clock) -> str:
    callbacks.request(conversation, CALLER, clock() + dt.timedelta(hours=1), [])
    return callback_desk.fetch_due()[0].id


def test_the_list_has_the_most_urgent_first_and_says_of_nobody_whom_to_call(
    store: ConversationStore, callbacks: Callbacks, callback_desk: CallbackDesk, clock: Clock
) -> None:
    ids = [store.insert_conversation("fi")[0].id for _ in range(3)]
    for hours, id in zip((2, -1, 1), ids, strict=True):
        callbacks.request(id, CALLER, clock() + dt.timedelta(hours=hours), [])
    due = callback_desk.fetch_due()
    assert [item.conversation_id for item in due] == [ids[1], ids[2], ids[0]]
    assert callback_desk.count() == (3, 1)
    assert "401234567" not in str(due)


def test_each_opening_is_recorded(
    callback_desk: CallbackDesk, request_id: str, conversation: str, audit: AuditLog
) -> None:
    opened = callback_desk.open(request_id, "desk")
    assert (opened.phone, opened.name, opened.wish) == (CALLER.phone, CALLER.name, CALLER.wish)
    callback_desk.open(request_id, "desk")
    entries = audit.fetch_entries(limit=5)
    assert [(entry.action, entry.object_id, entry.details) for entry in entries] == [
        ("callback.read", request_id, {"conversation": conversation})
    ] * 2


def test_of_two_who_claim_it_one_gets_it(callback_desk: CallbackDesk, request_id: str) -> None:
    def _claim(counsellor: str) -> str:
        try:
            callback_desk.claim(request_id, counsellor)
        except HandoffTaken as error:
            return error.holder
        return counsellor

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(_claim, ["a", "b", "c", "d"]))) == 1


def test_a_claim_that_was_given_back_or_forgotten_is_anybodys(
    callback_desk: CallbackDesk, request_id: str, clock: Clock
) -> None:
    callback_desk.claim(request_id, "one")
    for act in (callback_desk.claim, callback_desk.release):
        with pytest.raises(HandoffTaken):
            act(request_id, "two")
    with pytest.raises(HandoffTaken):
        callback_desk.report(request_id, "two", "reached")
    callback_desk.release(request_id, "one")
    callback_desk.claim(request_id, "two")
    clock.move(seconds=CLAIM.total_seconds())
    assert callback_desk.fetch_due()[0].claimed_by is None
    callback_desk.claim(request_id, "three")


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_what_is_done_is_gone_and_keeps_nothing_of_whom_to_call(
    engine: Engine, callback_desk: CallbackDesk, request_id: str, outcome: str
) -> None:
    callback_desk.report(request_id, "desk", outcome, "har också 050 111 2222")
    assert callback_desk.fetch_due() == []
    with engine.connect() as connection:
        row = connection.execute(select(CallbackRow.__table__)).one()
    assert (row.phone, row.name, row.wish, row.status, row.outcome) == ("", None, None, "done", outcome)
    acts = (
        lambda: callback_desk.open(request_id, "desk"),
        lambda: callback_desk.claim(request_id, "desk"),
        lambda: callback_desk.report(request_id, "desk", outcome),
    )
    for act in acts:
        with pytest.raises(CallbackNotFound):
            act()


def test_who_was_not_reached_is_called_again(
    callback_desk: CallbackDesk, request_id: str, clock: Clock, engine: Engine, cipher: Cipher, conversation: str
) -> None:
    again = clock() + dt.timedelta(days=1)
    callback_desk.claim(request_id, "desk")
    callback_desk.report(request_id, "desk", "not_reached", "svarade inte, [phone] 050 111 2222", again)
    (due,) = callback_desk.fetch_due()
    assert (due.due_at, due.attempts, due.claimed_by) == (again, 1, None)
    opened = callback_desk.open(request_id, "other")
    assert [(item.made_by, item.outcome) for item in opened.attempts] == [("desk", "not_reached")]
    assert opened.attempts[0].note == "svarade inte, [phone] [phone]"
    assert opened.phone == CALLER.phone
    assert len(collect_stored(engine, conversation, cipher)["callback_attempt"]) == 1


@pytest.mark.parametrize(
    ("outcome", "note", "days"),
    [
        ("nothing", "", None),
        ("reached", "", 1),
        ("not_reached", "", -1),
        ("not_reached", "", 31),
        ("other", "a" * 1001, None),
    ],
)
def test_what_cannot_be_reported_changes_nothing(
    callback_desk: CallbackDesk, request_id: str, clock: Clock, outcome: str, note: str, days: int | None
) -> None:
    again = None if days is None else clock() + dt.timedelta(days=days)
    with pytest.raises(CallbackInvalid):
        callback_desk.report(request_id, "desk", outcome, note, again)
    assert callback_desk.fetch_due()[0].attempts == 0


def test_it_goes_with_its_conversation(
    store: ConversationStore, callback_desk: CallbackDesk, request_id: str, conversation: str, clock: Clock
) -> None:
    callback_desk.report(request_id, "desk", "not_reached", again_at=clock() + dt.timedelta(days=1))
    store.delete_conversation(conversation)
    with pytest.raises(CallbackNotFound):
        callback_desk.open(request_id, "desk")
