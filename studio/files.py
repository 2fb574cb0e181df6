"""Writes drafts as clean files of a checkout, for git; `studio.imports` reads such files back as drafts.

A file that a topic stands in is kept as it is but for the pieces that belong to the topics that have changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from knowledge.languages import LANGUAGES, Language
from knowledge.overlay import Retired
from studio.checkout import DOCUMENTS, HELD_OUT, NLU, SERVICES, VALIDATION, Checkout
from studio.content import Content
from studio.overlay import choose_drafts
from studio.rendering import document_head, group_by, training_blocks
from studio.sections import (
    join_document,
    render_section,
    render_training_file,
    split_document,
    split_training_file,
)
from studio.services import ServiceDraft, read_service_drafts, render_service
from studio.topics import TopicStore, read_topics

_RELATED = re.compile(r"^related: \[(?P<ids>[^\]]*)\]$", re.MULTILINE)
_FURNITURE = re.compile(r"^(?P<indent>\s+)furniture: \[[^\]]*\]$", re.MULTILINE)
_PARAGRAPHS = re.compile(r"^(?P<indent>\s+)paragraphs: \d+$", re.MULTILINE)


@dataclass(frozen=True)
class Exported:
    """What an export wrote: paths relative to the folder; and the drafts that were not complete, with the reasons."""

    files: tuple[Path, ...]
    left_out: Mapping[str, tuple[str, ...]]


def export_topics(store: TopicStore, folder: Path) -> Exported:
    """Write every file of the checkout that the drafts change, into the same places under `folder`.

    Args:
        store: The topics.
        folder: A checkout to be changed, or an empty folder that gets the changed files alone.
    """
    checkout = store.checkout
    with Session(store.engine) as session:
        topics = read_topics(session, checkout)
        chosen, left_out = choose_drafts(session, checkout, topics)
        services = read_service_drafts(session)
    live = {id: revision.content for id, revision in chosen.items() if not revision.retired}
    retired = {id: revision.successor for id, revision in chosen.items() if revision.retired}
    written = _Export(checkout, live, retired, services).render()
    for path, text in written.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return Exported(tuple(sorted(written)), left_out)


class _Export:
    """The files of a checkout with drafts in their places."""

    def __init__(
        self, checkout: Checkout, live: Mapping[str, Content], retired: Retired, services: Mapping[str, ServiceDraft]
    ) -> None:
        self._checkout = checkout
        self._live = live
        self._retired = retired
        self._services = services

    def render(self) -> dict[Path, str]:
        files = {**self._documents(), **self._training_files(), **self._records()}
        return {path: text for path, text in files.items() if text != self._checkout.text_of(path)}

    def _documents(self) -> dict[Path, str]:
        by_document = group_by(self._live, "document")
        names = {*by_document, *(name for name, _ in self._checkout.documents)}
        files = {}
        for name in sorted(names):
            for language in LANGUAGES:
                path = DOCUMENTS / f"{name}.{language}.md"
                files[path] = self._document(path, name, language, by_document.get(name, {}))
        return files

    def _document(self, path: Path, name: str, language: Language, topics: Mapping[str, Content]) -> str:
        text = self._checkout.text_of(path)
        head, document = document_head(self._checkout, name, language, topics)
        new = {id: render_section(id, content, language, document) for id, content in topics.items()}
        if text is None:
            return join_document(head, new.values())
        _, old = split_document(text)
        unchanged = {id for id in new if self._same(id)}
        blocks = []
        for id, block in old:
            if id in new:
                written = new.pop(id)
                blocks.append(block if id in unchanged else written)
            elif id not in self._retired:
                blocks.append(_RELATED.sub(lambda match, own=id: self._relate(match, own), block))  # type: ignore[misc]
        if not new and "".join(block for _, block in old) == "".join(blocks):
            return text
        return join_document(self._furnish(head, name, old, topics), [*blocks, *new.values()])

    def _same(self, id: str) -> bool:
        return self._checkout.topics.get(id) == self._live[id]

    def _relate(self, match: re.Match[str], own: str) -> str:
        ids = [id.strip() for id in match["ids"].split(",")]
        if not any(id in self._retired for id in ids):
            return match.group()
        targets = dict.fromkeys(self._retired.get(id, id) for id in ids)
        return f"related: [{', '.join(id for id in targets if id and id != own)}]"

    def _furnish(self, head: str, name: str, old: Iterable[tuple[str, str]], topics: Mapping[str, Content]) -> str:
        """Count paragraphs whose topic is gone as page furniture: nothing answers them any more."""
        document = self._checkout.documents[name, LANGUAGES[0]]
        gone = {id for id, _ in old if id in self._retired}
        kept = [section.paragraphs for section in document.sections if section.topic not in {*gone, *topics}]
        kept += [content.paragraphs for content in topics.values()]
        covered = {number for numbers in kept for number in numbers}
        lost = {number for section in document.sections for number in section.paragraphs} - covered
        if not lost:
            return head
        line = f"furniture: [{', '.join(map(str, sorted({*document.furniture, *lost})))}]"
        if _FURNITURE.search(head):
            return _FURNITURE.sub(rf"\g<indent>{line}", head, count=1)
        return _PARAGRAPHS.sub(rf"\g<0>\n\g<indent>{line}", head, count=1)

    def _training_files(self) -> dict[Path, str]:
        files = {}
        for language in LANGUAGES:
            by_group = training_blocks(self._checkout, self._live, language)
            names = {path.stem for path in (self._checkout.folder / NLU / language).glob("*.yml")}
            for name in sorted({*names, *by_group}):
                path = NLU / language / f"{name}.yml"
                files[path] = self._training_file(path, language, by_group.get(name, {}))
            for folder in (VALIDATION, HELD_OUT):
                for file in sorted((self._checkout.folder / folder / language).glob("*.yml")):
                    path = folder / language / file.name
                    files[path] = self._measured_file(path)
        return files

    def _training_file(self, path: Path, language: Language, written: Mapping[str, str]) -> str:
        text = self._checkout.text_of(path)
        new = dict(written)
        if text is None:
            return render_training_file(language, new.values())
        head, blocks = split_training_file(text)
        kept = []
        for intent, block in blocks:
            if intent in new or (intent in self._live and not self._same(intent)):
                replaced = new.pop(intent, "")
                comments = "".join(line for line in block.splitlines(keepends=True) if line.startswith("#"))
                kept.append(block if intent in self._live and self._same(intent) else replaced + comments)
            elif intent not in self._retired:
                kept.append(block)
        return head + "".join([*kept, *new.values()])

    def _measured_file(self, path: Path) -> str:
        """Let utterances of a topic that has another name now stand under it; those of one that is gone go."""
        head, blocks = split_training_file(self._checkout.text_of(path) or "")
        kept = []
        for intent, block in blocks:
            target = self._retired.get(intent, intent)
            if target is not None:
                kept.append(block if target == intent else block.replace(f"intent: {intent}", f"intent: {target}", 1))
        return head + "".join(kept)

    def _records(self) -> dict[Path, str]:
        files = {SERVICES / f"{id}.yml": render_service(draft.record) for id, draft in self._services.items()}
        for id, record in self._checkout.services.items():
            path = SERVICES / f"{id}.yml"
            target = self._retired.get(record.topic)
            text = files.get(path, self._checkout.text_of(path) or "")
            if target:
                files[path] = re.sub(r"^topic: .*$", f"topic: {target}", text, count=1, flags=re.MULTILINE)
        return files
