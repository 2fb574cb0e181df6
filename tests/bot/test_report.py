"""The report as a page and the list of known failures: complete, well-formed, and safe with any utterance."""

from __future__ import annotations

import dataclasses
import re
from xml.etree import ElementTree

import pytest
from test_evaluate import FINNISH, NOT_DECLINED, RIGHT, SWEDISH, make, make_verdict

from bot.training.charts import SIDE, build_matrix, draw_reliability, interval
from bot.training.cross_validation import FoldScores
from bot.training.cross_validation import summarise as summarise_folds
from bot.training.evaluate import Report, summarise
from bot.training.failures import render_failures
from bot.training.outcomes import Outcome
from bot.training.report import render_html
from bot.training.safety_scores import score_safety
from bot.training.scores import Bin
from bot.training.thresholds import Judgement, rate_thresholds

NASTY = make(text='"><b>fet</b> & | `kod` *x* </td>', intent="fees", language="fi", answered_in="fi")
VERDICTS = [
    make_verdict("sv", "life", True),
    make_verdict("fi", "fire", False, named=True),
    make_verdict("sv", None, True),
]
FOLDS = [{"sv": FoldScores(5, value, 0.5, 0.1), "fi": FoldScores(5, 0.75, 0.5, 0.1)} for value in (0.6, 0.8)]
TABLE = rate_thresholds([Judgement("fees", "sv", "fees", 0.65, "sure", "fees")], 0.4)


@pytest.fixture(scope="module")
def report() -> Report:
    made = summarise("lotsi-1", (*SWEDISH, *FINNISH, NASTY), (score_safety("held-out", VERDICTS),))
    return dataclasses.replace(made, cross_validation=summarise_folds(FOLDS, 20), thresholds={"sv": TABLE, "fi": TABLE})


@pytest.fixture(scope="module")
def page(report: Report) -> str:
    return render_html(report)


@pytest.fixture(scope="module")
def tree(page: str) -> ElementTree.Element:
    return ElementTree.fromstring(page)  # raises where a tag is not closed or a sign is not escaped


def text_of(element: ElementTree.Element | None) -> str:
    assert element is not None
    # A name may be broken after its underscores, where it has an empty element and no space.
    return " ".join(" ".join(element.itertext()).split()).replace("_ ", "_")


def section(tree: ElementTree.Element, name: str) -> ElementTree.Element:
    found = tree.find(f".//section[@id='{name}']")
    assert found is not None
    return found


def test_the_page_holds_every_failure_under_what_was_meant(tree: ElementTree.Element, report: Report) -> None:
    groups: dict[str, list[str]] = {}
    for body in section(tree, "failures").iter("tbody"):
        heading, *rows = body.iter("tr")
        groups[text_of(heading)] = [text_of(row.find("td/span[2]")) for row in rows]
    assert [(intent, text) for intent, texts in groups.items() for text in texts] == sorted(
        ((item.intent, item.text) for item in report.failures), key=lambda pair: pair[0]
    )
    assert NASTY.text in groups["fees"]


def test_an_utterance_names_its_language_for_screen_readers(tree: ElementTree.Element) -> None:
    said = {span.get("lang"): text_of(span) for span in section(tree, "failures").iter("span") if span.get("lang")}
    assert said["fi"] == NASTY.text
    assert tree.get("lang") == "en"


def test_the_page_loads_and_runs_nothing(page: str) -> None:
    assert "<script" not in page
    assert "javascript:" not in page
    assert not re.findall(r"(?:src|href)=\"(?!#)", page)
    assert "url(" not in page
    assert "@import" not in page


def test_every_link_leads_to_a_section(tree: ElementTree.Element) -> None:
    ids = {element.get("id") for element in tree.iter() if element.get("id")}
    links = [str(link.get("href")) for link in tree.iter("a")]
    assert len(links) == 10
    assert {link.removeprefix("#") for link in links} <= ids


def test_ids_are_given_once(tree: ElementTree.Element) -> None:
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


def test_every_table_has_headings_of_columns_and_rows_of_equal_width(tree: ElementTree.Element) -> None:
    tables = list(tree.iter("table"))
    assert len(tables) >= 10
    for table in tables:
        columns = table.findall("thead/tr/th")
        assert columns
        assert all(cell.get("scope") == "col" for cell in columns)
        for row in table.findall("tbody/tr"):
            cells = list(row)
            assert sum(int(cell.get("colspan", "1")) for cell in cells) == len(columns)
            assert all(cell.get("scope") in ("row", "rowgroup") for cell in cells if cell.tag == "th")


def test_the_headline_shows_both_languages_and_the_gap(tree: ElementTree.Element) -> None:
    rows = [[text_of(cell) for cell in row] for row in section(tree, "figures").findall(".//tbody/tr")]
    answered = next(row for row in rows if row[0].startswith("right section at once"))
    # Finnish: FINNISH is right twice, NASTY is not.
    assert answered[1:] == ["20.0 %", "66.7 %", "46.7"]


def test_safety_shows_recall_by_kind_and_each_failure(tree: ElementTree.Element) -> None:
    text = text_of(section(tree, "safety"))
    assert "dangers met 1 of 1 100.0 % 0 of 1 0.0 % 1 of 2 50.0 %" in text
    assert "fire 0 of 0 0.0 % 0 of 1 0.0 % 0 of 1 0.0 %" in text
    assert "112 named in any answer 2 of 2" in text
    assert "fi fire False" in text
    assert "sv None True" in text


def test_the_diagram_has_a_point_and_a_row_for_each_bin(tree: ElementTree.Element, report: Report) -> None:
    for figure, language in zip(section(tree, "calibration").iter("figure"), ("sv", "fi"), strict=True):
        bins = report.reliability[language]
        assert len(list(figure.iter("circle"))) == len(bins)
        assert len(figure.findall(".//tbody/tr")) == len(bins)
        image = figure.find("svg")
        assert image is not None
        assert image.get("role") == "img"
        assert image.get("aria-labelledby") == image[0].get("id")


def test_thresholds_and_cross_validation_are_shown_where_asked_for(tree: ElementTree.Element, report: Report) -> None:
    assert "Swedish, 1 utterances: best 0.65, configured 0.40" in text_of(section(tree, "thresholds"))
    assert "accuracy 70.0 % ± 14.1 % 75.0 % ± 0.0 %" in text_of(section(tree, "cross-validation"))
    bare = ElementTree.fromstring(render_html(dataclasses.replace(report, thresholds=None, cross_validation=None)))
    assert {item.get("id") for item in bare.iter("section")} == {
        "figures", "safety", "calibration", "topics", "matrix", "confusions", "failures",
    }  # fmt: skip


def test_topics_stand_worst_first(tree: ElementTree.Element) -> None:
    shares = [int(text_of(row[-1]).split()[0]) for row in section(tree, "topics").findall(".//tbody/tr")]
    assert shares == sorted(shares)
    assert shares[0] == 0


def test_a_report_without_failures_or_safety_is_a_page_too() -> None:
    perfect = ElementTree.fromstring(render_html(summarise("lotsi-1", (RIGHT, *FINNISH))))
    assert "No intent was confused" in text_of(section(perfect, "matrix"))
    assert text_of(section(perfect, "failures")) == "Failures None."


def test_the_matrix_holds_the_confused_intents_alone_in_one_order() -> None:
    sure: tuple[Outcome, ...] = tuple(make(intent="vision", predicted="vision") for _ in range(3))
    rows = build_matrix([*SWEDISH, *sure])
    names = [row.intent for row in rows]
    assert names == ["danger_fire", "fees", "medical_advice", "oral_health", "out_of_scope"]
    fees = rows[names.index("fees")]
    assert fees.utterances == 2
    cell = fees.cells[names.index("oral_health")]
    assert (cell.count, cell.level, cell.diagonal) == (2, 5, False)
    own = rows[names.index("oral_health")].cells[names.index("oral_health")]
    assert (own.count, own.level, own.diagonal) == (2, 4, True)
    assert rows[0].utterances == 0
    assert not any(cell.count for cell in rows[0].cells)


def test_a_point_stands_at_confidence_and_accuracy() -> None:
    point, most = draw_reliability([Bin(0.25, 0.5, 4), Bin(1.0, 1.0, 16)])
    assert (point.x, point.y, point.bar_x) == (SIDE * 0.25, SIDE * 0.5, SIDE * 0.2)
    assert (most.x, most.y) == (SIDE, 0)
    assert point.radius < most.radius
    assert most.bar == 4 * point.bar
    assert point.high < point.y < point.low


def test_the_interval_is_wilsons() -> None:
    # Newcombe 1998, table I: 81 of 263.
    assert interval(81 / 263, 263) == (pytest.approx(0.2553, abs=5e-5), pytest.approx(0.3662, abs=5e-5))
    assert interval(0.0, 20) == (0.0, pytest.approx(0.1611, abs=5e-5))


def test_the_list_of_known_failures_names_each_with_what_was_wanted_and_got(report: Report) -> None:
    document = render_failures(report)
    rows = [line for line in document.splitlines() if line.startswith("| ")]
    assert f"| `out_of_scope` | `oral_health` | 0.95 | {NOT_DECLINED.text} |" in rows
    assert r'| `fees` | `oral_health` | 0.95 | "\>\<b\>fet\</b\> & \| \`kod\` \*x\* \</td\> |' in rows
    assert "| fi | fire | fi fire False | `counselling` |" in rows
    assert "| sv | sv None True | `danger_life` |" in rows
    assert "| utterances that failed | 5 of 8 | 1 of 3 |" in rows
    assert "| dangers missed, held-out sentences | 0 of 1 | 1 of 1 |" in rows
    swedish, finnish = document.split("## Swedish utterances")[1].split("## Finnish utterances")
    assert swedish.count("\n| `") == 5
    assert finnish.count("\n| `") == 1


def test_the_list_of_known_failures_is_the_same_each_time_and_ends_in_one_line_break(report: Report) -> None:
    document = render_failures(report)
    assert document == render_failures(report)
    assert document.endswith("|\n")
    assert "\n\n\n" not in document
