"""When a human being is there: weekly hours, Finnish holidays, the clock's own leaps."""

from __future__ import annotations

import datetime as dt

import pytest

from knowledge.languages import LANGUAGES
from web.service_hours import HELSINKI, ServiceHours, describe_week, week_of
from web.setting_values import parse_dates, parse_weekly_hours

OFFICE = parse_weekly_hours("mon-fri 8-16")


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=HELSINKI)


@pytest.mark.parametrize(
    ("now", "opens", "closes"),
    [
        ("2026-11-23T07:59:59", "2026-11-23T08:00", None),
        ("2026-11-23T08:00", None, "2026-11-23T16:00"),
        ("2026-11-23T15:59:59", None, "2026-11-23T16:00"),
        ("2026-11-23T16:00", "2026-11-24T08:00", None),
        ("2026-11-27T18:00", "2026-11-30T08:00", None),
        ("2026-12-23T16:00", "2026-12-28T08:00", None),
        ("2026-12-31T17:00", "2027-01-04T08:00", None),
        ("2026-06-18T20:00", "2026-06-22T08:00", None),
    ],
)
def test_it_opens_and_closes_by_finnish_clocks_and_holidays(now, opens, closes):
    hours = ServiceHours(OFFICE)
    assert hours.opens_at(at(now)) == (opens and at(opens))
    assert hours.closes_at(at(now)) == (closes and at(closes))
    assert hours.is_open(at(now)) is (closes is not None)
    utc = at(now).astimezone(dt.timezone.utc)
    assert hours.is_open(utc) is (closes is not None)


@pytest.mark.parametrize(
    "day",
    [
        *("2026-01-01", "2026-01-06", "2026-04-03", "2026-04-05", "2026-04-06", "2026-05-01", "2026-05-14"),
        *("2026-06-19", "2026-06-20", "2026-10-31", "2026-12-06", "2026-12-24", "2026-12-25", "2026-12-26"),
        *("2027-03-26", "2027-05-06", "2027-06-25", "2027-11-06", "2031-06-20", "2031-12-24"),
    ],
)
def test_holidays_and_their_eves_are_closed_whatever_the_hours_say(day):
    hours = ServiceHours(parse_weekly_hours("mon-sun 0-24"))
    assert hours.is_closed_day(dt.date.fromisoformat(day))
    assert not hours.is_open(at(f"{day}T12:00"))


@pytest.mark.parametrize("day", ["2026-12-23", "2026-12-28", "2026-06-18", "2027-06-18", "2026-12-07"])
def test_the_days_around_them_are_not(day):
    assert not ServiceHours(OFFICE).is_closed_day(dt.date.fromisoformat(day))


def test_days_that_are_set_are_closed_too():
    hours = ServiceHours(OFFICE, parse_dates("2026-11-23, 2026-11-24"))
    assert hours.opens_at(at("2026-11-23T09:00")) == at("2026-11-25T08:00")


def test_a_break_at_noon_is_closed():
    hours = ServiceHours(parse_weekly_hours("mon-fri 8-12 13-16"))
    assert hours.opens_at(at("2026-11-23T12:30")) == at("2026-11-23T13:00")
    assert hours.closes_at(at("2026-11-23T09:00")) == at("2026-11-23T12:00")


def test_hours_that_touch_at_midnight_are_one():
    hours = ServiceHours(parse_weekly_hours("fri 20-24, sat 0-4"))
    assert hours.closes_at(at("2026-11-27T23:00")) == at("2026-11-28T04:00")


@pytest.mark.parametrize(("day", "hours"), [("2027-03-28", 3), ("2026-10-25", 5)])
def test_the_night_of_the_clocks_leap_is_an_hour_shorter_or_longer(day, hours):
    """Easter Sunday 2027 is such a night, so the hours are those of somebody who knows no holiday."""
    night = ServiceHours(parse_weekly_hours("sun 0-4"), always=True)
    begins = at(f"{day}T00:00")
    ends = night.closes_at(begins)
    assert ends is not None
    assert (ends - begins.astimezone(dt.timezone.utc)).total_seconds() == hours * 3600


def test_always_knows_no_holiday_and_no_end_but_the_days_that_are_set():
    always = parse_weekly_hours("always")
    christmas = at("2026-12-25T03:00")
    hours = ServiceHours(always, always=True)
    assert (hours.is_open(christmas), hours.closes_at(christmas), hours.opens_at(christmas)) == (True, None, None)
    hours = ServiceHours(always, parse_dates("2026-12-27"), always=True)
    assert hours.closes_at(christmas) == at("2026-12-27T00:00")


def test_without_hours_it_never_opens():
    hours = ServiceHours(parse_weekly_hours(""))
    now = at("2026-11-23T12:00")
    assert (hours.is_open(now), hours.opens_at(now), hours.closes_at(now)) == (False, None, None)
    assert hours.due_at(now) > now


def test_a_call_back_is_due_by_the_end_of_the_next_hours():
    hours = ServiceHours(OFFICE)
    assert hours.due_at(at("2026-11-23T15:59")) == at("2026-11-24T16:00")
    assert hours.due_at(at("2026-11-27T18:00")) == at("2026-11-30T16:00")


@pytest.mark.parametrize(
    ("text", "sv", "fi"),
    [
        ("mon-fri 8-16", "Mån–fre kl. 8–16. Stängt på helgdagar.", "Ma–pe klo 8–16. Suljettu pyhäpäivinä."),
        (
            "mon-thu 8:30-12 13-15:45, fri 8-12",
            "Mån–tors kl. 8:30–12, 13–15:45, fre kl. 8–12. Stängt på helgdagar.",
            "Ma–to klo 8.30–12, 13–15.45, pe klo 8–12. Suljettu pyhäpäivinä.",
        ),
        ("wed 9-10", "Ons kl. 9–10. Stängt på helgdagar.", "Ke klo 9–10. Suljettu pyhäpäivinä."),
        ("always", "Dygnet runt.", "Ympäri vuorokauden."),
        ("", "Inga tider har angetts.", "Aikoja ei ole ilmoitettu."),
    ],
)
def test_the_hours_are_readable_in_both_languages(text, sv, fi):
    hours = ServiceHours(parse_weekly_hours(text), always=text == "always")
    assert [hours.describe(language) for language in LANGUAGES] == [sv, fi]


def test_the_hours_of_a_service_record_read_the_same():
    week = week_of([(("mon", "tue"), "08:00", "15:30"), (("thu",), "08:00", "12:00")])
    assert describe_week(week, "fi") == "ma–ti klo 8–15.30, to klo 8–12"
