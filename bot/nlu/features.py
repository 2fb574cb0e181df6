"""From tokens to one sparse row: words, lemmas, compound parts, pairs of lemmas, and character n-grams.

On MASSIVE, words with lemmas and characters beat either alone in both languages; lemmas help the words and hurt the
characters, so characters are taken from the text as written (docs/understanding.md has the figures).
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu.packing import PackedVectorizer
from bot.nlu.processes import run_beside
from bot.nlu.term_counts import TermCounts, hash_texts
from bot.nlu.vocabulary import Vocabulary
from knowledge.cache import describe_making
from knowledge.lemmas import fold

_PAIRED_LEMMAS = 30
"""A message may be thousands of words long; pairs of so many lemmas are 435."""


@dataclass(frozen=True)
class Utterance:
    """What the features are made of: the text, and for each word its form, lemma and compound parts."""

    text: str
    words: tuple[str, ...]
    lemmas: tuple[str, ...]
    parts: tuple[str, ...]


_WORTH_A_PROCESS = 4_000
"""Texts from which characters are worth counting in another process."""
_SPACES = ("_words", "_chars", "_pairs")
_CODE = ("bot/nlu/features.py", "bot/nlu/term_counts.py", "bot/nlu/vocabulary.py", "knowledge/lemmas.py")
"""What terms depend on besides an utterance."""


def _is_fitted(features: TextFeatures, name: str) -> bool:
    return hasattr(getattr(features, name), "vocabulary_")


def _folded(utterances: Sequence[Utterance]) -> list[Utterance]:
    """Return utterances without case and diacritics; each word that they have is folded once."""
    known = functools.cache(fold)
    return [
        Utterance(
            fold(item.text),
            tuple(map(known, item.words)),
            tuple(map(known, item.lemmas)),
            tuple(map(known, item.parts)),
        )
        for item in utterances
    ]


def _identity(value: list[str]) -> list[str]:
    return value


def word_terms(utterance: Utterance, vocabulary: Vocabulary | None = None) -> list[str]:
    """Return an utterance's word features: words, lemmas, parts, pairs of neighbouring lemmas, groups of synonyms.

    Words and lemmas are folded: residents drop the dots of å, ä and ö.
    """
    lemmas = [fold(lemma) for lemma in utterance.lemmas]
    terms = [f"w:{fold(word)}" for word in utterance.words]
    terms += [f"l:{lemma}" for lemma in lemmas]
    terms += [f"l:{fold(part)}" for part in utterance.parts]
    terms += [f"b:{first} {second}" for first, second in itertools.pairwise(lemmas)]
    if vocabulary is not None:
        terms += [f"g:{group}" for group in vocabulary.find_groups(utterance.words, utterance.lemmas)]
    return terms


def pair_terms(utterance: Utterance) -> list[str]:
    """Return every two lemmas of an utterance, in whatever order they stand; both languages move words about freely."""
    lemmas = sorted({fold(lemma) for lemma in utterance.lemmas})[:_PAIRED_LEMMAS]
    return [f"{first} {second}" for first, second in itertools.combinations(lemmas, 2)]


def _open_counts(name: str, keep: bool, **options: object) -> TermCounts:
    return TermCounts(name, describe_making(_CODE, ("scikit-learn",), **options), keep=keep)


def to_keys(utterances: Sequence[Utterance]) -> NDArray[np.uint64]:
    """Return a hash of each utterance: of all that its features are made of."""
    parts = (("", item.text, *item.words, "", *item.lemmas, "", *item.parts) for item in utterances)
    return hash_texts(map("\0".join, parts))


def _fit_characters(
    vectorizer: TfidfVectorizer, texts: Sequence[str], keys: NDArray[np.uint64], keep: bool
) -> tuple[PackedVectorizer, Any]:
    """Return the trained vectoriser and the texts' rows; what another process does."""
    counts = _open_counts("characters", keep, ngrams=vectorizer.ngram_range)
    return counts.fit_transform(vectorizer, keys, lambda rows: [fold(texts[row]) for row in rows])


class TextFeatures:
    """Three TF-IDF spaces side by side, each row of each of length one, so that they weigh as `weights` say."""

    def __init__(
        self,
        char_ngrams: tuple[int, int] = (1, 4),
        char_weight: float = 1.0,
        word_weight: float = 0.6,
        pair_weight: float = 0.5,
        vocabulary: Vocabulary | None = None,
        keep: bool = False,
    ) -> None:
        """Set up the spaces.

        Args:
            char_ngrams: Shortest and longest character n-gram; they reach across words, so that they know some order.
            char_weight, word_weight, pair_weight: What the three spaces are multiplied by.
            vocabulary: Gives synonyms a common term.
            keep: Whether counts are kept for the next training, and those of the last one used.
        """
        self._vocabulary = vocabulary
        self._keep = keep
        self._weights = (word_weight, char_weight, pair_weight)
        self._words = TfidfVectorizer(analyzer=_identity, sublinear_tf=True, dtype=np.float32)
        self._chars = TfidfVectorizer(
            analyzer="char", ngram_range=char_ngrams, sublinear_tf=True, min_df=2, dtype=np.float32
        )
        self._pairs = TfidfVectorizer(analyzer=_identity, sublinear_tf=True, min_df=2, dtype=np.float32)

    def fit(self, utterances: Sequence[Utterance]) -> TextFeatures:
        """Learn both vocabularies from training utterances."""
        self.fit_transform(utterances)
        return self

    def fit_transform(self, utterances: Sequence[Utterance]) -> Any:
        """Learn both vocabularies from training utterances and return their rows; see `transform`."""
        keys = to_keys(utterances)
        texts = [utterance.text for utterance in utterances]
        characters = run_beside(len(texts) > _WORTH_A_PROCESS, _fit_characters, self._chars, texts, keys, self._keep)
        groups = self._vocabulary.describe() if self._vocabulary else None
        folded = functools.cache(lambda rows: _folded([utterances[row] for row in rows]))
        packed_words, words = _open_counts("words", self._keep, groups=groups).fit_transform(
            self._words, keys, lambda rows: [word_terms(item, self._vocabulary) for item in folded(tuple(rows))]
        )
        packed_pairs, pairs = _open_counts("pairs", self._keep).fit_transform(
            self._pairs, keys, lambda rows: [pair_terms(item) for item in folded(tuple(rows))]
        )
        packed_chars, chars = characters.result()
        packed = zip(_SPACES, (packed_words, packed_chars, packed_pairs), strict=True)
        # As they will be when they have been stored, so that a loaded model says what the trained one said.
        self.__setstate__({**self.__dict__, **dict(packed)})
        return self._stack(words, chars, pairs)

    def transform(self, utterances: Sequence[Utterance]) -> Any:
        """Return a sparse matrix, a row an utterance, float32."""
        utterances = _folded(utterances)
        words = self._words.transform([word_terms(utterance, self._vocabulary) for utterance in utterances])
        chars = self._chars.transform([utterance.text for utterance in utterances])
        return self._stack(words, chars, self._pairs.transform([pair_terms(utterance) for utterance in utterances]))

    def terms(self) -> list[str]:
        """Return the name of each column; terms of two spaces have different names."""
        vocabularies = (getattr(self, name).vocabulary_ for name in _SPACES)
        return [f"{space}{term}" for space, known in zip(_SPACES, vocabularies, strict=True) for term in known]

    def __getstate__(self) -> dict[str, Any]:
        spaces = {name: PackedVectorizer.pack(getattr(self, name)) for name in _SPACES if _is_fitted(self, name)}
        return {**self.__dict__, **spaces}

    def __setstate__(self, state: dict[str, Any]) -> None:
        packed = {name: value.unpack() for name, value in state.items() if isinstance(value, PackedVectorizer)}
        self.__dict__.update({**state, **packed})

    def _stack(self, *spaces: Any) -> Any:
        weighted = [space * weight for space, weight in zip(spaces, self._weights, strict=True)]
        return sp.hstack(weighted, format="csr", dtype=np.float32)
