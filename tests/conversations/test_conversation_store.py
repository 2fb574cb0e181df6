"""Conversations and messages: tokens, order, erasure, idempotency keys. Everything on both databases."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from conversations.errors import ConversationNotFound, KeyReused, TokenRejected
from conversations.schema import Base, ConversationRow, MessageRow, TurnRow
from conversations.store import ConversationStore, NewMessage

SECRET = "planted-secret-åäö-7f3a"
FULL = NewMessage(
    sender="bot",
    text="Åtta kommuner 🙂 'hör' till \"Soite\"; DROP TABLE message; -- \\",
    language="sv",
    payload="/municipalities",
    topic="municipalities",
    sources=({"title": "Om Soite", "published": "2023", "url": None},),
    channels=({"name": "Telefon", "hours": [{"days": ["mon"]}]},),
    buttons=({"title": "Vem ger råd?", "payload": "/counselling"},),
    masked=("phone", "email"),
    intent="municipalities",
    predicted="population",
    confidence=0.8125,
    outcome="answered",
    ranking=({"intent": "municipalities", "confidence": 0.8125},),
    trigger="life",
    model="lotsi-1",
    emergency=True,
    handoff=True,
)


def _resident(words: str) -> NewMessage:
    return NewMessage(sender="resident", text=words, language="sv")


def _counts(engine: Engine) -> dict[str, int]:
    with Session(engine) as session:
        return {
            row.__tablename__: session.scalar(select(func.count()).select_from(row)) or 0
            for row in (ConversationRow, MessageRow, TurnRow)
        }


def _everything_stored(engine: Engine) -> str:
    """All values of all tables, and on SQLite the bytes of its files, write-ahead log included."""
    with engine.connect() as connection:
        rows = [str(tuple(row)) for table in Base.metadata.sorted_tables for row in connection.execute(select(table))]
    files: list[Path] = []
    if engine.dialect.name == "sqlite" and engine.url.database:
        files = [path for path in Path(engine.url.database).parent.iterdir() if path.is_file()]
        assert files
    return "\n".join([*rows, *(path.read_bytes().decode("utf-8", "replace") for path in files)])


def _at_once(*tasks: Callable[[], Any]) -> list[Any]:
    gate = threading.Barrier(len(tasks))

    def _run(task: Callable[[], Any]) -> Any:
        gate.wait()
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return [future.result() for future in [pool.submit(_run, task) for task in tasks]]


def test_a_new_conversation_is_the_bots_in_its_language(store: ConversationStore) -> None:
    conversation, _ = store.insert_conversation("fi", "rest")
    assert (conversation.language, conversation.state, conversation.channel) == ("fi", "bot", "rest")
    assert store.fetch_conversation(conversation.id) == conversation
    assert store.fetch_messages(conversation.id) == []


def test_a_conversation_can_be_given_its_id(store: ConversationStore) -> None:
    assert store.insert_conversation("sv", "rest", "rest-1")[0].id == "rest-1"
    assert store.fetch_conversation("rest-1").channel == "rest"


def test_ids_and_tokens_are_long_and_never_the_same(store: ConversationStore) -> None:
    begun = [store.insert_conversation("sv") for _ in range(50)]
    assert len({conversation.id for conversation, _ in begun}) == 50
    assert len({token for _, token in begun}) == 50
    assert all(len(conversation.id) >= 32 and len(token) >= 43 for conversation, token in begun)


def test_a_token_opens_its_own_conversation_alone(store: ConversationStore) -> None:
    mine, token = store.insert_conversation("sv")
    other, other_token = store.insert_conversation("sv")
    assert store.check_token(mine.id, token) == mine
    for wrong in (other_token, "", token[:-1], token + "a", token.swapcase(), "å", mine.id):
        with pytest.raises(TokenRejected):
            store.check_token(mine.id, wrong)
    with pytest.raises(ConversationNotFound):
        store.check_token("nothing", token)
    assert store.check_token(other.id, other_token) == other


def test_only_the_tokens_hash_is_stored(engine: Engine, store: ConversationStore) -> None:
    conversation, token = store.insert_conversation("sv")
    stored = _everything_stored(engine)
    assert conversation.id in stored
    assert token not in stored


def test_a_message_comes_back_whole(store: ConversationStore) -> None:
    id = store.insert_conversation("sv")[0].id
    (stored,) = store.insert_messages(id, [FULL])
    (fetched,) = store.fetch_messages(id)
    assert {key: getattr(fetched, key) for key in vars(FULL)} == vars(FULL)
    assert (fetched.id, fetched.position) == (stored.id, 0)
    assert fetched.created_at == stored.created_at
    assert fetched.created_at.utcoffset() == dt.timedelta(0)


def test_messages_come_back_in_their_order(store: ConversationStore) -> None:
    id = store.insert_conversation("sv")[0].id
    other = store.insert_conversation("sv")[0].id
    store.insert_messages(id, [_resident("1"), _resident("2")])
    store.insert_messages(other, [_resident("x")])
    store.insert_messages(id, [])
    store.insert_messages(id, [_resident("3")])
    assert [(message.text, message.position) for message in store.fetch_messages(id)] == [("1", 0), ("2", 1), ("3", 2)]
    assert [(message.text, message.position) for message in store.fetch_messages(other)] == [("x", 0)]


def test_a_message_changes_the_conversations_time_and_language(store: ConversationStore) -> None:
    begun, _ = store.insert_conversation("sv")
    store.insert_messages(begun.id, [_resident("hej")])
    kept = store.fetch_conversation(begun.id)
    assert (kept.language, kept.created_at) == ("sv", begun.created_at)
    assert kept.updated_at >= begun.updated_at
    store.insert_messages(begun.id, [_resident("moi")], "fi")
    assert store.fetch_conversation(begun.id).language == "fi"


def test_messages_that_come_at_once_keep_together_and_in_order(store: ConversationStore) -> None:
    id = store.insert_conversation("sv")[0].id

    def _write(writer: int) -> Callable[[], None]:
        def _run() -> None:
            for turn in range(10):
                store.insert_messages(
                    id, [_resident(f"{writer}.{turn}.question"), _resident(f"{writer}.{turn}.answer")]
                )

        return _run

    _at_once(*(_write(writer) for writer in range(4)))
    messages = store.fetch_messages(id)
    assert [message.position for message in messages] == list(range(80))
    pairs = list(zip(messages[::2], messages[1::2], strict=True))
    assert all(first.text.replace("question", "answer") == second.text for first, second in pairs)
    for writer in range(4):
        turns = [message.text for message in messages if message.text.startswith(f"{writer}.")][::2]
        assert turns == [f"{writer}.{turn}.question" for turn in range(10)]


def test_conversations_that_write_at_once_do_not_hinder_each_other(store: ConversationStore) -> None:
    def _talk() -> int:
        id = store.insert_conversation("sv")[0].id
        for turn in range(10):
            (question,) = store.insert_messages(id, [_resident(f"{turn}")])
            store.update_understanding(question.id, intent="counselling")
            store.insert_messages(id, [FULL], "fi")
        return len(store.fetch_messages(id))

    assert _at_once(*[_talk] * 4) == [20] * 4


def test_buttons_that_were_offered_are_known_by_their_payload(store: ConversationStore) -> None:
    id = store.insert_conversation("sv")[0].id
    other = store.insert_conversation("sv")[0].id
    store.insert_messages(id, [FULL, _resident("hej")])
    assert store.fetch_offered_buttons(id) == {"/counselling": "Vem ger råd?"}
    assert store.fetch_offered_buttons(other) == {}


def test_what_was_understood_is_written_onto_the_message(store: ConversationStore) -> None:
    id = store.insert_conversation("sv")[0].id
    first, second = store.insert_messages(id, [_resident("mikä on digipolku"), _resident("hej")])
    ranking = [{"intent": "digital_care_paths", "confidence": 0.9}]
    store.update_understanding(first.id, language="fi", intent="digital_care_paths", confidence=0.9, ranking=ranking)
    fetched, untouched = store.fetch_messages(id)
    assert (fetched.language, fetched.intent, fetched.confidence) == ("fi", "digital_care_paths", 0.9)
    assert fetched.ranking == tuple(ranking)
    assert (untouched.language, untouched.intent, untouched.id) == ("sv", None, second.id)
    store.update_understanding("nothing", intent="x")


def test_an_answer_is_stored_with_how_its_question_was_understood(store: ConversationStore) -> None:
    id = store.insert_conversation("sv")[0].id
    (question,) = store.insert_messages(id, [_resident("mikä on digipolku")])
    understanding = {"language": "fi", "intent": "digital_care_paths", "confidence": 0.9}
    (answer,), state = store.insert_answer(id, question.id, understanding, [FULL], "fi", ["bot"])
    assert state == "bot"
    assert store.fetch_conversation(id).language == "fi"
    asked, answered = store.fetch_messages(id)
    assert (asked.id, asked.language, asked.intent) == (question.id, "fi", "digital_care_paths")
    assert (answered.id, answered.text, answered.position) == (answer.id, FULL.text, 1)


def test_an_answer_that_comes_too_late_is_not_stored_but_what_was_understood_is(store: ConversationStore) -> None:
    id = store.insert_conversation("sv")[0].id
    (question,) = store.insert_messages(id, [_resident("hej")])
    assert store.insert_answer(id, question.id, {"intent": "greet"}, [FULL], "fi", ["waiting"]) == ([], "bot")
    (asked,) = store.fetch_messages(id)
    assert (asked.intent, store.fetch_conversation(id).language) == ("greet", "sv")
    with pytest.raises(ConversationNotFound):
        store.insert_answer("nothing", question.id, {"intent": "greet"}, [FULL], "fi", ["bot"])


def test_an_erased_conversation_is_gone_with_all_that_belongs_to_it(engine: Engine, store: ConversationStore) -> None:
    mine, token = store.insert_conversation("sv")
    other, _ = store.insert_conversation("sv")
    for id in (mine.id, other.id):
        store.insert_messages(id, [FULL, _resident("hej")])
        store.insert_turn(id, "key", "body", {"messages": []})
    store.delete_conversation(mine.id)
    assert _counts(engine) == {"conversation": 1, "message": 2, "turn": 1}
    assert len(store.fetch_messages(other.id)) == 2
    for call in (
        lambda: store.fetch_conversation(mine.id),
        lambda: store.fetch_messages(mine.id),
        lambda: store.check_token(mine.id, token),
        lambda: store.insert_messages(mine.id, [_resident("hej")]),
        lambda: store.delete_conversation(mine.id),
    ):
        with pytest.raises(ConversationNotFound):
            call()
    assert _counts(engine) == {"conversation": 1, "message": 2, "turn": 1}


def test_the_database_itself_takes_messages_and_turns_along(engine: Engine, store: ConversationStore) -> None:
    id = store.insert_conversation("sv")[0].id
    store.insert_messages(id, [FULL])
    store.insert_turn(id, "key", "body", {})
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM conversation"))
    assert _counts(engine) == {"conversation": 0, "message": 0, "turn": 0}


def test_erased_words_are_in_no_file_any_more(engine: Engine, store: ConversationStore) -> None:
    id = store.insert_conversation("sv")[0].id
    store.insert_messages(id, [_resident(f"{SECRET} {number}") for number in range(50)])
    store.insert_turn(id, "key", SECRET, {"messages": [{"text": SECRET}]})
    assert SECRET in _everything_stored(engine)
    store.delete_conversation(id)
    engine.dispose()
    assert SECRET not in _everything_stored(engine)


def test_a_turn_is_answered_again_by_its_key(store: ConversationStore) -> None:
    id = store.insert_conversation("sv")[0].id
    assert store.fetch_turn(id, "key", "body") is None
    store.insert_turn(id, "key", "body", {"messages": [{"text": "å"}], "state": "bot"})
    assert store.fetch_turn(id, "key", "body") == {"messages": [{"text": "å"}], "state": "bot"}
    assert store.fetch_turn(id, "other", "body") is None


def test_a_key_with_another_body_is_refused(store: ConversationStore) -> None:
    id = store.insert_conversation("sv")[0].id
    store.insert_turn(id, "key", "body", {})
    with pytest.raises(KeyReused):
        store.fetch_turn(id, "key", "another body")


def test_a_key_belongs_to_its_conversation(store: ConversationStore) -> None:
    first, second = (store.insert_conversation("sv")[0].id for _ in range(2))
    store.insert_turn(first, "key", "body", {"n": 1})
    assert store.fetch_turn(second, "key", "another body") is None
    store.insert_turn(second, "key", "another body", {"n": 2})
    assert store.fetch_turn(first, "key", "body") == {"n": 1}
    assert store.fetch_turn(second, "key", "another body") == {"n": 2}


def test_the_first_answer_under_a_key_stays(store: ConversationStore) -> None:
    id = store.insert_conversation("sv")[0].id
    store.insert_turn(id, "key", "body", {"n": 1})
    store.insert_turn(id, "key", "body", {"n": 2})
    assert store.fetch_turn(id, "key", "body") == {"n": 1}


def test_a_key_that_comes_twice_at_once_is_kept_once(engine: Engine, store: ConversationStore) -> None:
    id = store.insert_conversation("sv")[0].id
    _at_once(*[lambda: store.insert_turn(id, "key", "body", {"n": 1})] * 4)
    assert store.fetch_turn(id, "key", "body") == {"n": 1}
    assert _counts(engine)["turn"] == 1


def test_the_answer_of_a_conversation_erased_meanwhile_is_not_kept(engine: Engine, store: ConversationStore) -> None:
    id = store.insert_conversation("sv")[0].id
    store.delete_conversation(id)
    store.insert_turn(id, "key", "body", {"n": 1})
    assert _counts(engine)["turn"] == 0


def test_a_turn_does_not_keep_the_body_itself(engine: Engine, store: ConversationStore) -> None:
    id = store.insert_conversation("sv")[0].id
    store.insert_turn(id, "key", SECRET, {})
    assert SECRET not in _everything_stored(engine)


def _conversation_of(moment: dt.datetime) -> ConversationRow:
    values = {"token_hash": "", "language": "sv", "state": "bot", "channel": "web"}
    return ConversationRow(id="1", created_at=moment, updated_at=moment, **values)


def test_a_moment_without_a_time_zone_is_refused(engine: Engine) -> None:
    naive = dt.datetime(2026, 11, 22, 12, 0)
    with pytest.raises(StatementError, match="time zone"), Session(engine) as session, session.begin():
        session.add(_conversation_of(naive))


def test_a_moment_of_another_zone_comes_back_as_the_same_in_utc(engine: Engine) -> None:
    helsinki = dt.datetime(2026, 11, 22, 14, 0, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    with Session(engine) as session, session.begin():
        session.add(_conversation_of(helsinki))
    kept = ConversationStore(engine).fetch_conversation("1").created_at
    assert kept == helsinki
    assert kept.utcoffset() == dt.timedelta(0)
