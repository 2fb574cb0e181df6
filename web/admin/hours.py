"""Opening hours between a service record and the text field in which an admin writes them, in the admin's words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from knowledge.languages import Language

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPOKEN: Mapping[Language, tuple[str, ...]] = {
    "sv": ("mån", "tis", "ons", "tors", "fre", "lör", "sön"),
    "fi": ("ma", "ti", "ke", "to", "pe", "la", "su"),
}
_NUMBERS = {name: number for names in (_DAYS, *_SPOKEN.values()) for number, name in enumerate(names)} | {"tor": 3}
_ALWAYS: Mapping[Language, str] = {"sv": "alltid", "fi": "aina"}
_RULE = re.compile(
    r"(?P<days>[a-zåäö,-]+)\s+(?P<from>\d{1,2}(?:[:.]\d{2})?)\s*-\s*(?P<to>\d{1,2}(?:[:.]\d{2})?)"
    r"(?:\s+(?P<valid_from>\d{4}-\d{2}-\d{2})?\.\.(?P<valid_to>\d{4}-\d{2}-\d{2})?)?"
)


def read_hours(text: str) -> str | list[dict[str, Any]] | None:
    """Return hours as a record has them.

    Args:
        text: A line for each rule, `mån-fre 8-16` or `ma,ke 9:00-12:00 2026-12-01..2026-12-31`, with the dates that it
            holds for, either of which may be left out; `alltid` or `aina`; empty: not known. Days may be named in
            Swedish, in Finnish or as the record has them.

    Raises:
        ValueError: A line is none of them; it is the error's text.
    """
    lines = [line.strip().lower() for line in text.splitlines() if line.strip()]
    if not lines:
        return None
    if len(lines) == 1 and lines[0] in ("always", *_ALWAYS.values()):
        return "always"
    return [_read_rule(line) for line in lines]


def _read_rule(line: str) -> dict[str, Any]:
    found = _RULE.fullmatch(line.replace("–", "-"))
    if found is None:
        raise ValueError(line)
    named: list[str] = []
    for part in found["days"].split(","):
        first, _, last = part.partition("-")
        if first not in _NUMBERS or (last and last not in _NUMBERS):
            raise ValueError(line)
        named += _DAYS[_NUMBERS[first] : _NUMBERS[last or first] + 1]
    if not named:
        raise ValueError(line)
    dates = {key: found[key] for key in ("valid_from", "valid_to") if found[key]}
    return {"days": named, "from": _read_clock(found["from"]), "to": _read_clock(found["to"]), **dates}


def _read_clock(text: str) -> str:
    hour, _, minute = text.replace(".", ":").partition(":")
    return f"{hour:>02}:{minute or '00'}"


def write_hours(hours: object, language: Language) -> str:
    """Return hours as the form shows them; what `read_hours` reads."""
    if not isinstance(hours, list):
        return _ALWAYS[language] if hours == "always" else str(hours or "")
    return "\n".join(_write_rule(item, language) for item in hours)


def _write_rule(item: Mapping[str, Any], language: Language) -> str:
    dates = [str(item.get(key) or "") for key in ("valid_from", "valid_to")]
    days = _write_days([_NUMBERS[day] for day in item["days"]], _SPOKEN[language])
    return f"{days} {item['from']}-{item['to']}" + (f" {'..'.join(dates)}" if any(dates) else "")


def _write_days(numbers: list[int], names: tuple[str, ...]) -> str:
    """Name days, three or more that follow each other as `mån-fre`."""
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{names[numbers[0]]}-{names[numbers[-1]]}"
    return ",".join(names[number] for number in numbers)
