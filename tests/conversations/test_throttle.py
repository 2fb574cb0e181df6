"""Whoever guesses passwords is slowed down, by account and by address, across processes."""

from __future__ import annotations

import threading

import pytest
from people import Clock
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from conversations.database import open_database
from conversations.staff_schema import SignInFailureRow
from conversations.throttle import ACCOUNT, ADDRESS, SignInThrottle, code_account, confirmation_account

HERE = "192.0.2.1"


@pytest.fixture
def throttle(engine, clock) -> SignInThrottle:
    return SignInThrottle(engine, clock)


def fail_until_blocked(throttle: SignInThrottle, account: str = "desk", address: str = HERE) -> int:
    for _ in range(ACCOUNT.free):
        assert throttle.take(account, address) == 0
    wait = throttle.take(account, address)
    assert wait > 0
    return wait


def test_a_few_failures_cost_nothing_then_the_delay_grows_up_to_its_most(throttle, clock):
    waits = [fail_until_blocked(throttle)]
    for number in range(12):
        clock.move(seconds=waits[-1])
        assert throttle.take("desk", f"192.0.2.{number + 2}") == 0
        waits.append(throttle.take("desk", HERE))
    assert waits == sorted(waits)
    assert waits[:4] == [6, 11, 21, 41]
    assert waits[-1] == ACCOUNT.longest + 1


def test_an_attempt_that_has_to_wait_makes_the_wait_no_longer(throttle, clock):
    wait = fail_until_blocked(throttle)
    for _ in range(50):
        throttle.take("desk", HERE)
    clock.move(seconds=wait)
    assert throttle.take("desk", HERE) == 0


def test_guessing_one_account_from_many_addresses_is_slowed_down(throttle):
    waits = [throttle.take("desk", f"192.0.2.{number}") for number in range(20)]
    assert waits[: ACCOUNT.free] == [0] * ACCOUNT.free
    assert all(waits[ACCOUNT.free :])


def test_guessing_many_accounts_from_one_address_is_slowed_down(throttle):
    waits = [throttle.take(f"user{number}", HERE) for number in range(ADDRESS.free + 5)]
    assert waits[: ADDRESS.free] == [0] * ADDRESS.free
    assert all(waits[ADDRESS.free :])


def test_changing_address_within_an_ipv6_network_does_not_help(throttle):
    waits = [throttle.take(f"user{number}", f"2001:db8::{number:x}") for number in range(ADDRESS.free + 1)]
    assert waits[-1] > 0
    assert throttle.take("somebody", "2001:db8:0:1::1") == 0


def test_a_name_that_nobody_has_is_slowed_down_alike(throttle, desk):
    assert fail_until_blocked(throttle, "desk") == fail_until_blocked(throttle, "nobody", "192.0.2.9")


def test_the_case_of_a_name_does_not_make_it_another(throttle):
    fail_until_blocked(throttle, "desk")
    assert throttle.take(" DESK ", "192.0.2.9") > 0


def test_a_right_password_forgets_the_accounts_failures_but_not_the_addresses(throttle):
    for number in range(ADDRESS.free):
        throttle.take(f"victim{number}", HERE)
        throttle.take("mallory", HERE)
        throttle.give_back("mallory", HERE)
    waits = [throttle.take(f"user{number}", HERE) for number in range(10)]
    assert any(waits), "one who has an account of the own cannot guess others' for ever"


def test_right_passwords_from_one_office_never_block_it(throttle):
    for number in range(3 * ADDRESS.free):
        assert throttle.take(f"user{number}", HERE) == 0
        throttle.give_back(f"user{number}", HERE)


def test_a_day_later_all_is_forgotten_and_gone(throttle, clock, engine):
    fail_until_blocked(throttle)
    clock.move(days=2)
    assert throttle.take("other", "192.0.2.9") == 0
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(SignInFailureRow)) == 2


def test_neither_name_nor_address_is_stored(throttle, engine):
    throttle.take("desk", HERE)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM sign_in_failure")).all()
    assert len(rows) == 2
    assert not any("desk" in str(value) or HERE in str(value) for row in rows for value in row)


def test_many_attempts_at_once_from_several_processes_count_as_many(engine):
    """As of several servers: each has connections of its own."""
    clock, waits = Clock(), []
    barrier = threading.Barrier(8)

    def attempt() -> None:
        own = open_database(engine.url.render_as_string(hide_password=False))
        throttle = SignInThrottle(own, clock)
        barrier.wait()
        waits.extend(throttle.take("desk", HERE) for _ in range(3))
        own.dispose()

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(waits) == 24
    assert waits.count(0) == ACCOUNT.free


def test_a_user_whom_an_admin_resets_may_try_again_at_once(throttle, desk):
    accounts = (desk.name, code_account(desk), confirmation_account(desk))
    for number, account in enumerate(accounts):
        fail_until_blocked(throttle, account, f"192.0.2.{number}")
    throttle.forget(desk)
    assert [throttle.take(account, "192.0.2.9") for account in accounts] == [0, 0, 0]
