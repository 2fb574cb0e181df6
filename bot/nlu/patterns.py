"""The phrase grammar of the safety triggers: from what a clinician writes to a compiled pattern.

A phrase is made of words with spaces between them (docs/safety-triggers.md):

    word        exactly this word; case, punctuation, accents (å ä ö) and letterrrs held down make no difference
    wor* *ord   any ending; any beginning
    (a|b c|d)   one of these
    <name>      one of the list `name` in `_common.yml`: respellings, or a family of words
    ..          up to four words, or none
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

WordLists: TypeAlias = Mapping[str, Sequence[str]]

_MARK: Final = "·"
_GAP: Final = r"(?: [^ ]+){0,4}?"
_LONGEST_STEM: Final = 24
_ELEMENT = re.compile(r"\(([^()]*)\)|([^\s()|]+)")
_LIST = re.compile(r"<([^<>]*)>")
_WORD = re.compile(r"(\*?)([^*<>]+)(\*?)")


@dataclass(frozen=True)
class Phrase:
    """A compiled phrase; some word of a text must begin with one of `stems` (none: always look)."""

    language: str
    regex: re.Pattern[str]
    stems: frozenset[str]

    def may_match(self, beginnings: AbstractSet[str]) -> bool:
        """Tell cheaply whether the phrase can stand in a text whose words have these beginnings."""
        return not self.stems or not self.stems.isdisjoint(beginnings)

    def find(self, folded: str, beginnings: AbstractSet[str]) -> str | None:
        """Return the words of a folded text that the phrase matches first, or None."""
        match = self.regex.search(folded) if self.may_match(beginnings) else None
        return match[0].strip() if match else None


def compile_phrase(text: str, language: str, lists: WordLists, alone: bool = False) -> Phrase:
    """Compile one phrase.

    Args:
        text: The phrase, in the grammar above.
        language: The language tag that the phrase is written in.
        lists: The word lists that `<name>` may name.
        alone: Whether the phrase must be the whole text.

    Raises:
        ValueError: With what is wrong in the phrase.
    """
    if _ELEMENT.sub("", text).strip():
        raise ValueError("has a bracket or a | that does not belong")
    elements = [_expand(group or word, lists) for group, word in _ELEMENT.findall(text)]
    if not elements or ".." in (elements[0], elements[-1]) or _has_double_gap(elements):
        raise ValueError("must have a word on both sides of '..'")
    regex, stems = "", []
    for before, element in pairwise(["", *elements]):
        if element == "..":
            continue
        choices = [[_compile_word(word) for word in choice.split()] for choice in element.split("|")]
        if not all(choices):
            raise ValueError("has a choice that is empty")
        options = "|".join(" ".join(found for found, _ in choice) for choice in choices)
        regex += (_GAP if before == ".." else "") + (" " if regex else "") + f"(?:{options})"
        stems.append({max((stem for _, stem in choice), key=len) for choice in choices})
    best = max(stems, key=lambda found: min(map(len, found)))
    whole = f"^ {regex} $" if alone else f"(?<= ){regex}(?= )"
    return Phrase(language, re.compile(whole), frozenset(best if all(best) else ()))


def fold(text: str, keep: int = 2) -> str:
    """Return a text's words in lower case without accents, a space around each.

    Args:
        text: Any text.
        keep: How many are left of a letter that was held down: `palaaaa` is *palaa*, but `hjääälp` is *hjälp*.
    """
    marked = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in marked if c not in "'’´`" and unicodedata.category(c) not in ("Mn", "Cf"))
    short = re.sub(r"([^\W\d_])\1{2,}", r"\1" * keep, plain)
    return f" {' '.join(re.sub(r'[^a-z0-9]+', ' ', short).split())} "


def find_beginnings(folded: str) -> frozenset[str]:
    """Return all beginnings of the words of a folded text, for `Phrase.may_match`."""
    return frozenset(word[:end] for word in set(folded.split()) for end in range(1, _LONGEST_STEM + 1))


def remove_phrases(phrases: Iterable[Phrase], folded: str, beginnings: AbstractSet[str]) -> str:
    """Return a folded text with one mark in the place of each match, which counts as one word for `..`."""
    for phrase in phrases:
        if phrase.may_match(beginnings):
            folded = phrase.regex.sub(_MARK, folded)
    return folded


def _has_double_gap(elements: list[str]) -> bool:
    return any(first == second == ".." for first, second in pairwise(elements))


def _expand(element: str, lists: WordLists) -> str:
    unknown = [name for name in _LIST.findall(element) if not lists.get(name)]
    if unknown:
        raise ValueError(f"uses <{unknown[0]}>, which is no list of its language")
    return _LIST.sub(lambda name: "|".join(lists[name[1]]), element)


def _compile_word(word: str) -> tuple[str, str]:
    """Return a word as a regex, and the beginning that a word of the text must have (empty: any)."""
    parts = _WORD.fullmatch(word)
    folded = fold(parts[2]).strip() if parts else ""
    if not parts or not folded:
        raise ValueError(f"has '{word}', which is no word")
    before, after = (r"[^ ]*" if star else "" for star in (parts[1], parts[3]))
    stem = "" if before else max(folded.split(), key=len)[:_LONGEST_STEM]
    return before + folded + after, stem
