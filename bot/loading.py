"""How a model is loaded beside another one that answers, so that turns wait for nothing long.

Python runs one thread at a time, and OpenBLAS, the garbage collector and Rasa's YAML reader each take more than they
need. `docs/development/swap.md` has the figures of each step.
"""

from __future__ import annotations

import gc
import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import rasa.shared.utils.io
import yaml
from threadpoolctl import threadpool_limits

from bot.nlu.pacing import keep_pace, rest_at_times

_TURN_TAKING = 0.0005
"""Seconds after which a thread that computes lets another one go on; Python's own five milliseconds are a tenth of a
turn, and a turn asks for its share again at every query."""
_LAST = 19
"""The lowest priority of Linux."""
_RASA_READER = rasa.shared.utils.io.read_yaml


def share_process() -> None:
    """Let the threads of this process wait less for each other, and take no core from others; to be called with a load.

    A message's matrices are too small to be shared among cores, but OpenBLAS wakes its threads for them, which then
    wait for more by turning round and round: that doubled the processor time of a turn.
    """
    sys.setswitchinterval(_TURN_TAKING)
    threadpool_limits(limits=1, user_api="blas")


def stand_back() -> None:
    """Let this thread use a core only when nothing else of ours wants one, and rest: it loads a model, others answer.

    Where threads have no priority of their own (outside Linux), it rests alone.
    """
    keep_pace()
    with suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LAST)


def settle_memory() -> None:
    """Take all that there is now out of what the garbage collector looks through: half a million objects, for good.

    It would look through them again and again while a model is loaded, and nobody is answered meanwhile (0.3 s each).
    """
    gc.collect()
    gc.freeze()


class _ModelYaml(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """libyaml, with what YAML 1.2, which Rasa writes, takes for more than a text."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        rest_at_times()
        return super().construct_object(node, deep)


_ModelYaml.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ("~", "n", "N", "")),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    _ModelYaml.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))


def read_model_yaml(content: str, reader_type: str | list[str] = "safe") -> Any:
    """Return what a YAML text of a model archive says, as Rasa's `read_yaml` does.

    Args:
        content: The text, written by Rasa: it needs neither variables of the environment nor line numbers.
        reader_type: As Rasa's function takes it; of no meaning here.

    Raises:
        yaml.YAMLError: It is no YAML.
    """
    return yaml.load(content, Loader=_ModelYaml) or {}  # noqa: S506 - a safe loader


@contextmanager
def quick_yaml() -> Iterator[None]:
    """Let Rasa read the YAML of a model archive by libyaml: its own reader takes half of the time of a load."""
    rasa.shared.utils.io.read_yaml = read_model_yaml
    try:
        yield
    finally:
        rasa.shared.utils.io.read_yaml = _RASA_READER
