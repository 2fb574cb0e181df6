"""Settings that hold more than a word: what is read, and what a mistake is answered with."""

from __future__ import annotations

import datetime as dt

import pytest

from web.setting_values import is_redis_url, parse_dates, parse_origins, parse_weekly_hours
from web.settings import SettingInvalid, load_settings

EIGHT_TO_FOUR = ((480, 960),)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri 8-16", [0, 1, 2, 3, 4]),
        ("MON–FRI 08:00–16:00", [0, 1, 2, 3, 4]),
        ("mon - fri  8 - 16", [0, 1, 2, 3, 4]),
        ("sat-mon 8.00-16.00", [0, 5, 6]),
        ("wed 8-16; sun 8-16,", [2, 6]),
        ("", []),
        (" , ", []),
    ],
)
def test_weekly_hours_are_read(text, days):
    assert [day for day, spans in enumerate(parse_weekly_hours(text)) if spans == EIGHT_TO_FOUR] == days
    assert sum(map(len, parse_weekly_hours(text))) == len(days)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("8-16", "'8-16' must be days and hours"),
        ("mon-fri", "must be days and hours"),
        ("må-fr 8-16", "must be days and hours"),
        ("monday 8-16", "'monday' is no day"),
        ("mon-fri 16-8", "must begin before it ends"),
        ("mon 8-8", "must begin before it ends"),
        ("mon 8-25", "between 0 and 24"),
        ("mon 8:60-9", "between 0 and 24"),
        ("mon 8-12 11-16", "the hours of mon overlap"),
        ("mon-fri 8-16, wed 15-18", "the hours of wed overlap"),
        ("mon 8", "'8' must be hours"),
        ("mon 8-16-18", "must be hours"),
        ("always, mon 8-16", "'always' must be days"),
    ],
)
def test_hours_that_cannot_be_read_are_named_with_what_would_be_right(text, problem):
    with pytest.raises(SettingInvalid, match="LOTSI_SERVICE_HOURS") as caught:
        load_settings(environment={"LOTSI_SERVICE_HOURS": text})
    assert problem in str(caught.value)


def test_dates_are_read():
    expected = {dt.date(2026, 12, 31), dt.date(2027, 1, 2)}
    assert parse_dates("2026-12-31, 2027-01-02;2027-01-02") == expected
    assert parse_dates(" ") == frozenset()


@pytest.mark.parametrize("text", ["31.12.2026", "2026-12-32", "christmas", "2026-12-31 - 2027-01-02"])
def test_what_is_no_date_is_named(text):
    with pytest.raises(SettingInvalid, match=r"LOTSI_CLOSED_DAYS.*2026-12-31"):
        load_settings(environment={"LOTSI_CLOSED_DAYS": text})


def test_origins_are_read_as_a_browser_writes_them():
    text = "https://Soite.fi/, http://localhost:8080 https://soite.fi:443;https://välfärd.example"
    assert parse_origins(text) == {"https://soite.fi", "http://localhost:8080", "https://xn--vlfrd-grac.example"}
    assert parse_origins("*") == {"*"}
    assert parse_origins("") == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        *("soite.fi", "https://", "https://soite.fi/chat", "https://*.soite.fi", "ftp://soite.fi", "null"),
        *("https://a@soite.fi", "https://soite.fi:port", "https://soite.fi?x", "https://[::1", "https://soite.fi#x"),
    ],
)
def test_what_is_no_origin_is_named(text):
    with pytest.raises(SettingInvalid, match="LOTSI_ALLOWED_ORIGINS") as caught:
        load_settings(environment={"LOTSI_ALLOWED_ORIGINS": text})
    assert text in str(caught.value)


@pytest.mark.parametrize("url", ["redis://redis", "rediss://:pw@redis:6380/1", "unix:///run/redis.sock"])
def test_a_redis_url_is_taken(url):
    assert is_redis_url(url)
    assert load_settings(environment={"LOTSI_REDIS_URL": url}).redis_url == url


@pytest.mark.parametrize("url", ["redis", "http://:s3cret@redis", "redis://:s3cret@redis:port", "redis://", "unix://"])
def test_another_url_is_refused_without_its_password(url):
    with pytest.raises(SettingInvalid, match="LOTSI_REDIS_URL") as caught:
        load_settings(environment={"LOTSI_REDIS_URL": url})
    assert "s3cret" not in str(caught.value)


def test_the_secret_key_lies_in_the_data_folder_unless_it_is_stated(tmp_path):
    assert load_settings({"data": str(tmp_path)}, {}).secret_key_path == tmp_path / "secret.key"
    stated = load_settings(environment={"LOTSI_SECRET_KEY_FILE": "/run/secrets/lotsi"})
    assert str(stated.secret_key_path) == "/run/secrets/lotsi"
