"""Tables of figures, and how one of their cells is written: for reading, as CSV, as JSON."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from babel.dates import format_date
from babel.numbers import format_decimal

from knowledge.languages import Language

FEW: Final = 5
"""Below this a count that tells of somebody's health or hardship is not shown, not even as none (docs/figures.md)."""


class Few:
    """Stands in the place of a count that is too small to be shown, or none."""

    def __repr__(self) -> str:
        """Return how it is exported: a spreadsheet would take `0–4` for a date."""
        return f"<{FEW}"


HIDDEN: Final = Few()
Value: TypeAlias = str | int | float | dt.date | Few | None


@dataclass(frozen=True)
class Cell:
    """A value with its kind.

    `text`, `day`, `count`, `share` (0 to 1), `points` (a difference of shares), `number` (with one decimal), `seconds`.
    """

    value: Value
    kind: str = "count"

    @property
    def is_figure(self) -> bool:
        """Whether it stands in a column of figures."""
        return self.kind not in ("text", "day")


@dataclass(frozen=True)
class Column:
    """A column: its name for programs, and its title."""

    id: str
    title: str
    is_figure: bool = True


@dataclass(frozen=True)
class Table:
    """A table; the first column names the row. `note` says how it is to be read."""

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


def text(value: str) -> Cell:
    """Return words as a cell."""
    return Cell(value, "text")


def protect(count: int) -> int | Few:
    """Return a count as it may be shown."""
    return HIDDEN if count < FEW else count


def show_cell(cell: Cell, language: Language) -> str:
    """Return a cell as people read it; a dash where there is nothing to tell."""
    value = cell.value
    if value is None:
        return "–"
    if isinstance(value, Few):
        return f"0–{FEW - 1}"
    if isinstance(value, dt.date):
        return str(format_date(value, "d.M.y", locale=language))
    if isinstance(value, str):
        return value
    if cell.kind == "seconds":
        return show_seconds(value, language)
    if cell.kind in ("share", "points"):
        sign = "+" if cell.kind == "points" and value > 0 else ""
        return f"{sign}{_decimal(value * 100, 1, language)}" + ("\u00a0%" if cell.kind == "share" else "")
    return _decimal(value, 0 if cell.kind == "count" else 1, language)


def show_seconds(seconds: float, language: Language) -> str:
    """Return a time such as `45 s`, `4 min 30 s` or `2 h 5 min`; the units are the same in both languages."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole}\u00a0s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}\u00a0min" + (f" {rest}\u00a0s" if rest else "")
    hours, minutes = divmod(minutes, 60)
    return f"{_decimal(hours, 0, language)}\u00a0h" + (f" {minutes}\u00a0min" if minutes else "")


def _decimal(value: float, places: int, language: Language) -> str:
    pattern = "#,##0" if not places else f"#,##0.{'0' * places}"
    return str(format_decimal(value, pattern, locale=language)).replace("-", "\u2212")


def write_csv(table: Table) -> bytes:
    """Return a table as CSV that a Finnish or Swedish Excel opens by a double click.

    UTF-8 with a byte order mark, semicolons, decimal commas, shares in per cent; a text that a spreadsheet would take
    for a formula begins with an apostrophe (OWASP, CSV Injection).
    """
    written = io.StringIO()
    rows = csv.writer(written, delimiter=";", lineterminator="\r\n")
    rows.writerow([_guard(column.title) for column in table.columns])
    rows.writerows([_csv_cell(cell) for cell in row] for row in table.rows)
    return written.getvalue().encode("utf-8-sig")


def _csv_cell(cell: Cell) -> str:
    value = cell.value
    if value is None or isinstance(value, (Few, dt.date)):
        return "" if value is None else str(value)
    if isinstance(value, str):
        return _guard(value)
    if cell.kind in ("share", "points"):
        value = value * 100
    return str(value if isinstance(value, int) else round(value, 1)).replace(".", ",")


def _guard(words: str) -> str:
    return f"'{words}" if words.lstrip().startswith(("=", "+", "-", "@")) or words[:1] in ("\t", "\r", "\n") else words


def to_json(table: Table) -> dict[str, Any]:
    """Return a table for JSON, by the columns' names: shares 0 to 1, times in seconds, `"<5"` for what is hidden."""
    rows = [
        {column.id: _json_cell(cell) for column, cell in zip(table.columns, row, strict=True)} for row in table.rows
    ]
    return {"id": table.id, "title": table.title, "rows": rows}


def _json_cell(cell: Cell) -> str | int | float | None:
    value = cell.value
    if isinstance(value, (Few, dt.date)):
        return str(value)
    return round(value, 4) if isinstance(value, float) else value
