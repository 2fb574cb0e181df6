"""Reads the settings that hold more than a word or a number, and says what would be right where one is wrong."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from conversations.roles import ROLES

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS = "always"
ANY_ORIGIN = "*"
_DAYS = re.compile(r"^(?P<first>[a-z]+)(?:\s*[-–]\s*(?P<last>[a-z]+))?\s+(?P<spans>\d.*)$")
_SPAN = re.compile(r"^(\d{1,2})(?:[:.](\d{2}))?[-–](\d{1,2})(?:[:.](\d{2}))?$")
_SCHEMES = {"http": 80, "https": 443}

Span = tuple[int, int]
"""From and to, in minutes since midnight."""
WeeklyHours = tuple[tuple[Span, ...], ...]
"""The open spans of each weekday, Monday first."""


def parse_weekly_hours(text: str) -> WeeklyHours:
    """Return the hours of a week.

    Args:
        text: Such as `mon-thu 8-16, fri 8:30-12 13-15`; empty is never, `always` all hours.

    Raises:
        ValueError: Says which part cannot be read and how it is written.
    """
    if is_always(text):
        return (((0, 24 * 60),),) * len(DAYS)
    week: list[list[Span]] = [[] for _ in DAYS]
    for part in filter(None, (piece.strip() for piece in re.split(r"[,;]", text.lower()))):
        match = _DAYS.match(part)
        if not match:
            raise ValueError(f"'{part}' must be days and hours, such as mon-fri 8-16, or always")
        spans = [_parse_span(item) for item in re.sub(r"\s*[-–]\s*", "-", match["spans"]).split()]
        for day in _days_between(match["first"], match["last"] or match["first"]):
            week[day] += spans
    for name, spans in zip(DAYS, week, strict=True):
        spans.sort()
        if any(earlier[1] > later[0] for earlier, later in itertools.pairwise(spans)):
            raise ValueError(f"the hours of {name} overlap")
    return tuple(map(tuple, week))


def is_always(text: str) -> bool:
    """Tell whether the service hours know no holidays either."""
    return text.strip().lower() == ALWAYS


def _days_between(first: str, last: str) -> Iterator[int]:
    for name in (first, last):
        if name not in DAYS:
            raise ValueError(f"'{name}' is no day; days are {', '.join(DAYS)}")
    start, end = DAYS.index(first), DAYS.index(last)
    return ((start + number) % 7 for number in range((end - start) % 7 + 1))


def _parse_span(text: str) -> Span:
    match = _SPAN.match(text)
    if not match:
        raise ValueError(f"'{text}' must be hours, such as 8-16 or 8:30-15:45")
    hours, minutes, end_hours, end_minutes = (int(item or 0) for item in match.groups())
    start, end = hours * 60 + minutes, end_hours * 60 + end_minutes
    if minutes > 59 or end_minutes > 59 or not start < end <= 24 * 60:
        raise ValueError(f"'{text}' must begin before it ends, on one day, between 0 and 24")
    return start, end


def parse_dates(text: str) -> frozenset[dt.date]:
    """Return dates that are written as `2026-12-31, 2027-01-02`.

    Raises:
        ValueError: Names the one that is none.
    """
    days = set()
    for part in re.split(r"[\s,;]+", text.strip()):
        try:
            days |= {dt.date.fromisoformat(part)} if part else set()
        except ValueError as error:
            raise ValueError(f"'{part}' is no date; write it as 2026-12-31") from error
    return frozenset(days)


def parse_origins(text: str) -> frozenset[str]:
    """Return the web origins (RFC 6454) that a text names, as a browser writes them; `*` is all.

    Raises:
        ValueError: Names what is no origin.
    """
    return frozenset(
        ANY_ORIGIN if part == ANY_ORIGIN else parse_origin(part) for part in re.split(r"[\s,;]+", text.strip()) if part
    )


def parse_origin(text: str) -> str:
    """Return a web origin (RFC 6454) as a browser writes it.

    Raises:
        ValueError: It is none.
    """
    wrong = ValueError(f"'{text}' is no origin; write scheme and host, such as https://www.soite.fi")
    try:
        parts = urlsplit(text.lower())
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise wrong from error
    if parts.scheme not in _SCHEMES or not host or "*" in host or "@" in parts.netloc or parts[2:] not in _NO_MORE:
        raise wrong
    name = f"[{host}]" if ":" in host else host.encode("idna").decode("ascii")
    return f"{parts.scheme}://{name}" + ("" if port in (None, _SCHEMES[parts.scheme]) else f":{port}")


_NO_MORE = (("", "", ""), ("/", "", ""))


def is_redis_url(url: str) -> bool:
    """Tell whether a text is a URL that Redis can be reached by."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("redis", "rediss", "unix") and bool(parts.hostname or parts.path) and parts.port != 0
    except ValueError:
        return False


def check_issuer(text: str) -> None:
    """Refuse an issuer of OpenID Connect that is not reached by HTTPS; this very machine is trusted without.

    Raises:
        ValueError: It is no such address.
    """
    parts = urlsplit(text)
    local = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")
    if text and not ((parts.scheme == "https" or local) and parts.hostname and not parts.query and not parts.fragment):
        raise ValueError(f"'{text}' is no issuer; write its address as it stands in its description, https://…")


def parse_role_map(text: str) -> dict[str, str]:
    """Return the role of each group that is written as `Lotsi-staff=counsellor, Lotsi-admins=admin`.

    Raises:
        ValueError: Names the part that cannot be read.
    """
    roles: dict[str, str] = {}
    separator = ";" if ";" in text else ","  # a distinguished name of LDAP has commas of its own
    for part in filter(None, (piece.strip() for piece in text.split(separator))):
        group, sign, role = (piece.strip() for piece in part.rpartition("="))
        if not sign or not group or role not in ROLES:
            raise ValueError(f"'{part}' must be a group and its role, such as Lotsi-staff={' or '.join(ROLES)}")
        roles[group] = role
    return roles


def parse_points(text: str) -> float:
    """Return a number of points, or a factor: `0.5`, `2`; a comma is a point.

    Raises:
        ValueError: It is no number, or below 0.
    """
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = -1.0
    if not 0 <= value < 1000:
        raise ValueError(f"'{text}' must be a number from 0 on, such as 0.5")
    return value
