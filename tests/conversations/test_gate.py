"""Whatever a store is given, what somebody wrote is masked before it is stored; our own words stay as they are."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import JSON, Engine, Text, insert, select
from sqlalchemy.orm import Session

from conversations.callbacks import Callbacks, Caller
from conversations.encryption import Cipher
from conversations.feedback import FeedbackStore
from conversations.gate import MaskedColumn, as_masked, masked_or_none, own_words
from conversations.handoffs import Handoffs
from conversations.masking import MaskedText, mask_text
from conversations.personal_data import CODE, DECISIONS, DERIVED, ENCRYPTED, HASHED, MASKED, OWN, STAFF
from conversations.schema import Base, CallbackRow, ConversationRow, FeedbackRow, MessageRow, RatingRow
from conversations.store import ConversationStore, NewMessage
from conversations.subject_access import collect_stored, referring_tables, render_json, render_text

SECRET = "Soita 040 123 4567 tai 131052-308T"
MASKED_SECRET = "Soita [phone] tai [identity_code]"
NOW = dt.datetime(2026, 11, 22, tzinfo=dt.timezone.utc)
COLUMNS = [(table, column) for table in Base.metadata.sorted_tables for column in table.columns]


def _is_text(type_: object) -> bool:
    return isinstance(type_, Text | JSON | MaskedColumn)


def test_every_column_for_text_has_a_decision() -> None:
    """Whoever adds a column decides about it in conversations/personal_data.py."""
    expected = {(table.name, column.name) for table, column in COLUMNS if _is_text(column.type)}
    assert {(table, column) for table, columns in DECISIONS.items() for column in columns} == expected
    decided = {decision for columns in DECISIONS.values() for decision in columns.values()}
    assert decided == {CODE, DERIVED, ENCRYPTED, HASHED, MASKED, OWN, STAFF}


def test_a_column_masks_itself_exactly_where_somebody_writes_into_it() -> None:
    masking = {(table.name, column.name) for table, column in COLUMNS if isinstance(column.type, MaskedColumn)}
    decided = {(table, name) for table, columns in DECISIONS.items() for name in columns if columns[name] == MASKED}
    assert masking == decided


def test_a_message_is_masked_by_whomever_it_is_made() -> None:
    message = NewMessage(sender="human", text=SECRET, language="fi")
    assert (message.text, message.masked) == (MASKED_SECRET, ("phone", "identity_code"))


def test_a_text_that_has_been_masked_keeps_the_countys_numbers() -> None:
    masked = mask_text("Vastaako 040 123 4567?", ["0401234567"]).text
    assert NewMessage(sender="resident", text=masked, language="fi").text == "Vastaako 040 123 4567?"
    assert as_masked(masked) is masked
    assert own_words("Ring 040 123 4567") == "Ring 040 123 4567"
    assert masked_or_none(None) is None


def test_our_own_numbers_come_back_from_the_database_as_they_were(store: ConversationStore) -> None:
    id = store.insert_conversation("sv")[0].id
    store.insert_messages(id, [NewMessage(sender="bot", text=own_words("Ring 040 123 4567"), language="sv")])
    (message,) = store.fetch_messages(id)
    assert message.text == "Ring 040 123 4567"
    assert isinstance(message.text, MaskedText)


def test_a_piece_of_a_masked_text_is_not_masked_by_itself() -> None:
    """Text that is cut or joined is a plain `str` again, and the gate looks at it anew."""
    assert as_masked(mask_text("a [phone]").text + " 040 123 4567") == "a [phone] [phone]"


@pytest.mark.parametrize("path", ["messages", "counsellor", "feedback", "rating", "callback", "bulk"])
def test_no_way_into_storage_goes_around_the_gate(engine: Engine, path: str) -> None:
    store, feedback = ConversationStore(engine), FeedbackStore(engine)
    id = store.insert_conversation("fi")[0].id
    (answer,) = store.insert_messages(id, [NewMessage(sender="bot", text="Hei!", language="fi")])
    cipher = Cipher([Fernet.generate_key()])
    column = MessageRow.text
    if path == "messages":
        store.insert_messages(id, [NewMessage(sender="resident", text=SECRET, language="fi")])
    elif path == "counsellor":
        handoffs = Handoffs(engine)
        handoffs.request(id, [])
        handoffs.take(handoffs.fetch_queue()[0].id, "counsellor-1", [])
        handoffs.write(id, "counsellor-1", [NewMessage(sender="human", text=SECRET, language="fi")])
    elif path == "feedback":
        feedback.write_feedback(id, answer.id, "down", SECRET)
        column = FeedbackRow.reason
    elif path == "rating":
        feedback.write_rating(id, 1, SECRET)
        column = RatingRow.comment
    elif path == "callback":
        callbacks = Callbacks(engine, cipher)
        callbacks.request(id, Caller("0409876543", name=SECRET, wish=SECRET), NOW, [])
        (request,) = callbacks.fetch_open()
        assert (request.phone, request.name, request.wish) == ("0409876543", MASKED_SECRET, MASKED_SECRET)
        callbacks.close(request.id, SECRET)
        column = CallbackRow.outcome
    else:
        with engine.begin() as connection:
            row = {"id": "x", "conversation_id": id, "position": 9, "sender": "resident", "text": SECRET}
            row |= {"language": "fi", "emergency": False, "handoff": False, "created_at": NOW}
            row |= {name: [] for name in ("sources", "channels", "buttons", "masked", "ranking")}
            connection.execute(insert(MessageRow), [row])
    with Session(engine) as session:
        assert MASKED_SECRET in session.scalars(select(column)).all()


def test_an_idempotency_key_is_not_stored_as_it_came(store: ConversationStore) -> None:
    id = store.insert_conversation("fi")[0].id
    store.insert_turn(id, "0401234567", "request", {"messages": []})
    assert store.fetch_turn(id, "0401234567", "request") == {"messages": []}
    rows = collect_stored(store._engine, id, Cipher([Fernet.generate_key()]))["turn"]
    assert [set(row) for row in rows] == [{"conversation_id", "response", "created_at"}]


class TestSubjectAccess:
    """What is stored about a conversation, told to the person whose it is."""

    def test_every_table_of_a_conversation_is_in_it(self, engine: Engine, conversation: str, cipher: Cipher) -> None:
        collected = collect_stored(engine, conversation, cipher)
        assert list(collected) == ["conversation", *(table.name for table in referring_tables())]
        assert {"message", "tracker_event", "turn", "handoff", "callback", "feedback", "rating"} < set(collected)
        assert len(collected["message"]) == 2

    def test_what_is_encrypted_is_told_and_no_hash_is(
        self, engine: Engine, callbacks: Callbacks, conversation: str, cipher: Cipher
    ) -> None:
        callbacks.request(conversation, Caller("0401234567", "Anna", "kl. 9"), NOW, [])
        collected = collect_stored(engine, conversation, cipher)
        (request,) = collected["callback"]
        assert (request["phone"], request["name"], request["wish"]) == ("0401234567", "Anna", "kl. 9")
        assert "token_hash" not in collected["conversation"][0]

    def test_without_the_key_the_rest_is_told(self, engine: Engine, callbacks: Callbacks, conversation: str) -> None:
        callbacks.request(conversation, Caller("0401234567"), NOW, [])
        other = Cipher([Fernet.generate_key()])
        assert collect_stored(engine, conversation, other)["callback"][0]["phone"] is None

    def test_it_can_be_read_as_text_and_by_programs(self, engine: Engine, conversation: str, cipher: Cipher) -> None:
        collected = collect_stored(engine, conversation, cipher)
        assert '"text": "Hej!"' in render_json(collected)
        assert "message: 2\n==========\n" in render_text(collected)
        assert "text: Hej!" in render_text(collected)

    def test_other_peoples_conversations_are_not_in_it(
        self, engine: Engine, store: ConversationStore, conversation: str, cipher: Cipher
    ) -> None:
        other = store.insert_conversation("fi")[0].id
        store.insert_messages(other, [NewMessage(sender="resident", text="toinen", language="fi")])
        assert "toinen" not in render_json(collect_stored(engine, conversation, cipher))
        with Session(engine) as session:
            assert session.get(ConversationRow, other) is not None


class TestFingerprint:
    """What somebody is recognised by, where the name itself is not kept."""

    def test_it_is_the_same_again_and_another_for_another(self, cipher: Cipher) -> None:
        assert cipher.fingerprint("0401234567") == cipher.fingerprint("0401234567") != cipher.fingerprint("0401234568")
        assert cipher.fingerprint("\udc80") != cipher.fingerprint("")

    def test_without_the_key_a_number_cannot_be_tried_out(self, cipher: Cipher) -> None:
        number = "0401234567"
        other = Cipher([Fernet.generate_key()])
        guesses = {hashlib.sha256(number.encode()).hexdigest(), other.fingerprint(number)}
        assert cipher.fingerprint(number) not in guesses

    def test_a_new_key_in_front_changes_nothing(self) -> None:
        old, new = Fernet.generate_key(), Fernet.generate_key()
        assert Cipher([new, old]).fingerprint("anna") == Cipher([old]).fingerprint("anna")
