"""How many calls a minute somebody may make: a sliding window in memory, one a process."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable

_WINDOW_SECONDS = 60.0
_MOST_KEYS = 50_000


class RateLimiter:
    """Counts calls by key within the last minute."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Set the limit.

        Args:
            limit: Calls a minute and key; 0 or less is no limit.
            clock: Seconds, ever growing.
        """
        self._limit = limit
        self._clock = clock
        self._calls: OrderedDict[str, deque[float]] = OrderedDict()

    def take(self, key: str) -> float:
        """Count a call.

        Args:
            key: Whose call it is.

        Returns:
            0 if the call may go on, else the seconds until one may.
        """
        if self._limit <= 0:
            return 0.0
        now = self._clock()
        calls = self._calls.setdefault(key, deque())
        self._calls.move_to_end(key)
        while calls and now - calls[0] >= _WINDOW_SECONDS:
            calls.popleft()
        while len(self._calls) > _MOST_KEYS:
            self._calls.popitem(last=False)
        if len(calls) >= self._limit:
            return _WINDOW_SECONDS - (now - calls[0])
        calls.append(now)
        return 0.0
