"""Renders topics as the files of an overlay, and as the checkout's own files with those topics in their places."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from knowledge.languages import LANGUAGES, Language
from knowledge.reader import Document, Source, Validity
from studio.checkout import DOCUMENTS, Checkout
from studio.content import Content
from studio.sections import (
    join_document,
    render_examples,
    render_head,
    render_section,
    render_training_file,
    split_document,
)


def render_topics(checkout: Checkout, contents: Mapping[str, Content]) -> dict[Path, str]:
    """Return the files `documents/…` and `nlu/…` of an overlay with these topics.

    Examples are written where they are not the checkout's: an answer that has changed alone needs no training.
    """
    files: dict[Path, str] = {}
    for language in LANGUAGES:
        for name, topics in group_by(contents, "document").items():
            files[Path("documents") / f"{name}.{language}.md"] = _render_document(checkout, name, language, topics)
        changed = {id: content for id, content in contents.items() if _examples_changed(checkout, id, content)}
        for name, blocks in training_blocks(checkout, changed, language).items():
            files[Path("nlu") / language / f"{name}.yml"] = render_training_file(language, blocks.values())
    return files


def training_blocks(
    checkout: Checkout, contents: Mapping[str, Content], language: Language
) -> dict[str, dict[str, str]]:
    """Return the blocks of training files by group and topic; what stands in a group apart stays there."""
    groups: dict[str, dict[str, list[str]]] = {}
    for id, content in contents.items():
        for example in content.sides[language].examples:
            group = checkout.homes.get((example, language), content.group)
            groups.setdefault(group, {}).setdefault(id, []).append(example)
    return {
        group: {id: render_examples(id, examples) for id, examples in topics.items()}
        for group, topics in sorted(groups.items())
    }


def group_by(contents: Mapping[str, Content], field: str) -> dict[str, dict[str, Content]]:
    """Return topics by their `document` or `group`."""
    groups: dict[str, dict[str, Content]] = {}
    for id, content in contents.items():
        groups.setdefault(getattr(content, field), {})[id] = content
    return groups


def _examples_changed(checkout: Checkout, id: str, content: Content) -> bool:
    old = checkout.topics.get(id)
    return old is None or any(old.sides[name].examples != content.sides[name].examples for name in LANGUAGES)


def _render_document(checkout: Checkout, name: str, language: Language, topics: Mapping[str, Content]) -> str:
    head, document = document_head(checkout, name, language, topics)
    return join_document(head, [render_section(id, content, language, document) for id, content in topics.items()])


def document_head(
    checkout: Checkout, name: str, language: Language, topics: Mapping[str, Content]
) -> tuple[str, Document | None]:
    """Return the front matter and title of a document, and what its sections need not say again."""
    text = checkout.text_of(DOCUMENTS / f"{name}.{language}.md")
    if text is not None:
        return split_document(text)[0], checkout.documents.get((name, language))
    content = next(iter(topics.values()))
    return render_head(content, language), _new_document(name, language, content)


def _new_document(name: str, language: Language, content: Content) -> Document:
    side = content.sides[language]
    source = Source(side.source_title, side.publisher, side.source_language, content.published, content.url)
    days = (content.valid_from, content.valid_to)
    valid = Validity(*(_parse(day) for day in days))
    return Document(name, language, side.source_title, source, valid, "", ())


def _parse(day: str | None) -> dt.date | None:
    return dt.date.fromisoformat(day) if day else None
