"""Counts of terms by text, kept from one training for the next: to count those of 38,000 texts takes seconds.

What comes out is what scikit-learn's `TfidfVectorizer` gives on all texts; only texts that the last training did not
have are taken apart.
"""

from __future__ import annotations

import hashlib
import itertools
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer

from bot.nlu.arrays import keep_arrays, read_arrays
from bot.nlu.packing import APART, PackedVectorizer, join_terms
from knowledge.cache import cache_folder

_WORTH_KEEPING = 4_000
"""Texts from which counts are kept: those of fewer are counted as quickly as read."""
Keys = NDArray[np.uint64]
Analyse = Callable[[NDArray[np.intp]], Sequence[Any]]
"""Returns what a vectoriser takes of some rows: texts, or lists of terms."""


def hash_texts(texts: Iterable[str]) -> Keys:
    """Return a hash of each text."""
    digests = b"".join(hashlib.blake2b(text.encode(), digest_size=8).digest() for text in texts)
    return np.frombuffer(digests, dtype=np.uint64)


@dataclass(frozen=True)
class _Counts:
    """How often each text has each term.

    Attributes:
        keys: Of the texts, each once.
        rows: Sparse, shape (texts, terms).
        terms: Sorted.
    """

    keys: Keys
    rows: Any
    terms: list[str]

    @classmethod
    def empty(cls) -> _Counts:
        return cls(np.zeros(0, dtype=np.uint64), sp.csr_matrix((0, 0), dtype=np.int32), [])

    def find(self, wanted: Keys) -> NDArray[np.intp]:
        """Return the row of each key, -1 where there is none."""
        if not len(self.keys):
            return np.full(len(wanted), -1)
        order = np.argsort(self.keys)
        places = order[np.minimum(np.searchsorted(self.keys, wanted, sorter=order), len(order) - 1)]
        return np.where(self.keys[places] == wanted, places, -1)

    def join(self, keys: Keys, rows: Any, terms: Sequence[str]) -> _Counts:
        """Return these and others; terms of both are sorted."""
        if not len(self.keys):
            return _Counts(keys, rows, list(terms))
        known = dict(zip(self.terms, itertools.count(), strict=False))
        new = [term for term in terms if term not in known]
        # Each new term moves those behind it one column on.
        places = np.array([bisect_left(self.terms, term) for term in new], dtype=np.intp)
        mine = np.arange(len(self.terms)) + np.searchsorted(places, np.arange(len(self.terms)), side="right")
        own = dict(zip(new, (places + np.arange(len(new))).tolist(), strict=True))
        theirs = np.array([own[term] if term in own else mine[known[term]] for term in terms], dtype=np.intp)
        width = len(self.terms) + len(new)
        both = sp.vstack([_to_columns(self.rows, mine, width), _to_columns(rows, theirs, width)], format="csr")
        return _Counts(np.concatenate([self.keys, keys]), both, sorted([*self.terms, *new]))

    def take(self, places: NDArray[np.intp]) -> _Counts:
        """Return some texts in an order, without the terms that none of them has."""
        rows = self.rows[places]
        used = np.bincount(rows.indices, minlength=len(self.terms)) > 0
        terms = list(itertools.compress(self.terms, used))
        return _Counts(self.keys[places], _to_columns(rows, np.cumsum(used) - 1, len(terms)), terms)


def _to_columns(rows: Any, columns: NDArray[np.intp], width: int) -> Any:
    """Return rows whose entries stand in other columns, in the same order."""
    moved = columns[rows.indices].astype(np.int32) if rows.nnz else rows.indices
    return sp.csr_matrix((rows.data, moved, rows.indptr), shape=(rows.shape[0], width))


class TermCounts:
    """The counts of one space of terms, in a file that counts as empty where it cannot be read or was made otherwise.

    It holds the texts of one training: one that is taken out leaves it with the next.
    """

    def __init__(self, name: str, made_by: str, folder: Path | None = None, keep: bool = True) -> None:
        """Name the file; it is read when it is needed.

        Args:
            name: Of the space.
            made_by: What else than a text decides its terms (`knowledge.cache.describe_making`).
            folder: Where the file lies; `cache_folder` if left out.
            keep: Whether the file is used; all texts are counted if not.
        """
        self._keep = keep
        self._path = (folder or cache_folder()) / f"terms-{name}.npz"
        self._made_by = made_by

    def fit_transform(self, vectorizer: TfidfVectorizer, keys: Keys, analyse: Analyse) -> tuple[PackedVectorizer, Any]:
        """Return a vectoriser as it is stored, trained on all texts, and their rows.

        Args:
            vectorizer: Untrained; says how terms are found and weighed.
            keys: What a text's terms depend on, as a hash: two texts of one key have the same terms.
            analyse: Returns the vectoriser's documents of some rows; asked for what is not known.

        Raises:
            ValueError: A term holds a null character.
        """
        unique, first, back = np.unique(keys, return_index=True, return_inverse=True)
        worthwhile = self._keep and len(keys) >= _WORTH_KEEPING
        known = self._read() if worthwhile else _Counts.empty()
        found = known.find(unique)
        missing = np.flatnonzero(found < 0)
        if len(missing):
            counted, terms = _count(vectorizer, analyse(first[missing]))
            joined = known.join(unique[missing], counted, terms)
            found[missing] = len(known.keys) + np.arange(len(missing))
        else:
            joined = known
        counts = joined.take(found)
        if worthwhile and (len(missing) or len(counts.keys) < len(known.keys)):
            self._save(counts)
        return _weigh(vectorizer, counts.rows[back], counts.terms)

    def _read(self) -> _Counts:
        stored = read_arrays(self._path, ("keys", "terms", "data", "indices", "indptr"), self._made_by)
        if stored is None:
            return _Counts.empty()
        terms = stored["terms"].tobytes().decode().split(APART)
        parts = stored["data"].astype(np.int32), stored["indices"], stored["indptr"]
        return _Counts(stored["keys"], sp.csr_matrix(parts, shape=(len(stored["keys"]), len(terms))), terms)

    def _save(self, counts: _Counts) -> None:
        """Write what the next training can use, in one step; a folder that cannot be written to costs it time."""
        rows = counts.rows
        if not counts.terms or rows.data.max(initial=0) > np.iinfo(np.uint16).max:
            return
        content = {
            "keys": counts.keys,
            "terms": np.frombuffer(APART.join(counts.terms).encode(), dtype=np.uint8),
            "data": rows.data.astype(np.uint16),
            "indices": rows.indices.astype(np.int32),
            "indptr": rows.indptr,
        }
        keep_arrays(self._path, content, self._made_by)


def _count(vectorizer: TfidfVectorizer, documents: Sequence[Any]) -> tuple[Any, list[str]]:
    """Return the counts of some documents, and the sorted terms that their columns stand for."""
    options = {name: value for name, value in vectorizer.get_params().items() if name in CountVectorizer().get_params()}
    counter = CountVectorizer(**{**options, "min_df": 1, "vocabulary": None, "dtype": np.int32})
    if not any(counter.build_analyzer()(item) for item in documents):  # scikit-learn wants a term at least
        return sp.csr_matrix((len(documents), 0), dtype=np.int32), []
    return counter.fit_transform(documents), counter.get_feature_names_out().tolist()


def _weigh(vectorizer: TfidfVectorizer, rows: Any, terms: list[str]) -> tuple[PackedVectorizer, Any]:
    """Return what `TfidfVectorizer.fit_transform` makes of counts: frequent enough terms, weighed, of length one."""
    enough = np.bincount(rows.indices, minlength=len(terms)) >= vectorizer.min_df
    terms = list(itertools.compress(terms, enough)) or [""]
    rows = rows[:, enough] if enough.any() else sp.csr_matrix((rows.shape[0], 1), dtype=rows.dtype)
    transformer = TfidfTransformer(sublinear_tf=vectorizer.sublinear_tf)
    weighed = transformer.fit_transform(rows.astype(vectorizer.dtype))
    options = {**vectorizer.get_params(), "vocabulary": None}
    return PackedVectorizer(options, join_terms(terms), transformer.idf_.astype(vectorizer.dtype)), weighed
