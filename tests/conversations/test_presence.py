"""Who is there to answer. Everything on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from people import Clock

from conversations.errors import UserNotFound
from conversations.presence import AWAY, LIMIT, PRESENT, Presence
from conversations.staff import User
from conversations.users import UserStore


def test_who_comes_is_present_until_no_sign_of_life_came_for_too_long(
    presence: Presence, desk: User, clock: Clock
) -> None:
    assert not presence.is_anybody_present()
    assert presence.enter(desk.id) == PRESENT
    clock.move(seconds=LIMIT.seconds - 1)
    assert presence.is_anybody_present()
    assert presence.renew(desk.id) == PRESENT
    clock.move(seconds=LIMIT.seconds)
    assert presence.fetch_all() == {}


def test_a_sign_of_life_from_elsewhere_brings_nobody_back(presence: Presence, desk: User, clock: Clock) -> None:
    assert presence.renew(desk.id) is None
    presence.enter(desk.id)
    clock.move(seconds=LIMIT.seconds)
    assert presence.renew(desk.id) is None
    assert presence.enter(desk.id) == PRESENT


def test_who_is_away_stays_so_while_there_and_is_present_when_back_another_day(
    presence: Presence, desk: User, clock: Clock
) -> None:
    assert presence.set_status(desk.id, AWAY) == AWAY
    assert presence.enter(desk.id) == presence.renew(desk.id) == AWAY
    assert presence.fetch_status(desk.id) == AWAY
    assert not presence.is_anybody_present()
    assert presence.set_status(desk.id, "asleep") == AWAY
    clock.move(days=1)
    assert presence.enter(desk.id) == PRESENT


def test_who_leaves_is_gone_at_once(presence: Presence, desk: User) -> None:
    presence.enter(desk.id)
    presence.leave(desk.id)
    assert presence.fetch_status(desk.id) is None


def test_tabs_that_are_opened_at_once_are_one_counsellor(presence: Presence, desk: User) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: presence.enter(desk.id), range(4))) == [PRESENT] * 4
    assert presence.fetch_all() == {desk.id: PRESENT}


def test_a_user_who_is_none_cannot_be_there(presence: Presence, users: UserStore) -> None:
    with pytest.raises(UserNotFound):
        presence.enter("nobody")
