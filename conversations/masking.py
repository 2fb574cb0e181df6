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
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

KINDS = ("email", "iban", "identity_code", "account", "card", "phone", "address")

_GAP = r"[ \t\u00a0.]*"
_IBAN_DIGITS = 10
_TAKEN = "\0"
_DASH = r"[-\u2010-\u2015\u2212+]"
_DOT = r"(?:\.|[(\[](?:dot|piste|punkt)[)\]])"
_DOT_WORD = r"\s(?:dot|piste|punkt)\s"
_DOMAIN = r"(?:fi|ax|se|eu|com|net|org|info|nu|ee|no|dk|de)\b"
_LOCAL_PART = rf"(?<![\w.+%'-])[\w.+%'-]+(?:{_DOT_WORD}[\w.+%'-]+)*"
_SPELLED_HOST = rf"[\w-]+{_DOT_WORD}(?:[\w-]+{_DOT_WORD})*{_DOMAIN}"
_EMAIL = (
    rf"{_LOCAL_PART}\s?(?:@|[(\[](?:at|ät)[)\]])\s?(?:{_SPELLED_HOST}|[\w-]+\s?{_DOT}\s?[\w-]+(?:{_DOT}[\w-]+)*)"
    rf"|{_LOCAL_PART}\s(?:at|ät|snabel-?a|miukumauku)\s(?:{_SPELLED_HOST}|[\w-]+(?:{_DOT}[\w-]+)+)"
)
"""Spelled out, "at" and "punkt" are words of a sentence too: "ät frukost. Sen" is no address, and a domain decides."""
_IBAN = (
    r"\b(?:[a-z]{2}|(?-i:[A-Z]{2})\s)\d{2}(?:[a-z0-9]{11,30}"
    r"|[ -]?[a-z0-9]{4}(?:[ -]?(?=[a-z]{0,3}\d)[a-z0-9]{4}){1,6}(?:[ -]?(?=[a-z]{0,2}\d)[a-z0-9]{1,3})?)\b"
)
_CARD = r"(?<!\d)(?<!\d[ -])[1-9](?:[ -]?\d){12,}(?!\d)"
_ACCOUNT = r"(?<!\d)[1-8]\d{5}\s?-\s?\d{2,8}(?!\d)"
_IDENTITY_CODE = (
    rf"(?<![\d])\d{{2}}{_GAP}\d{{2}}{_GAP}(?:(?:19|20)\d{{2}}|\d{{2}})"
    rf"(?:\s*(?:{_DASH}|[a-fu-y])\s*\d{{3}}\s*[0-9a-z]|\s?\d{{3}}\s?[a-z])(?![a-zåäö\d])"
)
_PHONE = (
    r"(?<!\d)(?<!\d[.,])(?:(?:\+|00)\s?\d[\d\s()./\u2010-\u2015-]{6,}\d"
    r"|0(?:[ .-]\d){7,}"
    r"|(?:\(0\d{1,3}\)|0\d{1,3})(?:[\s./\u2010-\u2015-]{0,3}\d){4,}"
    r"|\d{8,12})(?!\d)"
)
_STREET_ENDS = (
    "gatan|gata|vägen|gränden|gränd|stigen|allén|esplanaden|brinken|backen|svängen|bågen|kajen|torget|"
    "katu|katua|katuun|kadu\\w{0,5}|tie|tien|tiellä|tielle|tieltä|kuja\\w{0,4}|polku|polulla|raitti|raitilla|kaari|"
    "kaarella|rinne|rinteellä|väylä|väylällä|puistikko|bulevardi|esplanadi|penger|aukio"
)
_NO_STREET = r"(?!(?:digi|hoito|vård|palvelu|service)\w*\b|\w*(?:lu|al|ha|kul)kuja\b)"  # plurals: lukuja, hakuja
_ADDRESS = (
    rf"(?<!\w)(?<!\w-)(?:(?-i:[A-ZÅÄÖ])[a-zåäö]+\s)?(?:{_NO_STREET}[a-zåäö][a-zåäö-]+(?:{_STREET_ENDS})"
    r"|(?-i:[A-ZÅÄÖ])[a-zåäö]+\s(?:katu|kadulla|kadun|kadulta|kadulle|tie|tiellä|gata|gatan|väg|vägen"
    r"|allén|esplanaden|gränd|gränden|esplanadi\w{0,3}|bulevardi\w{0,3}|puistikko))"
    r"\s+\d{1,4}(?:-\d{1,4})?(?!\d)(?:[:.]?[a-zåäö]{1,3}\b)?(?:\s?[a-h]\b)?(?:\s?(?:bst|as\.?|lgh)?\s?\d{1,3}(?!\d))?"
)
_POSTCODE = r"(?<!\d)\d{5}\s+(?-i:[A-ZÅÄÖ])[a-zåäö]+"
_SERVICE_NUMBER = re.compile(r"^(?:0800\d{5,6}|080005005|0206\d{2,6}|0[67]00\d{4,6}|112|116\d{3})$")
_SPACE = r"[ \u00a0\u202f]"
_SUM = rf"[1-9]\d{{0,2}}(?:{_SPACE}000)*{_SPACE}\d{{3}}"
_MOMENT = (
    r"(?:(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])\.(?:(?:19|20)\d{2}(?:/\d{1,4})?)?"
    r"|(?:0?[1-9]|1[0-2])/(?:19|20)\d{2}|(?:19|20)\d{2}-\d{2}-\d{2}|(?:19|20)\d{2}|(?:[01]\d|2[0-4])[.:][0-5]\d)"
)
_JOINT = r"(?:\s?[-\u2010-\u2015]\s?|[\sT]+)"
_NOBODYS = re.compile(rf"(?<![\d.,])(?:{_SUM}(?:\s?[-\u2010-\u2015]\s?{_SUM})?|{_MOMENT}(?:{_JOINT}{_MOMENT})*)(?!\d)")
"""Sums, years, dates and times, and spans of them: what looks like a phone or card number and is none."""


class MaskedText(str):
    """A text that may be stored: `mask_text` has seen it, or it is our own (`conversations.gate`)."""

    __slots__ = ()


@dataclass(frozen=True)
class Mask:
    """One masked piece: what kind of data, and where its placeholder stands in the masked text."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Masked:
    """A text without personal data, and what was taken out of it."""

    text: MaskedText
    masks: tuple[Mask, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of data that were masked, each once, in their order."""
        return tuple(dict.fromkeys(mask.kind for mask in self.masks))


_PATTERNS = (
    ("email", re.compile(_EMAIL, re.IGNORECASE)),
    ("iban", re.compile(_IBAN, re.IGNORECASE)),
    ("identity_code", re.compile(_IDENTITY_CODE, re.IGNORECASE)),
    ("account", re.compile(_ACCOUNT)),
    ("card", re.compile(_CARD)),
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
    return Masked(MaskedText("".join(pieces)), tuple(masks))


def _plain(char: str) -> str:
    if unicodedata.category(char) == "Cf":
        return ""
    if "\uff01" <= char <= "\uff5e":  # full-width forms of ASCII
        return chr(ord(char) - 0xFEE0)
    return str(unicodedata.digit(char)) if char.isdigit() and unicodedata.digit(char, None) is not None else char


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def _find(text: str, keep: Collection[str]) -> Iterator[tuple[str, int, int]]:
    """Yield the pieces to mask, from left to right, without overlap; an earlier kind goes before a later one.

    What a kind has taken is blanked for those after it: a later pattern that reached into it would be lost whole.
    """
    taken: list[tuple[str, int, int]] = []
    harmless = [match.span() for match in _NOBODYS.finditer(text)]
    rest = text
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(rest):
            if not _is_harmless(kind, match, keep, harmless):
                taken.append((kind, match.start(), match.end()))
        for _, start, end in taken:
            rest = rest[:start] + _TAKEN * (end - start) + rest[end:]
    yield from sorted(taken, key=lambda piece: piece[1])


def _is_harmless(kind: str, match: re.Match[str], keep: Collection[str], harmless: Sequence[tuple[int, int]]) -> bool:
    if kind == "iban":
        return len(_digits(match.group())) < _IBAN_DIGITS
    if kind == "phone" and _is_kept(match.group(), keep):
        return True
    return kind in ("phone", "card") and any(a <= match.start() and match.end() <= b for a, b in harmless)


def _is_kept(number: str, keep: Collection[str]) -> bool:
    digits = _digits(number)
    return digits in keep or bool(_SERVICE_NUMBER.match(digits))
