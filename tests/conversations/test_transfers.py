"""Conversations that are passed on, by a counsellor's wish or because the counsellor is gone. On both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from people import Clock

from conversations.audit import AuditLog
from conversations.desk import Desk
from conversations.errors import ColleagueAbsent, HandoffNotTaken
from conversations.handoffs import Handoffs, Standing
from conversations.presence import AWAY, LIMIT, Presence
from conversations.records import current_moment
from conversations.staff import User
from conversations.store import ConversationStore, NewMessage
from conversations.transfers import Transfers

NOTICE = [NewMessage(sender="system", text="En annan rådgivare tar över.", language="sv")]


@pytest.fixture
def clock() -> Clock:
    """Handoffs go by the real clock."""
    return Clock(current_moment())


def _notice(language: str) -> NewMessage:
    return NewMessage(sender="system", text=f"Åter i kön ({language}).", language=language)


def _take(handoffs: Handoffs, conversation: str, counsellor: str) -> None:
    handoffs.request(conversation, [])
    (waiting,) = (place for place in handoffs.fetch_queue() if place.conversation_id == conversation)
    handoffs.take(waiting.id, counsellor, [])


def test_a_colleague_who_is_there_gets_it_and_the_other_has_it_no_more(
    *, handoffs: Handoffs, transfers: Transfers, presence: Presence, conversation: str, desk: User, colleague: User
) -> None:
    _take(handoffs, conversation, desk.id)
    presence.enter(colleague.id)
    transfers.give_to_colleague(conversation, desk.id, colleague.id, NOTICE)
    assert handoffs.fetch_standing(conversation) == Standing("human", None)
    with pytest.raises(HandoffNotTaken):
        handoffs.write(conversation, desk.id, NOTICE)
    handoffs.write(conversation, colleague.id, NOTICE)


@pytest.mark.parametrize("there", ["never", "away", "gone", "oneself"])
def test_who_is_not_there_gets_nothing(
    handoffs: Handoffs,
    transfers: Transfers,
    presence: Presence,
    conversation: str,
    desk: User,
    colleague: User,
    clock: Clock,
    there: str,
) -> None:
    _take(handoffs, conversation, desk.id)
    if there == "away":
        presence.set_status(colleague.id, AWAY)
    if there == "gone":
        presence.enter(colleague.id)
        clock.move(seconds=LIMIT.seconds)
    if there == "oneself":
        presence.enter(desk.id)
    with pytest.raises(ColleagueAbsent):
        transfers.give_to_colleague(conversation, desk.id, desk.id if there == "oneself" else colleague.id, NOTICE)
    handoffs.write(conversation, desk.id, NOTICE)


def test_what_goes_back_to_the_queue_stands_before_who_has_waited_longer(
    store: ConversationStore, handoffs: Handoffs, transfers: Transfers, conversation: str, desk: User
) -> None:
    _take(handoffs, conversation, desk.id)
    other = store.insert_conversation("fi")[0].id
    handoffs.request(other, [])
    transfers.give_to_queue(conversation, desk.id, NOTICE)
    assert [place.conversation_id for place in handoffs.fetch_queue()] == [conversation, other]
    assert handoffs.fetch_standing(conversation) == Standing("waiting", 1)
    assert handoffs.fetch_standing(other) == Standing("waiting", 2)
    assert store.fetch_messages(conversation)[-1].text == NOTICE[0].text


def test_only_who_has_it_passes_it_on(handoffs: Handoffs, transfers: Transfers, conversation: str, desk: User) -> None:
    handoffs.request(conversation, [])
    with pytest.raises(HandoffNotTaken):
        transfers.give_to_queue(conversation, desk.id, NOTICE)
    with pytest.raises(HandoffNotTaken):
        transfers.give_to_colleague(conversation, desk.id, "somebody", NOTICE)


class TestDropped:
    """A counsellor gives no sign of life any more."""

    def test_the_conversation_returns_to_the_front_and_the_resident_is_told(
        self,
        store: ConversationStore,
        handoffs: Handoffs,
        transfers: Transfers,
        presence: Presence,
        conversation: str,
        desk: User,
        clock: Clock,
        audit: AuditLog,
    ) -> None:
        presence.enter(desk.id)
        _take(handoffs, conversation, desk.id)
        other = store.insert_conversation("fi")[0].id
        handoffs.request(other, [])
        assert transfers.return_dropped(_notice) == []
        clock.move(seconds=LIMIT.seconds + 60)
        assert transfers.return_dropped(_notice) == [conversation]
        assert transfers.return_dropped(_notice) == []
        assert handoffs.fetch_standing(conversation) == Standing("waiting", 1)
        assert store.fetch_messages(conversation)[-1].text == "Åter i kön (sv)."
        entry = audit.fetch_entries(limit=1)[0]
        assert (entry.actor, entry.action, entry.details) == (
            "system",
            "conversation.dropped",
            {"counsellor": desk.id},
        )

    def test_who_is_there_or_away_keeps_it(
        self,
        handoffs: Handoffs,
        transfers: Transfers,
        presence: Presence,
        conversation: str,
        desk: User,
        clock: Clock,
    ) -> None:
        _take(handoffs, conversation, desk.id)
        clock.move(seconds=LIMIT.seconds + 60)
        presence.set_status(desk.id, AWAY)
        assert transfers.return_dropped(_notice) == []

    def test_who_signs_out_loses_it_after_the_same_grace(
        self,
        handoffs: Handoffs,
        transfers: Transfers,
        presence: Presence,
        conversation: str,
        desk: User,
        clock: Clock,
    ) -> None:
        presence.enter(desk.id)
        _take(handoffs, conversation, desk.id)
        presence.leave(desk.id)
        assert transfers.return_dropped(_notice) == []
        clock.move(seconds=LIMIT.seconds + 60)
        assert transfers.return_dropped(_notice) == [conversation]

    def test_processes_that_look_at_once_return_it_once(
        self, handoffs: Handoffs, transfers: Transfers, counter: Desk, conversation: str, desk: User, clock: Clock
    ) -> None:
        _take(handoffs, conversation, desk.id)
        clock.move(seconds=LIMIT.seconds + 60)
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda _: transfers.return_dropped(_notice), range(4)))
        assert sorted(map(len, found)) == [0, 0, 0, 1]
        assert len(counter.fetch_waiting()) == 1
