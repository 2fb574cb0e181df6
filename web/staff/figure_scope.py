"""What the pages of figures are asked for: between an address and the scope that is counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from conversations.figures.scope import Period, Scope
from conversations.questions import local_day
from conversations.records import current_moment
from knowledge.languages import Language, as_language
from web.staff.topics import Topics
from web.staff.words import load_words

PRESETS = (7, 30, 90)
FIGURES = "/staff/figures"
UNANSWERED = f"{FIGURES}/unanswered"
_DEFAULT = 30


@dataclass(frozen=True)
class Wish:
    """What somebody wants to see: the scope, and how it stands in an address."""

    scope: Scope
    days: int | None
    view: dict[str, str]

    @property
    def query(self) -> str:
        """The scope as the query of an address."""
        return urlencode(self.view)


def read_wish(query: Mapping[str, str], topics: Topics) -> Wish:
    """Return what an address asks for; what cannot be understood is left out, not refused.

    Args:
        query: `days`, or `since` and `until`; `language`; `topic` by its id or title.
        topics: What there is.
    """
    today = local_day(current_moment())
    number = query.get("days", "")
    days = int(number) if number in map(str, PRESETS) else None
    first, last = _day(query.get("since")), _day(query.get("until"))
    view: dict[str, str] = {}
    try:
        period = Period(first or Period.ending(last or today, _DEFAULT).first, last or today)
        stated = days is None and bool(first or last)
    except (ValueError, OverflowError):
        stated = False
    if stated:
        view |= {"since": period.first.isoformat(), "until": period.last.isoformat()}
    else:
        days = days or _DEFAULT
        period = Period.ending(today, days)
        view["days"] = str(days)
    language, topic = as_language(query.get("language")), topics.find(query.get("topic", "").strip())
    view |= {name: value for name, value in (("language", language), ("topic", topic)) if value}
    return Wish(Scope(period, language, topic), None if stated else days, view)


def _day(written: str | None) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(written or "")
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2999 else None


def frame_values(wish: Wish, topics: Topics, language: Language) -> dict[str, Any]:
    """Return what the templates of both pages need to show and change the scope."""
    kept = {key: wish.view[key] for key in ("language", "topic") if key in wish.view}
    presets = [(days, urlencode(kept | {"days": str(days)})) for days in PRESETS]
    return {
        "wish": wish,
        "presets": presets,
        "topic_title": topics.title(wish.scope.topic, language) if wish.scope.topic else "",
        "choices": topics.choices(language),
        "words": load_words(language),
        "addresses": {"figures": FIGURES, "unanswered": UNANSWERED},
    }
