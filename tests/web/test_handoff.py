"""The way to a human being, as a resident walks it at a running server whose staff works at the same database."""

from __future__ import annotations

import asyncio

import pytest
from residents import begin

from conversations.callbacks import Callbacks
from conversations.encryption import open_cipher
from conversations.errors import HandoffNotTaken
from knowledge.engine import open_engine, sqlite_url
from web import keys
from web.app import create_app
from web.chat.handoff import read_phone
from web.errors import ApiError
from web.settings import Settings

PHONES = [
    "040 123 4567",
    "+358 (0)40-123 45 67",
    "0401234567",
    "06.826 4111",
    "\uff10\uff14\uff10 123 4567",
    " 040123456 ",
]
NO_PHONES = ["", " ", "112", "hemma", "040 123 4567 eller hemma", "+", "()-", "0" * 16, "040+1234567", "040\x001234567"]


class TestQueue:
    """`…/handoff` with kind `queue`."""

    @pytest.mark.parametrize(("language", "word"), [("sv", "kö"), ("fi", "jonossa")])
    async def test_who_asks_waits_and_is_told_so_while_the_bot_answers_on(self, caller, language, word):
        resident = await begin(caller, language)
        answer = await resident.call("POST", "/handoff", kind="queue")
        (notice,) = answer["messages"]
        assert (answer["state"], notice["sender"], notice["language"]) == ("waiting", "system", language)
        assert word in notice["text"]
        assert answer["place"] >= 1
        reply = await resident.send("112")
        assert (reply["state"], len(reply["messages"])) == ("waiting", 1)
        assert (await resident.call("GET", "/messages"))["state"] == "waiting"
        await resident.call("DELETE", "/handoff")

    async def test_asking_again_gives_the_same_place_and_says_nothing(self, resident):
        first = await resident.call("POST", "/handoff", kind="queue")
        again = await resident.call("POST", "/handoff", kind="queue")
        assert again == {**first, "messages": []}
        assert await resident.call("GET", "/handoff") == {"state": "waiting", "place": first["place"]}
        await resident.call("DELETE", "/handoff")

    async def test_places_move_up_when_somebody_leaves(self, caller):
        first, second = await begin(caller), await begin(caller, "fi")
        places = [(await one.call("POST", "/handoff", kind="queue"))["place"] for one in (first, second)]
        assert places[1] == places[0] + 1
        left = await first.call("DELETE", "/handoff")
        assert (left["state"], left["place"], left["messages"][0]["sender"]) == ("bot", None, "system")
        assert (await second.call("GET", "/handoff"))["place"] == places[0]
        await second.call("DELETE", "/handoff")
        assert (await second.call("DELETE", "/handoff"))["messages"] == []

    async def test_a_counsellor_takes_over_the_bot_is_silent_and_answers_again_later(self, resident, counsellor):
        await resident.call("POST", "/handoff", kind="queue")
        counsellor.take(resident.id)
        assert await resident.call("GET", "/handoff") == {"state": "human", "place": None}
        answer = await resident.send("rådgivning, mitt nummer är 040 123 4567")
        assert (answer["messages"], answer["state"], answer["masked"]) == ([], "human", ["phone"])
        assert answer["sent"]["text"] == "rådgivning, mitt nummer är [phone]"
        counsellor.write(resident.id, "Hej, jag är rådgivare.")
        assert (await resident.texts())[-1] == ("human", "Hej, jag är rådgivare.")
        again = await resident.call("POST", "/handoff", kind="queue")
        assert (again["state"], again["messages"]) == ("human", [])
        counsellor.hand_back(resident.id)
        answer = await resident.send("112")
        assert (answer["state"], len(answer["messages"])) == ("bot", 1)
        with pytest.raises(HandoffNotTaken):
            counsellor.write(resident.id, "hej då")

    async def test_a_button_pressed_while_a_human_answers_reaches_the_human(self, resident, counsellor):
        button = (await resident.send("rådgivning"))["messages"][0]["buttons"][0]
        await resident.call("POST", "/handoff", kind="queue")
        counsellor.take(resident.id)
        answer = await resident.call("POST", "/messages", payload=button["payload"])
        assert (answer["messages"], answer["sent"]["text"]) == ([], button["title"])

    async def test_what_the_bot_says_of_a_human_changes_no_state(self, resident):
        answer = await resident.send("jag vill tala med en människa")
        assert (answer["messages"][0]["handoff"], answer["state"]) == (True, "bot")

    @pytest.mark.parametrize(
        "body", [{}, {"kind": None}, {"kind": "letter"}, {"kind": 5}, {"kind": ["queue"]}], ids=str
    )
    async def test_another_kind_is_refused(self, resident, body):
        error = (await resident.call("POST", "/handoff", 400, **body))["error"]
        assert error["code"] == "body_invalid"
        assert "'kind'" in error["details"]["problems"][0]
        assert await resident.call("GET", "/handoff") == {"state": "bot", "place": None}


class TestCallback:
    """`…/handoff` with kind `callback`."""

    @pytest.fixture
    def callbacks(self, server):
        engine = open_engine(sqlite_url(server.data / "conversations.db"))
        yield Callbacks(engine, open_cipher(server.data / "secret.key", make=False))
        engine.dispose()

    async def test_the_staff_reads_whom_to_call_and_the_conversation_does_not_say_it(self, resident, callbacks, server):
        caller = {"phone": "040 777 6543", "name": "Örjan", "when": "efter tolv, ring inte 050 111 2222"}
        answer = await resident.call("POST", "/handoff", 201, kind="callback", **caller)
        assert (answer["state"], [message["sender"] for message in answer["messages"]]) == ("bot", ["system"])
        (request,) = (item for item in callbacks.fetch_open() if item.conversation_id == resident.id)
        assert (request.phone, request.name) == ("0407776543", "Örjan")
        assert request.wish == "efter tolv, ring inte [phone]"
        assert request.due_at > request.requested_at
        files = (path.read_bytes() for path in server.data.iterdir() if path.is_file())
        assert [
            name for name in (b"7776543", "Örjan".encode(), b"1112222") if any(name in file for file in files)
        ] == []

    async def test_sent_again_it_is_kept_once(self, resident, callbacks):
        for messages in (1, 0):
            answer = await resident.call("POST", "/handoff", 201, kind="callback", phone="040 777 6543")
            assert len(answer["messages"]) == messages
        assert len([item for item in callbacks.fetch_open() if item.conversation_id == resident.id]) == 1

    async def test_it_goes_with_the_conversation(self, resident, callbacks):
        await resident.call("POST", "/handoff", 201, kind="callback", phone="040 777 6543")
        await resident.call("DELETE", status=204)
        assert [item for item in callbacks.fetch_open() if item.conversation_id == resident.id] == []

    async def test_it_may_be_left_while_waiting(self, resident):
        await resident.call("POST", "/handoff", kind="queue")
        answer = await resident.call("POST", "/handoff", 201, kind="callback", phone="040 777 6543")
        assert answer["state"] == "waiting"
        await resident.call("DELETE", "/handoff")

    @pytest.mark.parametrize("phone", NO_PHONES, ids=repr)
    async def test_what_is_no_phone_number_is_refused(self, resident, phone):
        error = (await resident.call("POST", "/handoff", 400, kind="callback", phone=phone))["error"]
        assert error["code"] == "body_invalid"
        assert "'phone'" in error["details"]["problems"][0]

    async def test_a_missing_phone_number_is_refused(self, resident):
        await resident.call("POST", "/handoff", 400, kind="callback")
        await resident.call("POST", "/handoff", 400, kind="callback", phone=401234567)

    async def test_a_novel_in_place_of_a_name_is_too_long(self, resident):
        for field, limit in (("name", 100), ("when", 300)):
            body = {"kind": "callback", "phone": "040 123 4567", field: "a" * (limit + 1)}
            error = (await resident.call("POST", "/handoff", 413, **body))["error"]
            assert (error["code"], error["details"]["limit"]) == ("message_too_long", limit)

    @pytest.mark.parametrize("phone", PHONES)
    def test_a_phone_number_may_be_written_as_people_do(self, phone):
        number = read_phone(phone)
        assert number.removeprefix("+").isdecimal() and number.isascii()
        assert number.startswith("+") is phone.startswith("+")

    @pytest.mark.parametrize("phone", NO_PHONES, ids=repr)
    def test_no_other_text_is_read_as_one(self, phone):
        with pytest.raises(ApiError):
            read_phone(phone)


class TestEnding:
    """`…/end`."""

    @pytest.mark.parametrize("state", ["bot", "waiting", "human"])
    async def test_nothing_more_is_said_but_it_can_be_read_judged_saved_and_erased(self, resident, counsellor, state):
        answer = (await resident.send("112"))["messages"][0]
        if state != "bot":
            await resident.call("POST", "/handoff", kind="queue")
        if state == "human":
            counsellor.take(resident.id)
        for _ in range(2):
            assert await resident.call("POST", "/end") == {"state": "ended"}
        said = await resident.texts()
        for path, body in (("/messages", {"text": "hej"}), ("/handoff", {"kind": "queue"})):
            assert (await resident.call("POST", path, 409, **body))["error"]["code"] == "conversation_ended"
        callback = {"kind": "callback", "phone": "040 123 4567"}
        assert (await resident.call("POST", "/handoff", 409, **callback))["error"]["code"] == "conversation_ended"
        assert (await resident.call("DELETE", "/handoff"))["state"] == "ended"
        assert await resident.texts() == said
        assert [sender for sender, _ in said].count("system") == {"bot": 1, "waiting": 2, "human": 3}[state]
        await resident.call("POST", f"/messages/{answer['id']}/feedback", value="up")
        await resident.call("POST", "/rating", stars=5)
        await resident.call("GET", "/export")
        await resident.call("DELETE", status=204)

    async def test_a_send_with_a_key_that_was_answered_is_answered_again(self, resident):
        headers = {**resident.headers, "Idempotency-Key": "one"}
        address = f"/api/v1/conversations/{resident.id}/messages"
        answers = []
        for _ in range(2):
            async with resident.session.post(address, json={"text": "112"}, headers=headers) as response:
                answers.append(await response.json())
            await resident.call("POST", "/end")
        assert answers[0] == answers[1]


class TestLanguage:
    """`PATCH …/{id}`."""

    @pytest.mark.parametrize(("before", "after"), [("sv", "fi"), ("fi", "sv")])
    async def test_the_next_answers_and_notices_come_in_it(self, caller, before, after):
        resident = await begin(caller, before)
        await resident.send({"sv": "jag behöver tid till tandläkaren", "fi": "tarvitsen ajan hammaslääkärille"}[before])
        said = await resident.texts()
        assert await resident.call("PATCH", language=f"{after.upper()}-FI") == {"language": after}
        assert await resident.texts() == said, "the switch itself says nothing"
        assert (await resident.call("GET", "/messages"))["language"] == after
        assert (await resident.send("112"))["messages"][0]["language"] == after
        notice = (await resident.call("POST", "/handoff", kind="queue"))["messages"][0]
        assert notice["language"] == after
        await resident.call("DELETE", "/handoff")

    async def test_before_the_first_message_it_works_too(self, resident):
        await resident.call("PATCH", language="fi")
        await resident.call("PATCH", language="fi")
        assert (await resident.send("112"))["messages"][0]["language"] == "fi"

    async def test_what_was_talked_about_is_not_forgotten(self, resident):
        topic = (await resident.send("jag behöver tid till tandläkaren"))["messages"][0]["topic"]
        await resident.call("PATCH", language="fi")
        answer = (await resident.send("entä puhelinnumero?"))["messages"][0]
        assert (answer["language"], answer["topic"]) == ("fi", topic)

    @pytest.mark.parametrize("language", ["en", "", None, 5, ["fi"]], ids=repr)
    async def test_a_language_that_is_not_served_is_refused(self, resident, language):
        error = (await resident.call("PATCH", status=400, language=language))["error"]
        assert "'language'" in error["details"]["problems"][0]


class TestServiceHours:
    """Outside them. The application has no model: nothing here needs one."""

    @pytest.fixture
    async def client(self, aiohttp_client, tmp_path, knowledge):
        settings = Settings(
            data=str(tmp_path / "data"),
            model=str(tmp_path),
            knowledge_url=str(knowledge.engine.url),
            service_hours="",
        )
        return await aiohttp_client(create_app(settings))

    @pytest.mark.parametrize(
        ("language", "hours"), [("sv", "Inga tider har angetts."), ("fi", "Aikoja ei ole ilmoitettu.")]
    )
    async def test_nobody_is_queued_but_a_call_back_can_be_asked_for(self, client, language, hours):
        conversation, token = client.app[keys.CONVERSATIONS].insert_conversation(language)
        address, headers = f"/api/v1/conversations/{conversation.id}/handoff", {"Authorization": f"Bearer {token}"}
        async with client.post(address, json={"kind": "queue"}, headers=headers) as response:
            error = (await response.json())["error"]
        assert (response.status, error["code"]) == (409, "human_closed")
        assert error["details"] == {"opens_at": None, "hours": hours}
        body = {"kind": "callback", "phone": "040 123 4567"}
        async with client.post(address, json=body, headers=headers) as response:
            assert response.status == 201

    async def test_who_waits_already_keeps_the_place(self, client):
        conversation, token = client.app[keys.CONVERSATIONS].insert_conversation("sv")
        await asyncio.to_thread(client.app[keys.HANDOFFS].request, conversation.id, [])
        address, headers = f"/api/v1/conversations/{conversation.id}/handoff", {"Authorization": f"Bearer {token}"}
        async with client.post(address, json={"kind": "queue"}, headers=headers) as response:
            assert await response.json() == {"state": "waiting", "place": 1, "messages": []}
