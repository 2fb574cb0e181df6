"""Wakes whoever watches a conversation. What is new is always read from the database, so nothing is lost or doubled.

A wake-up carries no content, but for who is writing at the moment, which is stored nowhere. It stays in the process, or
goes through Redis to all processes; a watcher that no wake-up reaches looks into the database every few seconds by
itself.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

QUEUE = "queue"
"""The topic of the queue for a human being: places in it have changed."""
_CHANNEL = "lotsi:wake"
_MOST_STREAMS = 4
_RETRY_SECONDS = 2.0
_CONNECT_SECONDS = 2.0
_log = structlog.get_logger("lotsi.live")


class TooManyStreams(Exception):
    """A conversation is watched by as many as may at once."""


class Subscription:
    """One watcher's waiting place."""

    def __init__(self, is_gone: Callable[[], bool], counts: bool = True) -> None:
        """Begin.

        Args:
            is_gone: Whether the watcher has gone and just does not know it yet.
            counts: Whether it is one of those of whom a conversation may have few.
        """
        self.is_gone = is_gone
        self.counts = counts
        self.closing = False
        self._awake = asyncio.Event()
        self._writing: set[str] = set()

    def wake(self, writer: str = "") -> None:
        """End the present or the next `wait`.

        Args:
            writer: Who is writing, if that is what has happened.
        """
        if writer:
            self._writing.add(writer)
        self._awake.set()

    def take_writing(self) -> set[str]:
        """Return who has been writing since the last call."""
        writing, self._writing = self._writing, set()
        return writing

    async def wait(self, seconds: float) -> None:
        """Wait for a wake-up, but no longer than `seconds`; whatever comes after the return wakes the next wait."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._awake.wait()
        self._awake.clear()


class Live:
    """The watchers of one process, and its line to the other processes."""

    def __init__(self, redis_url: str = "", most_streams: int = _MOST_STREAMS) -> None:
        """Set up; `run` connects.

        Args:
            redis_url: Redis through which processes wake each other; empty is none.
            most_streams: How many may watch one conversation in this process.
        """
        self._most_streams = most_streams
        self._watchers: dict[str, set[Subscription]] = defaultdict(set)
        self._closing = False
        self._reachable = True
        self._sending: set[asyncio.Task[None]] = set()
        self._redis: Redis[bytes] | None = None
        if redis_url:
            self._redis = Redis.from_url(redis_url, socket_connect_timeout=_CONNECT_SECONDS)

    @contextmanager
    def subscribe(self, conversation: str, is_gone: Callable[[], bool] = lambda: False) -> Iterator[Subscription]:
        """Watch a conversation, and the queue that it may stand in.

        Args:
            conversation: The conversation's id.
            is_gone: Whether the watcher has gone; its place is free then, so that a page can be loaded again at once.

        Raises:
            TooManyStreams: Enough watch it already.
        """
        watchers = self._watchers.get(conversation, ())
        if len([watcher for watcher in watchers if watcher.counts and not watcher.is_gone()]) >= self._most_streams:
            raise TooManyStreams(conversation)
        with self._watch((conversation, QUEUE), Subscription(is_gone)) as subscription:
            yield subscription

    @contextmanager
    def watch(self, *topics: str) -> Iterator[Subscription]:
        """Watch as one of the staff, who take no resident's place.

        Args:
            topics: Conversations' ids, or `QUEUE`.
        """
        with self._watch(topics, Subscription(lambda: False, counts=False)) as subscription:
            yield subscription

    @contextmanager
    def _watch(self, topics: tuple[str, ...], subscription: Subscription) -> Iterator[Subscription]:
        subscription.closing = self._closing
        for topic in topics:
            self._watchers[topic].add(subscription)
        try:
            yield subscription
        finally:
            for topic in topics:
                self._watchers[topic].discard(subscription)
                if not self._watchers[topic]:
                    del self._watchers[topic]

    def wake(self, *topics: str) -> None:
        """Wake who watches.

        Args:
            topics: Conversations' ids, or `QUEUE`.
        """
        for topic in topics:
            self._spread(topic)

    def tell_writing(self, conversation: str, writer: str) -> None:
        """Let who watches a conversation know that somebody is writing in it.

        Args:
            conversation: The conversation's id.
            writer: `resident` or `human`.
        """
        self._spread(f"{conversation} {writer}")

    def _spread(self, news: str) -> None:
        self._wake_here(news)
        if self._redis is not None:
            task = asyncio.get_running_loop().create_task(self._publish(self._redis, news))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    def _wake_here(self, news: str) -> None:
        topic, _, writer = news.partition(" ")
        for subscription in self._watchers.get(topic, ()):
            subscription.wake(writer)

    async def _publish(self, redis: Redis[bytes], news: str) -> None:
        try:
            await redis.publish(_CHANNEL, news)
        except (RedisError, OSError) as error:
            self._note(reachable=False, error=error)

    async def run(self) -> None:
        """Listen to the other processes until cancelled; a Redis that goes away is waited for."""
        while self._redis is not None:
            try:
                async with self._redis.pubsub(ignore_subscribe_messages=True) as channel:
                    await channel.subscribe(_CHANNEL)
                    self._note(reachable=True)
                    async for message in channel.listen():
                        self._wake_here(message["data"].decode("utf-8", "replace"))
            except (RedisError, OSError) as error:
                self._note(reachable=False, error=error)
            await asyncio.sleep(_RETRY_SECONDS)

    def _note(self, reachable: bool, error: Exception | None = None) -> None:
        """Log that Redis went or came back, once; its messages may name the URL, so the error's type alone."""
        if reachable != self._reachable:
            self._reachable = reachable
            if reachable:
                _log.info("live.redis.reached")
            else:
                _log.warning("live.redis.lost", error=type(error).__name__)

    def close(self) -> None:
        """Let every watcher end, so that the server stops at once."""
        self._closing = True
        for subscriptions in self._watchers.values():
            for subscription in subscriptions:
                subscription.closing = True
                subscription.wake()

    async def disconnect(self) -> None:
        """Close the connections to Redis, after what is being sent."""
        if self._sending:
            await asyncio.wait(self._sending, timeout=_CONNECT_SECONDS)
        if self._redis is not None:
            await self._redis.close()
