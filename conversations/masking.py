"""Masks personal data in free text, before anything else sees it: the unmasked text goes no further.

Format alone decides, never a check digit: people mistype, and a mistyped identity code is still one. Rather too much
is masked than too little; what a resident needs answered is seldom a number. Names are not masked: no rule finds them
without taking ordinary words away too.

Sources: identity code, act 661/2009 and decree 128/2010 with the signs of 690/2022; IBAN, ISO 13616; card numbers,
ISO/IEC 7812; phone numbers, the Finnish numbering plan.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass

KINDS = ("email", "iban", "card", "account", "identity_code", "phone", "address")

_GAP = r"[ \t\u00a0.]*"
_DASH = r"[-\u2010-\u2015\u2212+]"
_EMAIL = (
    r"[\w.+%'-]+\s?(?:@|\(at\)|\[at\]|\(ät\)|\s(?:at|ät)\s)\s?[\w-]+(?:\s?(?:\.|\(dot\)|\(piste\)|\(punkt\))\s?[\w-]+)+"
)
_IBAN = r"\b[a-z]{2}\s?\d{2}(?:[ -]?[a-z0-9]{4}){2,7}(?:[ -]?[a-z0-9]{1,3})?\b"
_CARD = r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)"
_ACCOUNT = r"(?<!\d)[1-8]\d{5}\s?-\s?\d{2,8}(?!\d)"
_IDENTITY_CODE = (
    rf"(?<![\d])\d{{2}}{_GAP}\d{{2}}{_GAP}(?:(?:19|20)\d{{2}}|\d{{2}})"
    rf"(?:\s*(?:{_DASH}|[a-fu-y])\s*\d{{3}}\s*[0-9a-y]|\s?\d{{3}}\s?[a-y])(?![a-zåäö\d])"
)
_PHONE = (
    r"(?<![\d,.])(?:(?:\+|00)\s?\d[\d\s()./\u2010-\u2015-]{6,18}\d"
    r"|\(?0\d{1,3}\)?(?:[\s./\u2010-\u2015-]{0,3}\d){4,10}"
    r"|\d{8,12})(?!\d)"
)
_STREET_ENDS = (
    "gatan|gata|vägen|gränden|gränd|stigen|allén|esplanaden|brinken|backen|svängen|bågen|kajen|"
    "kat[ua]\\w{0,5}|kadu\\w{0,5}|tie|tien|tiellä|tielle|tieltä|kuja\\w{0,4}|polku|polulla|raitti|raitilla|kaari|"
    "kaarella|rinne|rinteellä|väylä|väylällä|puistikko|bulevardi|esplanadi|penger|aukio"
)
_ADDRESS = (
    rf"\b(?:(?-i:[A-ZÅÄÖ])[a-zåäö]+\s)?(?!(?:digi|hoito|vård|palvelu|service)\w*\b)[a-zåäö-]{{2,}}(?:{_STREET_ENDS})\s+\d{{1,4}}"
    r"(?!\d)(?:[:.]?[a-zåäö]{1,3}\b)?(?:\s?[a-h]\b)?(?:\s?(?:bst|as\.?|lgh)?\s?\d{1,3}(?!\d))?"
)
_POSTCODE = r"(?<!\d)\d{5}\s+(?-i:[A-ZÅÄÖ])[a-zåäö]+"
_SERVICE_NUMBER = re.compile(r"^(?:0800|080005005|0206|0600|0700|112$|116)")


@dataclass(frozen=True)
class Mask:
    """One masked piece: what kind of data, and where its placeholder stands in the masked text."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Masked:
    """A text without personal data, and what was taken out of it."""

    text: str
    masks: tuple[Mask, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of data that were masked, each once, in their order."""
        return tuple(dict.fromkeys(mask.kind for mask in self.masks))


_PATTERNS = (
    ("email", re.compile(_EMAIL, re.IGNORECASE)),
    ("iban", re.compile(_IBAN, re.IGNORECASE)),
    ("identity_code", re.compile(_IDENTITY_CODE, re.IGNORECASE)),
    ("card", re.compile(_CARD)),
    ("account", re.compile(_ACCOUNT)),
    ("phone", re.compile(_PHONE)),
    ("address", re.compile(_ADDRESS, re.IGNORECASE)),
    ("address", re.compile(_POSTCODE, re.IGNORECASE)),
)


def mask_text(text: str, keep: Collection[str] = ()) -> Masked:
    """Replace personal data by placeholders such as `[phone]`.

    Args:
        text: Free text as it came in.
        keep: Numbers that are nobody's own, such as published service numbers; compared by their digits.

    Returns:
        The masked text; invisible characters are gone and digits of all scripts are 0–9, because both are ways,
        meant or not, around a mask.
    """
    cleaned = "".join(_plain(char) for char in text)
    kept = {_digits(number) for number in keep}
    pieces: list[str] = []
    masks: list[Mask] = []
    position = length = 0
    for kind, start, end in _find(cleaned, kept):
        placeholder = f"[{kind}]"
        pieces += [cleaned[position:start], placeholder]
        length += start - position
        masks.append(Mask(kind, length, length + len(placeholder)))
        length += len(placeholder)
        position = end
    pieces.append(cleaned[position:])
    return Masked("".join(pieces), tuple(masks))


def _plain(char: str) -> str:
    if unicodedata.category(char) == "Cf":
        return ""
    return str(unicodedata.digit(char)) if char.isdigit() and unicodedata.digit(char, None) is not None else char


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def _find(text: str, keep: Collection[str]) -> Iterator[tuple[str, int, int]]:
    """Yield the pieces to mask, from left to right, without overlap; an earlier kind goes before a later one."""
    taken: list[tuple[str, int, int]] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if kind == "phone" and _is_kept(match.group(), keep):
                continue
            _take(taken, kind, match.start(), match.end())
    yield from sorted(taken, key=lambda piece: piece[1])


def _take(taken: list[tuple[str, int, int]], kind: str, start: int, end: int) -> None:
    if all(end <= other_start or start >= other_end for _, other_start, other_end in taken):
        taken.append((kind, start, end))


def _is_kept(number: str, keep: Collection[str]) -> bool:
    digits = _digits(number)
    return digits in keep or bool(_SERVICE_NUMBER.match(digits))
