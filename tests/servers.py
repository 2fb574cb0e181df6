"""The real server, in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


class Server:
    """A `lotsi serve` process on a free port, with a data folder of its own."""

    def __init__(self, data: Path, model: Path | None, project: Path = PROJECT, **environment: str) -> None:
        """Start the process.

        Args:
            data: Its data folder.
            model: The model that it serves; None leaves the choice to it.
            project: The checkout that it runs in.
            environment: Variables, `LOTSI_…`.
        """
        command = [sys.executable, "-m", "cli.main", "serve", "--port", "0", "--data", str(data)]
        command += ["--model", str(model)] if model else []
        self.data = data
        self.log_path = data / "server.log"
        data.mkdir(parents=True, exist_ok=True)
        self._log = self.log_path.open("w", encoding="utf-8")
        self._process = subprocess.Popen(
            command, cwd=project, stderr=self._log, stdout=self._log, env={**os.environ, **environment}
        )
        self.url = ""

    def wait(self, seconds: float = 120.0) -> Server:
        """Wait until the server is ready and know its URL."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            events = [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]
            self.url = next((event["url"] for event in events if event["event"] == "web.server.listening"), "")
            if any(event["event"] == "web.server.ready" for event in events):
                return self
            if self._process.poll() is not None:
                break
            time.sleep(0.2)
        self.stop()
        raise AssertionError(f"the server did not start:\n{self.log()}")

    def log(self) -> str:
        """What the server has written so far."""
        return self.log_path.read_text(encoding="utf-8")

    def stop(self) -> int:
        """Stop the process that was started here; return its exit status."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(timeout=30)
        finally:
            self._log.close()
