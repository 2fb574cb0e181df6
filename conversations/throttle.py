"""Slows down whoever guesses passwords, by account and by address, in the database: several processes count together.

An attempt is counted before it is made and given back if it was right, so that many at once count as many. A name that
nobody has is counted like any other: a lock tells nothing about who exists.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session

from conversations.database import wait_for_turn
from conversations.records import current_moment, hash_text
from conversations.staff import User, fold_name
from conversations.staff_schema import SignInFailureRow
from knowledge.engine import for_writing

_FORGOTTEN = dt.timedelta(days=1)
_IPV6_NETWORK = 64


@dataclass(frozen=True)
class Limit:
    """Failures that cost nothing, the seconds that the next one costs (doubled with each more), and the most."""

    free: int
    first: int = 5
    longest: int = 900

    def delay(self, failures: int) -> dt.timedelta:
        """Return how long nobody may try again after so many failures."""
        over = failures - self.free
        return dt.timedelta(seconds=0 if over < 0 else min(self.longest, self.first * 2 ** min(over, 20)))


ACCOUNT = Limit(free=5)
ADDRESS = Limit(free=30)
"""An office has one address for many people."""


class SignInThrottle:
    """Counts failed sign-ins."""

    def __init__(self, engine: Engine, clock: Callable[[], dt.datetime] = current_moment) -> None:
        """Use the tables of `engine`.

        Args:
            engine: A migrated conversations database.
            clock: The present moment.
        """
        self._writer = for_writing(engine)
        self._clock = clock

    def take(self, account: str, address: str) -> int:
        """Count an attempt that is about to be made.

        Args:
            account: The name as typed, or what `code_account` or `confirmation_account` returned.
            address: Where it comes from.

        Returns:
            0 if it may be made, else the seconds until one may; it is not counted then.
        """
        now = self._clock()
        limits = {_account(account): ACCOUNT, _address(address): ADDRESS}
        with Session(self._writer) as session, session.begin():
            wait_for_turn(session, "sign_in_failure")
            session.execute(delete(SignInFailureRow).where(SignInFailureRow.last_at < now - _FORGOTTEN))
            rows = {key: self._get(session, key, now) for key in sorted(limits)}
            wait = max((row.blocked_until - now).total_seconds() for row in rows.values())
            if wait > 0:
                return int(wait) + 1
            for key, row in rows.items():
                row.failures += 1
                row.last_at = now
                row.blocked_until = now + limits[key].delay(row.failures)
            return 0

    def give_back(self, account: str, address: str) -> None:
        """Take the attempt back, because it was right: the account's failures are forgotten, one of the address's."""
        now = self._clock()
        with Session(self._writer) as session, session.begin():
            wait_for_turn(session, "sign_in_failure")
            row = self._get(session, _address(address), now)
            row.failures = max(0, row.failures - 1)
            row.blocked_until = now
            session.execute(delete(SignInFailureRow).where(SignInFailureRow.key == _account(account)))

    def forget(self, user: User) -> None:
        """Forget all failures of a user's, so that the user may try again at once."""
        accounts = (user.name, code_account(user), confirmation_account(user))
        with Session(self._writer) as session, session.begin():
            keys = [_account(name) for name in accounts]
            session.execute(delete(SignInFailureRow).where(SignInFailureRow.key.in_(keys)))

    @staticmethod
    def _get(session: Session, key: str, now: dt.datetime) -> SignInFailureRow:
        row = session.get(SignInFailureRow, key)
        if row is None:
            row = SignInFailureRow(key=key, failures=0, last_at=now, blocked_until=now)
            session.add(row)
            session.flush()
        return row


def code_account(user: User) -> str:
    """Return what failed codes of the second factor are counted under."""
    return f"code {user.id}"


def confirmation_account(user: User) -> str:
    """Return what failed confirmations of a signed-in user are counted under."""
    return f"confirm {user.id}"


def _account(name: str) -> str:
    return hash_text(f"account {fold_name(name)}")


def _address(address: str) -> str:
    """One who has a network of IPv6 has more addresses than can be counted, so the network counts as one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return hash_text(f"address {address}")
    if parsed.version == 6:
        return hash_text(f"address {ipaddress.ip_network((parsed, _IPV6_NETWORK), strict=False)}")
    return hash_text(f"address {parsed}")
