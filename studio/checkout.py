"""The topics as the checkout's files hold them: what a draft begins as a copy of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import yaml

from bot.training.examples import Example, read_examples
from knowledge.build import KNOWLEDGE_FOLDER
from knowledge.errors import Problem
from knowledge.languages import LANGUAGES, Language
from knowledge.reader import Document, Section, read_documents
from knowledge.services import Service, read_services
from studio.content import DEFAULT_GROUP, Content, Side
from studio.sections import read_answer, split_document

PROJECT = KNOWLEDGE_FOLDER.parent
NLU = Path("bot/data/nlu")
DOCUMENTS = Path("knowledge/documents")
SERVICES = Path("knowledge/services")
VALIDATION = Path("bot/validation")
HELD_OUT = Path("tests/nlu")
GROUPS_APART = ("danger", "near_danger")


@dataclass(frozen=True)
class Checkout:
    """What the files of a checkout hold.

    Attributes:
        folder: Its root.
        topics: By id, each as it answers today.
        examples: All examples, those of intents that are no topics included.
        documents: By id and language.
        problems: Of reading.
    """

    folder: Path
    topics: dict[str, Content]
    examples: tuple[Example, ...]
    documents: dict[tuple[str, Language], Document]
    services: dict[str, Service]
    problems: tuple[Problem, ...]

    @property
    def intents(self) -> set[str]:
        """Every intent that has examples or a rule, topics included."""
        return {*(example.intent for example in self.examples), *read_rule_intents(self.folder), *self.topics}

    @cached_property
    def texts(self) -> frozenset[str]:
        """The wordings of all examples: they have been reviewed."""
        return frozenset(example.text for example in self.examples)

    @cached_property
    def homes(self) -> dict[tuple[str, Language], str]:
        """The group of each example that stands apart from its topic's others, because the group means something."""
        groups = ((example, Path(example.path).stem) for example in self.examples)
        return {(item.text, item.language): group for item, group in groups if group in GROUPS_APART}

    def text_of(self, path: Path) -> str | None:
        """Return a file's text, or None if there is none."""
        file = self.folder / path
        return file.read_text(encoding="utf-8") if file.is_file() else None


def read_rule_intents(folder: Path = PROJECT) -> set[str]:
    """Return the intents of the written rules: they are answered by actions of their own."""
    path = folder / "bot" / "data" / "rules.yml"
    content = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else {}
    steps = (step for rule in content.get("rules") or () for step in rule["steps"])
    return {str(step["intent"]) for step in steps if "intent" in step}


@lru_cache(maxsize=1)
def own_checkout() -> Checkout:
    """Return the checkout that this process runs from; its files do not change meanwhile."""
    return read_checkout(PROJECT)


def read_checkout(folder: Path, base: Checkout | None = None) -> Checkout:
    """Read a checkout, or a folder with some of a checkout's files.

    Args:
        folder: Its root.
        base: Where the examples of training files come from that the folder does not have.
    """
    documents, problems = read_documents(folder / DOCUMENTS)
    services, found = read_services(folder / SERVICES)
    examples, wrong = read_examples(folder / NLU)
    if base is not None:
        there = {path.relative_to(folder / NLU).as_posix() for path in (folder / NLU).glob("*/*.yml")}
        examples += [item for item in base.examples if item.path.removeprefix(f"{NLU.name}/") not in there]
        examples.sort(key=lambda item: item.path)
    by_topic: dict[str, dict[Language, list[Section]]] = {}
    for document in documents:
        for section in document.sections:
            by_topic.setdefault(section.topic, {}).setdefault(section.language, []).append(section)
    topics = {
        topic: _to_content(folder, topic, sections, examples)
        for topic, sections in by_topic.items()
        if set(sections) == set(LANGUAGES)
    }
    keyed = {(document.id, document.language): document for document in documents}
    records = {service.id: service for service in services}
    return Checkout(folder, topics, tuple(examples), keyed, records, (*problems, *found, *wrong))


def _to_content(
    folder: Path, topic: str, sections: dict[Language, list[Section]], examples: Iterable[Example]
) -> Content:
    today = dt.date.today()
    chosen = {language: _newest(found, today) for language, found in sections.items()}
    own = [example for example in examples if example.intent == topic]
    groups = [Path(example.path).stem for example in own]
    section = chosen[LANGUAGES[0]]
    return Content(
        sides={
            language: Side(
                title=found.title,
                answer=_answer(folder, found),
                examples=tuple(item.text for item in own if item.language == language),
                aliases=found.aliases,
                source_title=found.source.title,
                publisher=found.source.publisher,
                source_language=found.source.language,
            )
            for language, found in chosen.items()
        },
        group=next((name for name in groups if name not in GROUPS_APART), DEFAULT_GROUP),
        document=section.document,
        published=section.source.published,
        url=section.source.url,
        valid_from=section.valid.start.isoformat() if section.valid.start else None,
        valid_to=section.valid.end.isoformat() if section.valid.end else None,
        review_by=section.review.isoformat() if section.review else None,
        related=section.related,
        services=section.services,
        paragraphs=section.paragraphs,
        facts={key: value if isinstance(value, (int, float)) else str(value) for key, value in section.facts.items()},
    ).normalised()


def _newest(sections: list[Section], day: dt.date) -> Section:
    """Return the section that answers on `day`, as `knowledge.search.choose_section` does of rows."""

    def age(section: Section) -> tuple[dt.date, str]:
        return section.valid.start or dt.date.min, section.source.published

    held = [section for section in sections if section.valid.covers(day)]
    begun = [section for section in sections if age(section)[0] <= day]
    return max(held or begun or sections, key=age)


def _answer(folder: Path, section: Section) -> str:
    return dict(_blocks(folder / DOCUMENTS / section.path)).get(section.topic, "")


@lru_cache(maxsize=64)
def _read_blocks(path: Path, changed: int) -> tuple[tuple[str, str], ...]:
    text = path.read_text(encoding="utf-8-sig")
    return tuple((topic, read_answer(block)) for topic, block in split_document(text)[1])


def _blocks(path: Path) -> tuple[tuple[str, str], ...]:
    return _read_blocks(path, path.stat().st_mtime_ns)
