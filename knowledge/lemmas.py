"""Words and lemmas of Swedish and Finnish text, for the search index and for the bot's features.

Tokens come from spaCy's rule-based tokenisers (`spacy.blank`), lemmas from simplemma 2
(Barbaresi 2021, doi:10.5281/zenodo.4673264). Nothing is fetched at run time.
"""

from __future__ import annotations

import functools
import unicodedata
from typing import TYPE_CHECKING

from simplemma import Lemmatizer
from simplemma.strategies import DefaultStrategy, DictionaryLookupStrategy

from knowledge.dictionaries import IndexedDictionaryFactory
from knowledge.languages import Language

if TYPE_CHECKING:
    from spacy.language import Language as Pipeline

_COMPOUND_MINIMUM = 9
_PART_MINIMUM = 4
_UNPRINTABLE = ("Cc", "Cf", "Cs", "Zl", "Zp")
_DICTIONARIES = IndexedDictionaryFactory()
_LEMMATIZER = Lemmatizer(lemmatization_strategy=DefaultStrategy(dictionary_factory=_DICTIONARIES))
_WORDS = DictionaryLookupStrategy(_DICTIONARIES)


@functools.lru_cache(maxsize=2)
def load_tokenizer(language: Language) -> Pipeline:
    """Return spaCy's blank pipeline (tokeniser alone) for `language`; made once a process."""
    import spacy  # takes most of a second, and not every process splits texts

    return spacy.blank(language)


def normalise(text: str) -> str:
    """Return `text` in composed form (NFC), control characters and lone surrogates as spaces, white space folded."""
    composed = unicodedata.normalize("NFC", text)
    cleaned = "".join(" " if unicodedata.category(char) in _UNPRINTABLE else char for char in composed)
    return " ".join(cleaned.split())


def tokenize(text: str, language: Language) -> list[str]:
    """Return the words of `text`, lower case, without punctuation.

    Args:
        text: Any text; it is normalised first.
        language: Whose tokeniser is used.
    """
    return [
        token.text.lower()
        for token in load_tokenizer(language)(normalise(text))
        if any(char.isalnum() for char in token.text)
    ]


@functools.lru_cache(maxsize=200_000)
def lemmatize_word(word: str, language: Language) -> str:
    """Return the dictionary form of one lower-case word; the word itself if it is not known."""
    return str(_LEMMATIZER.lemmatize(word, language)).lower()


def lemmatize(text: str, language: Language) -> list[str]:
    """Return the lemmas of `text` in their order, lower case, without punctuation."""
    return [lemmatize_word(word, language) for word in tokenize(text, language)]


@functools.lru_cache(maxsize=100_000)
def split_compound(word: str, language: Language) -> tuple[str, ...]:
    """Return the two parts of a compound, each as a lemma, or nothing if it is none that we know.

    A split is taken where both sides are known words of the language; the longest head wins, as in
    *hammas|lääkäri* and *familje|center*.
    """
    return tuple(lemmatize_word(part, language) for part in split_compound_surface(word, language))


@functools.lru_cache(maxsize=100_000)
def split_compound_surface(word: str, language: Language) -> tuple[str, ...]:
    """Return the two parts of a lower-case compound as they are written, or nothing; see `split_compound`."""
    if len(word) < _COMPOUND_MINIMUM or not word.isalpha():
        return ()
    for place in range(_PART_MINIMUM, len(word) - _PART_MINIMUM + 1):
        first, second = word[:place], word[place:]
        if _known(second, language) and (_known(first, language) or _known(first.rstrip("s"), language)):
            return first, second
    return ()


def _known(word: str, language: Language) -> bool:
    return len(word) >= _PART_MINIMUM and _WORDS.get_lemma(word, language) is not None


def fold(text: str) -> str:
    """Return `text` in lower case without diacritics: residents drop the dots of å, ä and ö."""
    lower = text.lower()
    if lower.isascii():
        return lower
    return "".join([char for char in unicodedata.normalize("NFD", lower) if not unicodedata.combining(char)])


def index_terms(text: str, language: Language) -> list[str]:
    """Return the terms under which `text` is found, folded: its words, lemmas and the parts of its compounds."""
    terms: list[str] = []
    for word in tokenize(text, language):
        lemma = lemmatize_word(word, language)
        terms.extend(dict.fromkeys(fold(term) for term in (lemma, word, *split_compound(lemma, language))))
    return terms
