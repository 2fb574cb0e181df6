"""The inbox's filters between an address and the store: what cannot be understood is left out, not refused."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from conversations.attention import REASONS
from conversations.inbox import STATUSES, Filters
from conversations.masking import mask_text
from knowledge.languages import LANGUAGES
from web.staff.topics import Topics

NAMES = (
    *("text", "status", "since", "until", "language", "topic", "least", "most"),
    *("outcome", "rating", "reason", "tag", "assigned"),
)
OUTCOMES = ("sure", "between", "unsure", "safety", "foreign", "payload")
RATINGS = ("up", "down", "1", "2", "3", "4", "5")
_TEXT_LIMIT = 200
_HELSINKI = ZoneInfo("Europe/Helsinki")
_TYPED = ("text", "topic", "tag")
_USER_ID = re.compile("[0-9a-f]{32}")


def clean_view(values: Mapping[str, str]) -> dict[str, str]:
    """Return the filters among the values of an address or a form: no empty ones, no nonsense, no personal data.

    A saved view holds what comes out here: what is typed freely is masked, and the rest is one of what there is.
    """
    found = {name: values.get(name, "").strip()[:_TEXT_LIMIT] for name in NAMES}
    for name in _TYPED:
        found[name] = mask_text(found[name]).text
    return {name: value for name, value in found.items() if value and (name in _TYPED or _CHECKS[name](value))}


def _is_person(value: str) -> bool:
    return value == "nobody" or _USER_ID.fullmatch(value) is not None


def parse_view(query: str) -> dict[str, str]:
    """Return the filters of a view that was written by `write_view`."""
    return clean_view(dict(parse_qsl(query)))


def write_view(view: Mapping[str, str]) -> str:
    """Return filters as the query of an address."""
    return urlencode(view)


def read_filters(view: Mapping[str, str], topics: Topics) -> Filters:
    """Return what the inbox is narrowed to.

    Args:
        view: What `clean_view` returned.
        topics: The topic may be named by its title in either language.
    """
    written = view.get("topic")
    return Filters(
        since=_midnight(view.get("since")),
        until=_midnight(view.get("until"), days=1),
        language=view.get("language"),
        topic=(topics.find(written) or written) if written else None,
        least=_share(view.get("least")),
        most=_share(view.get("most")),
        outcome=view.get("outcome"),
        rating=view.get("rating"),
        reason=view.get("reason"),
        status=view.get("status", "open"),
        tag=view.get("tag"),
        assigned=view.get("assigned"),
        text=view.get("text"),
    )


def _midnight(value: str | None, days: int = 0) -> dt.datetime | None:
    """A day in Finland begins at midnight there."""
    try:
        day = dt.date.fromisoformat(value or "") + dt.timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return dt.datetime(day.year, day.month, day.day, tzinfo=_HELSINKI) if day.year > 1 else None


def _share(value: str | None) -> float | None:
    """Percent as typed, with a point or a comma."""
    try:
        share = float((value or "").replace(",", ".").rstrip(" %")) / 100
    except ValueError:
        return None
    return share if 0 <= share <= 1 else None


_CHECKS: dict[str, Callable[[str], object]] = {
    "status": (*STATUSES, "open", "all").__contains__,
    "since": _midnight,
    "until": _midnight,
    "language": LANGUAGES.__contains__,
    "least": lambda value: _share(value) is not None,
    "most": lambda value: _share(value) is not None,
    "outcome": OUTCOMES.__contains__,
    "rating": RATINGS.__contains__,
    "reason": REASONS.__contains__,
    "assigned": _is_person,
}
