"""When a human being answers in the chat: weekly hours, less Finnish public holidays and the days that are set.

Moments go in and out with their time zone; the hours are those of Finnish clocks.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Collection, Iterator, Sequence
from zoneinfo import ZoneInfo

import holidays
from babel.dates import get_day_names

from knowledge.languages import Language
from web.locales import load_catalogue
from web.setting_values import DAYS, Span, WeeklyHours

HELSINKI = ZoneInfo("Europe/Helsinki")
_HORIZON = 400
"""Days that the next opening is looked for; longer than any row of closed days."""
_ENDLESS = dt.timedelta(days=_HORIZON - 2)
_NO_HOURS_PATIENCE = dt.timedelta(days=7)

Window = tuple[dt.datetime, dt.datetime]


class ServiceHours:
    """The calendar of the people behind the chat."""

    def __init__(self, week: WeeklyHours, closed_days: Collection[dt.date] = (), always: bool = False) -> None:
        """Set the calendar.

        Args:
            week: See `web.setting_values.parse_weekly_hours`.
            closed_days: Closed beside the public holidays.
            always: Whether public holidays are days as all others.
        """
        self._week = week
        self._always = always
        self._closed = frozenset(closed_days)
        self._holidays = holidays.country_holidays("FI")

    def is_closed_day(self, day: dt.date) -> bool:
        """Tell whether nobody works on a day that the weekly hours may name.

        Midsummer Eve and Christmas Eve are no public holidays by law, but free by the public sector's collective
        agreements.
        """
        christmas_eve = (day.month, day.day) == (12, 24)
        midsummer_eve = day.month == 6 and 19 <= day.day <= 25 and day.weekday() == 4
        holiday = christmas_eve or midsummer_eve or day in self._holidays
        return day in self._closed or (holiday and not self._always)

    def is_open(self, now: dt.datetime) -> bool:
        """Tell whether somebody is there."""
        return any(start <= now for start, _ in itertools.islice(self._windows(now), 1))

    def closes_at(self, now: dt.datetime) -> dt.datetime | None:
        """Return when the present hours end; None while nobody is there, and where they do not end."""
        for start, end in self._windows(now):
            return end if start <= now and end - now < _ENDLESS else None
        return None

    def opens_at(self, now: dt.datetime) -> dt.datetime | None:
        """Return when the next hours begin; None while somebody is there, and where no hours are set."""
        for start, _ in self._windows(now):
            return start if start > now else None
        return None

    def due_at(self, now: dt.datetime) -> dt.datetime:
        """Return when a call-back that is asked for now shall have been made: by the end of the next hours to begin."""
        return next((end for start, end in self._windows(now) if start > now), now + _NO_HOURS_PATIENCE)

    def _windows(self, now: dt.datetime) -> Iterator[Window]:
        """Yield the open times that end after `now`; those that touch are one."""
        pending: Window | None = None
        for start, end in self._spans(now.astimezone(HELSINKI).date()):
            if end <= now:
                continue
            if pending and pending[1] == start:
                pending = pending[0], end
                continue
            if pending:
                yield pending
            pending = start, end
        if pending:
            yield pending

    def _spans(self, first: dt.date) -> Iterator[Window]:
        for number in range(_HORIZON):
            day = first + dt.timedelta(days=number)
            if not self.is_closed_day(day):
                for start, end in self._week[day.weekday()]:
                    yield _moment(day, start), _moment(day, end)

    def describe(self, language: Language) -> str:
        """Return the hours as a resident reads them."""
        gettext = load_catalogue(language).gettext
        if not any(self._week):
            return str(gettext("No hours have been set."))
        if self._always:
            return _begin(gettext("around the clock")) + "."
        hours = describe_week(self._week, language)
        return str(gettext("{hours}. Closed on public holidays.")).format(hours=_begin(hours))


def _begin(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]


def _moment(day: dt.date, minutes: int) -> dt.datetime:
    day += dt.timedelta(days=minutes // (24 * 60))
    return dt.datetime.combine(day, dt.time(minutes // 60 % 24, minutes % 60), HELSINKI)


def describe_week(week: WeeklyHours, language: Language) -> str:
    """Return weekly hours as a resident reads them; days with the same hours stand together."""
    runs: list[tuple[int, int, tuple[Span, ...]]] = []
    for day, spans in enumerate(week):
        if runs and runs[-1][1] == day - 1 and runs[-1][2] == spans:
            runs[-1] = runs[-1][0], day, spans
        elif spans:
            runs.append((day, day, spans))
    gettext = load_catalogue(language).gettext
    names = get_day_names("abbreviated", "stand-alone", language)
    return ", ".join(
        str(gettext("{days} at {times}")).format(
            days=names[first] if first == last else f"{names[first]}–{names[last]}",
            times=", ".join(_clock(start, language) + "–" + _clock(end, language) for start, end in spans),
        )
        for first, last, spans in runs
    )


def _clock(minutes: int, language: Language) -> str:
    hour, minute = divmod(minutes, 60)
    sign = ":" if language == "sv" else "."
    return f"{hour}{sign}{minute:02}" if minute else str(hour)


def week_of(hours: Sequence[tuple[Sequence[str], str, str]]) -> WeeklyHours:
    """Return weekly hours from those of a service record: days (`mon`…`sun`), from and to as `HH:MM`."""
    week: list[list[Span]] = [[] for _ in DAYS]
    for days, start, end in hours:
        for day in days:
            week[DAYS.index(day)].append((_minutes(start), _minutes(end)))
    return tuple(tuple(sorted(spans)) for spans in week)


def _minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)
