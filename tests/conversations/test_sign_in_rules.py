"""Who somebody is: by name and password, or by the county's directory."""

from __future__ import annotations

import pytest
from people import PASSWORD
from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations.errors import UserInvalid
from conversations.passwords import Passwords
from conversations.sign_in import SignIn
from conversations.staff_schema import UserRow

ISSUER = "https://login.example.fi"


@pytest.fixture
def sign_in(engine, users, passwords) -> SignIn:
    return SignIn(engine, users, passwords)


class TestPassword:
    """By name and password."""

    def test_name_and_password_find_the_user(self, sign_in, desk):
        assert sign_in.check_password("desk", PASSWORD) == desk
        assert sign_in.check_password(" Desk ", PASSWORD) == desk

    def test_a_wrong_name_or_password_finds_nobody(self, sign_in, desk):
        wrong = {
            "desk": "fel",
            "nobody": PASSWORD,
            "": "",
            "desk\x00": PASSWORD,
            "' OR 1=1 --": "x",
            "des%": PASSWORD,
        }
        assert [name for name, password in wrong.items() if sign_in.check_password(name, password)] == []

    def test_a_disabled_user_is_nobody_until_enabled(self, sign_in, users, desk):
        users.disable(desk.id)
        assert sign_in.check_password("desk", PASSWORD) is None
        users.disable(desk.id, False)
        assert sign_in.check_password("desk", PASSWORD) is not None

    def test_a_hash_with_old_parameters_is_strengthened(self, engine, users, desk):
        sign_in = SignIn(engine, users, Passwords())
        assert sign_in.check_password("desk", PASSWORD)
        with Session(engine) as session:
            strong = session.scalars(select(UserRow.password_hash)).one()
        assert not Passwords().is_outdated(strong)
        assert sign_in.check_password("desk", PASSWORD)


class TestDirectory:
    """By the county's directory."""

    def take(
        self, sign_in, subject="s-1", name="administrator", display_name="Administratör Ett", roles=("counsellor",)
    ):
        return sign_in.take_directory_user(ISSUER, subject, name, display_name, roles, "fi")

    def test_whom_the_directory_vouches_for_is_added_once(self, sign_in, users):
        first, second = self.take(sign_in), self.take(sign_in)
        assert first.id == second.id
        assert first.from_directory
        assert not first.has_password
        assert (first.name, first.language) == ("administrator", "fi")
        assert len(users.fetch_all()) == 1

    def test_roles_and_display_name_are_the_directorys_of_today(self, sign_in):
        self.take(sign_in)
        user = self.take(sign_in, display_name="Administratör Två", roles=("auditor",))
        assert (user.display_name, user.roles) == ("Administratör Två", ("auditor",))

    def test_directory_cannot_take_over_a_local_user_of_the_same_name(self, sign_in, desk):
        user = self.take(sign_in, name="desk")
        assert user.id != desk.id
        assert user.name == "desk@login.example.fi"
        assert sign_in.check_password("desk", PASSWORD) == desk

    def test_another_person_of_the_same_name_is_another_user(self, sign_in):
        assert self.take(sign_in).id != self.take(sign_in, subject="s-2").id

    def test_a_directory_user_has_no_password_that_is_right(self, sign_in):
        self.take(sign_in)
        assert sign_in.check_password("administrator", "") is None

    def test_a_user_without_a_role_is_refused(self, sign_in, users):
        with pytest.raises(UserInvalid):
            self.take(sign_in, roles=())
        assert users.fetch_all() == []

    def test_a_disabled_directory_user_stays_disabled(self, sign_in, users):
        user = self.take(sign_in)
        users.disable(user.id)
        assert self.take(sign_in).disabled
