"""Who still waits when the service hours end leaves the queue once, and is told once. On both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from sqlalchemy import Engine

from conversations.closing_time import ClosingTime
from conversations.handoffs import Handoffs, Standing
from conversations.staff import User
from conversations.store import ConversationStore, NewMessage


def _notice(language: str) -> NewMessage:
    return NewMessage(sender="system", text=f"Stängt ({language}).", language=language)


def test_of_several_processes_one_lets_each_go(
    engine: Engine, store: ConversationStore, handoffs: Handoffs, conversation: str
) -> None:
    other = store.insert_conversation("fi")[0].id
    for id in (conversation, other):
        handoffs.request(id, [])
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: ClosingTime(engine).release_waiting(_notice), range(4)))
    assert sorted(chain.from_iterable(found)) == sorted([conversation, other])
    assert [message.text for message in store.fetch_messages(other)] == ["Stängt (fi)."]
    assert handoffs.fetch_standing(conversation) == Standing("bot", None)
    assert handoffs.fetch_queue() == []


def test_who_was_taken_over_is_left_alone_and_who_was_let_go_may_ask_again(
    engine: Engine, store: ConversationStore, handoffs: Handoffs, conversation: str, desk: User
) -> None:
    closing = ClosingTime(engine)
    handoffs.request(conversation, [])
    handoffs.take(handoffs.fetch_queue()[0].id, desk.id, [])
    assert closing.release_waiting(_notice) == []
    handoffs.hand_back(conversation, desk.id, [])
    handoffs.request(conversation, [])
    assert closing.release_waiting(_notice) == [conversation]
    handoffs.request(conversation, [])
    assert handoffs.fetch_standing(conversation) == Standing("waiting", 1)
