"""The members of staff that the tests know, and a clock that they can move."""

from __future__ import annotations

import datetime as dt

PASSWORD = "tre små grisar i regnet"
ANOTHER = "nio svarta katter på taket"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: dt.datetime | None = None) -> None:
        self.now = now or dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.timezone.utc)

    def __call__(self) -> dt.datetime:
        return self.now

    def move(self, **units: float) -> None:
        """Move it on, by `seconds=`, `minutes=`, `hours=`, `days=`."""
        self.now += dt.timedelta(**units)
