"""How a thread that loads a model leaves Python's lock to those that answer: it works for a while, and rests longer.

Python gives every thread that computes the same share of its lock. A load that took half of it for a second let turns
wait in a queue; with a fifth it takes longer, and nobody notices.
"""

from __future__ import annotations

import threading
import time

_WORK = 0.002
"""Seconds after which a paced thread rests."""
_REST = 0.016
"""Seconds for which it rests."""


class _Pace(threading.local):
    since: float | None = None
    """When the thread began to work, or went on after its last rest; None for a thread that never rests."""


_PACE = _Pace()


def keep_pace() -> None:
    """Let this thread rest from now on, wherever it calls `rest_at_times`."""
    _PACE.since = time.perf_counter()


def rest_at_times() -> None:
    """Rest if this thread keeps pace and has worked for a while; costs next to nothing otherwise."""
    if _PACE.since is not None and time.perf_counter() - _PACE.since > _WORK:
        time.sleep(_REST)
        _PACE.since = time.perf_counter()
