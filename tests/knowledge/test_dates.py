"""Dates as documents give them and as residents read them."""

from __future__ import annotations

import pytest

from knowledge.dates import check_date, format_date
from knowledge.languages import Language


@pytest.mark.parametrize("text", ["2023", "2023-11", "2023-11-22", "2024-02-29", "2023-12"])
def test_a_year_a_month_or_a_day_is_a_date(text: str) -> None:
    check_date(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "23",
        "2023-1",
        "2023-13",
        "2023-00",
        "2023-02-29",
        "2023-11-31",
        "22.11.2023",
        "2023/11",
        "2023-11-",
        "2023-",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        check_date(text)


def test_the_refusal_of_another_form_says_which_forms_there_are() -> None:
    with pytest.raises(ValueError, match=r"'22\.11\.2023' is no date; write YYYY, YYYY-MM or YYYY-MM-DD"):
        check_date("22.11.2023")


@pytest.mark.parametrize(
    ("text", "language", "read"),
    [
        ("2020", "sv", "2020"),
        ("2020", "fi", "2020"),
        ("2023-11", "sv", "november 2023"),
        ("2023-11", "fi", "marraskuu 2023"),
        ("2022-05", "sv", "maj 2022"),
        ("2022-05", "fi", "toukokuu 2022"),
        ("2026-01", "sv", "januari 2026"),
        ("2026-12", "fi", "joulukuu 2026"),
        ("2022-06-13", "sv", "13.6.2022"),
        ("2022-06-13", "fi", "13.6.2022"),
        ("2003-06-06", "fi", "6.6.2003"),
    ],
)
def test_a_date_reads_as_in_the_residents_language(text: str, language: Language, read: str) -> None:
    assert format_date(text, language) == read
