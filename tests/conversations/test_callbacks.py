"""Call-back requests: encrypted, one open a conversation, gone with it. Everything on both databases."""

from __future__ import annotations

import datetime as dt
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine, select

from conversations.callbacks import Callbacks, Caller
from conversations.encryption import Cipher, open_cipher
from conversations.errors import ConversationEnded, ConversationNotFound, SecretKeyInvalid
from conversations.handoffs import Handoffs
from conversations.schema import Base
from conversations.store import ConversationStore, NewMessage

DUE = dt.datetime(2026, 11, 23, 14, 0, tzinfo=dt.timezone.utc)
CALLER = Caller("+358401234567", "Örjan Ätälä", "efter klockan tolv")
NOTICE = [NewMessage(sender="system", text="Vi ringer dig.", language="sv")]


def test_a_request_is_read_as_it_was_written(callbacks: Callbacks, conversation: str) -> None:
    (notice,) = callbacks.request(conversation, CALLER, DUE, NOTICE)
    assert (notice.sender, notice.text) == ("system", "Vi ringer dig.")
    (read,) = callbacks.fetch_open()
    assert (read.phone, read.name, read.wish) == (CALLER.phone, CALLER.name, CALLER.wish)
    assert (read.conversation_id, read.language, read.due_at, read.status) == (conversation, "sv", DUE, "open")


def test_no_column_of_the_database_tells_whom_to_call(engine: Engine, callbacks: Callbacks, conversation: str) -> None:
    callbacks.request(conversation, CALLER, DUE, NOTICE)
    with engine.connect() as connection:
        rows = [str(tuple(row)) for table in Base.metadata.sorted_tables for row in connection.execute(select(table))]
    for secret in ("401234567", "Örjan", "klockan"):
        assert [row for row in rows if secret in row] == []


def test_the_same_asked_again_says_nothing_and_another_takes_its_place(callbacks: Callbacks, conversation: str) -> None:
    callbacks.request(conversation, CALLER, DUE, NOTICE)
    assert callbacks.request(conversation, CALLER, DUE, NOTICE) == []
    assert len(callbacks.request(conversation, Caller("0501234567"), DUE, NOTICE)) == 1
    (read,) = callbacks.fetch_open()
    assert (read.phone, read.name, read.wish) == ("0501234567", None, None)


def test_the_most_urgent_comes_first_and_a_closed_one_not_at_all(
    store: ConversationStore, callbacks: Callbacks
) -> None:
    ids = [store.insert_conversation("fi")[0].id for _ in range(3)]
    for days, id in zip((2, 0, 1), ids, strict=True):
        callbacks.request(id, CALLER, DUE + dt.timedelta(days=days), [])
    assert [item.conversation_id for item in callbacks.fetch_open()] == [ids[1], ids[2], ids[0]]
    first = callbacks.fetch_open()[0]
    assert callbacks.close(first.id, "reached")
    assert not callbacks.close(first.id, "reached")
    assert [item.conversation_id for item in callbacks.fetch_open()] == [ids[2], ids[0]]


def test_a_request_goes_with_its_conversation(
    store: ConversationStore, callbacks: Callbacks, conversation: str
) -> None:
    callbacks.request(conversation, CALLER, DUE, NOTICE)
    store.delete_conversation(conversation)
    assert callbacks.fetch_open() == []


def test_an_ended_or_unknown_conversation_takes_no_request(
    handoffs: Handoffs, callbacks: Callbacks, conversation: str
) -> None:
    with pytest.raises(ConversationNotFound):
        callbacks.request("nobody", CALLER, DUE, NOTICE)
    handoffs.end(conversation, [])
    with pytest.raises(ConversationEnded):
        callbacks.request(conversation, CALLER, DUE, NOTICE)


def test_with_another_key_a_request_is_listed_without_its_secrets(
    engine: Engine, callbacks: Callbacks, conversation: str
) -> None:
    callbacks.request(conversation, CALLER, DUE, NOTICE)
    (read,) = Callbacks(engine, Cipher([Fernet.generate_key()])).fetch_open()
    assert (read.conversation_id, read.phone, read.name, read.wish) == (conversation, None, None, None)


class TestKeyFile:
    """`secret.key`."""

    def test_it_is_made_once_for_its_owner_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "data" / "secret.key"
        secret = open_cipher(path, make=True).encrypt("040 123 4567")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert open_cipher(path, make=True).decrypt(secret) == "040 123 4567"
        assert [item.name for item in path.parent.iterdir()] == ["secret.key"]

    def test_servers_that_start_at_once_share_one_key(self, tmp_path: Path) -> None:
        path = tmp_path / "secret.key"
        with ThreadPoolExecutor(8) as pool:
            ciphers = list(pool.map(lambda _: open_cipher(path, make=True), range(8)))
        secret = ciphers[0].encrypt("hej")
        assert [cipher.decrypt(secret) for cipher in ciphers] == ["hej"] * 8

    def test_an_older_key_still_decrypts(self, tmp_path: Path) -> None:
        path = tmp_path / "secret.key"
        secret = open_cipher(path, make=True).encrypt("hej")
        path.write_bytes(Fernet.generate_key() + b"\n" + path.read_bytes())
        cipher = open_cipher(path, make=False)
        assert cipher.decrypt(secret) == "hej"
        assert cipher.decrypt(cipher.encrypt("moi")) == "moi"

    @pytest.mark.parametrize("content", [b"", b"\n", b"hej", b"\xff\x00"])
    def test_a_file_without_a_key_is_named(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "secret.key"
        path.write_bytes(content)
        with pytest.raises(SecretKeyInvalid, match=str(path)):
            open_cipher(path, make=True)

    def test_a_missing_file_is_named_and_not_made_where_it_was_stated(self, tmp_path: Path) -> None:
        path = tmp_path / "secret.key"
        with pytest.raises(SecretKeyInvalid, match=str(path)):
            open_cipher(path, make=False)
        assert not path.exists()
        with pytest.raises(SecretKeyInvalid, match=str(tmp_path)):
            open_cipher(tmp_path, make=False)
