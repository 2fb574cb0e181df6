"""Reads examples that admins upload: XLSX, CSV as Finnish Excel writes it, YAML (Rasa's or a list), plain text.

What comes from outside is bounded before it is opened. Every problem is named with its row, and nothing is half taken.
A sheet has a column `sv` and a column `fi` (or `svenska`, `suomi` …), or one column where the caller says which it is.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import yaml

from knowledge.languages import LANGUAGES, Language
from studio.content import tidy_examples
from studio.errors import UploadRefused
from studio.findings import STOP, Finding

FILE_LIMIT = 5_000_000
"""Bytes of a file."""
UNPACKED_LIMIT = 20_000_000
"""Bytes that a spreadsheet may have unpacked: it is a ZIP archive, and a few kilobytes can hold gigabytes."""
PARTS_LIMIT = 500
ROW_LIMIT = 5000
COLUMN_LIMIT = 50
CELL_LIMIT = 2000
ELEMENT_LIMIT = 400_000
"""Elements of a sheet's XML: two or three a cell."""
PROBLEM_LIMIT = 200
_HEADINGS: dict[str, Language] = {
    **dict.fromkeys(("sv", "swe", "swedish", "svenska", "på svenska", "ruotsi", "ruotsiksi", "exempel"), "sv"),
    **dict.fromkeys(
        ("fi", "fin", "finnish", "finska", "på finska", "suomi", "suomeksi", "esimerkit", "esimerkki"), "fi"
    ),
}
_MERGED = re.compile(rb"mergeCell\s[^>]*?ref=[\"']([^\"']{2,40})")
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
Rows = Iterable[tuple[int, Sequence[object]]]


@dataclass(frozen=True)
class Upload:
    """Examples by language, in the file's order, each once."""

    examples: dict[Language, tuple[str, ...]]


def read_upload(name: str, content: bytes, language: Language | None = None) -> Upload:
    """Read a file of examples.

    Args:
        name: The file's name; its ending tells what it is.
        content: Its bytes.
        language: Of all its examples, where its columns or keys do not say.

    Raises:
        UploadRefused: With every problem at once; nothing is taken then.
    """
    reader = _Reader(language)
    ending = PurePath(name).suffix.lower()
    if len(content) > FILE_LIMIT:
        reader.report(
            "the file has {size} MB; {limit} MB are read at the most", size=len(content) // 1_000_000, limit=5
        )
    elif ending == ".xlsx":
        reader.read_xlsx(content)
    elif ending in (".csv", ".tsv"):
        reader.read_csv(content)
    elif ending in (".yml", ".yaml"):
        reader.read_yaml(content)
    elif ending == ".txt":
        reader.read_text(content)
    else:
        reader.report("'{ending}' files cannot be read; save it as .xlsx, .csv, .yml or .txt", ending=ending or name)
    if not reader.problems and not any(reader.examples.values()):
        reader.report("the file has no example")
    if reader.problems:
        raise UploadRefused(reader.problems)
    return Upload({language: tidy_examples(texts) for language, texts in reader.examples.items()})


class _Reader:
    def __init__(self, language: Language | None) -> None:
        self.language = language
        self.examples: dict[Language, list[str]] = {name: [] for name in LANGUAGES}
        self.problems: list[Finding] = []

    def report(self, text: str, row: int | None = None, **values: object) -> None:
        if len(self.problems) < PROBLEM_LIMIT:
            self.problems.append(Finding(STOP, "row" if row else "file", text, values, row))

    def read_text(self, content: bytes) -> None:
        self._take_rows((number, [line]) for number, line in enumerate(self._decode(content).splitlines(), start=1))

    def read_csv(self, content: bytes) -> None:
        text = self._decode(content)
        csv.field_size_limit(FILE_LIMIT)
        separator = _separator(text)
        if text.lower().startswith("sep="):
            text = "\n" + text.partition("\n")[2]
        try:
            rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=False)
            self._take_rows((rows.line_num, row) for row in rows)
        except csv.Error as error:
            self.report("the file is no CSV: {error}", error=error)

    def _decode(self, content: bytes) -> str:
        """Decode as Excel writes it: UTF-8 with or without its mark, UTF-16 with it, or Windows' Western European."""
        encodings = ["utf-16"] if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "cp1252"]
        for encoding in encodings:
            try:
                text = content.decode(encoding)
            except UnicodeDecodeError:
                continue
            if "\0" not in text:
                return text
        self.report("the file is no text; save it as 'CSV UTF-8'")
        return ""

    def read_yaml(self, content: bytes) -> None:
        try:
            # a document of aliases can grow without bound when it is unfolded, so there are none
            text = self._decode(content)
            if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
                self.report("the file has aliases (*name), which are not read; write the examples out")
                return
            loaded = yaml.safe_load(text)
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            problem = getattr(error, "problem", None) or type(error).__name__
            self.report("the file is no YAML: {error}", mark.line + 1 if mark else None, error=problem)
            return
        for language, value in self._by_language(loaded):
            self._take_value(value, language)

    def _by_language(self, loaded: object) -> Iterator[tuple[Language | None, object]]:
        if isinstance(loaded, dict) and set(loaded) & {*LANGUAGES}:
            for key, value in loaded.items():
                if key not in LANGUAGES:
                    self.report("'{key}' is no language; the keys are sv and fi", key=key)
                else:
                    yield key, value
        elif isinstance(loaded, dict) and isinstance(loaded.get("nlu"), list):
            intents = [block for block in loaded["nlu"] if isinstance(block, dict) and "intent" in block]
            names = sorted({str(block["intent"]) for block in intents})
            if len(names) > 1:
                self.report(
                    "the file has examples of several topics ({names}); give one topic's", names=", ".join(names)
                )
            for block in intents:
                yield self.language, block.get("examples")
        else:
            yield self.language, loaded

    def _take_value(self, value: object, language: Language | None) -> None:
        if isinstance(value, str):
            value = [line.strip().removeprefix("- ") for line in value.splitlines() if line.strip()]
        if not isinstance(value, list):
            self.report("write the examples as a list: '- an example' on each line")
            return
        for number, item in enumerate(value, start=1):
            text = item.get("text") if isinstance(item, dict) else item
            self._take(number, text, language)

    def read_xlsx(self, content: bytes) -> None:
        from openpyxl import load_workbook

        if not self._is_bounded(content):
            return
        try:
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
            hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
            sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            cells = [list(sheet.iter_rows(max_row=ROW_LIMIT + 1, max_col=COLUMN_LIMIT)) for sheet in sheets[:1]]
        except Exception as error:  # openpyxl lets through whatever a broken part makes its parsers raise
            self.report("the file is no spreadsheet: {error}", error=type(error).__name__)
            return
        if hidden:
            self.report("the sheet {names} is hidden; show it or delete it", names=", ".join(hidden))
        if len(sheets) != 1:
            self.report("the file has {count} sheets; leave the one with the examples", count=len(sheets))
        for rows in cells:
            for row in rows:
                for cell in row:
                    if cell.data_type == "f":
                        self.report("cell {cell} is a formula; write its text", cell.row, cell=cell.coordinate)
            self._take_rows((number, [cell.value for cell in row]) for number, row in enumerate(rows, start=1))

    def _is_bounded(self, content: bytes) -> bool:
        """Look at the archive before anything parses it; its directory cannot lie, a part is cut off at its size."""
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                parts = archive.infolist()
                size = sum(part.file_size for part in parts)
                if len(parts) > PARTS_LIMIT or size > UNPACKED_LIMIT:
                    self.report("the file unpacks to {size} MB; it is no list of examples", size=size // 1_000_000)
                    return False
                if "xl/workbook.xml" not in archive.namelist():
                    self.report("the file is no spreadsheet; save it as .xlsx")
                    return False
                sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/")]
        except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError, ValueError):
            self.report("the file is no spreadsheet, or it is damaged or has a password; save it as .xlsx anew")
            return False
        small = [self._is_small(sheet) for sheet in sheets]  # all of them: every problem is to be named
        return all(small)

    def _is_small(self, sheet: bytes) -> bool:
        for cells in _MERGED.findall(sheet)[:PROBLEM_LIMIT]:
            row = re.search(rb"\d+", cells)
            text = "the cells {cells} are merged; unmerge them"
            self.report(text, int(row.group()) if row else None, cells=cells.decode("ascii", "replace"))
        rows = len(_ROW.findall(sheet))
        if rows > ROW_LIMIT:
            self.report("the sheet has {count} rows; {limit} are read at the most", count=rows, limit=ROW_LIMIT)
        elif sheet.count(b"<") > ELEMENT_LIMIT:
            self.report("the sheet has too many cells; leave the columns with examples")
        return rows <= ROW_LIMIT and sheet.count(b"<") <= ELEMENT_LIMIT

    def _take_rows(self, rows: Rows) -> None:
        wanted = [(number, row) for number, row in itertools.islice(rows, ROW_LIMIT + 1) if any(map(_text, row))]
        if len(wanted) > ROW_LIMIT:
            self.report("the file has more than {limit} rows", limit=ROW_LIMIT)
            return
        if not wanted:
            return
        columns = self._columns(wanted[0][1])
        if columns is None:
            self._take_plain(wanted)
            return
        for number, row in wanted[1:]:
            for column, value in enumerate(row):
                if column in columns:
                    self._take(number, value, columns[column])
                elif _text(value):
                    self.report(
                        "column {column} has no heading sv or fi, and holds '{value}'",
                        number,
                        column=column + 1,
                        value=_text(value)[:60],
                    )

    def _columns(self, heading: Sequence[object]) -> dict[int, Language] | None:
        """Return the language of each column by its heading, or None if the first row is no heading."""
        named = {place: _HEADINGS.get(_text(value).lower()) for place, value in enumerate(heading) if _text(value)}
        columns = {place: language for place, language in named.items() if language}
        if not columns:
            return None
        for place, value in enumerate(heading):
            if _text(value) and place not in columns:
                text = "column {column} is called '{value}'; the headings are sv and fi"
                self.report(text, 1, column=place + 1, value=_text(value)[:60])
        if len(set(columns.values())) < len(columns):
            self.report("two columns have the same language", 1)
        return columns

    def _take_plain(self, rows: Sequence[tuple[int, Sequence[object]]]) -> None:
        for number, row in rows:
            filled = [value for value in row if _text(value)]
            if len(filled) > 1:
                text = "{count} cells, and no heading says which language; call the columns sv and fi"
                self.report(text, number, count=len(filled))
            else:
                self._take(number, filled[0], self.language)

    def _take(self, row: int, value: object, language: Language | None) -> None:
        text = _text(value)
        if not text:
            return
        if not isinstance(value, str):
            self.report("'{value}' is a number or a date, no text", row, value=text[:60])
        elif language is None:
            if not any("which language" in problem.text for problem in self.problems):
                self.report("it is not said which language this is; call the columns sv and fi", row)
        elif len(text) > CELL_LIMIT:
            self.report("a text of {count} characters is no example", row, count=len(text))
        else:
            self.examples[language].append(text)


def _separator(text: str) -> str:
    """Return what separates the columns: Finnish Excel writes semicolons, because the comma is for decimals."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    if line.lower().startswith("sep=") and len(line) > len("sep="):
        return line[len("sep=")]
    counts = {sign: line.count(sign) for sign in (";", "\t")}
    best = max(counts, key=lambda sign: counts[sign])
    if counts[best]:
        return best
    headings = [part.strip().strip('"').lower() for part in line.split(",")]
    return "," if len(headings) > 1 and any(part in _HEADINGS for part in headings) else ";"


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()
