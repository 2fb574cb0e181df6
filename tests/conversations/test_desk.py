"""What a counsellor sees of those who wait, and how a word is said once. Everything on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from conversations.audit import AuditLog
from conversations.desk import Desk
from conversations.errors import ConversationNotFound, HandoffTaken, KeyReused
from conversations.handoffs import Handoffs
from conversations.staff import User
from conversations.store import ConversationStore, NewMessage


def _say(text: str) -> list[NewMessage]:
    return [NewMessage(sender="human", text=text, language="sv")]


@pytest.fixture
def taken(handoffs: Handoffs, conversation: str, desk: User) -> str:
    """A conversation that `desk` has."""
    handoffs.request(conversation, [])
    handoffs.take(handoffs.fetch_queue()[0].id, desk.id, [])
    return conversation


def test_who_waits_is_seen_with_the_last_question_and_an_emergency(
    store: ConversationStore, handoffs: Handoffs, counter: Desk, conversation: str
) -> None:
    silent = store.insert_conversation("fi")[0].id
    store.insert_messages(
        conversation,
        [NewMessage("resident", "ring 040 123 4567", "sv"), NewMessage("bot", "Ring 112.", "sv", emergency=True)],
    )
    for id in (conversation, silent):
        handoffs.request(id, [])
    first, second = counter.fetch_waiting()
    assert (first.question, first.questions, first.is_emergency) == ("ring [phone]", 2, True)
    assert (second.question, second.questions, second.is_emergency) == (None, 0, False)
    assert (counter.count_waiting(), counter.fetch_newest()) == (2, second.handoff.id)


def test_nobody_waits_in_an_empty_queue(counter: Desk, desk: User) -> None:
    assert (counter.count_waiting(), counter.fetch_newest(), counter.fetch_waiting()) == (0, "", [])
    assert counter.fetch_held(desk.id) == []


def test_what_one_has_says_whether_its_resident_awaits_an_answer(
    store: ConversationStore, handoffs: Handoffs, counter: Desk, taken: str, desk: User
) -> None:
    handoffs.write(taken, desk.id, _say("Hej!"))
    assert [held.awaits_answer for held in counter.fetch_held(desk.id)] == [False]
    store.insert_messages(taken, [NewMessage("resident", "är du där?", "sv")])
    (held,) = counter.fetch_held(desk.id)
    assert (held.awaits_answer, held.said, held.handoff.conversation_id) == (True, "är du där?", taken)


def test_reading_is_recorded_and_what_is_new_is_not_read_again(
    counter: Desk, taken: str, desk: User, audit: AuditLog
) -> None:
    seen = counter.read(taken, desk.id)
    assert (seen.conversation.state, seen.handoff and seen.handoff.taken_by) == ("human", desk.id)
    assert [message.text for message in seen.messages] == ["hej", "Hej!"]
    assert audit.fetch_entries(limit=1)[0].action == "conversation.read"
    assert counter.fetch(taken, after=1).messages == ()
    for call in (lambda: counter.read("nobody", desk.id), lambda: counter.fetch("nobody")):
        with pytest.raises(ConversationNotFound):
            call()


def test_the_loser_of_two_is_told_who_has_it(handoffs: Handoffs, conversation: str) -> None:
    handoffs.request(conversation, [])
    (waiting,) = handoffs.fetch_queue()

    def _take(counsellor: str) -> str:
        try:
            handoffs.take(waiting.id, counsellor, [])
        except HandoffTaken as error:
            return error.holder
        return counsellor

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(_take, ["a", "b", "c", "d"]))) == 1


def test_what_is_sent_again_is_said_once(store: ConversationStore, handoffs: Handoffs, taken: str, desk: User) -> None:
    with ThreadPoolExecutor(4) as pool:
        stored = list(pool.map(lambda _: handoffs.write(taken, desk.id, _say("Hej hej!"), key="one"), range(4)))
    assert sorted(map(len, stored)) == [0, 0, 0, 1]
    assert [message.text for message in store.fetch_messages(taken)].count("Hej hej!") == 1
    with pytest.raises(KeyReused):
        handoffs.write(taken, desk.id, _say("Något annat"), key="one")
    assert len(handoffs.write(taken, desk.id, _say("Något annat"), key="two")) == 1


def test_every_act_is_recorded_without_a_word_of_it(
    handoffs: Handoffs, taken: str, desk: User, audit: AuditLog
) -> None:
    handoffs.write(taken, desk.id, _say("Ring oss"))
    handoffs.hand_back(taken, desk.id, [])
    handoffs.request(taken, [])
    handoffs.take(handoffs.fetch_queue()[0].id, desk.id, [])
    handoffs.close(taken, desk.id, [])
    entries = audit.fetch_entries(limit=10)
    assert [entry.action.partition(".")[2] for entry in reversed(entries)] == [
        "taken_over",
        "answered",
        "handed_back",
        "taken_over",
        "ended",
    ]
    assert {entry.object_id for entry in entries} == {taken}
    assert "Ring" not in str(entries)
