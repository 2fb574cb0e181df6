"""Which language is this? Plain Python around lingua (n-gram models shipped in its package, Apache-2.0).

Lotsi serves two languages, so the question is mostly Swedish or Finnish; the others are told apart only far
enough to answer politely that Lotsi does not speak them.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lingua import Language as LinguaLanguage
from lingua import LanguageDetector, LanguageDetectorBuilder

from knowledge.languages import LANGUAGES, Language, as_language

_CODES: Final[Mapping[LinguaLanguage, str]] = {
    LinguaLanguage.SWEDISH: "sv",
    LinguaLanguage.FINNISH: "fi",
    LinguaLanguage.ENGLISH: "en",
    LinguaLanguage.BOKMAL: "nb",
    LinguaLanguage.DANISH: "da",
    LinguaLanguage.ESTONIAN: "et",
}
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
    foreign_bar: float = 0.9,
    foreign_words: int = 3,
) -> Detection:
    """Find the language of a message.

    Args:
        text: A resident's words.
        prior: The language of the conversation so far, or of the page; None if neither is known.
        default: The served language when nothing tells.
        prior_weight: How many times likelier the prior's language is before the text is read. The odds of a text
            between Swedish and Finnish grow with its length, so the prior decides short and mixed messages only.
        foreign_bar: Probability from which a text counts as written in a language that is not served.
        foreign_words: A text of fewer words never counts as foreign: *taxi*, *test*, *info* are no language.

    Returns:
        The language to answer in and the one detected.
    """
    fallback = prior or default
    script = _script(text)
    if script is not None:
        return Detection(fallback, script)
    letters = "".join(char if char.isalpha() or char.isspace() else " " for char in text)
    words = letters.split()
    if not words or max(map(len, words)) < 2:
        return Detection(fallback, fallback)
    letters = " ".join(words).lower()
    served = {
        _CODES[value.language]: value.value for value in _detector(True).compute_language_confidence_values(letters)
    }
    odds = {code: served.get(code, 0.0) * (prior_weight if code == prior else 1.0) for code in LANGUAGES}
    best = max(LANGUAGES, key=lambda code: (odds[code], code == fallback))
    language = best if odds[best] > 0 else fallback
    if len(words) >= foreign_words:
        values = _detector(False).compute_language_confidence_values(letters)
        top = max(values, key=lambda value: value.value)
        if as_language(_CODES[top.language]) is None and top.value >= foreign_bar:
            return Detection(language if prior is None else fallback, _CODES[top.language])
    return Detection(language, language)
