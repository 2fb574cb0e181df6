"""Wake-ups within a process and, through a real Redis, between processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from residents import PATIENCE

from web.live import QUEUE, Live, Subscription, TooManyStreams

LONG = 4 * PATIENCE


@asynccontextmanager
async def running(redis_url: str) -> AsyncIterator[Live]:
    live = Live(redis_url)
    listening = asyncio.create_task(live.run())
    try:
        yield live
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await live.disconnect()


async def woken(subscription: Subscription) -> bool:
    """Tell whether a waiting subscription wakes."""
    try:
        async with asyncio.timeout(PATIENCE):
            await subscription.wait(LONG)
    except TimeoutError:
        return False
    return True


@pytest.mark.parametrize("topic", ["a", QUEUE])
async def test_who_watches_a_conversation_is_woken_by_it_and_by_the_queue(topic):
    live = Live()
    with live.subscribe("a") as subscription:
        waiting = asyncio.create_task(woken(subscription))
        await asyncio.sleep(0)
        live.wake(topic)
        assert await waiting


async def test_another_conversation_wakes_nobody():
    live = Live()
    with live.subscribe("a") as subscription:
        live.wake("b")
        assert not subscription._awake.is_set()


async def test_who_watches_a_conversation_learns_once_who_is_writing_in_it():
    live = Live()
    with live.subscribe("a") as mine, live.watch("b") as anothers:
        live.tell_writing("a", "human")
        assert await woken(mine)
        assert (mine.take_writing(), mine.take_writing(), anothers.take_writing()) == ({"human"}, set(), set())


async def test_what_comes_between_two_waits_is_not_missed():
    live = Live()
    with live.subscribe("a") as subscription:
        live.wake("a")
        assert await woken(subscription)
        live.wake("a")
        assert await woken(subscription)


async def test_one_conversation_has_so_many_watchers_and_a_place_is_free_again_after_one():
    live = Live(most_streams=2)
    with live.subscribe("a"):
        with live.subscribe("a"), live.subscribe("b"), pytest.raises(TooManyStreams), live.subscribe("a"):
            pass
        with live.subscribe("a"):
            pass
    assert live._watchers == {}


async def test_the_place_of_a_watcher_that_has_gone_is_free_at_once():
    live = Live(most_streams=1)
    with live.subscribe("a", lambda: True), live.subscribe("a"), pytest.raises(TooManyStreams), live.subscribe("a"):
        pass


async def test_a_stop_ends_all_watchers_and_those_that_come_late():
    live = Live()
    with live.subscribe("a") as early:
        live.close()
        assert await woken(early)
        assert early.closing
        with live.subscribe("a") as late:
            assert late.closing


async def test_through_redis_one_process_wakes_the_other(redis_server):
    async with running(redis_server.url) as one, running(redis_server.url) as other:
        with other.subscribe("a") as subscription:
            await wake_until(one, subscription)


async def wake_until(live: Live, subscription: Subscription) -> None:
    """Wake again and again, because nobody knows when the other side has begun to listen."""
    async with asyncio.timeout(PATIENCE):
        while not subscription._awake.is_set():
            live.wake("a")
            await asyncio.sleep(0.05)


async def test_who_is_writing_is_told_through_redis_too(redis_server):
    async with running(redis_server.url) as one, running(redis_server.url) as other:
        with other.subscribe("a") as subscription:
            await wake_until(one, subscription)
            one.tell_writing("a", "resident")
            async with asyncio.timeout(PATIENCE):
                while not (writing := subscription.take_writing()):
                    await subscription.wait(LONG)
            assert writing == {"resident"}


async def test_without_redis_for_a_while_the_process_goes_on_and_finds_it_again(redis_server):
    async with running(redis_server.url) as one, running(redis_server.url) as other:
        redis_server.stop()
        with one.subscribe("a") as own, other.subscribe("a") as foreign:
            one.wake("a")
            assert await woken(own)
            redis_server.start()
            await wake_until(one, foreign)


async def test_a_redis_that_was_never_there_keeps_nobody_from_stopping(tmp_path):
    async with running(f"unix://{tmp_path}/none.sock") as live:
        with live.subscribe("a") as subscription:
            live.wake("a")
            assert await woken(subscription)
