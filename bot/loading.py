"""How a model is loaded beside another one that answers: the turns go on, and wait for nothing long.

Python runs one thread at a time. A thread that loads gives way every five milliseconds by default, and the garbage
collector never does.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_SWITCH_INTERVAL = 0.0005


@contextmanager
def yielding_often() -> Iterator[None]:
    """Let threads change ten times as often meanwhile: a turn asks for its share many times, and waits each time."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_INTERVAL)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def settle_memory() -> None:
    """Take all that there is now out of what the garbage collector looks through: half a million objects, for good.

    It would look through them again and again while a model is loaded, and nobody is answered meanwhile (0.3 s each).
    """
    gc.collect()
    gc.freeze()
