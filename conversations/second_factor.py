"""The second factor: one-time codes by time (RFC 6238), and recovery codes for the day when the phone is lost.

Secrets are encrypted; a code is taken once only; recovery codes are hashed and each is good for one sign-in.
"""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from collections.abc import Callable

import pyotp

from conversations.encryption import Cipher
from conversations.records import current_moment, hash_text
from conversations.staff import end_sessions
from conversations.staff_schema import UserRow
from conversations.users import UserStore

RECOVERY_CODES = 10
_ISSUER = "Lotsi"
_STEP = 30
_TOLERATED_STEPS = (-1, 0, 1)
"""Phones' clocks are not exact; RFC 6238 section 5.2 advises one step."""
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class SecondFactor:
    """Turns the second factor on and off, and checks codes."""

    def __init__(self, users: UserStore, cipher: Cipher, clock: Callable[[], dt.datetime] = current_moment) -> None:
        """Take up the users and the key.

        Args:
            users: The users of one database.
            cipher: Encrypts the secrets.
            clock: The present moment.
        """
        self._users = users
        self._cipher = cipher
        self._clock = clock

    def begin(self, id: str) -> str:
        """Return the secret that a user is about to put into an app; the same one until a code confirms it.

        Raises:
            UserNotFound: There is no such user.
        """
        with self._users.changing(id) as (_, row):
            secret = self._decrypt(row.totp_pending)
            if secret is None:
                secret = pyotp.random_base32()
                row.totp_pending = self._cipher.encrypt(secret)
            return secret

    def confirm(self, id: str, code: str, keep: str | None = None) -> list[str] | None:
        """Turn the second factor on, if the code shows that the app has the secret; other sessions end.

        Args:
            id: The user's id.
            code: What the app shows.
            keep: The session that goes on.

        Returns:
            The recovery codes, shown this once; None if the code is wrong.

        Raises:
            UserNotFound: There is no such user.
        """
        with self._users.changing(id) as (session, row):
            step = self._find_step(self._decrypt(row.totp_pending), code, None)
            if step is None:
                return None
            row.totp_secret, row.totp_pending, row.totp_step = row.totp_pending, None, step
            end_sessions(session, id, keep)
            return _renew_recovery_codes(row)

    def renew_recovery_codes(self, id: str) -> list[str]:
        """Return new recovery codes, shown this once; the old ones are good for nothing.

        Raises:
            UserNotFound: There is no such user.
        """
        with self._users.changing(id) as (_, row):
            return _renew_recovery_codes(row)

    def check(self, id: str, code: str) -> str | None:
        """Take a code at sign-in.

        Returns:
            `totp` or `recovery`, whichever it was; None if it is wrong or was taken before.

        Raises:
            UserNotFound: There is no such user.
        """
        with self._users.changing(id) as (_, row):
            step = self._find_step(self._decrypt(row.totp_secret), code, row.totp_step)
            if step is not None:
                row.totp_step = step
                return "totp"
            hashed = hash_text(_fold(code))
            if row.totp_secret is not None and hashed in row.recovery_codes:
                row.recovery_codes = [other for other in row.recovery_codes if other != hashed]
                return "recovery"
            return None

    def turn_off(self, id: str, keep: str | None = None) -> None:
        """Let the user sign in without a second factor; other sessions end.

        Raises:
            UserNotFound: There is no such user.
        """
        with self._users.changing(id) as (session, row):
            row.totp_secret = row.totp_pending = row.totp_step = None
            row.recovery_codes = []
            end_sessions(session, id, keep)

    def _decrypt(self, secret: str | None) -> str | None:
        return None if secret is None else self._cipher.decrypt(secret)

    def _find_step(self, secret: str | None, code: str, last: int | None) -> int | None:
        """Return the time step that a code belongs to, if it is later than the last one that was used."""
        digits = "".join(code.split())
        if secret is None or not (digits.isascii() and digits.isdecimal()):
            return None
        totp, now = pyotp.TOTP(secret), int(self._clock().timestamp()) // _STEP
        for step in (now + shift for shift in _TOLERATED_STEPS):
            right = hmac.compare_digest(totp.generate_otp(step), digits)
            if right and (last is None or step > last):
                return step
        return None


def provisioning_uri(secret: str, name: str) -> str:
    """Return what an app reads from the QR code.

    Args:
        secret: What `SecondFactor.begin` returned.
        name: What the user signs in by.
    """
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=_ISSUER)


def _renew_recovery_codes(row: UserRow) -> list[str]:
    codes = ["-".join(_random_group() for _ in range(3)) for _ in range(RECOVERY_CODES)]
    row.recovery_codes = [hash_text(_fold(code)) for code in codes]
    return codes


def _random_group() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(5))


def _fold(code: str) -> str:
    return "".join(char for char in code.casefold() if char.isalnum())
