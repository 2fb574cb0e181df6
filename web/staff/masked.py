"""Shows text that was masked: what stands in place of personal data is set off and said in words, never as a code."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from conversations.masking import KINDS
from web.staff.words import Words

_PLACEHOLDER = re.compile(rf"\[({'|'.join(KINDS)})\]")


def mark_masked(text: str, words: Words) -> Markup:
    """Return a text as markup, with what was masked in it set off.

    Args:
        text: As it is stored.
        words: Of the reader's language.
    """
    parts = _PLACEHOLDER.split(text)
    pieces = [escape(part) if place % 2 == 0 else _masked(part, words) for place, part in enumerate(parts)]
    return Markup("").join(pieces)


def _masked(kind: str, words: Words) -> Markup:
    return Markup('<span class="masked">{}</span>').format(words.kinds[kind])
