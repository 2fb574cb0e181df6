"""The real server, and a real Redis, each in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

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

    def poll(self) -> int | None:
        """Return the exit status, or None while it runs."""
        return self._process.poll()

    def children(self) -> list[psutil.Process]:
        """The processes that it has started, and theirs."""
        return psutil.Process(self._process.pid).children(recursive=True)

    def kill(self) -> None:
        """End the process at once, as a power cut does."""
        self._process.kill()
        self._process.wait(timeout=120)
        self._log.close()

    def stop(self) -> int:
        """Stop the process that was started here; return its exit status."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(timeout=120)
        finally:
            self._log.close()


class RedisServer:
    """A private Redis: reached over a Unix socket in a folder of its own, nothing kept, gone after."""

    def __init__(self, binary: Path) -> None:
        """Make the folder.

        Args:
            binary: `redis-server`.
        """
        self._binary = binary
        self._folder = tempfile.TemporaryDirectory(prefix="lotsi-redis-")
        self._process: subprocess.Popen[bytes] | None = None
        self.socket = Path(self._folder.name) / "redis.sock"
        self.url = f"unix://{self.socket}"

    def start(self) -> None:
        """Run it until `stop`."""
        command = [str(self._binary), "--port", "0", "--unixsocket", str(self.socket)]
        command += ["--save", "", "--appendonly", "no", "--dir", self._folder.name]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 20
        while not self.socket.exists():
            assert self._process.poll() is None and time.monotonic() < until, "Redis did not start"
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop the process that was started here, if one runs."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=120)
            self._process = None
        self.socket.unlink(missing_ok=True)

    def close(self) -> None:
        """Stop, and take the folder away."""
        self.stop()
        self._folder.cleanup()
