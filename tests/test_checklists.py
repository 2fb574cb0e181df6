"""The checklists name every criterion and duty once, and tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
LAW, WCAG = PROJECT / "docs" / "law-306-2019.md", PROJECT / "docs" / "wcag-2.2.md"
CRITERIA = {
    "A": """1.1.1 1.2.1 1.2.2 1.2.3 1.3.1 1.3.2 1.3.3 1.4.1 1.4.2 2.1.1 2.1.2 2.1.4 2.2.1 2.2.2 2.3.1 2.4.1 2.4.2 2.4.3
        2.4.4 2.5.1 2.5.2 2.5.3 2.5.4 3.1.1 3.2.1 3.2.2 3.2.6 3.3.1 3.3.2 3.3.7 4.1.2""",
    "AA": """1.2.4 1.2.5 1.3.4 1.3.5 1.4.3 1.4.4 1.4.5 1.4.10 1.4.11 1.4.12 1.4.13 2.4.5 2.4.6 2.4.7 2.4.11 2.5.7
        2.5.8 3.1.2 3.2.3 3.2.4 3.3.3 3.3.4 3.3.8 4.1.3""",
}
_NAMED = re.compile(r"`(tests/[\w/]+\.py)((?:::\w+)*)`")


def rows(document: Path) -> list[list[str]]:
    """The cells of a document's table rows, headings and rulers left out."""
    lines = [line for line in document.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [row for row in cells if row[-1].strip() != "Test"]


def named() -> list[tuple[str, tuple[str, ...]]]:
    """Every test that a checklist names: its file, and the names that lead to the function."""
    text = LAW.read_text(encoding="utf-8") + WCAG.read_text(encoding="utf-8")
    return sorted({(path, tuple(names.split("::")[1:])) for path, names in _NAMED.findall(text)})


def _holds(path: str, names: tuple[str, ...]) -> bool:
    nodes: list[ast.stmt] = ast.parse((PROJECT / path).read_text(encoding="utf-8")).body
    for name in names:
        kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        found = next((node for node in nodes if isinstance(node, kinds) and node.name == name), None)
        if found is None:
            return False
        nodes = found.body
    return True


def test_every_criterion_of_wcag_stands_once_with_its_level() -> None:
    expected = {(number, level) for level, numbers in CRITERIA.items() for number in numbers.split()}
    listed = [(row[0].split()[0], row[1]) for row in rows(WCAG)]
    assert len(listed) == len(expected) == 55
    assert set(listed) == expected


def test_every_duty_of_section_6_a_stands_there() -> None:
    listed = [row[0] for row in rows(LAW)]
    assert [duty for duty in listed if re.match(r"\d", duty)] == [*(f"1({point})" for point in range(1, 7)), "2", "2"]


@pytest.mark.parametrize("document", [LAW, WCAG], ids=lambda path: path.stem)
def test_every_line_says_what_meets_it_and_what_shows_it(document: Path) -> None:
    for row in rows(document):
        assert len(row) == 4, row
        assert row[2], row
        assert _NAMED.search(row[3]) or re.search("by hand|not shown|as there", row[3]), row


def test_every_named_function_is_there() -> None:
    functions = [(path, names) for path, names in named() if names]
    assert len(functions) > 60
    assert [f"{path}::{'::'.join(names)}" for path, names in functions if not _holds(path, names)] == []


def test_every_named_file_is_there() -> None:
    assert sorted({path for path, _ in named() if not (PROJECT / path).exists()}) == []
