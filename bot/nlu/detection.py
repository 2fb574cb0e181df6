"""Which language is this? lingua's n-gram models (shipped in its package, Apache-2.0) and one of our own.

Lotsi serves two languages, so the question is mostly Swedish or Finnish; the others are told apart only far
enough to answer politely that Lotsi does not speak them. lingua knows ordinary words; the training examples know
*Soite 2.0*, dialect and Swedish service names in Finnish sentences. The log-odds of both are added, as those of two
independent witnesses.
"""

from __future__ import annotations

import functools
import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lingua import Language as LinguaLanguage
from lingua import LanguageDetector, LanguageDetectorBuilder
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.nlu.packing import PackedVectorizer
from bot.nlu.term_counts import TermCounts, hash_texts
from knowledge.cache import describe_making
from knowledge.languages import LANGUAGES, Language, as_language

_CODES: Final[Mapping[LinguaLanguage, str]] = {
    LinguaLanguage.SWEDISH: "sv",
    LinguaLanguage.FINNISH: "fi",
    LinguaLanguage.ENGLISH: "en",
    LinguaLanguage.BOKMAL: "nb",
    LinguaLanguage.DANISH: "da",
    LinguaLanguage.ESTONIAN: "et",
}
_CODE: Final = ("bot/nlu/detection.py", "bot/nlu/term_counts.py")
"""What the terms of a text depend on besides it."""
_SMOOTHING: Final = 1e-4
_SHARED_LEAST: Final = 3
_SHARED_RATIO: Final = 0.35
FOREIGN_BARS: Final[Mapping[str, float]] = {"en": 0.6, "et": 0.6, "nb": 0.8, "da": 0.8}
"""Probability from which a text counts as written in a language that is not served.

Norwegian and Danish have a higher one: a dialect speaker who is taken for a Norwegian gets no answer, a Norwegian who
is taken for a Swede gets one that can be read.
"""
_SCRIPTS: Final[Mapping[str, str]] = {
    "CYRILLIC": "ru",
    "ARABIC": "ar",
    "CJK": "zh",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "THAI": "th",
    "HEBREW": "he",
    "GREEK": "el",
    "DEVANAGARI": "hi",
    "ETHIOPIC": "am",
}


@dataclass(frozen=True)
class Detection:
    """The outcome: the served language to answer in, and the language that the text seems to be written in."""

    language: Language
    detected: str


class LanguageScorer:
    """Swedish or Finnish, learnt from the training examples: logistic regression on characters within words."""

    def __init__(self) -> None:
        """Set up an untrained scorer."""
        self._features = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True, min_df=2)
        self._model = LogisticRegression(C=10.0, solver="liblinear")
        self._shared: frozenset[str] = frozenset()

    def fit(self, texts: Sequence[str], languages: Sequence[Language], names: Iterable[str] = ()) -> LanguageScorer:
        """Learn from texts and their languages; both languages must be among them.

        Args:
            texts, languages: Training examples.
            names: Words that say nothing about the language, besides those that the texts show to be such.
        """
        letters = [_letters(text) for text in texts]
        packed, matrix = TermCounts("language", describe_making(_CODE, ("scikit-learn",))).fit_transform(
            self._features, hash_texts(letters), lambda rows: [letters[row] for row in rows]
        )
        self._features = packed.unpack()
        self._model.fit(matrix, [language == "sv" for language in languages])
        self._shared = _find_shared(texts, languages) | {_letters(name) for name in names}
        return self

    def __getstate__(self) -> dict[str, Any]:
        fitted = hasattr(self._features, "vocabulary_")
        return {**self.__dict__, "_features": PackedVectorizer.pack(self._features) if fitted else self._features}

    def __setstate__(self, state: dict[str, Any]) -> None:
        packed = state["_features"]
        self.__dict__.update(state, _features=packed.unpack() if isinstance(packed, PackedVectorizer) else packed)

    def is_shared(self, word: str) -> bool:
        """Return whether a lower-case word is as usual in one language as in the other: *Soite*, *Kannus*, *taxi*."""
        return word in self._shared

    def log_odds(self, text: str) -> float:
        """Return the natural logarithm of how much likelier Swedish is than Finnish."""
        return float(self._model.decision_function(self._features.transform([_letters(text)]))[0])


def _find_shared(texts: Sequence[str], languages: Sequence[Language]) -> frozenset[str]:
    counts = {language: Counter[str]() for language in LANGUAGES}
    for text, language in zip(texts, languages, strict=True):
        counts[language].update(set(_letters(text).split()))
    pairs = {word: sorted(counts[language][word] for language in LANGUAGES) for word in counts["sv"]}
    return frozenset(
        word for word, (fewer, more) in pairs.items() if fewer >= _SHARED_LEAST and fewer >= _SHARED_RATIO * more
    )


def _letters(text: str) -> str:
    return " ".join("".join(char if char.isalpha() else " " for char in text).split()).lower()


@functools.lru_cache(maxsize=2)
def _detector(served_only: bool) -> LanguageDetector:
    languages = [language for language, code in _CODES.items() if not served_only or code in LANGUAGES]
    return LanguageDetectorBuilder.from_languages(*languages).build()


def _script(text: str) -> str | None:
    """Return the language of the most frequent script that is not Latin, if most letters are of it."""
    letters = [char for char in text if char.isalpha()]
    counts: dict[str, int] = {}
    for char in letters:
        script = unicodedata.name(char, "").split(" ")[0]
        if script in _SCRIPTS:
            counts[_SCRIPTS[script]] = counts.get(_SCRIPTS[script], 0) + 1
    if not counts:
        return None
    language = max(counts, key=lambda key: counts[key])
    return language if counts[language] * 2 > len(letters) else None


def detect_language(
    text: str,
    prior: Language | None,
    default: Language = "sv",
    prior_weight: float = 4.0,
    foreign_bars: Mapping[str, float] = FOREIGN_BARS,
    foreign_words: int = 4,
    scorer: LanguageScorer | None = None,
) -> Detection:
    """Find the language of a message.

    Args:
        text: A resident's words.
        prior: The language of the conversation so far, or of the page; None if neither is known.
        default: The served language when nothing tells.
        prior_weight: How many times likelier the prior's language is before the text is read. The odds of a text
            between Swedish and Finnish grow with its length, so the prior decides short and mixed messages only.
        foreign_bars: Probability from which a text counts as written in a language that is not served, by language.
        foreign_words: A text of fewer words never counts as foreign: *taxi*, *test*, *info* are no language.
        scorer: What was learnt from the training examples; lingua alone if left out.

    Returns:
        The language to answer in and the one detected.
    """
    fallback = prior or default
    script = _script(text)
    if script is not None:
        return Detection(fallback, script)
    letters = _letters(text)
    words = letters.split()
    if not words or max(map(len, words)) < 2:
        return Detection(fallback, fallback)
    if prior and scorer and all(scorer.is_shared(word) for word in words):
        return Detection(prior, prior)
    odds = _lingua_log_odds(letters) + (scorer.log_odds(letters) if scorer else 0.0)
    odds += {"sv": 1.0, "fi": -1.0}.get(prior or "", 0.0) * math.log(prior_weight)
    language: Language = fallback if odds == 0 else ("sv" if odds > 0 else "fi")
    if len(words) >= foreign_words:
        foreign = _foreign_language(letters, foreign_bars)
        if foreign is not None:
            return Detection(fallback, foreign)
    return Detection(language, language)


def _lingua_log_odds(letters: str) -> float:
    values = {_CODES[item.language]: item.value for item in _detector(True).compute_language_confidence_values(letters)}
    return math.log((values.get("sv", 0.0) + _SMOOTHING) / (values.get("fi", 0.0) + _SMOOTHING))


def _foreign_language(letters: str, bars: Mapping[str, float]) -> str | None:
    """Return the language that is not served if lingua is sure of one; Norwegian and Danish look like Swedish."""
    top = max(_detector(False).compute_language_confidence_values(letters), key=lambda item: item.value)
    code = _CODES[top.language]
    return code if as_language(code) is None and top.value >= bars.get(code, 1.0) else None
