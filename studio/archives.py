"""The archives of models made here: where they lie, and that only those are opened that were made here.

A model's archive holds pickled objects: opening a foreign one would run whatever it says. So each gets a signature with
the installation's secret key when it is made, and is opened only while its content is still the signed one.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import shutil
from pathlib import Path

from conversations.encryption import Cipher
from studio.model_errors import ModelForeign

_SUFFIX = ".tar.gz"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_WORK = ".work-"


class Archives:
    """The folder of archives, with the key that signs them."""

    def __init__(self, folder: Path, cipher: Cipher) -> None:
        """Use a folder; it is made when something is put into it.

        Args:
            folder: `models` of the data folder.
            cipher: Holds the secret key.
        """
        self.folder = folder
        self._cipher = cipher

    def path(self, name: str) -> Path:
        """Return where a model's archive lies.

        Raises:
            ModelForeign: It is no name of a model, such as one that leads out of the folder.
        """
        if not _NAME.fullmatch(name):
            raise ModelForeign(f"'{name}' is no name of a model")
        return self.folder / f"{name}{_SUFFIX}"

    def snapshot(self, name: str) -> Path:
        """Return the folder with the admins' drafts that a model was trained with."""
        return self.path(name).with_name(f"{name}.overlay")

    def sign(self, name: str) -> tuple[str, str, int]:
        """Return an archive's SHA-256, the signature of its name and content, and its size."""
        path = self.path(name)
        digest = hash_file(path)
        return digest, self._signature(name, digest), path.stat().st_size

    def check(self, name: str, sha256: str, signature: str) -> Path:
        """Return where an archive lies, once it is known to be ours.

        Raises:
            ModelForeign: It is missing, was changed, or was never signed here.
        """
        path = self.path(name)
        if not hmac.compare_digest(self._signature(name, sha256), signature):
            raise ModelForeign(f"{path.name} was not made here: its signature is not of this installation's key")
        try:
            found = hash_file(path)
        except OSError as error:
            raise ModelForeign(f"{path.name} cannot be read: {error.strerror}") from error
        if not hmac.compare_digest(found, sha256):
            raise ModelForeign(f"{path.name} is not what was made here: its content has changed")
        return path

    def remove(self, name: str) -> None:
        """Take away a model's archive and its snapshot; what is gone already is passed over."""
        self.path(name).unlink(missing_ok=True)
        shutil.rmtree(self.snapshot(name), ignore_errors=True)

    def workspace(self, job: int) -> Path:
        """Return the folder in which a training works; made anew."""
        path = self.folder / f"{_WORK}{job}"
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        return path

    def sweep(self, keep: int | None = None) -> None:
        """Take away what trainings left behind that ended in the middle.

        Args:
            keep: The job that runs now.
        """
        for path in self.folder.glob(f"{_WORK}*"):
            if path.name != f"{_WORK}{keep}":
                shutil.rmtree(path, ignore_errors=True)

    def _signature(self, name: str, sha256: str) -> str:
        return self._cipher.fingerprint(f"model archive\0{name}\0{sha256}")


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
