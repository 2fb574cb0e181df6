"""Files of examples as people send them, and as nobody should: bounded, all problems at once, nothing half taken."""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from studio.errors import UploadRefused
from studio.spreadsheets import ROW_LIMIT, read_upload

LONG = b"x" * 3000
BOTH = {"sv": ("när går färjan", "åka båt"), "fi": ("milloin lautta lähtee", "veneellä")}


def sheet(fill: Callable[[Worksheet], None]) -> bytes:
    book = Workbook()
    assert isinstance(book.active, Worksheet)
    fill(book.active)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def rows(*lines: list[object]) -> Callable[[Worksheet], None]:
    return lambda sheet: [sheet.append(line) for line in lines] and None  # type: ignore[func-returns-value]


def problems(name: str, content: bytes, language: str | None = None) -> list[str]:
    with pytest.raises(UploadRefused) as refused:
        read_upload(name, content, language)  # type: ignore[arg-type]
    return [str(finding) for finding in refused.value.findings]


TABLE = rows(["sv", "fi"], ["när går färjan", "milloin lautta lähtee"], [None, None], ["åka båt", "veneellä"])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", sheet(TABLE)),
        (
            "a.XLSX",
            sheet(rows(["Ruotsi", "Suomi"], ["när går färjan", "milloin lautta lähtee"], ["åka båt", "veneellä"])),
        ),
        ("a.csv", "sv;fi\r\nnär går färjan;milloin lautta lähtee\r\nåka båt;veneellä\r\n".encode("utf-8-sig")),
        ("a.csv", "sv;fi\r\nnär går färjan;milloin lautta lähtee\r\nåka båt;veneellä\r\n".encode("cp1252")),
        ("a.csv", "sv,fi\nnär går färjan,milloin lautta lähtee\nåka båt,veneellä\n".encode()),
        ("a.csv", "fi\tsv\nmilloin lautta lähtee\tnär går färjan\nveneellä\tåka båt\n".encode("utf-16")),
        ("a.csv", 'sep=;\nsv;fi\n"när går färjan";"milloin lautta lähtee"\nåka båt;veneellä\n'.encode()),
        ("a.yml", "sv: [när går färjan, åka båt]\nfi:\n- milloin lautta lähtee\n- veneellä\n".encode()),
    ],
    ids=["xlsx", "names", "utf-8", "excel", "commas", "utf-16", "sep", "yaml"],
)
def test_both_languages_are_read_from(name: str, content: bytes) -> None:
    assert read_upload(name, content).examples == BOTH


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "när går färjan\n\nåka båt\n".encode()),
        ("a.csv", "när går färjan, på söndag\nåka båt\n".encode()),
        ("a.yml", b'version: "3.1"\nnlu:\n- intent: x\n  examples: |\n    - n\xc3\xa4r\n    - b\xc3\xa5t\n'),
        ("a.yml", "- när\n- text: båt\n".encode()),
        ("a.xlsx", sheet(rows(["när"], ["båt"]))),
    ],
    ids=["text", "csv", "rasa", "list", "xlsx"],
)
def test_one_language_is_read_from(name: str, content: bytes) -> None:
    found = read_upload(name, content, "sv").examples
    assert (len(found["sv"]), found["fi"]) == (2, ())


def test_all_problems_of_a_spreadsheet_are_named_at_once_with_their_rows() -> None:
    def fill(sheet: Worksheet) -> None:
        rows(["sv", "fi", "anm."], ["när går färjan", "=A2", "x"], ["båt", 45, None])(sheet)
        sheet.merge_cells("A5:B6")
        assert sheet.parent
        sheet.parent.create_sheet("gömd").sheet_state = "hidden"

    found = problems("a.xlsx", sheet(fill))
    assert "row:5: the cells A5:B6 are merged; unmerge them" in found
    assert "row:2: cell B2 is a formula; write its text" in found
    assert "file: the sheet gömd is hidden; show it or delete it" in found
    assert "row:1: column 3 is called 'anm.'; the headings are sv and fi" in found
    assert "row:3: '45' is a number or a date, no text" in found


def test_merged_cells_without_an_end_are_never_unfolded() -> None:
    def fill(sheet: Worksheet) -> None:
        TABLE(sheet)
        sheet.merge_cells("A6:B7")

    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sheet(fill))) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"A6:B7", b"A1:XFD1048576"))
    assert problems("a.xlsx", stream.getvalue()) == ["row:1: the cells A1:XFD1048576 are merged; unmerge them"]


def test_a_hundred_thousand_rows_are_refused_unread() -> None:
    def fill(sheet: Worksheet) -> None:
        for number in range(100_000):
            sheet.append([f"fråga {number}"])

    assert problems("a.xlsx", sheet(fill), "sv") == [
        f"file: the sheet has 100000 rows; {ROW_LIMIT} are read at the most"
    ]


def test_as_many_rows_of_text_are_refused_too() -> None:
    text = "\n".join(f"fråga {number}" for number in range(100_000)).encode()
    for name in ("a.csv", "a.txt"):
        assert problems(name, text, "sv") == [f"file: the file has more than {ROW_LIMIT} rows"]


def test_a_zip_bomb_is_not_unpacked() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 300_000_000)
    assert len(stream.getvalue()) < 1_000_000
    assert problems("a.xlsx", stream.getvalue()) == ["file: the file unpacks to 300 MB; it is no list of examples"]


def test_a_file_that_is_too_large_is_not_read() -> None:
    assert problems("a.txt", b"x\n" * 3_000_000, "sv") == ["file: the file has 6 MB; 5 MB are read at the most"]


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.xlsx", b"PK\x03\x04 nothing", "is no spreadsheet"),
        ("a.xlsx", b"", "is no spreadsheet"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "cannot be read"),
        ("a", b"x", "cannot be read"),
        ("a.csv", b"\x00\x01\x02", "is no text"),
        ("a.csv", "när;milloin\n".encode(), "no heading says which language"),
        ("a.csv", b"sv;sv\na;b\n", "two columns have the same language"),
        ("a.csv", b"sv;fi\na;b;c\n", "column 3 has no heading"),
        ("a.csv", b"sv;fi\n", "has no example"),
        ("a.csv", b"hej\n", "not said which language"),
        ("a.txt", b"", "has no example"),
        ("a.yml", b"nlu: [", "is no YAML"),
        ("a.yml", b"en: [ferry]\nsv: [a]\n", "'en' is no language"),
        ("a.yml", b"a: &x [1]\nb: *x\n", "has aliases"),
        ("a.yml", b"!!python/object/apply:os.system [true]\n", "is no YAML"),
        ("a.yml", b"nlu:\n- intent: x\n  examples: '- a'\n- intent: y\n  examples: '- b'\n", "several topics (x, y)"),
        ("a.txt", LONG, "3000 characters is no example"),
    ],
    ids=itertools.count(),
)
def test_what_cannot_be_read_is_refused_with_what_would_mend_it(name: str, content: bytes, what: str) -> None:
    language = None if name.endswith((".csv", ".yml")) else "sv"
    assert any(what in problem for problem in problems(name, content, language))
