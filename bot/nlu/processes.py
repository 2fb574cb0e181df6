"""Work of a training in other processes, beside what this one does: Python itself runs on one core at a time."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future
from typing import ParamSpec, TypeVar

from joblib.externals.loky import get_reusable_executor
from threadpoolctl import threadpool_limits

_P = ParamSpec("_P")
_R = TypeVar("_R")
CORES = os.cpu_count() or 1
_IDLE_SECONDS = 60
"""After which a process without work ends."""


def run_beside(worthwhile: bool, function: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> Future[_R]:
    """Run a function in another process, or here and now where that is not worth the time to hand it over.

    Args:
        worthwhile: Whether another process may be used; with one core none is.
        function: Of a module; arguments and result are pickled.
        args, kwargs: Its arguments.

    Returns:
        What holds the result, or the error, when it is there.
    """
    if worthwhile and CORES > 1:
        future: Future[_R] = get_reusable_executor(max_workers=CORES, timeout=_IDLE_SECONDS).submit(
            function, *args, **kwargs
        )
        return future
    done: Future[_R] = Future()
    try:
        done.set_result(function(*args, **kwargs))
    except Exception as error:
        done.set_exception(error)
    return done


def _prepare() -> None:
    from bot.nlu import intent_model  # noqa: F401

    # There is a process a core; threads of OpenBLAS would wait for each other by turning round and round.
    threadpool_limits(limits=1, user_api="blas")


def start_processes() -> None:
    """Start the other processes ahead, so that they are ready when there is work: to import libraries takes seconds."""
    for _ in range(CORES):
        run_beside(True, _prepare)
