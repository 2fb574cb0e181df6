"""The second factor: codes by time, each taken once, and recovery codes."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from sqlalchemy import text

from conversations.second_factor import RECOVERY_CODES, SecondFactor, provisioning_uri


@pytest.fixture
def factor(users, cipher, clock) -> SecondFactor:
    return SecondFactor(users, cipher, clock)


@pytest.fixture
def app(factor, anna, clock):
    """Anna's app, confirmed; gives the code of now."""
    totp = pyotp.TOTP(factor.begin(anna.id))

    def code(shift: int = 0) -> str:
        return totp.at(int(clock.now.timestamp()) + 30 * shift)

    assert factor.confirm(anna.id, code())
    clock.move(seconds=30)
    return code


def test_a_secret_counts_only_once_a_code_confirms_it(factor, users, anna, clock):
    secret = factor.begin(anna.id)
    assert factor.begin(anna.id) == secret, "a page that is loaded again shows the same"
    assert not users.fetch(anna.id).has_second_factor
    assert factor.confirm(anna.id, "000000") is None
    codes = factor.confirm(anna.id, pyotp.TOTP(secret).at(clock.now))
    assert codes is not None
    assert len(set(codes)) == RECOVERY_CODES
    assert users.fetch(anna.id).has_second_factor
    assert users.fetch(anna.id).recovery_codes_left == RECOVERY_CODES


def test_nothing_is_confirmed_that_was_not_begun(factor, anna):
    assert factor.confirm(anna.id, "000000") is None
    assert factor.confirm(anna.id, "") is None


def test_the_code_of_now_is_right_and_a_phones_clock_may_be_half_a_minute_off(factor, anna, app, clock):
    for shift in (-1, 0, 1):
        clock.move(minutes=5)
        assert factor.check(anna.id, app(shift)) == "totp"


def test_a_code_of_another_time_is_wrong(factor, anna, app, clock):
    clock.move(minutes=5)
    assert [shift for shift in (-3, -2, 2, 3) if factor.check(anna.id, app(shift))] == []


def test_code_cannot_be_replayed(factor, anna, app, clock):
    code = app()
    assert factor.check(anna.id, code) == "totp"
    assert factor.check(anna.id, code) is None
    clock.move(seconds=10)
    assert factor.check(anna.id, code) is None
    assert factor.check(anna.id, app(-1)) is None, "nor an older one that nobody has used"


def test_the_code_that_confirmed_cannot_sign_in(factor, anna, app):
    assert factor.check(anna.id, app(-1)) is None


def test_a_code_may_be_typed_with_blanks(factor, anna, app):
    code = app()
    assert factor.check(anna.id, f" {code[:3]} {code[3:]} ") == "totp"


def test_what_is_no_code_is_wrong(factor, anna, app):
    wrong = ("", "0", "000000", "abcdef", "1" * 5000, "١٢٣٤٥٦", "\x00", "-----")
    assert [code for code in wrong if factor.check(anna.id, code)] == []


def test_without_a_second_factor_no_code_is_right(factor, anna):
    assert factor.check(anna.id, "000000") is None
    assert factor.check(anna.id, "") is None


def test_a_recovery_code_is_good_once_however_it_is_typed(factor, users, anna, app):
    first, second, *_ = factor.renew_recovery_codes(anna.id)
    assert factor.check(anna.id, first) == "recovery"
    assert factor.check(anna.id, first) is None
    assert factor.check(anna.id, second.upper().replace("-", " ")) == "recovery"
    assert users.fetch(anna.id).recovery_codes_left == RECOVERY_CODES - 2


def test_new_recovery_codes_make_the_old_ones_worthless(factor, anna, app):
    old = factor.renew_recovery_codes(anna.id)
    factor.renew_recovery_codes(anna.id)
    assert factor.check(anna.id, old[0]) is None


def test_it_is_turned_off_with_all_that_belongs_to_it(factor, users, sessions, anna, app, engine):
    here, token = sessions.begin(anna.id, "totp")
    _, elsewhere = sessions.begin(anna.id, "totp")
    factor.turn_off(anna.id, keep=here.id)
    assert not users.fetch(anna.id).has_second_factor
    assert factor.check(anna.id, app()) is None
    assert sessions.fetch(token) is not None
    assert sessions.fetch(elsewhere) is None
    with engine.connect() as connection:
        row = connection.execute(text("SELECT totp_secret, totp_pending, totp_step, recovery_codes FROM staff_user"))
        assert row.one()[:3] == (None, None, None)


def test_turning_it_on_ends_sessions_elsewhere(factor, sessions, anna, clock):
    here, token = sessions.begin(anna.id, "password")
    _, elsewhere = sessions.begin(anna.id, "password")
    secret = factor.begin(anna.id)
    factor.confirm(anna.id, pyotp.TOTP(secret).at(clock.now), keep=here.id)
    assert sessions.fetch(token) is not None
    assert sessions.fetch(elsewhere) is None


def test_neither_secret_nor_recovery_code_is_stored_in_clear(factor, users, anna, clock, engine):
    secret = factor.begin(anna.id)
    codes = factor.confirm(anna.id, pyotp.TOTP(secret).at(clock.now)) or []
    bo = users.insert("bo", "Bo", ["admin"])
    pending = factor.begin(bo.id)
    with engine.connect() as connection:
        stored = str(connection.execute(text("SELECT * FROM staff_user")).all())
    assert not any(value in stored for value in (secret, pending, *codes, *[code.replace("-", "") for code in codes]))


def test_the_address_for_the_app_names_the_user_and_lotsi(factor, anna):
    parts = urlsplit(provisioning_uri(factor.begin(anna.id), "anna"))
    assert (parts.scheme, parts.netloc, parts.path) == ("otpauth", "totp", "/Lotsi:anna")
    assert set(parse_qs(parts.query)) == {"secret", "issuer"}
