"""An overlay: what admins have changed, as a folder in the checkout's own formats, laid over the checkout.

`<overlay>/documents/<id>.{sv,fi}.md`: a section takes the place of the one with its topic in the checkout's document of
the same id, or is added to it; a document of another id is a new one. `<overlay>/services/<id>.yml` takes the place of
the record. `<overlay>/nlu/<language>/<group>.yml`: the examples of an intent take the place of the checkout's.
`<overlay>/retired.txt`: a topic id a line that is no more; `old new` if another one has taken its place.
`studio.overlay` writes such folders.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from knowledge.errors import Problem
from knowledge.examples import count_examples
from knowledge.languages import LANGUAGES, Language
from knowledge.reader import Document, Section, read_documents
from knowledge.services import Service, read_services

RETIRED_FILE = "retired.txt"
Retired = Mapping[str, str | None]
"""Retired topic ids with the topic that each has become, None where there is none."""


def read_retired(overlay: Path | None) -> dict[str, str | None]:
    """Return the topics that an overlay retires; chains of renames are followed to their end."""
    path = overlay / RETIRED_FILE if overlay else None
    if path is None or not path.is_file():
        return {}
    lines = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
    direct = {words[0]: (words[1] if len(words) > 1 else None) for words in lines if words}
    return {topic: _follow(topic, direct) for topic in direct}


def _follow(topic: str, direct: Retired) -> str | None:
    seen = {topic}
    target = direct[topic]
    while target is not None and target in direct and target not in seen:
        seen.add(target)
        target = direct[target]
    return None if target in seen else target


def read_knowledge(folder: Path, overlay: Path | None = None) -> tuple[list[Document], list[Service], list[Problem]]:
    """Read documents and services with an overlay laid over them.

    Args:
        folder: Holds `documents/` and `services/`.
        overlay: The overlay's folder, if there is one.

    Returns:
        Documents, services, and the problems of reading either.
    """
    documents, problems = read_documents(folder / "documents")
    services, found = read_services(folder / "services")
    problems += found
    if overlay is None:
        return documents, services, problems
    retired = read_retired(overlay)
    changed: list[Document] = []
    if any((overlay / "documents").glob("*.md")):
        changed, found = read_documents(overlay / "documents")
        problems += found
    edited, found = read_services(overlay / "services")
    problems += found
    records = {service.id: service for service in [*services, *edited]}
    documents = _merge_documents(documents, changed, retired)
    return documents, [_retarget(records[id], retired) for id in sorted(records)], problems


def _merge_documents(documents: Sequence[Document], changed: Sequence[Document], retired: Retired) -> list[Document]:
    """Lay documents over others and take retired topics out; a document that is empty then is left out."""
    over = {(document.id, document.language): document for document in changed}
    merged = [_merge(document, over.pop((document.id, document.language), None), retired) for document in documents]
    merged += [_merge(document, None, retired) for document in over.values()]
    return sorted((item for item in merged if item.sections), key=lambda item: (item.id, item.language != "fi"))


def _merge(document: Document, over: Document | None, retired: Retired) -> Document:
    changed = {section.topic: section for section in over.sections} if over else {}
    sections = [changed.pop(section.topic, section) for section in document.sections]
    sections += changed.values()
    kept = tuple(_relate(section, retired) for section in sections if section.topic not in retired)
    gone = _paragraphs(document.sections) - _paragraphs(kept)
    return replace(document, sections=kept, furniture=tuple(sorted({*document.furniture, *gone})))


def _paragraphs(sections: Iterable[Section]) -> set[int]:
    return {number for section in sections for number in section.paragraphs}


def _relate(section: Section, retired: Retired) -> Section:
    """Let a section's next questions lead to what retired topics have become."""
    targets = [retired.get(target, target) for target in section.related]
    kept = tuple(dict.fromkeys(target for target in targets if target and target != section.topic))
    return section if kept == section.related else replace(section, related=kept)


def _retarget(service: Service, retired: Retired) -> Service:
    return replace(service, topic=retired.get(service.topic) or service.topic)


def overlay_intents(overlay: Path | None) -> set[str]:
    """Return the intents that an overlay has examples of: they take the place of the checkout's, in both languages."""
    if overlay is None:
        return set()
    return {intent for language in LANGUAGES for intent in count_examples(overlay / "nlu" / language)[0]}


def overlay_examples(overlay: Path | None, language: Language) -> list[Path]:
    """Return an overlay's training files of a language."""
    return sorted((overlay / "nlu" / language).glob("*.yml")) if overlay else []


def fingerprint_overlay(overlay: Path | None, training: bool = False) -> str:
    """Return a hash of an overlay's files; empty for none, or for one that changes nothing.

    Args:
        overlay: The folder.
        training: Count only what a model is trained from: examples, and which topics there are.
    """
    if overlay is None or not overlay.is_dir():
        return ""
    patterns = ("nlu/*/*.yml", RETIRED_FILE) if training else ("**/*.yml", "**/*.md", RETIRED_FILE)
    digest = hashlib.sha256()
    paths = sorted({path for pattern in patterns for path in overlay.glob(pattern) if path.stat().st_size})
    for path in paths:
        digest.update(path.relative_to(overlay).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest() if paths else ""
