"""The counsellors' live side as a browser without a screen sees it: queue, live conversation, presence, privacy."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from typing import Any

import pytest
from residents import read_events, read_until
from sqlalchemy import update

from conversations.desk_schema import PresenceRow
from conversations.schema import HandoffRow
from conversations.store import NewMessage
from knowledge.engine import for_writing
from web import keys
from web.staff.queue_keeper import look_once


def wait_in_queue(console: Any, text: str = "jag behöver tid till tandläkaren", language: str = "sv") -> str:
    """A resident who has asked and waits for a human being; return the conversation's id."""
    store = console.app[keys.CONVERSATIONS]
    begun, _ = store.insert_conversation(language)
    store.insert_messages(
        begun.id, [NewMessage("resident", text, language), NewMessage("bot", "Jag vet inte.", language)]
    )
    console.app[keys.HANDOFFS].request(begun.id, [])
    return begun.id


def place(console: Any, conversation: str) -> str:
    """The id of a conversation's open place in the queue."""
    return console.app[keys.DESK].fetch(conversation).handoff.id


def texts(console: Any, conversation: str) -> list[tuple[str, str]]:
    return [(item.sender, item.text) for item in console.app[keys.CONVERSATIONS].fetch_messages(conversation)]


def state(console: Any, conversation: str) -> str:
    return console.app[keys.CONVERSATIONS].fetch_conversation(conversation).state


def lose_touch(console: Any) -> None:
    """Let every counsellor's last sign of life be long ago."""
    long_ago = dt.datetime.now(dt.timezone.utc) - dt.timedelta(minutes=5)
    with for_writing(console.app[keys.ENGINE]).begin() as connection:
        connection.execute(update(PresenceRow).values(seen_at=long_ago))
        connection.execute(update(HandoffRow).values(taken_at=long_ago))


@pytest.fixture
async def counsellor(console):
    """`desk`, signed in."""
    await console.sign_in()
    return console


@pytest.fixture
async def colleague(counsellor):
    """Another counsellor, in another browser."""
    counsellor.add("helper")
    other = counsellor.another()
    await other.sign_in("helper")
    yield other
    await other.close()


def user_id(console: Any, name: str = "desk") -> str:
    return console.app[keys.USERS].fetch_by_name(name).id


async def take(console: Any, conversation: str) -> Any:
    return await console.send("/staff/queue", f"/staff/queue/{place(console, conversation)}/take")


async def act(console: Any, conversation: str, path: str, **values: str) -> Any:
    """Send a form of the live page."""
    return await console.send(f"/staff/live/{conversation}", f"/staff/live/{conversation}/{path}", **values)


class TestQueue:
    async def test_who_waits_is_listed_with_the_last_question_and_the_number_stands_in_the_navigation(self, counsellor):
        assert "Ingen väntar." in (await counsellor.get("/staff/queue")).text
        wait_in_queue(counsellor, "ring <b>040 123 4567")
        wait_in_queue(counsellor, "missä neuvola", "fi")
        page = await counsellor.get("/staff/queue")
        assert "ring &lt;b&gt;[phone]" in page.text
        assert page.text.index("[phone]") < page.text.index("missä neuvola")
        assert 'data-waiting="2"' in (await counsellor.get("/staff/inbox")).text
        assert counsellor.actions()[-2:] == ["queue.read", "inbox.read"]

    async def test_an_empty_queue_reads_nothing(self, counsellor):
        await counsellor.get("/staff/queue")
        assert "queue.read" not in counsellor.actions()

    async def test_the_page_says_who_is_there_and_the_hours(self, counsellor, colleague):
        await colleague.get("/staff/queue")
        page = await counsellor.get("/staff/queue")
        assert "Helper" in page.text
        assert "Inga tider har angetts." in page.text or "Kön är" in page.text

    async def test_who_takes_over_answers_and_the_second_is_told_who_has_it(self, counsellor, colleague):
        id = wait_in_queue(counsellor)
        waiting = place(counsellor, id)
        await counsellor.get("/staff/queue")
        page = await take(counsellor, id)
        assert (page.status, page.location) == (303, f"/staff/live/{id}")
        assert state(counsellor, id) == "human"
        assert texts(counsellor, id)[-1] == (
            "system",
            "En rådgivare har kommit med i samtalet och svarar dig från och med nu.",
        )
        page = await colleague.send("/staff/queue", f"/staff/queue/{waiting}/take")
        assert (page.status, "Rådgivare Ett tog just över" in page.text) == (409, True)

    async def test_who_has_left_cannot_be_taken_over(self, counsellor):
        id = wait_in_queue(counsellor)
        waiting = place(counsellor, id)
        counsellor.app[keys.HANDOFFS].leave(id, [])
        page = await counsellor.send("/staff/queue", f"/staff/queue/{waiting}/take")
        assert (page.status, "väntar inte längre" in page.text) == (404, True)

    async def test_a_page_without_streams_is_told_of_changes_without_a_word_of_anybody(self, counsellor):
        async def ask() -> Any:
            async with counsellor.client.get("/staff/queue/state", headers={"Accept": "application/json"}) as answer:
                return await answer.json()

        before = await ask()
        assert await ask() == before
        id = wait_in_queue(counsellor)
        after = await ask()
        assert (after["waiting"], after["version"] != before["version"], set(after)) == (
            1,
            True,
            {"version", "waiting"},
        )
        assert id in (await counsellor.get("/staff/queue/rows")).text

    async def test_the_stream_tells_when_somebody_comes(self, counsellor):
        async with counsellor.client.get("/staff/queue/events") as response:
            events = read_events(response)
            await read_until(events, "queue", waiting=0)
            wait_in_queue(counsellor)
            await read_until(events, "queue", waiting=1)


class TestLive:
    async def test_an_answer_is_masked_and_said_once(self, counsellor):
        id = wait_in_queue(counsellor)
        await take(counsellor, id)
        form = {"text": "Hej! Ring 040 123 4567.", "key": "one"}
        for _ in range(2):
            page = await act(counsellor, id, "messages", **form)
            assert (page.status, page.location) == (303, f"/staff/live/{id}?done=said")
        assert [said for said in texts(counsellor, id) if said[0] == "human"] == [("human", "Hej! Ring [phone].")]
        page = await counsellor.get(page.location)
        assert f'data-draft-taken="live-{id}"' in page.text
        assert '<span class="masked">telefonnummer</span>' in page.text

    async def test_a_script_gets_a_new_key_and_errors_in_their_shape(self, counsellor):
        id = wait_in_queue(counsellor)
        await take(counsellor, id)
        csrf = (await counsellor.get(f"/staff/live/{id}")).csrf
        headers = {"Accept": "application/json", "Origin": counsellor.origin, "X-CSRF-Token": csrf}
        for form, status in (({"text": "Hej!", "key": "one"}, 200), ({"text": " "}, 400), ({"text": "a" * 4001}, 413)):
            async with counsellor.client.post(f"/staff/live/{id}/messages", data=form, headers=headers) as answer:
                body = await answer.json()
            assert (answer.status, "key" in body or "error" in body) == (status, True)

    @pytest.mark.parametrize("text", ["", " ", "a" * 4001])
    async def test_what_cannot_be_said_is_kept(self, counsellor, text):
        id = wait_in_queue(counsellor)
        await take(counsellor, id)
        page = await act(counsellor, id, "messages", text=text)
        assert (page.status, "Skriv ett meddelande" in page.text, text.strip() in page.text) == (422, True, True)

    async def test_who_has_not_taken_it_over_reads_and_cannot_answer(self, counsellor, colleague):
        id = wait_in_queue(counsellor)
        page = await counsellor.get(f"/staff/live/{id}")
        assert ("Ta över" in page.text, 'id="answer"' in page.text) == (True, False)
        assert counsellor.actions()[-1] == "conversation.read"
        await take(counsellor, id)
        assert "Rådgivare Ett svarar" in (await colleague.get(f"/staff/live/{id}")).text
        page = await act(colleague, id, "messages", text="Jag också!")
        assert (page.status, "inte längre ditt" in page.text, "Jag också!" in page.text) == (409, True, True)
        for path in ("hand-back", "close"):
            assert (await act(colleague, id, path)).status == 409
        for path in ("events", "suggestions"):
            async with colleague.client.get(
                f"/staff/live/{id}/{path}", headers={"Accept": "application/json"}
            ) as answer:
                assert (answer.status, (await answer.json())["error"]["code"]) == (409, "not_yours")
        async with colleague.client.get(f"/staff/live/{id}/messages") as answer:
            assert await answer.json() == {"messages": [], "mine": False}
        assert state(counsellor, id) == "human"

    @pytest.mark.parametrize(
        ("path", "values", "after"),
        [("hand-back", {}, "bot"), ("transfer", {"to": "queue"}, "waiting"), ("close", {}, "ended")],
    )
    async def test_the_counsellors_part_ends_and_the_resident_is_told(self, counsellor, path, values, after):
        id = wait_in_queue(counsellor, "missä neuvola", "fi")
        await take(counsellor, id)
        page = await act(counsellor, id, path, **values)
        assert (page.status, page.location.startswith("/staff/queue?done=")) == (303, True)
        assert (await counsellor.get(page.location)).status == 200
        assert state(counsellor, id) == after
        sender, text = texts(counsellor, id)[-1]
        assert (sender, bool(re.search("Lotsi vastaa|päättynyt", text))) == ("system", True)

    async def test_a_colleague_who_is_there_gets_it(self, counsellor, colleague):
        id = wait_in_queue(counsellor)
        await take(counsellor, id)
        other = user_id(counsellor, "helper")
        page = await act(counsellor, id, "transfer", to=other)
        assert (page.status, "inte längre på plats" in page.text) == (409, True)
        await colleague.get("/staff/queue")
        assert "Helper" in (await counsellor.get(f"/staff/live/{id}")).text
        assert (await act(counsellor, id, "transfer", to=other)).status == 303
        assert 'id="answer"' in (await colleague.get(f"/staff/live/{id}")).text
        assert f"/staff/live/{id}" in (await colleague.get("/staff/queue")).text

    async def test_the_stream_brings_what_is_said_and_ends_when_it_is_anothers(self, counsellor):
        id = wait_in_queue(counsellor)
        await take(counsellor, id)
        store = counsellor.app[keys.CONVERSATIONS]
        async with counsellor.client.get(f"/staff/live/{id}/events?after=1") as response:
            events = read_events(response)
            (joined,) = await read_until(events, "message")
            assert joined.position == 2
            store.insert_messages(id, [NewMessage("resident", "hallå <i>", "sv")])
            (said,) = await read_until(events, "message", sender="resident")
            assert "hallå &lt;i&gt;" in said.data["html"]
            counsellor.app[keys.HANDOFFS].hand_back(id, user_id(counsellor), [])
            await read_until(events, "lost")
        async with counsellor.client.get(f"/staff/live/{id}/messages?after=2") as answer:
            assert (await answer.json())["mine"] is False

    async def test_an_erased_conversation_ends_the_stream_and_is_said_to_be_gone(self, counsellor):
        id = wait_in_queue(counsellor)
        await take(counsellor, id)
        csrf = (await counsellor.get("/staff/queue")).csrf
        async with counsellor.client.get(f"/staff/live/{id}/events") as response:
            events = read_events(response)
            await read_until(events, "message")
            counsellor.app[keys.CONVERSATIONS].delete_conversation(id)
            await read_until(events, "erased")
        for path in ("messages", "hand-back", "transfer", "close", "suggestions"):
            page = await counsellor.post(f"/staff/live/{id}/{path}", {"csrf": csrf, "text": "hej", "to": "queue"})
            assert page.status == 404, path
        assert "Invånaren har raderat" in (await counsellor.get("/staff/queue?erased=1")).text

    async def test_answers_of_the_documents_are_suggested_in_the_residents_language_and_sent_with_their_source(
        self, counsellor
    ):
        id = wait_in_queue(counsellor, "mikä on Apua-nappi", "fi")
        await take(counsellor, id)
        page = await counsellor.get(f"/staff/live/{id}/suggestions")
        topic = re.search(r'name="topic" value="([^"]+)"', page.text)[1]
        assert (await act(counsellor, id, "suggestions", topic=topic, key="one")).status == 303
        message = counsellor.app[keys.CONVERSATIONS].fetch_messages(id)[-1]
        answer = counsellor.app[keys.KNOWLEDGE].fetch_answer(topic, "fi")
        assert (message.sender, message.topic, message.language) == ("human", topic, "fi")
        assert message.text.startswith(answer.lead)
        assert f"Lähde: {answer.source.title}" in message.text
        assert (await act(counsellor, id, "suggestions", topic="nothing")).status == 404

    async def test_a_counsellor_may_search_in_own_words(self, counsellor):
        id = wait_in_queue(counsellor, "xyzzy")
        await take(counsellor, id)
        assert "Det finns inget i dokumenten" in (await counsellor.get(f"/staff/live/{id}")).text
        page = await counsellor.get(f"/staff/live/{id}?ask=Hj%C3%A4lp-knappen")
        assert 'name="topic"' in page.text


class TestPresence:
    async def beat(self, console: Any, **form: str) -> tuple[int, Any]:
        csrf = (await console.get("/staff/account")).csrf
        headers = {"Accept": "application/json", "Origin": console.origin, "X-CSRF-Token": csrf}
        async with console.client.post("/staff/presence", data=form, headers=headers) as answer:
            return answer.status, await answer.json()

    async def test_a_page_of_the_desk_says_that_somebody_is_there_and_another_one_does_not(self, counsellor):
        assert (await self.beat(counsellor))[1] == {"status": None, "waiting": 0, "newest": "", "held": []}
        id = wait_in_queue(counsellor)
        _, told = await self.beat(counsellor, desk="1")
        assert told == {"status": "present", "waiting": 1, "newest": place(counsellor, id), "held": []}
        assert (await self.beat(counsellor))[1]["status"] == "present"

    async def test_who_was_given_a_conversation_is_told_on_every_page(self, counsellor, colleague):
        id = wait_in_queue(counsellor)
        await take(counsellor, id)
        await act(counsellor, id, "messages", text="Hej!")
        assert 'data-waiting="0"' in (await counsellor.get("/staff/inbox")).text
        await colleague.get("/staff/queue")
        await act(counsellor, id, "transfer", to=user_id(counsellor, "helper"))
        assert 'data-waiting="1"' in (await colleague.get("/staff/inbox")).text
        assert (await self.beat(colleague))[1]["held"] == [place(counsellor, id)]

    async def test_who_is_away_says_so_and_is_not_counted(self, counsellor):
        page = await counsellor.send("/staff/queue", "/staff/presence/status", status="away")
        assert page.location == "/staff/queue"
        assert not counsellor.app[keys.PRESENCE].is_anybody_present()
        assert "presence.away" in counsellor.actions()

    async def test_signing_out_is_leaving(self, counsellor):
        await counsellor.get("/staff/queue")
        assert counsellor.app[keys.PRESENCE].is_anybody_present()
        await counsellor.send("/staff/", "/staff/sign-out")
        assert not counsellor.app[keys.PRESENCE].is_anybody_present()

    async def test_a_page_that_nobody_sits_at_does_not_keep_the_session_going(self, counsellor):
        sessions = counsellor.app[keys.SESSIONS]
        csrf = (await counsellor.get("/staff/queue")).csrf
        real = sessions._clock
        headers = {"Accept": "application/json", "Origin": counsellor.origin, "X-CSRF-Token": csrf}
        for minutes, form, status in (
            (20, {"desk": "1"}, 200),
            (29, {"desk": "1", "active": "1"}, 200),
            (50, {"desk": "1"}, 200),
            (80, {"desk": "1"}, 401),
        ):
            sessions._clock = lambda minutes=minutes: real() + dt.timedelta(minutes=minutes)
            async with counsellor.client.post("/staff/presence", data=form, headers=headers) as answer:
                assert answer.status == status, minutes

    async def test_who_is_gone_loses_the_conversation_and_the_resident_is_told(self, counsellor):
        id = wait_in_queue(counsellor)
        await take(counsellor, id)
        assert await look_once(counsellor.app) == []
        lose_touch(counsellor)
        assert await look_once(counsellor.app) == [id]
        assert state(counsellor, id) == "waiting"
        assert "bröts" in texts(counsellor, id)[-1][1]
        page = await counsellor.get("/staff/queue")
        assert "Tappade kontakten" in page.text

    async def test_a_resident_is_told_that_it_may_take_long_while_nobody_is_there(self, open_console):
        console = await open_console()
        console.add("desk")
        for there in (False, True):
            if there:
                await console.sign_in()
                await console.get("/staff/queue")
            conversation, token = console.app[keys.CONVERSATIONS].insert_conversation("fi")
            address, headers = f"/api/v1/conversations/{conversation.id}/handoff", {"Authorization": f"Bearer {token}"}
            async with console.client.post(address, json={"kind": "queue"}, headers=headers) as answer:
                (notice,) = (await answer.json())["messages"]
            assert ("odotus voi olla pitkä" in notice["text"]) is not there


class TestTyping:
    """Each sees that the other is writing; nothing of it is kept."""

    @pytest.fixture
    async def talk(self, counsellor) -> tuple[str, str, dict[str, str]]:
        """A conversation that `desk` has: its id, its address for the resident, and the resident's headers."""
        begun, token = counsellor.app[keys.CONVERSATIONS].insert_conversation("sv")
        counsellor.app[keys.HANDOFFS].request(begun.id, [])
        await take(counsellor, begun.id)
        return begun.id, f"/api/v1/conversations/{begun.id}", {"Authorization": f"Bearer {token}"}

    async def test_the_resident_sees_that_the_counsellor_is_writing(self, counsellor, talk):
        id, address, headers = talk
        before = counsellor.actions()
        async with counsellor.client.get(f"{address}/events", headers=headers) as response:
            events = read_events(response)
            await read_until(events, "state", state="human")
            assert (await act(counsellor, id, "typing")).status == 204
            (signal,) = await read_until(events, "typing")
            assert (signal.data, signal.position) == ({}, None)
        assert counsellor.actions() == [*before, "conversation.read"]  # by the page that `act` opened

    async def test_the_counsellor_sees_that_the_resident_is_writing(self, counsellor, talk):
        id, address, headers = talk
        said = texts(counsellor, id)
        async with counsellor.client.get(f"/staff/live/{id}/events?after=100") as response:
            events = read_events(response)
            for _ in range(2):
                async with counsellor.client.post(f"{address}/typing", headers=headers) as answer:
                    assert answer.status == 204
                assert (await read_until(events, "typing"))[-1].data == {}
        assert texts(counsellor, id) == said

    async def test_nobody_else_can_say_so(self, counsellor, colleague, talk):
        id, address, _ = talk
        assert (await act(colleague, id, "typing")).status == 409
        async with counsellor.client.post(f"{address}/typing") as answer:
            assert answer.status == 401

    async def test_too_many_signals_are_taken_and_not_passed_on(self, counsellor, talk):
        id, address, headers = talk
        with counsellor.app[keys.LIVE].watch(id) as subscription:
            passed = 0
            for _ in range(40):
                async with counsellor.client.post(f"{address}/typing", headers=headers) as answer:
                    assert answer.status == 204
                passed += len(subscription.take_writing())
        assert passed == 30


class TestClosingTime:
    """The service hours end while residents wait; one is with a counsellor."""

    @pytest.fixture
    async def closed(self, open_console):
        """A console out of service hours; `desk` is signed in."""
        console = await open_console(service_hours="")
        console.add("desk")
        await console.sign_in()
        return console

    @pytest.mark.parametrize(
        ("language", "words"),
        [
            ("sv", ("slutat svara i chatten", "bli uppringd", "Lotsi fortsätter")),
            ("fi", ("lopettaneet", "soittopyynnön", "Lotsi vastaa")),
        ],
    )
    async def test_who_waits_leaves_the_queue_and_is_told_of_the_ways_on(self, closed, language, words):
        id = wait_in_queue(closed, language=language)
        assert await look_once(closed.app) == [id]
        assert await look_once(closed.app) == []
        assert (state(closed, id), closed.app[keys.DESK].count_waiting()) == ("bot", 0)
        notice = closed.app[keys.CONVERSATIONS].fetch_messages(id)[-1]
        assert (notice.sender, notice.language, notice.handoff) == ("system", language, True)
        assert [word for word in words if word not in notice.text] == []
        assert "116117" in [channel["number"] for channel in notice.channels]
        assert "conversation.released" in closed.actions()

    async def test_the_resident_sees_it_as_it_happens_and_after_a_reload(self, closed):
        begun, token = closed.app[keys.CONVERSATIONS].insert_conversation("sv")
        closed.app[keys.HANDOFFS].request(begun.id, [])
        address, headers = f"/api/v1/conversations/{begun.id}", {"Authorization": f"Bearer {token}"}
        async with closed.client.get(f"{address}/events", headers=headers) as response:
            events = read_events(response)
            await read_until(events, "state", state="waiting")
            await look_once(closed.app)
            (notice, _) = await read_until(events, "state", state="bot")
            assert (notice.kind, "slutat svara" in notice.data["text"]) == ("message", True)
        async with closed.client.get(f"{address}/messages", headers=headers) as answer:
            assert "slutat svara" in (await answer.json())["messages"][-1]["text"]

    async def test_who_is_with_a_counsellor_goes_on_and_the_queue_takes_nobody_back(self, closed):
        id = wait_in_queue(closed)
        await take(closed, id)
        assert await look_once(closed.app) == []
        page = await act(closed, id, "transfer", to="queue")
        assert (page.status, "Kön är stängd." in page.text) == (409, True)
        assert (await act(closed, id, "messages", text="Jag är kvar.")).status == 303
        assert state(closed, id) == "human"

    async def test_who_loses_the_counsellor_is_not_promised_another(self, closed):
        id = wait_in_queue(closed)
        await take(closed, id)
        lose_touch(closed)
        assert await look_once(closed.app) == [id]
        (*_, lost, last) = (text for sender, text in texts(closed, id) if sender == "system")
        assert (state(closed, id), lost) == ("bot", "Kontakten med rådgivaren bröts.")
        assert "slutat svara" in last

    async def test_within_the_hours_everybody_keeps_waiting(self, counsellor):
        id = wait_in_queue(counsellor)
        assert await look_once(counsellor.app) == []
        assert state(counsellor, id) == "waiting"


async def test_a_counsellors_stream_takes_no_residents_place(counsellor):
    id = wait_in_queue(counsellor)
    await take(counsellor, id)
    live = counsellor.app[keys.LIVE]
    async with asyncio.timeout(30):
        streams = [await counsellor.client.get(f"/staff/live/{id}/events") for _ in range(6)]
    with live.subscribe(id):
        pass
    for stream in streams:
        stream.close()
