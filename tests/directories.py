"""A real OpenID provider (npm's certified `oidc-provider`), in a process of its own."""

from __future__ import annotations

import hashlib
import shutil
import socket
import subprocess
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent / "oidc"
_CACHE = _FOLDER.parent.parent / ".cache"
_PINNED = ("package.json", "package-lock.json")


def find_node() -> Path | None:
    """Return Node 20 or newer with its npm, or None."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return Path(node) if int(version.strip().lstrip("v").partition(".")[0]) >= 20 else None


def install_provider() -> Path:
    """Return the folder with the provider's packages, of just the versions that are pinned; installed once.

    Raises:
        subprocess.CalledProcessError: They cannot be fetched.
    """
    pinned = [(_FOLDER / name).read_bytes() for name in _PINNED]
    folder = _CACHE / f"oidc-{hashlib.sha256(b''.join(pinned)).hexdigest()[:12]}"
    if not (folder / "node_modules" / ".package-lock.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in _PINNED:
            shutil.copy(_FOLDER / name, folder / name)
        command = [str(shutil.which("npm")), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Provider:
    """A running provider; Lotsi is known to it by the redirect address."""

    def __init__(self, folder: Path, redirect: str) -> None:
        """Start it and wait until it listens.

        Args:
            folder: What `install_provider` returned.
            redirect: Where the browser is sent back to.
        """
        self.issuer = f"http://localhost:{free_port()}"
        command = [str(find_node()), str(_FOLDER / "provider.mjs"), str(folder), self.issuer.rpartition(":")[2]]
        self._process = subprocess.Popen([*command, redirect], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        line = self._process.stdout.readline() if self._process.stdout else b""
        if not line.startswith(b"listening"):
            self.stop()
            raise AssertionError("the OpenID provider did not start")

    def stop(self) -> None:
        """Stop the process that was started here."""
        self._process.terminate()
        self._process.wait(timeout=30)
        if self._process.stdout:
            self._process.stdout.close()
