"""Passwords: hashed so that nobody gets them back, and refused where they are easily guessed."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from conversations.passwords import LONGEST, PROBLEMS, Passwords, find_problems, make_password


class CountingHasher(PasswordHasher):
    """The real one; counts what it verifies."""

    verified = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        self.verified += 1
        return super().verify(hash, password)


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    """With the real work."""
    return Passwords()


def test_the_right_password_is_right_and_another_is_wrong(passwords):
    hashed = passwords.hash("tre små grisar")
    assert passwords.verify(hashed, "tre små grisar")
    assert not passwords.verify(hashed, "tre små grisar ")
    assert not passwords.verify(hashed, "")


def test_the_hash_is_argon2id_and_salted(passwords):
    first, second = passwords.hash("tre små grisar"), passwords.hash("tre små grisar")
    assert first.startswith("$argon2id$")
    assert first != second


def test_the_same_letters_from_another_keyboard_are_right(passwords):
    assert passwords.verify(passwords.hash("tre små grisar"), "tre sma\u030a grisar")


def test_nobodys_password_costs_the_same_work_and_is_wrong():
    hasher = CountingHasher()
    passwords = Passwords(hasher)
    hashed = passwords.hash("tre små grisar")
    for hash in (None, hashed):
        before = hasher.verified
        assert not passwords.verify(hash, "fel lösenord")
        assert hasher.verified == before + 1


@pytest.mark.parametrize("hash", ["", "plain", "$argon2id$broken"])
def test_what_is_no_hash_fits_no_password(passwords, hash):
    assert not passwords.verify(hash, hash)


def test_a_password_longer_than_any_may_be_is_wrong(passwords):
    password = "a" * (LONGEST + 1)
    assert not passwords.verify(passwords.hash(password), password)


def test_a_hash_with_other_parameters_is_outdated(passwords):
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash("tre små grisar")
    assert passwords.verify(weak, "tre små grisar")
    assert passwords.is_outdated(weak)
    assert not passwords.is_outdated(passwords.hash("tre små grisar"))


@pytest.mark.parametrize(
    ("password", "problems"),
    [
        ("tre små grisar", ()),
        ("kolme pientä porsasta", ()),
        ("kort", ("short", "monotonous")),
        ("", ("short", "monotonous")),
        ("ab7 " * 65, ("long", "monotonous")),
        ("hemligt-rådgivare-2026", ("name",)),
        ("RÅDGIVARE RÅDGIVARE", ("name",)),
        ("Salasanasalasana1!", ("common",)),
        ("lösenord-lösenord", ("common",)),
        ("Qwerty-Qwerty-123", ("common",)),
        ("administrator", ("common",)),
        ("ababababababab", ("monotonous",)),
        ("111111111111", ("monotonous",)),
    ],
)
def test_what_is_easily_guessed_is_refused_with_every_reason(password, problems):
    assert find_problems(password, "desk.ett", "Rådgivare Ett") == problems


def test_a_short_name_forbids_nothing():
    assert find_problems("tre små grisar", "bo", "Bo") == ()


def test_every_reason_is_explained():
    assert set(PROBLEMS) == {"short", "long", "name", "common", "monotonous"}


def test_a_made_password_is_never_refused_and_never_the_same():
    made = [make_password("desk", "Rådgivare Ett") for _ in range(50)]
    assert len(set(made)) == 50
    assert [password for password in made if find_problems(password, "desk", "Rådgivare Ett")] == []


def test_a_made_password_that_holds_the_name_is_made_anew(monkeypatch: pytest.MonkeyPatch):
    drawn = iter("mettq" + "2" * 5 + "3456789abc" + "mqxzg" * 4)
    monkeypatch.setattr("conversations.passwords.secrets.choice", lambda _: next(drawn))
    assert make_password("desk", "Rådgivare Ett") == "mqxzg-mqxzg-mqxzg-mqxzg"
