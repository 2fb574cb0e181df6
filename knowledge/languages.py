"""The languages that Lotsi serves, in one place."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

Language: TypeAlias = Literal["sv", "fi"]

LANGUAGES: Final[tuple[Language, ...]] = ("sv", "fi")
DEFAULT_LANGUAGE: Final[Language] = "sv"


def as_language(value: object) -> Language | None:
    """Return `value` as a served language, or None if it is none of them.

    Args:
        value: A language tag such as `"sv"`, `"fi"`, `"sv-FI"`, or anything else.
    """
    tag = str(value or "").lower().split("-")[0]
    return tag if tag in LANGUAGES else None
