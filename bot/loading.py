"""How a model is loaded beside another one that answers: the turns go first, and wait for nothing long.

Python runs one thread at a time. A thread that loads would take half of all time from turns, which ask for their share
again at every step; and the garbage collector stops everybody. So whoever loads looks every few milliseconds whether a
turn is on its way and stands aside while one is, up to a bound, so that it comes to an end under any load.
"""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_STRETCH = 0.004
"""Seconds that loading goes on before it looks again."""
_PATIENCE = 0.05
"""Seconds that it stands aside at the most before another stretch."""
_NAP = 0.001


class Traffic:
    """How many turns are on their way."""

    def __init__(self) -> None:
        """Begin with none."""
        self._count = 0
        self._lock = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Count a turn while it is on its way."""
        with self._lock:
            self._count += 1
        try:
            yield
        finally:
            with self._lock:
                self._count -= 1

    @contextmanager
    def giving_way(self) -> Iterator[None]:
        """Let turns go before whatever this thread does meanwhile.

        Python tells of each call in this thread; a look at the clock then costs little, and no library that loads need
        know of it.
        """
        ready_at = time.perf_counter() + _STRETCH

        def look(_frame: FrameType, _event: str, _argument: Any) -> None:
            nonlocal ready_at
            now = time.perf_counter()
            if now < ready_at:
                return
            last = now + _PATIENCE
            while self._count and now < last:
                time.sleep(_NAP)
                now = time.perf_counter()
            ready_at = now + _STRETCH

        before = sys.getprofile()
        sys.setprofile(look)
        try:
            yield
        finally:
            sys.setprofile(before)


def settle_memory() -> None:
    """Take all that there is now out of what the garbage collector looks through: half a million objects, for good.

    It would look through them again and again while a model is loaded, and nobody is answered meanwhile (0.3 s each).
    """
    gc.collect()
    gc.freeze()
