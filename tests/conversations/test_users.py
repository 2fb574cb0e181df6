"""The members of staff: added, changed, disabled; whatever takes rights away ends sessions."""

from __future__ import annotations

import pytest
from people import ANOTHER, PASSWORD
from sqlalchemy import text

from conversations.errors import PasswordWeak, UserExists, UserInvalid, UserNotFound
from conversations.roles import ROLES
from conversations.staff import check_display_name, check_name


def test_an_added_user_is_found_by_id_and_by_name(users, desk):
    assert users.fetch(desk.id) == users.fetch_by_name(" DESK ") == desk
    assert (desk.name, desk.display_name, desk.roles, desk.language) == (
        "desk",
        "Rådgivare Ett",
        ("counsellor",),
        "sv",
    )
    assert (
        desk.disabled,
        desk.must_change_password,
        desk.has_second_factor,
        desk.from_directory,
    ) == (False,) * 4
    assert desk.has_password
    assert desk.signed_in_at is None


def test_users_are_listed_by_name(users):
    for name in ("administrator", "desk", "mika"):
        users.insert(name, name.title(), ["auditor"])
    assert [user.name for user in users.fetch_all()] == ["administrator", "desk", "mika"]


def test_roles_are_kept_in_one_order_and_once(users):
    assert users.insert("bo", "Bo", ["auditor", "admin", "admin"]).roles == ("admin", "auditor")


def test_an_admin_may_do_what_a_counsellor_may_and_nobody_else_anything_else(users, desk):
    may = {
        ("counsellor",): {"counsellor"},
        ("admin",): {"counsellor", "admin"},
        ("auditor",): {"auditor"},
        ("counsellor", "auditor"): {"auditor", "counsellor"},
    }
    for roles, expected in may.items():
        user = users.change_roles(desk.id, roles)
        assert {role for role in ROLES if user.may(role)} == expected
        assert not user.may()


def test_a_name_is_given_once_whatever_its_case(users, desk):
    for name in ("desk", "Desk", " desk "):
        with pytest.raises(UserExists, match="desk"):
            users.insert(name, "Rådgivare Två", ["counsellor"])


@pytest.mark.parametrize("name", ["", "a", "a b", "a/b", "<b>", "a\x00b", "x" * 65, "-rf"])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(UserInvalid, match="is no name"):
        check_name(name)


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\x00b", "a\u202eb"])
def test_what_is_no_display_name_is_refused(name):
    with pytest.raises(UserInvalid, match="display name"):
        check_display_name(name)


def test_what_is_no_role_is_refused(users, desk):
    for roles in ([], ["boss"], ["admin", "Admin"]):
        with pytest.raises(UserInvalid, match="choose among counsellor, admin, auditor"):
            users.insert("bo", "Bo", roles)
        with pytest.raises(UserInvalid):
            users.change_roles(desk.id, roles)


def test_a_weak_password_is_refused_with_its_reasons(users, desk):
    with pytest.raises(PasswordWeak) as caught:
        users.insert("bo", "Bo", ["admin"], password="kort")
    assert caught.value.problems == ("short", "monotonous")
    with pytest.raises(PasswordWeak):
        users.change_password(desk.id, "desk storm desk storm")
    assert users.check_password(desk.id, PASSWORD)


def test_a_password_is_not_stored_in_clear(users, desk, engine):
    with engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM staff_user")).one()
    assert not any(PASSWORD in str(value) for value in row)


def test_a_user_without_a_password_has_none_that_is_right(users):
    user = users.insert("bo", "Bo", ["admin"])
    assert not user.has_password
    assert not any(users.check_password(user.id, password) for password in ("", "None", PASSWORD))


def test_whoever_does_not_exist_is_not_found(users):
    with pytest.raises(UserNotFound):
        users.fetch("nobody")
    with pytest.raises(UserNotFound, match="nobody"):
        users.fetch_by_name("nobody")
    with pytest.raises(UserNotFound):
        users.disable("nobody")


def test_preferences_change_alone(users, desk):
    users.change_preferences(desk.id, language="fi")
    user = users.change_preferences(desk.id, theme="dark")
    assert (user.language, user.theme) == ("fi", "dark")
    for wrong in ({"language": "en"}, {"theme": "pink"}, {"language": ""}):
        with pytest.raises(UserInvalid):
            users.change_preferences(desk.id, **wrong)


def test_whatever_changes_rights_ends_sessions(users, sessions, desk):
    bo = users.insert("bo", "Bo", ["counsellor"])
    _, other = sessions.begin(bo.id, "password")
    changes = {
        "disabled": lambda: users.disable(desk.id),
        "enabled": lambda: users.disable(desk.id, False),
        "other roles": lambda: users.change_roles(desk.id, ["auditor"]),
        "another password": lambda: users.change_password(desk.id, ANOTHER),
    }
    for name, change in changes.items():
        _, token = sessions.begin(desk.id, "password")
        change()
        assert sessions.fetch(token) is None, name
        assert sessions.fetch_all(desk.id) == [], name
    assert sessions.fetch(other) is not None, "another user's session goes on"


def test_the_same_roles_end_no_session(users, sessions, desk):
    _, token = sessions.begin(desk.id, "password")
    users.change_roles(desk.id, ["counsellor"])
    assert sessions.fetch(token) is not None


def test_whoever_changes_the_own_password_stays_signed_in_here_alone(users, sessions, desk):
    here, token = sessions.begin(desk.id, "password")
    _, elsewhere = sessions.begin(desk.id, "password")
    users.change_password(desk.id, ANOTHER, keep=here.id)
    assert sessions.fetch(token) is not None
    assert sessions.fetch(elsewhere) is None
    assert users.check_password(desk.id, ANOTHER)
    assert not users.check_password(desk.id, PASSWORD)
