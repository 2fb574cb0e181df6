"""Reads source documents (`documents/<id>.<language>.md`) into typed sections.

The format is described in `docs/knowledge-format.md`: front matter, then one `##` heading with an id for each
section; the lines directly under the heading are its metadata, what follows the first blank line is the answer.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.dates import check_date
from knowledge.errors import Problem
from knowledge.languages import Language, as_language
from knowledge.yaml_text import parse_yaml

TOPIC_ID = re.compile(r"^[a-z][a-z0-9_-]{1,63}$")
_FILE_NAME = re.compile(r"^(?P<id>[a-z0-9-]+)\.(?P<language>[a-z]{2})\.md$")
_FRONT_MATTER = re.compile(r"\A---\n(?P<yaml>.*?)\n---\n", re.DOTALL)
_HEADING = re.compile(r"^## (?P<title>.+?)\s*\{#(?P<id>[^}]*)\}\s*$")
_SECTION_KEYS = {"aliases", "related", "services", "paragraphs", "facts", "source", "valid", "review"}
_DOCUMENT_KEYS = {"id", "language", "source", "valid"}
_MARKDOWN = MarkdownIt("commonmark", {"html": False})


@dataclass(frozen=True)
class Source:
    """Where a section's facts come from; shown under every answer.

    Attributes:
        title, publisher: As a resident reads them.
        language: The language that the source was published in (a tag; need not be one that we serve).
        published: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
        url: Where it can be read, if known.
    """

    title: str
    publisher: str
    language: str
    published: str
    url: str | None = None


@dataclass(frozen=True)
class Validity:
    """From when and until when a document's facts hold; None is open."""

    start: dt.date | None = None
    end: dt.date | None = None

    def covers(self, day: dt.date) -> bool:
        """Tell whether `day` lies within the validity, both ends included."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Section:
    """One answerable piece of a document in one language."""

    topic: str
    document: str
    language: Language
    title: str
    lead: str
    details: str
    source: Source
    valid: Validity
    path: str
    line: int
    aliases: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    paragraphs: tuple[int, ...] = ()
    facts: Mapping[str, object] = dataclasses.field(default_factory=dict)
    review: dt.date | None = None


@dataclass(frozen=True)
class Document:
    """One source document in one language."""

    id: str
    language: Language
    title: str
    source: Source
    valid: Validity
    path: str
    sections: tuple[Section, ...]
    source_file: str | None = None
    paragraph_count: int = 0
    furniture: tuple[int, ...] = ()


class _Reader:
    """Reads one file and collects its problems instead of stopping at the first."""

    def __init__(self, path: Path, root: Path) -> None:
        self.path = path
        self.name = path.relative_to(root).as_posix()
        self.problems: list[Problem] = []

    def report(self, text: str, line: int | None = None) -> None:
        self.problems.append(Problem(self.name, text, line))

    def read(self) -> Document | None:
        name = _FILE_NAME.match(self.path.name)
        language = as_language(name["language"]) if name else None
        if not name or language is None:
            self.report("name the file <document id>.<sv or fi>.md, the id in lower case with hyphens")
            return None
        try:
            text = self.path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            self.report("is not UTF-8 text; save it as UTF-8")
            return None
        front = _FRONT_MATTER.match(text)
        if not front:
            self.report("has no front matter; begin with '---', id, language, source, and '---'", 1)
            return None
        header = self._mapping(front["yaml"], 2, _DOCUMENT_KEYS, "front matter")
        if header is None:
            return None
        for key, expected in (("id", name["id"]), ("language", language)):
            if header.get(key) != expected:
                self.report(f"says {key} '{header.get(key)}', its file name says '{expected}'; make them the same", 2)
        stated = header.get("source")
        raw_source: dict[str, Any] = stated if isinstance(stated, dict) else {}
        source = self._source(raw_source, 2)
        if source is None:
            return None
        valid = self._valid(header.get("valid"), 2)
        start = front.end()
        first_line = text[:start].count("\n") + 1
        title, sections = self._sections(text[start:], first_line, name["id"], language, source, valid)
        if not sections:
            self.report("has no section; write '## Heading {#topic_id}' and the answer under it", first_line)
        return Document(
            id=name["id"],
            language=language,
            title=title or source.title,
            source=source,
            valid=valid,
            path=self.name,
            sections=tuple(sections),
            source_file=raw_source.get("file"),
            paragraph_count=self._count(raw_source, 2),
            furniture=self._numbers(raw_source, "furniture", 2),
        )

    def _mapping(self, text: str, line: int, keys: set[str], what: str) -> dict[str, Any] | None:
        try:
            value = parse_yaml(text)
        except (yaml.YAMLError, ValueError) as error:  # ValueError: a day that no month has
            mark = getattr(error, "problem_mark", None)
            at = line + (mark.line if mark else 0)
            self.report(f"{what} is not valid YAML: {getattr(error, 'problem', error)}", at)
            return None
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.report(f"{what} must be 'key: value' lines; leave a blank line before the answer's text", line)
            return None
        for key in sorted(set(map(str, value)) - keys):
            self.report(f"{what} has the unknown key '{key}'; known are {', '.join(sorted(keys))}", line)
        return value

    def _source(self, raw: object, line: int) -> Source | None:
        values = raw if isinstance(raw, dict) else {}
        missing = [key for key in ("title", "publisher", "language", "published") if not values.get(key)]
        if missing:
            self.report(f"the source lacks {', '.join(missing)}; every answer names its source and date", line)
            return None
        published = str(values["published"])
        try:
            check_date(published)
        except ValueError as error:
            self.report(f"the source's date: {error}", line)
            return None
        url = values.get("url")
        if url is not None and not str(url).startswith(("https://", "http://")):
            self.report(f"the source's url '{url}' must begin with https://", line)
        return Source(str(values["title"]), str(values["publisher"]), str(values["language"]), published, url)

    def _valid(self, raw: object, line: int) -> Validity:
        if raw is None:
            return Validity()
        if not isinstance(raw, dict) or not set(raw) <= {"from", "to"}:
            self.report("valid must be {from: YYYY-MM-DD, to: YYYY-MM-DD}, either may be left out", line)
            return Validity()
        for key, value in raw.items():
            if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
                self.report(f"valid {key} '{value}' is no date; write YYYY-MM-DD", line)
                return Validity()
        valid = Validity(raw.get("from"), raw.get("to"))
        if valid.start and valid.end and valid.start > valid.end:
            self.report(f"valid ends ({valid.end}) before it begins ({valid.start})", line)
        return valid

    def _review(self, metadata: Mapping[str, Any], line: int) -> dt.date | None:
        value = metadata.get("review")
        if value is None or (isinstance(value, dt.date) and not isinstance(value, dt.datetime)):
            return value
        self.report(f"review '{value}' is no date; write YYYY-MM-DD, the day by which somebody looks at it again", line)
        return None

    def _sections(
        self, text: str, first_line: int, document: str, language: Language, source: Source, valid: Validity
    ) -> tuple[str, list[Section]]:
        lines = text.split("\n")
        title = next((line[2:].strip() for line in lines if line.startswith("# ")), "")
        starts = [index for index, line in enumerate(lines) if line.startswith("## ")]
        sections = []
        for start, end in zip(starts, [*starts, len(lines)][1:], strict=True):
            line = first_line + start
            heading = _HEADING.match(lines[start])
            if not heading:
                self.report("heading has no id; write '## Heading {#topic_id}'", line)
                continue
            if not TOPIC_ID.match(heading["id"]):
                self.report(f"'{heading['id']}' is no topic id; use a–z, 0–9, _ and -, beginning with a letter", line)
                continue
            body = lines[start + 1 : end]
            blank = next((index for index, text in enumerate(body) if not text.strip()), len(body))
            metadata = self._mapping("\n".join(body[:blank]), line + 1, _SECTION_KEYS, f"'{heading['id']}' metadata")
            lead, details = render_blocks("\n".join(body[blank:]))
            if not lead:
                self.report(f"'{heading['id']}' has no answer; write one to four sentences", line)
            if metadata is None or not lead:
                continue
            sections.append(
                Section(
                    topic=heading["id"],
                    document=document,
                    language=language,
                    title=heading["title"],
                    lead=lead,
                    details=details,
                    source=(self._source(metadata["source"], line) or source) if "source" in metadata else source,
                    valid=self._valid(metadata["valid"], line) if "valid" in metadata else valid,
                    path=self.name,
                    line=line,
                    aliases=self._words(metadata, "aliases", line),
                    related=self._words(metadata, "related", line),
                    services=self._words(metadata, "services", line),
                    paragraphs=self._numbers(metadata, "paragraphs", line),
                    facts=self._facts(metadata, line),
                    review=self._review(metadata, line),
                )
            )
        return title, sections

    def _words(self, metadata: Mapping[str, Any], key: str, line: int) -> tuple[str, ...]:
        value = metadata.get(key) or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.report(f"{key} must be a list of words: {key}: [one, two]", line)
            return ()
        return tuple(value)

    def _numbers(self, values: Mapping[str, Any], key: str, line: int) -> tuple[int, ...]:
        value = values.get(key) or []
        if not isinstance(value, list) or not all(isinstance(item, int) for item in value):
            self.report(f"{key} must be a list of numbers: {key}: [1, 2]", line)
            return ()
        return tuple(value)

    def _count(self, source: Mapping[str, Any], line: int) -> int:
        value = source.get("paragraphs") or 0
        if not isinstance(value, int):
            self.report(f"the source's paragraphs '{value}' must be their number", line)
            return 0
        return value

    def _facts(self, metadata: Mapping[str, Any], line: int) -> dict[str, object]:
        value = metadata.get("facts") or {}
        if not isinstance(value, dict):
            self.report("facts must be names and values: facts: {name: value}", line)
            return {}
        return value


def render_blocks(markdown: str) -> tuple[str, str]:
    """Turn an answer's Markdown into plain text blocks.

    Args:
        markdown: Paragraphs and lists (CommonMark).

    Returns:
        The first paragraph (the lead), and all that follows as text: paragraphs apart by a blank line, list
        items on lines of their own that begin with `•`.
    """
    blocks: list[str] = []
    depth = 0
    number: list[int | None] = []
    marker = ""
    for token in _MARKDOWN.parse(markdown):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            depth += 1
            number.append(int(token.attrGet("start") or 1) if token.type.startswith("ordered") else None)
            blocks.append("")
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            depth -= 1
            number.pop()
        elif token.type == "list_item_open":
            count = number[-1]
            marker = "• " if count is None else f"{count}. "
            number[-1] = None if count is None else count + 1
        elif token.type == "inline":
            text = _inline_text(token)
            if depth:
                blocks[-1] += ("\n" if blocks[-1] else "") + marker + text
                marker = "  "
            else:
                blocks.append(text)
    blocks = [block for block in blocks if block]
    return (blocks[0], "\n\n".join(blocks[1:])) if blocks else ("", "")


def _inline_text(token: Token) -> str:
    parts: list[str] = []
    for child in token.children or []:
        if child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type == "link_close" or child.type == "link_open":
            continue
    return "".join(parts)


def read_document(path: Path, root: Path) -> tuple[Document | None, list[Problem]]:
    """Read one document file.

    Args:
        path: The file.
        root: The folder that problems name it relative to.

    Returns:
        The document, or None where nothing could be made of the file, and its problems.
    """
    reader = _Reader(path, root)
    document = reader.read()
    return document, reader.problems


def read_documents(folder: Path) -> tuple[list[Document], list[Problem]]:
    """Read every `*.md` of `folder` in the order of their names; `README.md` is no document.

    No document at all is a problem: a folder's name that is written wrongly must not empty the knowledge.
    """
    documents: list[Document] = []
    problems: list[Problem] = []
    paths = [path for path in sorted(folder.glob("*.md")) if path.name != "README.md"]
    if not paths:
        problems.append(Problem(folder.name, "there is no such folder, or it holds no document (*.md)"))
    for path in paths:
        document, found = read_document(path, folder)
        problems += found
        if document is not None:
            documents.append(document)
    return documents, problems
