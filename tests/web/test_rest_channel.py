"""Rasa's REST channel shape: an existing Rasa client works unchanged."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import ClientSession

PATH = "/webhooks/rest/webhook"


class RasaClient:
    """A client as written for `rasa run`: it knows `sender` and `message` alone."""

    def __init__(self, session: ClientSession, sender: str | None = None) -> None:
        self.session = session
        self.sender = sender or f"sender-{uuid4().hex}"

    async def post(self, **body: Any) -> tuple[int, Any]:
        async with self.session.post(PATH, json=body) as response:
            return response.status, await response.json()

    async def say(self, message: str, **more: Any) -> list[dict[str, Any]]:
        status, answer = await self.post(sender=self.sender, message=message, **more)
        assert status == 200, answer
        return answer

    async def ask(self, message: str, **more: Any) -> dict[str, Any]:
        (answer,) = await self.say(message, **more)
        return answer


@pytest.fixture
async def client(server) -> AsyncIterator[RasaClient]:
    async with ClientSession(server.url) as session:
        yield RasaClient(session)


def fetch_conversations(data: Path) -> list[tuple[str, str, str]]:
    """Return id, channel and language of all conversations that a server has stored."""
    connection = sqlite3.connect(f"file:{data}/conversations.db?mode=ro", uri=True)
    try:
        return list(connection.execute("SELECT id, channel, language FROM conversation"))
    finally:
        connection.close()


async def test_the_channel_says_that_it_is_there_as_rasa_does(client):
    async with client.session.get("/webhooks/rest") as response:
        assert (response.status, await response.json()) == (200, {"status": "ok"})


async def test_an_answer_has_rasas_shape(client):
    answer = await client.ask("rådgivning")
    assert set(answer) == {"recipient_id", "text", "buttons"}
    assert answer["recipient_id"] == client.sender
    assert all(set(button) == {"title", "payload"} for button in answer["buttons"])


async def test_a_message_without_buttons_has_no_such_key(client):
    assert set(await client.ask("hej")) == {"recipient_id", "text"}


@pytest.mark.parametrize(
    ("message", "source"), [("rådgivning", "Källa: Resultat av projektet"), ("palveluohjaus", "Lähde: Tulevaisuuden")]
)
async def test_the_text_is_all_that_a_resident_reads(client, message, source):
    """A Rasa client shows `text` alone, so source, date and contact stand in it."""
    answer = await client.ask(message)
    assert source in answer["text"]
    assert "2023" in answer["text"]


async def test_a_contact_stands_in_the_text(client):
    assert "116117" in (await client.ask("jag vill tala med en människa"))["text"]


async def test_the_conversation_goes_on_by_the_senders_name(client):
    await client.say("tarvitsen ajan hammaslääkärille")
    assert "hammaslääkär" in (await client.ask("entä puhelinnumero?"))["text"]


async def test_two_senders_do_not_mix(client):
    other = RasaClient(client.session)
    await client.say("rådgivning")
    await other.say("hej")
    assert (await other.ask("vad är numret?"))["text"].startswith("Vad gäller saken?")


async def test_a_button_is_pressed_as_a_rasa_client_presses_it(client):
    button = (await client.ask("rådgivning"))["buttons"][0]
    answer = await client.ask(button["payload"])
    assert answer["text"] != (await client.ask("hej"))["text"]
    assert "Källa: " in answer["text"]


@pytest.mark.parametrize("message", ["/restart", "/session_start", "/fees", '/counselling{"language":"fi"}'])
async def test_a_payload_that_was_not_offered_is_only_text(client, message):
    await client.say("rådgivning")
    answer = await client.ask(message)
    assert not answer["text"].startswith("Ota yhteyttä")
    assert "numret" not in answer["text"].lower()
    assert (await client.ask("112"))["text"]


async def test_the_language_of_a_first_message_without_words_is_that_of_the_metadata(client, server):
    answer = await client.ask("👍", metadata={"language": "fi"})
    assert answer["text"].startswith("En saanut viestistäsi")
    answer = await RasaClient(client.session).ask("👍", metadata={"language": "xx"})
    assert answer["text"].startswith("Jag kunde inte läsa")


async def test_a_message_without_a_sender_is_the_default_senders(client):
    status, (answer,) = await client.post(message="hej")
    assert (status, answer["recipient_id"]) == (200, "default")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"sender": 5, "message": "hej"}, "'sender'"),
        ({"sender": "a" * 201, "message": "hej"}, "'sender'"),
        ({"sender": "a", "message": 5}, "'message'"),
        ({"sender": "a", "message": ["hej"]}, "'message'"),
        ({"sender": "a", "message": "hej", "metadata": []}, "'metadata'"),
    ],
)
async def test_a_field_that_does_not_fit_is_named(client, body, field):
    status, answer = await client.post(**body)
    assert (status, answer["error"]["code"]) == (400, "body_invalid")
    assert field in answer["error"]["details"]["problems"][0]


@pytest.mark.parametrize("body", [{"sender": "a"}, {"sender": "a", "message": ""}, {"sender": "a", "message": None}])
async def test_a_message_without_words_is_refused_in_words_that_fit_this_channel(client, body):
    status, answer = await client.post(**body)
    assert (status, answer["error"]["code"]) == (400, "message_empty")
    assert "'text'" not in answer["error"]["message"]


async def test_a_senders_name_is_not_stored(client, server):
    """Clients use e-mail addresses and phone numbers for it."""
    sender = "avsandare.ett@example.fi"
    before = len(fetch_conversations(server.data))
    await RasaClient(client.session, sender).say("hej")
    stored = fetch_conversations(server.data)
    assert len(stored) == before + 1
    state = b"".join(path.read_bytes() for path in server.data.iterdir() if path.is_file())
    assert sender.encode() not in state
    assert all(len(id) == 37 for id, channel, _ in stored if channel == "rest")


async def test_messages_of_one_sender_at_the_same_time_are_taken_one_after_another(client, server):
    before = len(fetch_conversations(server.data))
    answers = await asyncio.gather(*(client.say("rådgivning") for _ in range(5)))
    assert all(len(answer) == 1 for answer in answers)
    assert len(fetch_conversations(server.data)) == before + 1


async def test_the_conversation_api_does_not_open_a_senders_conversation(client, server):
    await client.say("hej")
    ids = [id for id, channel, _ in fetch_conversations(server.data) if channel == "rest"]
    for token in ("", client.sender, ids[-1]):
        headers = {"Authorization": f"Bearer {token}"}
        async with client.session.get(f"/api/v1/conversations/{ids[-1]}/messages", headers=headers) as response:
            assert response.status == 401


async def test_personal_data_is_masked_here_too(client, server):
    await client.say("mitt nummer är 040 999 1234, rådgivning")
    state = b"".join(path.read_bytes() for path in server.data.iterdir() if path.is_file())
    assert b"040 999 1234" not in state
    assert json.dumps("mitt nummer är [phone], rådgivning", ensure_ascii=False)[1:-1].encode() in state
