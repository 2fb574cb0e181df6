"""The phrase grammar of the safety triggers: from what a clinician writes to a compiled pattern.

A phrase is made of words with spaces between them (docs/safety-triggers.md):

    word        exactly this word; case, punctuation, accents (å ä ö) and letterrrs held down make no difference
    wor* *ord   any ending; any beginning
    (a|b c|d)   one of these
    <name>      one of the list `name` in `_common.yml`: respellings, or a family of words
    ..          up to four words, or none
    a & b       both, in either order, with up to eight words between them (at most three parts)
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations
from typing import Final, TypeAlias

WordLists: TypeAlias = Mapping[str, Sequence[str]]

_MARK: Final = "·"
_GAP: Final = r"(?: [^ ]+){0,4}?"
_FAR: Final = r"(?: [^ ]+){0,8}?"
_LONGEST_HINT: Final = 8
_ELEMENT = re.compile(r"\(([^()]*)\)|([^\s()|]+)")
_LIST = re.compile(r"<([^<>]*)>")
_WORD = re.compile(r"(\*?)([^*<>]+)(\*?)")
_UNSPACED = re.compile(r"[^ ]+")
_WORDS = re.compile(r"[a-z0-9]+")
_HELD_DOWN = re.compile(r"([a-z])\1{2,}")
# accents (after decomposition), apostrophes, soft hyphens and other signs without a width
_INVISIBLE = re.compile("[\u0300-\u036f'\u2019\u00b4`\u00ad\u200b-\u200f\u2060\ufeff]+")


@dataclass(frozen=True)
class Phrase:
    """A compiled phrase.

    Attributes:
        language: The language tag that it is written in.
        pattern: What it matches in a folded text, as a regular expression; of two thousand, a message needs a few.
        hints: A text that it matches has at least one hint of each set (see `find_hints`); the most telling set first.
    """

    language: str
    pattern: str
    hints: tuple[frozenset[str], ...]

    @functools.cached_property
    def regex(self) -> re.Pattern[str]:
        """The pattern, compiled when a text may hold the phrase: compiling all took seconds of every start."""
        return re.compile(self.pattern)

    def may_match(self, hints: frozenset[str]) -> bool:
        """Tell cheaply whether the phrase can stand in a text with these hints."""
        return not any(map(hints.isdisjoint, self.hints))

    def find(self, folded: str, hints: frozenset[str]) -> str | None:
        """Return the words of a folded text that the phrase matches first, or None."""
        match = self.regex.search(folded) if self.may_match(hints) else None
        return match[0].strip() if match else None


class PhraseIndex:
    """Phrases by what a text must have for them: a message has some hundred hints, a trigger hundreds of phrases."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        """Put phrases under the hints of their most telling set.

        Args:
            phrases: In the order that they are returned in.
        """
        self._phrases = tuple(phrases)
        self._places: dict[str, list[int]] = {}
        for place, phrase in enumerate(self._phrases):
            for hint in phrase.hints[0]:
                self._places.setdefault(hint, []).append(place)

    def find_possible(self, hints: frozenset[str]) -> list[Phrase]:
        """Return the phrases that can stand in a text with these hints."""
        places = {place for hint in hints & self._places.keys() for place in self._places[hint]}
        phrases = (self._phrases[place] for place in sorted(places))
        return [phrase for phrase in phrases if phrase.may_match(hints)]


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
    parts = [_compile_part(part, lists) for part in text.split(" & ")]
    if len(parts) > 3:
        raise ValueError("has more than three parts joined by &")
    orders = [f"{_FAR} ".join(order) for order in permutations(regex for regex, _ in parts)]
    regex = f"(?:{'|'.join(orders)})"
    hints = sorted((needed for _, found in parts for needed in found), key=_shortest, reverse=True)
    return Phrase(language, f"^ {regex} $" if alone else f" {regex}(?= )", tuple(hints))


def fold(text: str, keep: int = 2) -> str:
    """Return a text's words in lower case without accents, a space around each.

    Args:
        text: Any text.
        keep: How many are left of a letter that was held down: `palaaaa` is *palaa*, but `hjääälp` is *hjälp*.
    """
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKD", text.casefold()))
    short = _HELD_DOWN.sub(r"\1" * keep, plain)
    return f" {' '.join(_WORDS.findall(short))} "


def find_hints(folded: str) -> frozenset[str]:
    """Return what tells which phrases can match: the text's words `word|`, and their beginnings and endings `*ing`."""
    words, sizes = set(folded.split()), range(_LONGEST_HINT + 1)
    hints = {f"{word}|" for word in words}
    hints.update(word[:size] for word in words for size in sizes)
    hints.update(f"*{word[-size:]}" for word in words for size in sizes)
    return frozenset(hints)


def mask_phrases(phrases: Iterable[Phrase], folded: str, hints: frozenset[str]) -> str:
    """Return a folded text with a mark in the place of each word that a phrase names; words in a gap stay."""
    for phrase in phrases:
        if phrase.may_match(hints):
            folded = phrase.regex.sub(_mask, folded)
    return folded


def _mask(match: re.Match[str]) -> str:
    masked, place = "", match.start()
    for start, end in sorted(span for span in match.regs[1:] if span != (-1, -1)):
        masked += match.string[place:start] + _UNSPACED.sub(_MARK, match.string[start:end])
        place = end
    return masked + match.string[place : match.end()]


def _compile_part(text: str, lists: WordLists) -> tuple[str, list[frozenset[str]]]:
    """Return words in their order as a regex, and the sets of hints that a text needs."""
    if _ELEMENT.sub("", text).strip():
        raise ValueError("has a bracket or a | that does not belong")
    elements = [group or word for group, word in _ELEMENT.findall(text)]
    if not elements or ".." in (elements[0], elements[-1]) or ("..", "..") in pairwise(elements):
        raise ValueError("must have a word on both sides of '..' and of '&'")
    regex, hints = "", []
    for before, element in pairwise(["", *elements]):
        if element != "..":
            options, needed = _compile_choices(element.split("|"), lists)
            regex += (_GAP if before == ".." else "") + (" " if regex else "") + f"({options})"
            hints.append(needed)
    return regex, hints


def _compile_choices(choices: Sequence[str], lists: WordLists) -> tuple[str, frozenset[str]]:
    """Return alternatives as a regex, and the hints of which a text needs one."""
    regexes, hints = [], []
    for choice in choices:
        words = [_compile_word(word, lists) for word in choice.split()]
        if not words:
            raise ValueError("has a choice that is empty")
        regexes.append(" ".join(regex for regex, _ in words))
        hints.append(max((needed for _, needed in words), key=_shortest))
    return f"(?:{'|'.join(regexes)})", frozenset().union(*hints)


def _compile_word(word: str, lists: WordLists) -> tuple[str, frozenset[str]]:
    named = _LIST.fullmatch(word)
    if named and lists.get(named[1]):
        return _compile_choices(lists[named[1]], {})
    if named:
        raise ValueError(f"uses {word}, which is no list of its language")
    return _compile_plain(word)


@functools.lru_cache(maxsize=16_384)
def _compile_plain(word: str) -> tuple[str, frozenset[str]]:
    parts = _WORD.fullmatch(word)
    folded = fold(parts[2]).strip() if parts else ""
    if not parts or not folded:
        raise ValueError(f"has '{word}', which is no word")
    longest = max(folded.split(), key=len)
    begins, ends = not parts[1], not parts[3]
    before, after = "" if begins else "[^ ]*", "" if ends else "[^ ]*"
    if begins and ends:
        return folded, frozenset({f"{longest}|"})
    hint = longest[:_LONGEST_HINT] if begins else f"*{longest[-_LONGEST_HINT:]}" if ends else ""
    return before + folded + after, frozenset({hint})


def _shortest(hints: frozenset[str]) -> int:
    return min(map(len, hints))
