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
def app(factor, desk, clock):
    """Desk's app, confirmed; gives the code of now."""
    totp = pyotp.TOTP(factor.begin(desk.id))

    def code(shift: int = 0) -> str:
        return totp.at(int(clock.now.timestamp()) + 30 * shift)

    assert factor.confirm(desk.id, code())
    clock.move(seconds=30)
    return code


def test_a_secret_counts_only_once_a_code_confirms_it(factor, users, desk, clock):
    secret = factor.begin(desk.id)
    assert factor.begin(desk.id) == secret, "a page that is loaded again shows the same"
    assert not users.fetch(desk.id).has_second_factor
    assert factor.confirm(desk.id, "000000") is None
    codes = factor.confirm(desk.id, pyotp.TOTP(secret).at(clock.now))
    assert codes is not None
    assert len(set(codes)) == RECOVERY_CODES
    assert users.fetch(desk.id).has_second_factor
    assert users.fetch(desk.id).recovery_codes_left == RECOVERY_CODES


def test_nothing_is_confirmed_that_was_not_begun(factor, desk):
    assert factor.confirm(desk.id, "000000") is None
    assert factor.confirm(desk.id, "") is None


def test_the_code_of_now_is_right_and_a_phones_clock_may_be_half_a_minute_off(factor, desk, app, clock):
    for shift in (-1, 0, 1):
        clock.move(minutes=5)
        assert factor.check(desk.id, app(shift)) == "totp"


def test_a_code_of_another_time_is_wrong(factor, desk, app, clock):
    clock.move(minutes=5)
    assert [shift for shift in (-3, -2, 2, 3) if factor.check(desk.id, app(shift))] == []


def test_code_cannot_be_replayed(factor, desk, app, clock):
    code = app()
    assert factor.check(desk.id, code) == "totp"
    assert factor.check(desk.id, code) is None
    clock.move(seconds=10)
    assert factor.check(desk.id, code) is None
    assert factor.check(desk.id, app(-1)) is None, "nor an older one that nobody has used"


def test_the_code_that_confirmed_cannot_sign_in(factor, desk, app):
    assert factor.check(desk.id, app(-1)) is None


def test_a_code_may_be_typed_with_blanks(factor, desk, app):
    code = app()
    assert factor.check(desk.id, f" {code[:3]} {code[3:]} ") == "totp"


def test_what_is_no_code_is_wrong(factor, desk, app):
    wrong = ("", "0", "000000", "abcdef", "1" * 5000, "١٢٣٤٥٦", "\x00", "-----")
    assert [code for code in wrong if factor.check(desk.id, code)] == []


def test_without_a_second_factor_no_code_is_right(factor, desk):
    assert factor.check(desk.id, "000000") is None
    assert factor.check(desk.id, "") is None


def test_a_recovery_code_is_good_once_however_it_is_typed(factor, users, desk, app):
    first, second, *_ = factor.renew_recovery_codes(desk.id)
    assert factor.check(desk.id, first) == "recovery"
    assert factor.check(desk.id, first) is None
    assert factor.check(desk.id, second.upper().replace("-", " ")) == "recovery"
    assert users.fetch(desk.id).recovery_codes_left == RECOVERY_CODES - 2


def test_new_recovery_codes_make_the_old_ones_worthless(factor, desk, app):
    old = factor.renew_recovery_codes(desk.id)
    factor.renew_recovery_codes(desk.id)
    assert factor.check(desk.id, old[0]) is None


def test_it_is_turned_off_with_all_that_belongs_to_it(factor, users, sessions, desk, app, engine):
    here, token = sessions.begin(desk.id, "totp")
    _, elsewhere = sessions.begin(desk.id, "totp")
    factor.turn_off(desk.id, keep=here.id)
    assert not users.fetch(desk.id).has_second_factor
    assert factor.check(desk.id, app()) is None
    assert sessions.fetch(token) is not None
    assert sessions.fetch(elsewhere) is None
    with engine.connect() as connection:
        row = connection.execute(text("SELECT totp_secret, totp_pending, totp_step, recovery_codes FROM staff_user"))
        assert row.one()[:3] == (None, None, None)


def test_turning_it_on_ends_sessions_elsewhere(factor, sessions, desk, clock):
    here, token = sessions.begin(desk.id, "password")
    _, elsewhere = sessions.begin(desk.id, "password")
    secret = factor.begin(desk.id)
    factor.confirm(desk.id, pyotp.TOTP(secret).at(clock.now), keep=here.id)
    assert sessions.fetch(token) is not None
    assert sessions.fetch(elsewhere) is None


def test_neither_secret_nor_recovery_code_is_stored_in_clear(factor, users, desk, clock, engine):
    secret = factor.begin(desk.id)
    codes = factor.confirm(desk.id, pyotp.TOTP(secret).at(clock.now)) or []
    bo = users.insert("bo", "Bo", ["admin"])
    pending = factor.begin(bo.id)
    with engine.connect() as connection:
        stored = str(connection.execute(text("SELECT * FROM staff_user")).all())
    assert not any(value in stored for value in (secret, pending, *codes, *[code.replace("-", "") for code in codes]))


def test_the_address_for_the_app_names_the_user_and_lotsi(factor, desk):
    parts = urlsplit(provisioning_uri(factor.begin(desk.id), "desk"))
    assert (parts.scheme, parts.netloc, parts.path) == ("otpauth", "totp", "/Lotsi:desk")
    assert set(parse_qs(parts.query)) == {"secret", "issuer"}
