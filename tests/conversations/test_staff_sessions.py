"""Sessions of the staff: on the server, with limits, and ended at once where they are ended."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from conversations.errors import UserNotFound
from conversations.sessions import SECOND_FACTOR


def test_a_session_finds_its_user(sessions, desk, clock):
    session, token = sessions.begin(desk.id, "password", "Firefox, Linux")
    found, user = sessions.fetch(token)
    assert found == session
    assert (user.id, user.signed_in_at) == (desk.id, clock.now)
    assert (session.method, session.agent, session.stage) == ("password", "Firefox, Linux", "full")


def test_session_rejects_forged_token(sessions, desk):
    sessions.begin(desk.id, "password")
    assert [token for token in ("", "x", "a" * 43, "\x00", "å", "\udcff") if sessions.fetch(token)] == []


def test_a_token_is_not_stored(sessions, desk, engine):
    session, token = sessions.begin(desk.id, "password")
    with engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM staff_session")).one()
    assert token not in [str(value) for value in row]
    assert sessions.fetch(session.id) is None
    assert sessions.fetch(str(row.token_hash)) is None, "a copy of the database opens no session"


def test_an_idle_session_ends_and_a_used_one_goes_on(sessions, desk, clock):
    _, idle = sessions.begin(desk.id, "password")
    _, used = sessions.begin(desk.id, "password")
    for _ in range(4):
        clock.move(minutes=10)
        assert sessions.fetch(used) is not None
    assert sessions.fetch(idle) is None


def test_a_used_session_ends_at_its_absolute_limit(sessions, desk, clock):
    _, token = sessions.begin(desk.id, "password")
    for _ in range(39):
        clock.move(minutes=15)
        assert sessions.fetch(token) is not None
    clock.move(minutes=15)
    assert sessions.fetch(token) is None


def test_ended_sessions_are_deleted(sessions, desk, clock, engine):
    sessions.begin(desk.id, "password")
    clock.move(hours=11)
    sessions.begin(desk.id, "password")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM staff_session")).scalar() == 1


def test_a_session_that_awaits_a_code_is_no_full_one_and_short(sessions, desk, users, clock):
    _, token = sessions.begin(desk.id, "password", stage=SECOND_FACTOR)
    assert sessions.fetch(token) is None
    assert sessions.fetch_all(desk.id) == []
    assert users.fetch(desk.id).signed_in_at is None
    assert sessions.fetch(token, SECOND_FACTOR) is not None
    clock.move(minutes=6)
    assert sessions.fetch(token, SECOND_FACTOR) is None


def test_a_full_session_is_none_that_awaits_a_code(sessions, desk):
    _, token = sessions.begin(desk.id, "password")
    assert sessions.fetch(token, SECOND_FACTOR) is None


def test_signing_out_ends_this_session_alone(sessions, desk):
    _, here = sessions.begin(desk.id, "password")
    _, elsewhere = sessions.begin(desk.id, "password")
    sessions.end(here)
    sessions.end(here)
    assert sessions.fetch(here) is None
    assert sessions.fetch(elsewhere) is not None


def test_sessions_are_listed_and_ended_one_by_one_or_all(sessions, desk, clock):
    begun = []
    for agent in ("first", "second", "third"):
        begun.append(sessions.begin(desk.id, "password", agent))
        clock.move(minutes=1)
    assert [session.agent for session in sessions.fetch_all(desk.id)] == ["third", "second", "first"]
    assert sessions.end_one(desk.id, begun[1][0].id)
    assert not sessions.end_one(desk.id, begun[1][0].id)
    assert [session.agent for session in sessions.fetch_all(desk.id)] == ["third", "first"]
    sessions.end_all(desk.id, keep=begun[0][0].id)
    assert [session.agent for session in sessions.fetch_all(desk.id)] == ["first"]
    sessions.end_all(desk.id)
    assert sessions.fetch_all(desk.id) == []


def test_nobody_ends_another_users_session(sessions, users, desk):
    bo = users.insert("bo", "Bo", ["admin"])
    session, token = sessions.begin(desk.id, "password")
    assert not sessions.end_one(bo.id, session.id)
    assert sessions.fetch(token) is not None


def test_a_disabled_users_session_is_none_even_if_it_was_not_ended(sessions, desk, engine):
    _, token = sessions.begin(desk.id, "password")
    with engine.begin() as connection:
        connection.execute(text("UPDATE staff_user SET disabled = true"))
    assert sessions.fetch(token) is None


def test_a_session_needs_a_user(sessions):
    with pytest.raises(UserNotFound):
        sessions.begin("nobody", "password")
