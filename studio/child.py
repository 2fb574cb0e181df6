"""The trainer's process as its parent sees it: orders go in, lines come out, and it ends when it is told to."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PROJECT_FOLDER = Path(__file__).resolve().parent.parent


class TrainerGone(Exception):
    """The trainer ended before it had said all."""


class TrainerProcess:
    """One trainer, in a process group of its own with all that it starts."""

    def __init__(self) -> None:
        """Start it."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "studio.trainer"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            cwd=PROJECT_FOLDER,
            start_new_session=True,
            env={**os.environ, "OMP_WAIT_POLICY": "passive", "PYTHONUNBUFFERED": "1"},
        )

    @property
    def pid(self) -> int:
        """The process's id, which is its group's."""
        return self._process.pid

    def is_running(self) -> bool:
        """Tell whether it runs."""
        return self._process.poll() is None

    def order(self, **values: Any) -> None:
        """Send an order.

        Raises:
            TrainerGone: Nobody hears it.
        """
        if self._process.stdin is None:
            raise TrainerGone
        try:
            self._process.stdin.write(json.dumps(values, ensure_ascii=False) + "\n")
            self._process.stdin.flush()
        except (OSError, ValueError) as error:
            raise TrainerGone from error

    def hear(self) -> Iterator[dict[str, Any]]:
        """Yield what it says, until it has ended."""
        with contextlib.suppress(ValueError):  # closed by `end`, from another thread
            for line in self._process.stdout or ():
                yield json.loads(line)

    def how_it_ended(self) -> str:
        """Return the signal's name or the status that it ended with."""
        status = self._process.wait()
        return signal.Signals(-status).name if status < 0 else f"status {status}"

    def end(self) -> None:
        """End it with all that it has started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=10)

    def close(self) -> None:
        """End it and give its pipes back."""
        self.end()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError, ValueError):
                    stream.close()
