"""Keeps the machines of one training for the next: a few new examples change few of them.

A support vector machine rests on the examples at its border. Where those lie as they did, and all that is new lies
beyond it, training would give the same machine again. What is kept is held against the new examples
(`bot.nlu.machines`): an old or damaged file costs time and nothing else.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from bot.nlu.arrays import keep_arrays, read_arrays
from bot.nlu.packing import APART
from knowledge.cache import cache_folder

Rows = NDArray[np.intp]
Keys = NDArray[np.uint64]
_ARRAYS = ("names", "keys", "starts", "rows", "margins", "offsets", "values", "columns", "indptr", "terms")
_KNOWN_ENOUGH = 0.75
"""Share of the examples that an earlier training must have known; of others it says too little."""


@dataclass(frozen=True)
class Border:
    """The examples at a machine's border or behind it: those that it rests on or nearly rests on.

    Attributes:
        rows: Of the examples.
        margins: How far on its side each lay when the machine was trained; the border is at 1.
    """

    rows: Rows
    margins: NDArray[np.float32]


@dataclass(frozen=True)
class Earlier:
    """What an earlier training found, in the features and examples of this one.

    Attributes:
        names: The intents.
        weights: Shape (features, intents), float32; 0 for a feature that it did not have.
        offsets: Shape (intents,).
        borders: By intent, as far as its examples are still there.
        bereft: Intents whose machine rested on an example that is gone.
        strangers: The examples that it did not have.
    """

    names: tuple[str, ...]
    weights: NDArray[np.float32]
    offsets: NDArray[np.float32]
    borders: Mapping[str, Border]
    bereft: frozenset[str]
    strangers: Rows


class MachineCache:
    """The machines of the last training, in a file; one that cannot be read or was made otherwise counts as empty."""

    def __init__(self, made_by: str, folder: Path | None = None) -> None:
        """Name the file; it is read when it is needed.

        Args:
            made_by: What else than the examples decides a machine (`knowledge.cache.describe_making`).
            folder: Where the file lies; `cache_folder` if left out.
        """
        self._path = (folder or cache_folder()) / "machines.npz"
        self._made_by = made_by

    def find(self, keys: Keys, terms: Sequence[str]) -> Earlier | None:
        """Return what the last training says of these examples; None where it had less than three quarters of them.

        Args:
            keys: A hash of each example with its intent and weight.
            terms: The features' names.
        """
        stored = read_arrays(self._path, _ARRAYS, self._made_by)
        if stored is None:
            return None
        unique, back = np.unique(keys, return_inverse=True)
        old = stored["keys"]
        places = np.minimum(np.searchsorted(unique, old), len(unique) - 1)
        there = unique[places] == old
        known = np.isin(keys, old)
        if known.mean() < _KNOWN_ENOUGH:
            return None
        names = tuple(stored["names"].tolist())
        borders, bereft = {}, set()
        for name, start, end in zip(names, stored["starts"][:-1], stored["starts"][1:], strict=True):
            rows, margins = stored["rows"][start:end], stored["margins"][start:end].astype(np.float32)
            kept = there[rows]
            if (margins[~kept] < 1).any():
                bereft.add(name)
            borders[name] = _to_border(places[rows[kept]], margins[kept], back)
        weights = _to_terms(_to_matrix(stored, len(names)), stored["terms"].tobytes().decode().split(APART), terms)
        offsets = stored["offsets"].astype(np.float32)
        return Earlier(names, weights, offsets, borders, frozenset(bereft), np.flatnonzero(~known))

    def keep(
        self,
        keys: Keys,
        terms: Sequence[str],
        weights: NDArray[np.float32],
        offsets: NDArray[np.float32],
        borders: Mapping[str, Border],
    ) -> None:
        """Write what a training found, in one step; a folder that cannot be written to costs the next one time.

        Args:
            keys, terms: As `find` takes them.
            weights, offsets: As `Earlier` has them, in the order of the borders' names.
            borders: By intent.
        """
        unique, back = np.unique(keys, return_inverse=True)
        sparse = sp.csr_matrix(weights)
        found = [borders[name] for name in borders]
        content = {
            "names": np.array(list(borders), dtype=str),
            "keys": unique,
            "starts": np.cumsum([0, *(len(border.rows) for border in found)]),
            "rows": np.concatenate([back[border.rows] for border in found]),
            "margins": np.concatenate([border.margins for border in found]).astype(np.float16),
            "offsets": offsets,
            "values": sparse.data.astype(np.float16),
            "columns": sparse.indices.astype(np.int16),
            "indptr": sparse.indptr,
            "terms": np.frombuffer(APART.join(terms).encode(), dtype=np.uint8),
        }
        keep_arrays(self._path, content, self._made_by)


def _to_border(places: Rows, margins: NDArray[np.float32], back: Rows) -> Border:
    """Return the border in rows of examples, of which several may have one key.

    Args:
        places: Numbers of keys.
        margins: Of each.
        back: The number of each row's key.
    """
    of_keys = np.full(back.max() + 1, np.nan, dtype=np.float32)
    of_keys[places] = margins
    of_rows = of_keys[back]
    rows = np.flatnonzero(~np.isnan(of_rows))
    return Border(rows, of_rows[rows])


def _to_matrix(stored: Mapping[str, NDArray[Any]], width: int) -> sp.csr_matrix:
    parts = stored["values"].astype(np.float32), stored["columns"].astype(np.int32), stored["indptr"]
    return sp.csr_matrix(parts, shape=(len(stored["indptr"]) - 1, width))


def _to_terms(matrix: sp.csr_matrix, old: Sequence[str], terms: Sequence[str]) -> NDArray[np.float32]:
    """Return the rows of other terms; 0 for a term that was not there."""
    known = dict(zip(old, itertools.count(), strict=False))
    places = np.array([known.get(term, -1) for term in terms])
    rows = matrix[np.maximum(places, 0)].toarray()
    rows[places < 0] = 0
    return np.asarray(rows, dtype=np.float32)
