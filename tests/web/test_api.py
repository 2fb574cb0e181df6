"""The conversation API of a running server, called as a resident's browser calls it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession

SECRETS = {"identity_code": "131052-308T", "phone": "040 765 4321", "email": "asiakas.yksi@example.fi"}
VARIANTS = (*SECRETS.values(), "0407654321", "131052308T", "asiakas.yksi")


@dataclass(frozen=True)
class Chat:
    """A conversation as its resident holds it."""

    session: ClientSession
    id: str
    token: str
    language: str
    opening: list[dict[str, Any]]

    @property
    def path(self) -> str:
        return f"/api/v1/conversations/{self.id}"

    def headers(self, key: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", **({"Idempotency-Key": key} if key else {})}

    async def post(self, key: str | None = None, **body: str) -> tuple[ClientResponse, Any]:
        async with self.session.post(f"{self.path}/messages", json=body, headers=self.headers(key)) as response:
            return response, await response.json()

    async def send(self, key: str | None = None, **body: str) -> dict[str, Any]:
        response, answer = await self.post(key, **body)
        assert response.status == 200, answer
        return answer

    async def ask(self, **body: str) -> dict[str, Any]:
        """Send a message that gets exactly one."""
        (message,) = (await self.send(**body))["messages"]
        return message

    async def read(self) -> dict[str, Any]:
        async with self.session.get(f"{self.path}/messages", headers=self.headers()) as response:
            assert response.status == 200
            return await response.json()

    async def texts(self) -> list[tuple[str, str]]:
        return [(message["sender"], message["text"]) for message in (await self.read())["messages"]]


async def begin(session: ClientSession, language: str | None = "sv", **values: Any) -> Chat:
    body = {} if language is None else {"json": {"language": language}}
    async with session.post("/api/v1/conversations", **body, **values) as response:
        answer = await response.json()
        assert response.status == 201, answer
        return Chat(session, answer["id"], answer["token"], answer["language"], answer["messages"])


@pytest.fixture
async def session(server) -> AsyncIterator[ClientSession]:
    async with ClientSession(server.url) as session:
        yield session


@pytest.fixture
async def chat(session) -> Chat:
    """A conversation that begins in Swedish."""
    return await begin(session)


class TestBeginning:
    """`POST /api/v1/conversations`."""

    @pytest.mark.parametrize(("language", "word"), [("sv", "automat"), ("fi", "automaatti")])
    async def test_it_opens_with_greeting_and_disclosure_in_the_language(self, session, language, word):
        chat = await begin(session, language)
        assert chat.language == language
        assert all((message["sender"], message["language"]) == ("bot", language) for message in chat.opening)
        assert "Lotsi" in chat.opening[0]["text"]
        assert word in chat.opening[1]["text"]
        assert (await chat.read())["messages"] == chat.opening

    @pytest.mark.parametrize(
        ("query", "accepted", "language"),
        [
            ("", "fi", "fi"),
            ("", "fi-FI,sv;q=0.5", "fi"),
            ("", "en,sv;q=0.5,fi;q=0.4", "sv"),
            ("", "fi;q=0,sv;q=0.1", "sv"),
            ("?lang=fi", "sv", "fi"),
            ("?lang=en", "fi", "fi"),
            ("", "en", "sv"),
            ("", "", "sv"),
            ("", ";;q=,fi;q=abc,*;q=nan,\u00e5", "sv"),
        ],
    )
    async def test_without_a_stated_language_query_browser_and_setting_decide(self, session, query, accepted, language):
        path = f"/api/v1/conversations{query}"
        async with session.post(path, headers={"Accept-Language": accepted}) as response:
            assert (await response.json())["language"] == language

    async def test_the_body_comes_before_query_and_browser(self, session):
        async with session.post(
            "/api/v1/conversations?lang=fi", json={"language": "sv"}, headers={"Accept-Language": "fi"}
        ) as response:
            assert (await response.json())["language"] == "sv"

    async def test_every_conversation_has_an_id_and_a_token_of_its_own(self, session):
        chats = [await begin(session) for _ in range(5)]
        assert len({chat.id for chat in chats}) == len({chat.token for chat in chats}) == 5
        assert all(len(chat.token) >= 43 and chat.id not in chat.token for chat in chats)

    async def test_the_response_names_its_address_and_is_never_kept_by_a_cache(self, session):
        async with session.post("/api/v1/conversations", json={}) as response:
            assert response.headers["Location"] == f"/api/v1/conversations/{(await response.json())['id']}"
            assert response.headers["Cache-Control"] == "no-store"
            assert response.headers["X-Content-Type-Options"] == "nosniff"

    async def test_the_token_is_nowhere_in_the_database_or_the_log(self, session, server):
        chat = await begin(session)
        await chat.send(text="rådgivning")
        assert chat.token.encode() not in read_state(server.data)


class TestTalking:
    """`POST …/messages` and `GET …/messages`."""

    @pytest.mark.parametrize(
        ("language", "text", "topic", "line"),
        [
            ("sv", "jag behöver tid till tandläkaren", "oral_health", "november 2023"),
            ("fi", "tarvitsen ajan hammaslääkärille", "oral_health", "marraskuu 2023"),
        ],
    )
    async def test_a_question_gets_an_answer_with_source_and_date(self, session, language, text, topic, line):
        chat = await begin(session, language)
        answer = await chat.send(text=text)
        (message,) = answer["messages"]
        assert (message["sender"], message["language"], message["topic"]) == ("bot", language, topic)
        assert message["sources"][0]["published"] == "2023-11"
        assert line in message["sources"][0]["line"]
        assert (answer["state"], answer["masked"]) == ("bot", [])

    async def test_the_conversation_is_stored_in_its_order(self, chat):
        first = await chat.ask(text="rådgivning")
        second = await chat.ask(text="vad är numret?")
        stored = (await chat.read())["messages"]
        assert [message["sender"] for message in stored] == ["bot", "bot", "resident", "bot", "resident", "bot"]
        assert [stored[3], stored[5]] == [first, second]
        assert [stored[2]["text"], stored[4]["text"]] == ["rådgivning", "vad är numret?"]
        assert len({message["id"] for message in stored}) == len(stored)

    async def test_a_resident_may_change_the_language_in_the_middle(self, chat):
        await chat.send(text="jag behöver tid till tandläkaren")
        message = await chat.ask(text="voitko vastata suomeksi?")
        assert (message["language"], message["topic"]) == ("fi", "oral_health")
        assert (await chat.read())["language"] == "fi"
        assert (await chat.ask(text="112"))["language"] == "fi"

    async def test_an_offered_button_leads_to_its_topic_and_stands_as_its_title(self, chat):
        button = (await chat.ask(text="rådgivning"))["buttons"][0]
        message = await chat.ask(payload=button["payload"])
        assert message["topic"] == button["payload"].lstrip("/")
        assert (await chat.texts())[-2] == ("resident", button["title"])

    async def test_a_button_may_be_pressed_again_later(self, chat):
        button = (await chat.ask(text="rådgivning"))["buttons"][0]
        await chat.send(text="hej")
        assert (await chat.ask(payload=button["payload"]))["topic"] == button["payload"].lstrip("/")

    async def test_danger_is_met_with_112_first(self, chat):
        message = await chat.ask(text="Min pappa andas inte!")
        assert message["emergency"] is True
        assert message["channels"][0]["number"] == "112"

    async def test_who_asks_for_a_human_is_marked(self, chat):
        assert (await chat.ask(text="jag vill tala med en människa"))["handoff"] is True

    async def test_two_conversations_do_not_mix(self, session):
        one, other = await begin(session, "sv"), await begin(session, "fi")
        await one.send(text="rådgivning")
        await other.send(text="tarvitsen ajan hammaslääkärille")
        assert (await one.ask(text="vad är numret?"))["topic"] == "counselling"
        assert (await other.ask(text="entä puhelinnumero?"))["topic"] == "oral_health"

    async def test_many_conversations_at_the_same_time_get_their_own_answers(self, session):
        async def talk(language: str, text: str) -> tuple[str, str]:
            chat = await begin(session, language)
            first = await chat.ask(text=text)
            second = await chat.ask(payload=first["buttons"][0]["payload"])
            assert second["topic"] == first["buttons"][0]["payload"].lstrip("/")
            return first["topic"], first["language"]

        talks = [("sv", "rådgivning"), ("fi", "tarvitsen ajan hammaslääkärille")] * 8
        found = await asyncio.gather(*(talk(*item) for item in talks))
        assert found == [("counselling", "sv"), ("oral_health", "fi")] * 8

    @pytest.mark.parametrize("text", ["/restart", "/session_start", '/counselling{"language":"fi"}', "/fees"])
    async def test_text_like_a_command_is_text(self, chat, text):
        """The conversation goes on in its language, and the dialogue state is not begun anew."""
        await chat.send(text="rådgivning")
        message = await chat.ask(text=text)
        assert message["language"] == "sv"
        assert (await chat.texts())[-2] == ("resident", text)
        assert (await chat.read())["language"] == "sv"

    async def test_a_message_may_have_two_thousand_characters_and_no_more(self, chat):
        assert (await chat.send(text="å" * 2000))["messages"]
        response, error = await chat.post(text="å" * 2001)
        assert (response.status, error["error"]["code"]) == (413, "message_too_long")
        assert error["error"]["details"] == {"limit": 2000, "length": 2001}


class TestIdempotency:
    """`Idempotency-Key`."""

    async def test_the_same_send_again_gets_the_same_answer_and_is_stored_once(self, chat):
        first, answer = await chat.post("k", text="rådgivning")
        again, repeated = await chat.post("k", text="rådgivning")
        assert answer == repeated
        assert ("Idempotent-Replay" in first.headers, again.headers["Idempotent-Replay"]) == (False, "true")
        assert [sender for sender, _ in await chat.texts()] == ["bot", "bot", "resident", "bot"]

    async def test_a_repeated_button_is_answered_once_too(self, chat):
        button = (await chat.ask(text="rådgivning"))["buttons"][0]
        answers = [await chat.send("b", payload=button["payload"]) for _ in range(2)]
        assert answers[0] == answers[1]
        assert len(await chat.texts()) == 6

    async def test_the_same_send_at_the_same_time_is_taken_once(self, chat):
        answers = await asyncio.gather(*(chat.send("k", text="rådgivning") for _ in range(5)))
        assert all(answer == answers[0] for answer in answers)
        assert len(await chat.texts()) == 4

    async def test_two_sends_without_a_key_are_two_turns_that_do_not_cut_into_each_other(self, chat):
        answers = await asyncio.gather(*(chat.send(text="rådgivning") for _ in range(2)))
        assert answers[0]["messages"][0]["id"] != answers[1]["messages"][0]["id"]
        assert [sender for sender, _ in await chat.texts()] == ["bot", "bot", *["resident", "bot"] * 2]

    async def test_a_key_that_was_used_with_another_body_is_refused(self, chat):
        await chat.send("k", text="rådgivning")
        for body in ({"text": "avgift"}, {"payload": "/help_for_relative"}):
            response, error = await chat.post("k", **body)
            assert (response.status, error["error"]["code"]) == (422, "key_reused")
        assert len(await chat.texts()) == 4

    async def test_a_key_holds_within_its_conversation(self, session, chat):
        other = await begin(session)
        assert (await chat.send("k", text="rådgivning")) != (await other.send("k", text="avgift"))

    async def test_a_refused_send_does_not_use_up_its_key(self, chat):
        response, _ = await chat.post("k", payload="/fees")
        assert response.status == 400
        assert (await chat.send("k", text="rådgivning"))["messages"]

    @pytest.mark.parametrize("wait_for", [2, 4], ids=["before the turn", "after the turn"])
    async def test_a_message_whose_answer_was_lost_can_be_sent_again(self, chat, server, wait_for):
        """The connection breaks before or after the turn; either way the message is taken once."""
        host, port = server.url.removeprefix("http://").split(":")
        body = json.dumps({"text": "rådgivning"}).encode()
        head = f"POST {chat.path}/messages HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in chat.headers("lost").items())
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(head.encode() + b"\r\n" + body)
        await writer.drain()
        async with asyncio.timeout(30):
            while len(await chat.texts()) < wait_for:  # noqa: ASYNC110 - the server is another process
                await asyncio.sleep(0.05)
        writer.transport.abort()
        assert (await chat.send("lost", text="rådgivning"))["messages"]
        assert [sender for sender, _ in await chat.texts()] == ["bot", "bot", "resident", "bot"]


class TestAccess:
    """Only the resident's token opens a conversation."""

    CALLS = [("POST", "/messages"), ("GET", "/messages"), ("DELETE", "")]

    @pytest.mark.parametrize(("method", "path"), CALLS)
    @pytest.mark.parametrize(
        ("authorization", "code"),
        [
            (None, "token_missing"),
            ("", "token_missing"),
            ("Bearer", "token_missing"),
            ("Bearer ", "token_missing"),
            ("Basic dXNlcjpwYXNz", "token_missing"),
            ("Bearer wrong", "token_rejected"),
            ("Bearer " + "a" * 5000, "token_rejected"),
            ("Bearer åäö", "token_rejected"),
        ],
    )
    async def test_without_its_token_a_conversation_is_closed(self, session, chat, method, path, authorization, code):
        headers = {} if authorization is None else {"Authorization": authorization}
        async with session.request(method, chat.path + path, json={"text": "hej"}, headers=headers) as response:
            assert (response.status, (await response.json())["error"]["code"]) == (401, code)
            assert response.headers["WWW-Authenticate"] == "Bearer"
        assert len(await chat.texts()) == 2

    @pytest.mark.parametrize(("method", "path"), CALLS)
    async def test_another_conversations_token_is_foreign(self, session, chat, method, path):
        other = await begin(session)
        async with session.request(method, chat.path + path, json={"text": "hej"}, headers=other.headers()) as response:
            assert (response.status, (await response.json())["error"]["code"]) == (401, "token_rejected")
        assert len(await chat.texts()) == 2

    @pytest.mark.parametrize(("method", "path"), CALLS)
    @pytest.mark.parametrize("id", ["nobody", "%00", "%F0%9F%98%80", "..%2F..", "'%20OR%201=1--", "a" * 3000])
    async def test_an_unknown_conversation_is_not_found(self, session, chat, method, path, id):
        for headers in ({}, chat.headers()):
            async with session.request(
                method, f"/api/v1/conversations/{id}{path}", json={"text": "hej"}, headers=headers
            ) as response:
                assert (response.status, (await response.json())["error"]["code"]) == (404, "conversation_not_found")

    async def test_the_scheme_may_be_written_in_any_case(self, session, chat):
        headers = {"Authorization": f"bearer {chat.token}"}
        async with session.get(f"{chat.path}/messages", headers=headers) as response:
            assert response.status == 200

    @pytest.mark.parametrize(
        "payload", ["/fees", "/restart", "/session_start", "counselling", "", "/", "/a{}", "\ud800"]
    )
    async def test_a_payload_that_was_never_offered_is_refused(self, chat, payload):
        response, error = await chat.post(payload=payload)
        assert (response.status, error["error"]["code"]) == (400, "payload_unknown")
        assert len(await chat.texts()) == 2

    async def test_what_was_offered_in_another_conversation_was_not_offered_here(self, session, chat):
        button = (await (await begin(session)).ask(text="rådgivning"))["buttons"][0]
        response, error = await chat.post(payload=button["payload"])
        assert (response.status, error["error"]["code"]) == (400, "payload_unknown")

    async def test_a_payload_with_values_added_is_not_the_one_that_was_offered(self, chat):
        button = (await chat.ask(text="rådgivning"))["buttons"][0]
        response, _ = await chat.post(payload=f'{button["payload"]}{{"language":"fi"}}')
        assert response.status == 400


class TestErasing:
    """`DELETE …/{id}`."""

    async def test_an_erased_conversation_is_gone(self, chat):
        await chat.send(text="rådgivning")
        async with chat.session.delete(chat.path, headers=chat.headers()) as response:
            assert (response.status, await response.read()) == (204, b"")
        for method, path in TestAccess.CALLS:
            async with chat.session.request(
                method, chat.path + path, json={"text": "hej"}, headers=chat.headers()
            ) as response:
                assert response.status == 404

    async def test_nothing_of_it_is_left_in_any_table_and_others_stay(self, session, chat, server):
        other = await begin(session)
        for item in (chat, other):
            await item.send("k", text="rådgivning")
        assert all(count > 0 for count in count_rows(server.data, chat.id).values())
        async with session.delete(chat.path, headers=chat.headers()) as response:
            assert response.status == 204
        assert set(count_rows(server.data, chat.id).values()) == {0}
        assert all(count > 0 for count in count_rows(server.data, other.id).values())

    async def test_a_turn_in_flight_does_not_come_back(self, chat, server):
        async with asyncio.TaskGroup() as group:
            sends = [group.create_task(chat.post(text="rådgivning")) for _ in range(3)]
            group.create_task(self.erase(chat))
        assert {send.result()[0].status for send in sends} <= {200, 404}
        assert set(count_rows(server.data, chat.id).values()) == {0}

    @staticmethod
    async def erase(chat: Chat) -> None:
        async with chat.session.delete(chat.path, headers=chat.headers()) as response:
            assert response.status == 204


def count_rows(data: Path, conversation: str) -> dict[str, int]:
    """Return how many rows each table of a server's database has of a conversation."""
    columns = {
        "conversation": "id",
        "message": "conversation_id",
        "turn": "conversation_id",
        "tracker_event": "conversation_id",
    }
    connection = sqlite3.connect(f"file:{data}/conversations.db?mode=ro", uri=True)
    try:
        return {
            table: connection.execute(f"SELECT count(*) FROM {table} WHERE {column} = ?", (conversation,)).fetchone()[0]
            for table, column in columns.items()
        }
    finally:
        connection.close()


def read_state(data: Path) -> bytes:
    """Return all bytes that a server has written: databases, write-ahead logs, its own log."""
    names = {path.name for path in data.iterdir()}
    assert {"conversations.db", "conversations.db-wal", "server.log"} <= names
    return b"\0".join(path.read_bytes() for path in sorted(data.iterdir()) if path.is_file())


class TestMasking:
    """Personal data goes no further than the handler that read it."""

    async def test_personal_data_is_masked_in_what_is_stored_and_shown(self, chat):
        text = f"Jag är {SECRETS['identity_code']}, ring {SECRETS['phone']} eller skriv {SECRETS['email']}."
        answer = await chat.send(text=text)
        assert answer["masked"] == ["identity_code", "phone", "email"]
        (stored,) = [message for message in (await chat.read())["messages"] if message["sender"] == "resident"]
        assert stored["text"] == "Jag är [identity_code], ring [phone] eller skriv [email]."
        assert stored["masked"] == ["identity_code", "phone", "email"]

    async def test_published_service_numbers_are_not_masked(self, chat):
        assert (await chat.send(text="är 116117 rätt nummer, eller 112?"))["masked"] == []

    async def test_nothing_unmasked_is_in_database_write_ahead_log_or_log(self, session, server, chat):
        """Whichever way the secrets come in, well-formed or not, answered or refused."""
        url = f"{chat.path}/messages"
        for number, secret in enumerate(SECRETS.values()):
            said = f"{secret} rådgivning"
            bodies = [
                json.dumps({"text": said}),
                json.dumps({"text": f"/{secret}"}),
                json.dumps({"text": f"{said} {'x' * 2000}"}),
                json.dumps({"text": [said]}),
                json.dumps({"text": said, "payload": said}),
                json.dumps({"payload": said}),
                f'{{"text": "{said}"',
                f"{secret}{' ' * 70_000}",
            ]
            for body in bodies:
                await self.post(session, url, body, chat.headers())
            await self.post(session, url, json.dumps({"text": said}), chat.headers(f"masking-{number}"))
            await self.post(session, "/api/v1/conversations", json.dumps({"language": secret}))
            await self.post(session, f"/api/v1/conversations/{secret}/messages", json.dumps({"text": said}))
            for message in (said, secret, f"/{secret}"):
                rest = {"sender": secret, "message": message, "metadata": {"language": secret, "name": secret}}
                await self.post(session, "/webhooks/rest/webhook", json.dumps(rest))
        state = read_state(server.data)
        assert b"[identity_code] r\xc3\xa5dgivning" in state
        assert [secret for secret in VARIANTS if secret.encode() in state] == []

    async def test_the_record_of_a_key_does_not_let_the_words_be_guessed(self, chat, server):
        """An identity code has few possible values: a plain hash of a message with one can be turned back."""
        await chat.send("guess", text=SECRETS["identity_code"])
        state = read_state(server.data)
        for body in ({"text": SECRETS["identity_code"]}, {"text": SECRETS["identity_code"], "payload": None}):
            guess = json.dumps(body, sort_keys=True, ensure_ascii=False).encode()
            assert hashlib.sha256(guess).hexdigest().encode() not in state

    @staticmethod
    async def post(session: ClientSession, path: str, body: str, headers: dict[str, str] | None = None) -> None:
        async with session.post(path, data=body.encode(), headers=headers) as response:
            assert response.status < 500
