"""Remembers which examples hold up the border of which machine, so that the next training begins with those.

A support vector machine rests on its support vectors alone, a twentieth of the examples; all others may be left out and
change nothing. A few new examples hardly change which they are. What is remembered is a guess that training checks: an
old or damaged file costs time and nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from knowledge.cache import cache_folder, keep_file, make_cache_folder

_KNOWN_ENOUGH = 0.75
_MOST_EXAMPLES = 150_000
_FILE = "support.npz"


class SupportCache:
    """Examples by the hash of their text, each with the intents whose border it holds up."""

    def __init__(self, folder: Path | None = None) -> None:
        """Open the cache.

        Args:
            folder: Where the file lies; `cache_folder` if left out. A file that cannot be read counts as empty.
        """
        self._path = (folder or cache_folder()) / _FILE

    def guess(self, texts: Sequence[str]) -> dict[str, NDArray[np.intp]]:
        """Return the rows that probably hold up each intent's border, those of unknown texts among them.

        Args:
            texts: Of all examples.

        Returns:
            Rows in their order, by intent; nothing where more than a quarter of the texts are unknown.
        """
        names, keys, holds = self._read()
        wanted = _to_keys(texts)
        if not len(keys):
            return {}
        places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        known = keys[places] == wanted
        if known.mean() < _KNOWN_ENOUGH:
            return {}
        rows = holds[places] | ~known[:, None]
        return {str(name): np.flatnonzero(rows[:, column]) for column, name in enumerate(names)}

    def keep(self, texts: Sequence[str], support: Mapping[str, NDArray[np.intp]]) -> None:
        """Write what a training found, in one step; what is known of other texts stays.

        A folder that cannot be written to costs the next training time.

        Args:
            texts: Of all examples.
            support: The rows that hold up each intent's border.
        """
        names = np.array(sorted(support), dtype=str)
        holds = np.zeros((len(texts), len(names)), dtype=bool)
        for column, name in enumerate(names):
            holds[support[str(name)], column] = True
        keys, first = np.unique(_to_keys(texts), return_index=True)
        holds = holds[first]
        old_names, old_keys, old_holds = self._read()
        if np.array_equal(old_names, names):
            others = ~np.isin(old_keys, keys)
            if others.sum() + len(keys) <= _MOST_EXAMPLES:
                keys, holds = np.concatenate([keys, old_keys[others]]), np.concatenate([holds, old_holds[others]])
        order = np.argsort(keys)
        packed = np.packbits(holds[order], axis=1)
        make_cache_folder(self._path.parent)
        keep_file(self._path, lambda scratch: np.savez(scratch, names=names, keys=keys[order], holds=packed))

    def _read(self) -> tuple[NDArray[np.str_], NDArray[np.uint64], NDArray[np.bool_]]:
        """Return the intents, the sorted hashes, and shape (hashes, intents): whether one holds up the other."""
        try:
            with np.load(self._path, allow_pickle=False) as stored:
                names, keys = stored["names"], stored["keys"]
                holds = np.unpackbits(stored["holds"], axis=1, count=len(names)).astype(bool)
            if holds.shape == (len(keys), len(names)) and (keys[1:] > keys[:-1]).all():
                return names, keys, holds
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            pass
        return np.zeros(0, dtype=str), np.zeros(0, dtype=np.uint64), np.zeros((0, 0), dtype=bool)


def _to_keys(texts: Sequence[str]) -> NDArray[np.uint64]:
    digests = b"".join(hashlib.sha256(text.encode()).digest()[:8] for text in texts)
    return np.frombuffer(digests, dtype=np.uint64)
