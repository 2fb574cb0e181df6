"""The page of figures, as a browser without a screen sees it, and its files; the counting has tests of its own."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from typing import Any

import pytest

from conversations.generator import Generator
from conversations.store import NewMessage
from web import keys
from web.staff.figure_cells import HIDDEN, Cell, Column, Table, show_cell, text, to_json, write_csv
from web.staff.figure_charts import draw_columns
from web.staff.figure_scope import read_wish
from web.staff.topics import load_topics

FIGURES, UNANSWERED = "/staff/figures", "/staff/figures/unanswered"


def ask(console: Any, count: int = 1, topic: str | None = "counselling", **values: Any) -> None:
    """Questions, each in a conversation of its own, with their answers."""
    store, language = console.app[keys.CONVERSATIONS], values.pop("language", "sv")
    words = values.pop("text", "var finns rådgivningen")
    for _ in range(count):
        begun, _ = store.insert_conversation(language)
        (asked,) = store.insert_messages(begun.id, [NewMessage("resident", words, language)])
        store.update_understanding(asked.id, **{"outcome": "sure", "confidence": 0.9, **values})
        store.insert_messages(begun.id, [NewMessage("bot", "Svar.", language, topic=topic)])


async def fetch_table(console: Any, table: str, query: str = "") -> dict[str, dict[str, Any]]:
    """A table's rows by what their first column names."""
    page = await console.get(f"{FIGURES}?format=json&table={table}&{query}")
    assert page.status == 200, page.text
    (found,) = json.loads(page.text)["tables"]
    return {next(iter(row.values())): row for row in found["rows"]}


@pytest.fixture
async def counsellor(console):
    await console.sign_in()
    return console


class TestPage:
    async def test_it_shows_charts_with_names_and_the_same_figures_as_tables(self, counsellor):
        Generator().fill(counsellor.app[keys.ENGINE], 2000)
        page = await counsellor.get(f"{FIGURES}?days=90")
        assert page.status == 200
        charts = re.findall(r'<svg class="chart[^>]*aria-labelledby="([\w-]+) ([\w-]+)"', page.text)
        assert len(charts) == 6
        for title, description in charts:
            assert re.search(rf'<title id="{title}">[^<]+</title>\s*<desc id="{description}">[^<]+</desc>', page.text)
        assert page.text.count("<caption") == 8
        assert "style=" not in page.text.partition("<main")[2]
        assert counsellor.actions()[-1] == "figures.read"

    @pytest.mark.parametrize(("language", "words"), [("sv", "Väntetid, median"), ("fi", "Odotusaika, mediaani")])
    async def test_it_speaks_both_languages(self, console, language, words):
        console.add(f"desk-{language}", language=language)
        await console.sign_in(f"desk-{language}")
        assert words in (await console.get(FIGURES)).text

    async def test_an_empty_database_has_a_page_too(self, counsellor):
        for query in ("", "days=7", "since=2026-01-01&until=2027-12-31", "topic=counselling", "language=fi"):
            page = await counsellor.get(f"{FIGURES}?{query}")
            assert (page.status, "Ingen har frågat något" in page.text) == (200, True), query

    async def test_an_auditor_reads_figures_and_no_residents_words(self, console):
        ask(console, topic=None, outcome="unsure", text="var ligger biblioteket")
        console.add("audit", "auditor")
        await console.sign_in("audit")
        page = await console.get(FIGURES)
        assert (page.status, UNANSWERED in page.text, "biblioteket" in page.text) == (200, False, False)
        assert (await console.get(f"{FIGURES}?format=json")).status == 200
        for query in ("", "?format=csv", "?format=json"):
            assert (await console.get(UNANSWERED + query)).status == 403

    async def test_what_cannot_be_understood_is_left_out(self, counsellor):
        topics = load_topics(counsellor.app[keys.KNOWLEDGE])
        usual = read_wish({}, topics)
        for query in (
            {"days": "31"},
            {"since": "x", "until": "2026-02-30"},
            {"since": "2026-02-02", "until": "2026-02-01"},
            {"since": "0001-01-01"},
            {"since": "2001-01-01", "until": "2026-01-01"},
            {"language": "en", "topic": "inget sådant"},
        ):
            assert read_wish(query, topics) == usual, query

    async def test_a_period_a_language_and_a_topic_are_asked_for_by_name(self, counsellor):
        topics = load_topics(counsellor.app[keys.KNOWLEDGE])
        title = topics.title("counselling", "fi").upper()
        wish = read_wish({"since": "2026-02-01", "until": "2026-02-03", "language": "fi", "topic": title}, topics)
        assert list(wish.scope.period.days) == [dt.date(2026, 2, day) for day in (1, 2, 3)]
        assert (wish.scope.language, wish.scope.topic) == ("fi", "counselling")
        assert wish.query == "since=2026-02-01&until=2026-02-03&language=fi&topic=counselling"
        assert read_wish({"until": "2026-02-03"}, topics).scope.period.first == dt.date(2026, 1, 5)


class TestSmallCounts:
    """What could point at somebody is not shown."""

    async def test_topics_with_few_questions_are_counted_together(self, counsellor):
        ask(counsellor, 5)
        ask(counsellor, 4, "fees")
        assert [row["questions"] for row in (await fetch_table(counsellor, "topics")).values()] == [5]
        ask(counsellor, 2, "digipolku")
        table = await fetch_table(counsellor, "topics")
        assert [row["questions"] for row in table.values()] == [5, 6]
        assert list(table)[1] == "Ämnen med få frågor, tillsammans"

    async def test_few_emergencies_are_not_counted_out(self, counsellor):
        ask(counsellor, 4, None, outcome="safety", trigger="danger_life")
        (day,) = (row for row in (await fetch_table(counsellor, "days")).values() if row["questions"])
        assert (day["questions"], day["emergency"], day["other"]) == (4, "<5", 4)
        assert "0–4" in (await counsellor.get(FIGURES)).text
        ask(counsellor, 1, None, outcome="safety", trigger="danger_life")
        ask(counsellor, 1, None, outcome="safety", trigger="danger_life", language="fi")
        row = (await fetch_table(counsellor, "summary"))["Nödsituationer"]
        assert (row["all"], row["sv"], row["fi"]) == (6, None, "<5"), "the one is not told by the rest"
        ask(counsellor, 4, None, outcome="safety", trigger="danger_life", language="fi")
        row = (await fetch_table(counsellor, "summary"))["Nödsituationer"]
        assert (row["all"], row["sv"], row["fi"]) == (10, 5, 5)

    async def test_no_emergency_looks_as_few_do(self, counsellor):
        ask(counsellor, 6)
        assert (await fetch_table(counsellor, "summary"))["Nödsituationer"]["all"] == "<5"

    async def test_within_a_topic_every_count_is_guarded(self, counsellor):
        ask(counsellor, 4)
        ask(counsellor, 1, language="fi")
        table = await fetch_table(counsellor, "summary", "topic=counselling")
        assert [table["Frågor"][name] for name in ("all", "sv", "fi")] == [5, "<5", "<5"]
        assert [table["Svarade"][name] for name in ("all", "sv", "fi")] == [1.0, "<5", "<5"]
        ask(counsellor, 1)
        table = await fetch_table(counsellor, "summary", "topic=counselling")
        assert [table["Frågor"][name] for name in ("all", "sv", "fi")] == [6, None, "<5"]
        table = await fetch_table(counsellor, "summary", "topic=counselling&language=sv")
        assert [table["Frågor"][name] for name in ("all", "sv", "fi")] == [5, 5, "<5"]
        ask(counsellor, 1, None, outcome="between", predicted="counselling")
        (day,) = (
            row
            for row in (await fetch_table(counsellor, "days", "topic=counselling")).values()
            if row["questions"] != "<5"
        )
        assert (day["questions"], day["answered"], day["clarified"]) == (7, None, "<5")
        page = (await counsellor.get(f"{FIGURES}?topic=counselling")).text
        assert not re.search(r'class="box"[^>]*><title>[^<]*Svenska: [1-4]<', page)


class TestFiles:
    async def test_every_table_is_there_as_csv_and_json(self, counsellor):
        ask(counsellor, 6)
        page = await counsellor.get(f"{FIGURES}?format=json&days=7")
        found = json.loads(page.text)
        assert page.headers["Content-Disposition"].startswith('attachment; filename="lotsi-figures-')
        assert found["since"] < found["until"]
        for table in found["tables"]:
            path = f"{FIGURES}?format=csv&table={table['id']}&days=7"
            async with counsellor.client.get(path) as answer:
                body = await answer.read()
            assert body.startswith(b"\xef\xbb\xbf"), table["id"]
            rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig")), delimiter=";"))
            assert len(rows) == len(table["rows"]) + 1, table["id"]
            assert {len(row) for row in rows} == {len(rows[0])}
        assert counsellor.actions()[-1] == "figures.exported"

    @pytest.mark.parametrize("query", ["format=xlsx", "format=csv&table=nothing", "format=json&table=.."])
    async def test_what_is_no_file_is_refused(self, counsellor, query):
        headers = {"Accept": "application/json"}
        async with counsellor.client.get(f"{FIGURES}?{query}", headers=headers) as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (400, "query_invalid")

    def test_a_formula_is_no_formula_in_a_spreadsheet(self):
        names = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "a=b", 'a;"b"']
        table = Table("t", "T", (Column("name", "=Namn", False),), tuple((text(name),) for name in names))
        rows = [row[0] for row in csv.reader(io.StringIO(write_csv(table).decode("utf-8-sig")), delimiter=";")]
        assert rows == ["'=Namn", "'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "' =1", "a=b", 'a;"b"']

    def test_figures_are_written_as_finns_and_programs_read_them(self):
        cells = (
            Cell(12345),
            Cell(0.8349, "share"),
            Cell(-0.021, "points"),
            Cell(270.0, "seconds"),
            Cell(dt.date(2026, 11, 2), "day"),
            Cell(None, "share"),
            Cell(HIDDEN),
            Cell(4.25, "number"),
        )
        table = Table("t", "T", tuple(Column(f"c{place}", "x") for place in range(len(cells))), (cells,))
        assert write_csv(table).decode("utf-8-sig").splitlines()[1] == "12345;83,5;-2,1;270,0;2026-11-02;;<5;4,2"
        values = list(to_json(table)["rows"][0].values())
        assert values == [12345, 0.8349, -0.021, 270.0, "2026-11-02", None, "<5", 4.25]
        for language in ("sv", "fi"):
            shown = [show_cell(cell, language).replace("\u00a0", " ").replace("\u2212", "-") for cell in cells]
            assert shown == ["12 345", "83,5 %", "-2,1", "4 min 30 s", "2.11.2026", "–", "0–4", "4,2"]


class TestUnanswered:
    async def test_groups_lead_to_the_inbox(self, counsellor):
        for words in ("var ligger biblioteket", "bibliotekets öppettider", "ring mig på 040 123 4567"):
            ask(counsellor, topic=None, outcome="unsure", text=words)
        ask(counsellor, topic=None, outcome="unsure", text="<b>kirjasto</b>", language="fi")
        page = await counsellor.get(UNANSWERED)
        assert page.status == 200
        assert "bibliotekets öppettider" in page.text
        assert "040 123" not in page.text and "<b>" not in page.text.partition("<main")[2]
        assert counsellor.actions()[-1] == "unanswered.read"
        (address,) = re.findall(r'href="(/staff/inbox\?text=bibliotek&[^"]+)"', page.text)
        assert "var ligger biblioteket" in (await counsellor.get(address.replace("&amp;", "&"))).text
        assert "biblioteket" not in (await counsellor.get(f"{UNANSWERED}?language=fi")).text
        page = await counsellor.get(f"{UNANSWERED}?format=csv")
        assert (page.status, "bibliotek;2" in page.text) == (200, True)
        assert counsellor.actions()[-1] == "unanswered.exported"

    async def test_nothing_unanswered_is_said(self, counsellor):
        assert "Här finns ingenting" in (await counsellor.get(UNANSWERED)).text


class TestCharts:
    def test_columns_stand_on_each_other_and_within_the_chart(self):
        days = [dt.date(2026, 11, day) for day in (1, 2)]
        chart = draw_columns({"a": {days[0]: 3, days[1]: 1}, "b": {days[0]: 5}}, days, "sv", "{day}")
        first, other, single = sorted(chart.boxes, key=lambda box: (box.x, box.series))
        assert first.y == pytest.approx(other.y + other.height)
        assert first.height / 3 == pytest.approx(other.height / 5) == pytest.approx(single.height)
        assert all(box.y >= 0 and box.y + box.height <= chart.bottom + 0.1 for box in chart.boxes)
        assert [tick.text for tick in chart.ticks] == ["0", "2", "4", "6", "8"]
        assert first.title == "1.11. a: 3"

    def test_a_long_period_is_drawn_by_week(self):
        days = [dt.date(2026, 1, 1) + dt.timedelta(days=number) for number in range(365)]
        chart = draw_columns({"a": dict.fromkeys(days, 1)}, days, "fi", "viikko {day}")
        assert len(chart.boxes) == 53
        assert chart.boxes[1].title == "viikko 5.1. a: 7"

    def test_nothing_is_drawn_of_nothing(self):
        chart = draw_columns({"a": {}}, [dt.date(2026, 1, 1)], "sv", "{day}")
        assert (chart.boxes, [tick.text for tick in chart.ticks]) == ((), ["0", "1", "2", "3", "4"])
