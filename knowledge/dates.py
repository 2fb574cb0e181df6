"""Dates as the documents give them: a year, a month or a day."""

from __future__ import annotations

import datetime as dt
import re

from knowledge.languages import Language

_FORM = re.compile(r"^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$")
_MONTHS: dict[Language, tuple[str, ...]] = {
    "sv": (
        "januari", "februari", "mars", "april", "maj", "juni",
        "juli", "augusti", "september", "oktober", "november", "december",
    ),
    "fi": (
        "tammikuu", "helmikuu", "maaliskuu", "huhtikuu", "toukokuu", "kesäkuu",
        "heinäkuu", "elokuu", "syyskuu", "lokakuu", "marraskuu", "joulukuu",
    ),
}  # fmt: skip


def check_date(text: str) -> None:
    """Raise ValueError unless `text` is `YYYY`, `YYYY-MM` or `YYYY-MM-DD` and a real date."""
    match = _FORM.match(text)
    if not match:
        raise ValueError(f"'{text}' is no date; write YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = match.groups()
    dt.date(int(year), int(month or 1), int(day or 1))


def format_date(text: str, language: Language) -> str:
    """Write a document's date as a resident reads it.

    Args:
        text: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
        language: The reader's language.

    Returns:
        For example `2023`, `november 2023`, `marraskuu 2023`, `13.6.2022`.
    """
    year, *rest = text.split("-")
    if not rest:
        return year
    if len(rest) == 1:
        return f"{_MONTHS[language][int(rest[0]) - 1]} {year}"
    return f"{int(rest[1])}.{int(rest[0])}.{year}"
