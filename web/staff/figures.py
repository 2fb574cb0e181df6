"""`/staff/figures`: how Lotsi serves residents, as charts and tables, and each table as a file."""

from __future__ import annotations

import asyncio
import datetime as dt

from aiohttp import web

from conversations.figures.report import Report
from conversations.figures.statistics import Share
from knowledge.languages import LANGUAGES, Language
from web import keys
from web.auth.access import requires
from web.locales import load_catalogue
from web.staff.figure_cells import Cell, Table, show_cell
from web.staff.figure_charts import draw_bars, draw_columns, draw_reliability, draw_shares
from web.staff.figure_files import read_format, write_file
from web.staff.figure_scope import Wish, frame_values, read_wish
from web.staff.figure_tables import FigureTables
from web.staff.figure_topics import TOP
from web.staff.frame import read_language, render_staff_page
from web.staff.topics import load_topics
from web.staff.words import load_words

_RESULTS = ("answered", "clarified", "dont_know")


@requires("counsellor", "auditor")
async def show_figures(request: web.Request) -> web.Response:
    """Show the figures, or give one table as a file."""
    app, language, format = request.app, read_language(request), read_format(request)
    topics = await asyncio.to_thread(load_topics, app[keys.KNOWLEDGE])
    wish = read_wish(request.query, topics)
    report = await asyncio.to_thread(app[keys.FIGURES].count, wish.scope)
    tables = {table.id: table for table in FigureTables(report, topics, language).all()}
    if format:
        answer = write_file(request, format, tables, wish)
        await record(request, "figures.exported", wish)
        return answer
    await record(request, "figures.read", wish)
    return render_staff_page(
        request,
        "figures.html",
        tables=tables,
        charts=_draw(report, tables, language),
        cards=_cards(tables["summary"], language),
        show=lambda cell: show_cell(cell, language),
        is_empty=not report.total.questions,
        **frame_values(wish, topics, language),
    )


async def record(request: web.Request, action: str, wish: Wish) -> None:
    """Record that somebody has read figures, and of what."""
    append = request.app[keys.AUDIT].append
    await asyncio.to_thread(append, request[keys.USER].id, action, "figures", "", dict(wish.view))


def _cards(summary: Table, language: Language) -> list[tuple[str, str]]:
    """Return the measures that one looks at first, with their names."""
    return [(str(row[0].value), show_cell(row[1], language)) for row in summary.rows]


def _draw(report: Report, tables: dict[str, Table], language: Language) -> dict[str, object]:
    """Return the charts; they show what the tables do, and leave out what those hide."""
    names, days = load_words(language).languages, list(report.scope.period.days)
    week = load_catalogue(language).gettext("week from {day}")
    titles = {column.id: column.title for column in tables["days"].columns}
    spoken = {names[code]: _by_day(tables["days"], f"conversations_{code}") for code in LANGUAGES}
    asked = {titles[name]: _by_day(tables["days"], name) for name in _RESULTS}
    judged = [(str(row[0].value), Share(_whole(row[1]), _whole(row[2]))) for row in tables["precision"].rows]
    return {
        "conversations": draw_columns(spoken, days, language, week),
        "questions": draw_columns(asked, days, language, week),
        "topics": draw_bars(_named(tables["topics"])[:TOP], language),
        "failed": draw_bars(_named(tables["failed"]), language),
        "precision": draw_shares(judged[:TOP], language),
        "calibration": draw_reliability(report.calibration, language),
    }


def _by_day(days: Table, name: str) -> dict[dt.date, int]:
    place = [column.id for column in days.columns].index(name)
    return {row[0].value: _whole(row[place]) for row in days.rows if isinstance(row[0].value, dt.date)}


def _named(table: Table) -> list[tuple[str, int]]:
    return [(str(row[0].value), _whole(row[1])) for row in table.rows]


def _whole(cell: Cell) -> int:
    """Return a count; of one that is hidden, nothing."""
    return cell.value if isinstance(cell.value, int) else 0
