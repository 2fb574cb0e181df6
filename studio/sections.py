"""Reads and writes the pieces of the checkout's files that belong to one topic, and leaves the rest as it stands."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from knowledge.languages import Language
from knowledge.reader import Document
from studio.content import Content, Side

_HEADING = re.compile(r"^## .+?\{#(?P<id>[^}]*)\}\s*$")
_PLAIN = re.compile(r"^[^\W\d_][\w /.+–-]*(?<![ .])$")
_WORDS = ("true", "false", "null", "yes", "no", "on", "off", "y", "n")


def split_document(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Split a document into what stands before its first section, and its sections by topic id, as written."""
    head: list[str] = []
    blocks: list[tuple[str, list[str]]] = []
    for line in text.splitlines(keepends=True):
        if line.startswith("## "):
            heading = _HEADING.match(line)
            blocks.append((heading["id"] if heading else "", [line]))
        elif blocks:
            blocks[-1][1].append(line)
        else:
            head.append(line)
    return "".join(head), [(topic, "".join(lines)) for topic, lines in blocks]


def read_answer(block: str) -> str:
    """Return the Markdown of a section's answer: all that follows its first blank line."""
    lines = block.splitlines()
    blank = next((number for number, line in enumerate(lines) if number and not line.strip()), len(lines))
    return "\n".join(lines[blank:]).strip()


def join_document(head: str, blocks: Iterable[str]) -> str:
    """Return a document's text: sections apart by one blank line, one line's end at the end."""
    return "\n\n".join([head.rstrip("\n"), *(block.strip("\n") for block in blocks)]) + "\n"


def render_section(topic: str, content: Content, language: Language, document: Document | None) -> str:
    """Return a section as it stands in its document.

    Args:
        topic: The topic's id.
        content: The topic.
        language: Which side of it.
        document: The document, whose source and validity need not be said again; None: a document of its own.
    """
    side = content.sides[language]
    lines = [f"## {side.title} {{#{topic}}}"]
    values = {"aliases": side.aliases, "related": content.related, "services": content.services}
    lines += [f"{key}: {_flow(list(value))}" for key, value in values.items() if value]
    if content.paragraphs:
        lines.append(f"paragraphs: {_flow(list(content.paragraphs))}")
    if content.facts:
        lines.append(f"facts: {_flow(content.facts)}")
    if document is not None:
        lines += _differences(content, side, document)
    if content.review_by:
        lines.append(f"review: {content.review_by}")
    return "\n".join([*lines, "", side.answer]) + "\n"


def _differences(content: Content, side: Side, document: Document) -> list[str]:
    source = document.source
    of_document = (source.title, source.publisher, source.language, source.published, source.url)
    lines = []
    if of_document != (side.source_title, side.publisher, side.source_language, content.published, content.url):
        lines.append(f"source: {_source(content, side)}")
    if (_day(document.valid.start), _day(document.valid.end)) != (content.valid_from, content.valid_to):
        lines.append(f"valid: {_valid(content)}")
    return lines


def render_head(content: Content, language: Language) -> str:
    """Return the front matter and title of a document that holds one new topic."""
    side = content.sides[language]
    lines = ["---", f"id: {content.document}", f"language: {language}", f"source: {_source(content, side)}"]
    if content.valid_from or content.valid_to:
        lines.append(f"valid: {_valid(content)}")
    return "\n".join([*lines, "---", "", f"# {side.source_title}"]) + "\n"


def _source(content: Content, side: Side) -> str:
    values = {"title": side.source_title, "publisher": side.publisher}
    quoted = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    quoted += [f"language: {side.source_language}", f"published: {json.dumps(content.published)}"]
    quoted += [f"url: {json.dumps(content.url, ensure_ascii=False)}"] if content.url else []
    return "{" + ", ".join(quoted) + "}"


def _valid(content: Content) -> str:
    days = {"from": content.valid_from, "to": content.valid_to}
    return "{" + ", ".join(f"{key}: {day}" for key, day in days.items() if day) + "}"


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _flow(value: Any) -> str:
    """Return a value as YAML in one line, quoted only where it must be."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    text = str(value)
    if not isinstance(value, str) or (_PLAIN.match(text) and text.lower() not in _WORDS):
        return text
    return json.dumps(text, ensure_ascii=False)


def render_examples(topic: str, examples: Iterable[str]) -> str:
    """Return an intent's block of a training file."""
    return "\n".join([f"- intent: {topic}", "  examples: |", *(f"    - {example}" for example in examples)]) + "\n"


def render_training_file(language: Language, blocks: Iterable[str]) -> str:
    """Return a training file of blocks."""
    return f'# language: {language}\nversion: "3.1"\nnlu:\n' + "".join(blocks)


def split_training_file(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Split a training file into its head and its blocks, each with its intent (empty for synonyms and lookups)."""
    head: list[str] = []
    blocks: list[tuple[str, list[str]]] = []
    for line in text.splitlines(keepends=True):
        if line.startswith("- "):
            key, _, value = line[2:].partition(":")
            blocks.append((value.strip() if key.strip() == "intent" else "", [line]))
        elif blocks:
            blocks[-1][1].append(line)
        else:
            head.append(line)
    return "".join(head), [(intent, "".join(lines)) for intent, lines in blocks]
