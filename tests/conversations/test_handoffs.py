"""The queue for a human being, and who may say what in a conversation. Everything on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from conversations.errors import (
    ConversationEnded,
    ConversationNotFound,
    HandoffNotFound,
    HandoffNotTaken,
    HandoffTaken,
)
from conversations.handoffs import Handoffs, Standing
from conversations.store import ConversationStore, NewMessage

NOTICE = [NewMessage(sender="system", text="Du står i kö.", language="sv")]
JOINED = [NewMessage(sender="system", text="En rådgivare är här.", language="sv")]
HUMAN = [NewMessage(sender="human", text="Hej, jag är rådgivare.", language="sv")]


def _waiting(store: ConversationStore, handoffs: Handoffs, count: int) -> list[str]:
    ids = [store.insert_conversation("sv")[0].id for _ in range(count)]
    for id in ids:
        handoffs.request(id, NOTICE)
    return ids


def _texts(store: ConversationStore, id: str) -> list[str]:
    return [message.text for message in store.fetch_messages(id)]


def test_who_asks_for_a_human_waits_in_the_order_of_asking(store: ConversationStore, handoffs: Handoffs) -> None:
    ids = _waiting(store, handoffs, 3)
    assert [handoffs.fetch_standing(id) for id in ids] == [Standing("waiting", place) for place in (1, 2, 3)]
    assert [handoff.conversation_id for handoff in handoffs.fetch_queue()] == ids


def test_asking_again_changes_nothing_and_says_nothing(
    store: ConversationStore, handoffs: Handoffs, conversation: str
) -> None:
    (notice,) = handoffs.request(conversation, NOTICE)
    assert (notice.sender, notice.position) == ("system", 2)
    assert handoffs.request(conversation, NOTICE) == []
    assert len(handoffs.fetch_queue()) == 1
    assert _texts(store, conversation) == ["hej", "Hej!", NOTICE[0].text]


def test_requests_at_the_same_time_make_one_place(handoffs: Handoffs, conversation: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        notices = list(pool.map(lambda _: handoffs.request(conversation, NOTICE), range(4)))
    assert sorted(map(len, notices)) == [0, 0, 0, 1]
    assert len(handoffs.fetch_queue()) == 1


def test_who_leaves_lets_the_others_move_up_and_talks_to_the_bot(store: ConversationStore, handoffs: Handoffs) -> None:
    first, second = _waiting(store, handoffs, 2)
    assert len(handoffs.leave(first, NOTICE)) == 1
    assert handoffs.fetch_standing(first) == Standing("bot", None)
    assert handoffs.fetch_standing(second) == Standing("waiting", 1)
    assert handoffs.leave(first, NOTICE) == []


def test_who_left_may_ask_again_and_stands_last(store: ConversationStore, handoffs: Handoffs) -> None:
    first, _ = _waiting(store, handoffs, 2)
    handoffs.leave(first, [])
    handoffs.request(first, NOTICE)
    assert handoffs.fetch_standing(first) == Standing("waiting", 2)


def test_a_counsellor_takes_a_conversation_over(
    store: ConversationStore, handoffs: Handoffs, conversation: str
) -> None:
    handoffs.request(conversation, NOTICE)
    (waiting,) = handoffs.fetch_queue()
    taken = handoffs.take(waiting.id, "counsellor-1", JOINED)
    assert (taken.taken_by, taken.closed_at) == ("counsellor-1", None)
    assert handoffs.fetch_queue() == []
    assert handoffs.fetch_standing(conversation) == Standing("human", None)
    assert handoffs.request(conversation, NOTICE) == []
    handoffs.take(waiting.id, "counsellor-1", JOINED)
    assert _texts(store, conversation)[2:] == [NOTICE[0].text, JOINED[0].text]


def test_two_counsellors_cannot_take_the_same(handoffs: Handoffs, conversation: str) -> None:
    handoffs.request(conversation, NOTICE)
    (waiting,) = handoffs.fetch_queue()

    def _take(counsellor: str) -> str:
        try:
            return handoffs.take(waiting.id, counsellor, JOINED).taken_by or ""
        except HandoffTaken:
            return "too late"

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(_take, ["a", "b", "c", "d"]))
    assert results.count("too late") == 3


def test_what_is_closed_cannot_be_taken(store: ConversationStore, handoffs: Handoffs) -> None:
    left, erased = _waiting(store, handoffs, 2)
    queue = handoffs.fetch_queue()
    handoffs.leave(left, [])
    store.delete_conversation(erased)
    for handoff in queue:
        with pytest.raises(HandoffNotFound):
            handoffs.take(handoff.id, "counsellor-1", JOINED)


def test_only_the_counsellor_who_took_it_writes_and_hands_back(
    store: ConversationStore, handoffs: Handoffs, conversation: str
) -> None:
    for act in (handoffs.write, handoffs.hand_back):
        with pytest.raises(HandoffNotTaken):
            act(conversation, "counsellor-1", HUMAN)
    handoffs.request(conversation, [])
    handoffs.take(handoffs.fetch_queue()[0].id, "counsellor-1", [])
    with pytest.raises(HandoffNotTaken):
        handoffs.write(conversation, "erik", HUMAN)
    (said,) = handoffs.write(conversation, "counsellor-1", HUMAN)
    assert (said.sender, said.position) == ("human", 2)
    handoffs.hand_back(conversation, "counsellor-1", NOTICE)
    assert handoffs.fetch_standing(conversation) == Standing("bot", None)
    with pytest.raises(HandoffNotTaken):
        handoffs.write(conversation, "counsellor-1", HUMAN)
    assert _texts(store, conversation)[2:] == [HUMAN[0].text, NOTICE[0].text]


@pytest.mark.parametrize("state", ["bot", "waiting", "human"])
def test_an_ended_conversation_stays_ended(
    store: ConversationStore, handoffs: Handoffs, conversation: str, state: str
) -> None:
    if state != "bot":
        handoffs.request(conversation, [])
    if state == "human":
        handoffs.take(handoffs.fetch_queue()[0].id, "counsellor-1", [])
    assert len(handoffs.end(conversation, NOTICE)) == 1
    assert handoffs.end(conversation, NOTICE) == []
    assert handoffs.leave(conversation, NOTICE) == []
    assert handoffs.fetch_queue() == []
    assert handoffs.fetch_standing(conversation) == Standing("ended", None)
    with pytest.raises(ConversationEnded):
        handoffs.request(conversation, NOTICE)
    with pytest.raises(HandoffNotTaken):
        handoffs.write(conversation, "counsellor-1", HUMAN)
    assert len(store.fetch_messages(conversation)) == 3


def test_what_may_not_be_said_in_a_state_is_not_stored(
    store: ConversationStore, handoffs: Handoffs, conversation: str
) -> None:
    """The bot's answer comes too late: a counsellor has taken over while it was thinking."""
    handoffs.request(conversation, [])
    handoffs.take(handoffs.fetch_queue()[0].id, "counsellor-1", [])
    bot = [NewMessage(sender="bot", text="Ring 112.", language="sv")]
    assert store.insert_messages(conversation, bot, "fi", states=("bot", "waiting")) == []
    assert store.fetch_conversation(conversation).language == "sv"
    assert len(store.insert_messages(conversation, bot, states=("human",))) == 1


def test_an_unknown_conversation_is_said_to_be_unknown(handoffs: Handoffs) -> None:
    calls = (
        lambda: handoffs.request("nobody", NOTICE),
        lambda: handoffs.leave("nobody", NOTICE),
        lambda: handoffs.end("nobody", NOTICE),
        lambda: handoffs.write("nobody", "counsellor-1", HUMAN),
        lambda: handoffs.hand_back("nobody", "counsellor-1", NOTICE),
        lambda: handoffs.fetch_standing("nobody"),
    )
    for call in calls:
        with pytest.raises(ConversationNotFound):
            call()
    with pytest.raises(HandoffNotFound):
        handoffs.take("nothing", "counsellor-1", JOINED)
