"""A conversation as it happens: nothing lost, nothing doubled, whoever writes and wherever it breaks."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest
from aiohttp import ClientSession
from residents import PATIENCE, Event, begin, read_events, read_until

from conversations.store import NewMessage
from web import keys
from web.app import create_app
from web.settings import Settings


def positions(events: list[Event]) -> list[int]:
    return [event.position for event in events if event.position is not None]


async def test_it_begins_with_all_that_was_said_and_the_state(resident):
    await resident.send("112")
    async with resident.watch() as events:
        seen = await read_until(events, "state")
    stored = (await resident.call("GET", "/messages"))["messages"]
    assert [event.data for event in seen[:-1]] == stored
    assert positions(seen) == [message["position"] for message in stored] == list(range(len(stored)))
    assert seen[-1].data == {"state": "bot", "place": None}


async def test_a_second_tab_sees_what_is_said_in_the_first(resident):
    async with resident.watch() as events:
        await read_until(events, "state")
        answer = await resident.send("112")
        seen = await read_until(events, "message", sender="bot")
    assert [event.data for event in seen] == [answer["sent"], *answer["messages"]]


async def test_the_way_through_the_queue_to_a_human_and_back(resident, counsellor):
    async with resident.watch() as events:
        await read_until(events, "state", state="bot")
        await resident.call("POST", "/handoff", kind="queue")
        await read_until(events, "state", state="waiting")
        counsellor.take(resident.id)
        seen = await read_until(events, "state", state="human", place=None)
        assert [event.data["sender"] for event in seen if event.kind == "message"] == ["system"]
        counsellor.write(resident.id, "Hej!")
        await read_until(events, "message", sender="human", text="Hej!")
        counsellor.hand_back(resident.id)
        await read_until(events, "state", state="bot")
        await resident.call("POST", "/end")
        seen = await read_until(events, "state", state="ended")
        assert seen[0].data["sender"] == "system", "the notice comes before the state that ends it all"


async def test_places_in_the_queue_move_before_everybodys_eyes(caller):
    first, second = await begin(caller), await begin(caller)
    place = (await first.call("POST", "/handoff", kind="queue"))["place"]
    await second.call("POST", "/handoff", kind="queue")
    async with second.watch() as events:
        await read_until(events, "state", state="waiting", place=place + 1)
        await first.call("DELETE", "/handoff")
        await read_until(events, "state", state="waiting", place=place)
    await second.call("DELETE", "/handoff")


@pytest.mark.parametrize("after", ["Last-Event-ID", "after"])
async def test_a_broken_connection_goes_on_where_it_was(resident, after):
    async with resident.watch() as events:
        seen = positions(await read_until(events, "state"))
    await resident.send("112")
    address = f"/api/v1/conversations/{resident.id}/events"
    last = str(seen[-1])
    values: dict[str, Any] = {"params": {"after": last}} if after == "after" else {"headers": {after: last}}
    values["headers"] = {**values.get("headers", {}), **resident.headers}
    async with resident.session.get(address, **values) as response:
        seen += positions(await read_until(read_events(response), "state"))
    assert seen == list(range(len(await resident.texts())))


async def test_connections_that_break_all_the_time_lose_and_double_nothing(resident, counsellor):
    """A counsellor and the resident write while the connection breaks after every few events."""
    await resident.call("POST", "/handoff", kind="queue")
    counsellor.take(resident.id)

    async def _talk() -> None:
        for number in range(15):
            await asyncio.to_thread(counsellor.write, resident.id, f"{number}")
            await resident.send(f"{number}")

    talking = asyncio.create_task(_talk())
    seen: list[int] = []
    async with asyncio.timeout(4 * PATIENCE):
        while not (talking.done() and len(seen) == len(await resident.texts())):
            headers = {"Last-Event-ID": str(seen[-1])} if seen else {}
            async with resident.watch(**headers) as events:
                async for event in events:
                    seen += positions([event])
                    if event.kind == "state" or len(seen) % 4 == 0:
                        break
    await talking
    assert seen == list(range(len(seen)))


async def test_erasing_in_one_tab_ends_the_other(resident):
    async with resident.watch() as events:
        await read_until(events, "state")
        await resident.call("DELETE", status=204)
        assert (await read_until(events, "erased"))[-1].data == {}
        assert [event async for event in events] == []
    for method, path in (("GET", "/messages"), ("GET", "/events"), ("POST", "/messages"), ("POST", "/handoff")):
        error = (await resident.call(method, path, 404))["error"]
        assert error["code"] == "conversation_not_found"


@pytest.mark.parametrize("after", ["first", "1.5", "0x1", "\u0661a"])
async def test_a_position_that_is_none_is_refused(resident, after):
    error = (await resident.call("GET", "/events", 400, after=after))["error"]
    assert (error["code"], len(error["details"]["problems"])) == ("query_invalid", 1)


@pytest.mark.parametrize("after", ["999999", "9" * 40])
async def test_a_position_far_ahead_gets_the_state_alone(resident, after):
    async with resident.watch(**{"Last-Event-ID": after}) as events:
        assert len(await read_until(events, "state")) == 1


async def test_a_stream_too_many_is_refused_until_another_has_gone(resident):
    async with AsyncExitStack() as stack:
        for _ in range(4):
            await stack.enter_async_context(resident.watch())
        error = (await resident.call("GET", "/events", 429))["error"]
        assert error["code"] == "too_many_streams"
    async with asyncio.timeout(PATIENCE):
        while True:
            address = f"/api/v1/conversations/{resident.id}/events"
            async with resident.session.get(address, headers=resident.headers) as response:
                if response.status == 200:
                    break
            await asyncio.sleep(0.2)


async def test_a_stream_is_kept_by_no_cache_and_may_be_read_from_other_sites(resident):
    address = f"/api/v1/conversations/{resident.id}/events"
    async with resident.session.get(address, headers=resident.headers) as response:
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Access-Control-Allow-Origin"] == "*"


class TestServers:
    """Applications in this process, without a model: they share a database."""

    @pytest.fixture
    def settings(self, tmp_path, knowledge) -> dict[str, Any]:
        return {
            "data": str(tmp_path / "data"),
            "model": str(tmp_path),
            "knowledge_url": str(knowledge.engine.url),
            "service_hours": "always",
        }

    async def test_a_server_that_stops_ends_its_streams_at_once(self, aiohttp_client, settings):
        client = await aiohttp_client(create_app(Settings(**settings)))
        conversation, token = client.app[keys.CONVERSATIONS].insert_conversation("sv")
        address = f"/api/v1/conversations/{conversation.id}/events"
        async with ClientSession() as session:
            headers = {"Authorization": f"Bearer {token}"}
            async with session.get(client.make_url(address), headers=headers) as response:
                events = read_events(response)
                await read_until(events, "state")
                async with asyncio.timeout(PATIENCE):
                    await client.server.close()
                assert [event async for event in events] == []

    async def test_what_one_server_stores_the_streams_of_the_other_send(self, aiohttp_client, settings, redis_server):
        settings["redis_url"] = redis_server.url
        one = await aiohttp_client(create_app(Settings(**settings)))
        other = await aiohttp_client(create_app(Settings(**settings)))
        conversation, token = one.app[keys.CONVERSATIONS].insert_conversation("sv")
        address, headers = f"/api/v1/conversations/{conversation.id}", {"Authorization": f"Bearer {token}"}
        async with other.get(f"{address}/events", headers=headers) as response:
            events = read_events(response)
            await read_until(events, "state", state="bot")
            async with one.post(f"{address}/handoff", json={"kind": "queue"}, headers=headers) as asked:
                assert asked.status == 200
            seen = await read_until(events, "state", state="waiting", place=1)
            assert [event.data["sender"] for event in seen if event.kind == "message"] == ["system"]
            async with one.delete(f"{address}/handoff", headers=headers) as left:
                assert left.status == 200
            await read_until(events, "state", state="bot")

    async def test_a_writer_that_wakes_nobody_is_noticed_too(self, aiohttp_client, settings):
        client = await aiohttp_client(create_app(Settings(**settings)))
        store = client.app[keys.CONVERSATIONS]
        conversation, token = store.insert_conversation("sv")
        headers = {"Authorization": f"Bearer {token}"}
        async with client.get(f"/api/v1/conversations/{conversation.id}/events", headers=headers) as response:
            events = read_events(response)
            await read_until(events, "state")
            store.insert_messages(conversation.id, [NewMessage(sender="human", text="å\n\nä", language="sv")])
            (event,) = await read_until(events, "message")
            assert event.data["text"] == "å\n\nä"
