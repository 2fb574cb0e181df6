"""Passwords: hashed with argon2id, checked against what is easily guessed, and made where nobody chooses one.

Sources: OWASP Password Storage Cheat Sheet and RFC 9106 for the hash (the parameters are argon2-cffi's own defaults),
NIST SP 800-63B section 5.1.1.2 for the checks: length and lists of common passwords, no rules on kinds of characters.
"""

from __future__ import annotations

import functools
import secrets
import unicodedata
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 256
PROBLEMS = {
    "short": f"it has fewer than {SHORTEST} characters",
    "long": f"it has more than {LONGEST} characters",
    "name": "it holds the user's name",
    "common": "it is one of the most common passwords",
    "monotonous": "it repeats the same few characters",
}
"""Why a password is refused, in English for the command line; pages say it in the reader's language."""

_COMMON_FILE = Path(__file__).resolve().parent / "common_passwords.txt"
_FEWEST_DIFFERENT = 5
_LEAST_NAME = 3
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # nothing that looks like another letter
_GROUPS, _GROUP_LENGTH = 4, 5


class Passwords:
    """Hashes passwords and verifies them."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """Take up the hasher.

        Args:
            hasher: argon2id with the parameters of RFC 9106 for little memory, if left out.
        """
        self._hasher = hasher or PasswordHasher()

    @functools.cached_property
    def _nobodys(self) -> str:
        """The hash of a password that nobody has."""
        return self._hasher.hash(secrets.token_urlsafe(32))

    def hash(self, password: str) -> str:
        """Return the hash of a password, with its salt and parameters."""
        return self._hasher.hash(_normalise(password))

    def verify(self, hash: str | None, password: str) -> bool:
        """Say whether a password is the right one.

        Args:
            hash: What `hash` returned; None where there is no such user. The work is the same then, so that the time
                of an answer does not tell who exists.
            password: As it came in; one that is longer than any may be is wrong without being hashed.
        """
        if len(password) > LONGEST:
            password, hash = "", None
        try:
            return self._hasher.verify(hash or self._nobodys, _normalise(password)) and hash is not None
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, hash: str) -> bool:
        """Say whether a hash was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(hash)


def find_problems(password: str, *names: str) -> tuple[str, ...]:
    """Return why a password is too easily guessed, as codes of `PROBLEMS`.

    Args:
        password: The one that somebody chose.
        names: The user's names; none of their words may stand in it.
    """
    folded = _normalise(password).casefold()
    words = {word for name in names for word in name.casefold().replace(".", " ").replace("@", " ").split()}
    found = {
        "short": len(password) < SHORTEST,
        "long": len(password) > LONGEST,
        "name": any(len(word) >= _LEAST_NAME and word in folded for word in words),
        "common": _reduce(folded) in _common_passwords(),
        "monotonous": len(set(folded)) < _FEWEST_DIFFERENT,
    }
    return tuple(code for code, there in found.items() if there)


def make_password(*names: str) -> str:
    """Return a random password of nearly 100 bits that can be read aloud and that nobody refuses.

    Args:
        names: The user's names; by chance a short one may stand in a password, which is then made anew.
    """
    while True:
        groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
        password = "-".join(groups)
        if not find_problems(password, *names):
            return password


@functools.lru_cache(maxsize=1)
def _common_passwords() -> frozenset[str]:
    lines = _COMMON_FILE.read_text(encoding="utf-8").splitlines()
    return frozenset(_reduce(line.casefold()) for line in lines if line and not line.startswith("#"))


def _reduce(text: str) -> str:
    """Take away what people put at the ends and between the words to make a common password another one."""
    return "".join(char for char in text.rstrip("0123456789!?.*") if char.isalnum()) or text


def _normalise(text: str) -> str:
    """The same letters typed on another keyboard must give the same hash (RFC 8265 asks for NFC)."""
    return unicodedata.normalize("NFC", text)
