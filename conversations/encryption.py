"""Encrypts the little that must be kept as it is: whom a counsellor shall call back.

Fernet of `cryptography` (AES-128-CBC with HMAC-SHA256). The key lies in a file beside the database, never in it: a
copy of the database alone tells nobody's number.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from conversations.errors import SecretKeyInvalid


class Cipher:
    """Encrypts and decrypts short texts."""

    def __init__(self, keys: list[bytes]) -> None:
        """Take up the keys.

        Args:
            keys: Fernet keys; the first encrypts, all decrypt.

        Raises:
            ValueError: There is none, or one is no Fernet key.
        """
        if not keys:
            raise ValueError("there is no key")
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self._hash_key = hashlib.sha256(b"lotsi fingerprint " + keys[-1]).digest()

    def encrypt(self, text: str) -> str:
        """Return `text` so that nobody can read it without the key."""
        return self._fernet.encrypt(text.encode("utf-8")).decode("ascii")

    def fingerprint(self, text: str) -> str:
        """Return what `text` is recognised by, 64 hexadecimal digits; without the key nobody can try out what it was.

        A plain hash would not do: there are few enough phone numbers to hash them all. The oldest key makes it, so that
        a new one in front changes nothing.
        """
        return hmac.new(self._hash_key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def decrypt(self, text: str) -> str | None:
        """Return what was encrypted; None if it was with a key that is not there."""
        try:
            return self._fernet.decrypt(text.encode("ascii")).decode("utf-8")
        except InvalidToken:
            return None


def open_cipher(path: Path, make: bool) -> Cipher:
    """Return the cipher of a key file: one key a line, the newest first.

    Args:
        path: The file.
        make: Whether a missing file is made, with a new key, readable by its owner alone.

    Raises:
        SecretKeyInvalid: The file is missing, cannot be read, or holds no key.
    """
    if make and not path.exists():
        _make_key(path)
    try:
        return Cipher(path.read_bytes().split())
    except FileNotFoundError as error:
        raise SecretKeyInvalid(f"the secret key file {path} is not there") from error
    except OSError as error:
        raise SecretKeyInvalid(f"the secret key file {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise SecretKeyInvalid(f"the secret key file {path} must hold Fernet keys, one a line") from error


def _make_key(path: Path) -> None:
    """Make the file whole and at once: of servers that start together, all read the one key that came first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".secret-") as file:  # made with mode 0600
        file.write(Fernet.generate_key() + b"\n")
        file.flush()
        os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(file.name, path)
