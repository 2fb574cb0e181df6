"""Checks the knowledge as a whole: twins, sources, links, facts, and the training examples beside it.

Every problem is found in one pass, so that a writer mends a file once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path

from knowledge.errors import Problem
from knowledge.examples import count_examples
from knowledge.languages import LANGUAGES
from knowledge.overlay import overlay_intents, read_knowledge
from knowledge.reader import Document, Section
from knowledge.services import Service

MINIMUM_EXAMPLES = 10


def check_knowledge(documents: Sequence[Document], services: Sequence[Service]) -> list[Problem]:
    """Return what is wrong with documents and services that could be read, in no given order."""
    return [
        *_check_twins(documents),
        *_check_coverage(documents),
        *_check_links(documents, services),
        *_check_facts(documents, dt.date.today()),
    ]


def check_folder(folder: Path, examples: Path | None = None, overlay: Path | None = None) -> list[Problem]:
    """Return all problems of a knowledge folder, sorted by file.

    Args:
        folder: Holds `documents/` and `services/`.
        examples: The folder `nlu` with `sv/` and `fi/`; None leaves the training examples out.
        overlay: What is laid over both (`knowledge.overlay`).
    """
    documents, services, problems = read_knowledge(folder, overlay)
    problems = problems + check_knowledge(documents, services)
    if examples is not None:
        topics = {section.topic: section for document in documents for section in document.sections}
        problems += check_examples(topics, examples, overlay)
    return sorted(set(problems), key=lambda problem: (problem.path, problem.line or 0, problem.text))


def check_examples(topics: dict[str, Section], examples: Path, overlay: Path | None = None) -> list[Problem]:
    """Return a problem for each topic with too few training examples in a language."""
    problems = []
    replaced = overlay_intents(overlay)
    for language in LANGUAGES:
        counts, found = count_examples(examples / language)
        problems += found
        if overlay:
            changed, found = count_examples(overlay / "nlu" / language)
            problems += found
            counts = {topic: count for topic, count in counts.items() if topic not in replaced} | changed
        for topic, section in topics.items():
            if counts.get(topic, 0) < MINIMUM_EXAMPLES:
                text = (
                    f"topic '{topic}' has {counts.get(topic, 0)} training examples in '{language}'; write at least "
                    f"{MINIMUM_EXAMPLES} under 'intent: {topic}' in nlu/{language}"
                )
                problems.append(Problem(section.path, text, section.line))
    return problems


def _check_twins(documents: Sequence[Document]) -> Iterable[Problem]:
    by_id: dict[str, dict[str, Document]] = {}
    for document in documents:
        by_id.setdefault(document.id, {})[document.language] = document
    for name, twins in by_id.items():
        for language in LANGUAGES:
            if language not in twins:
                other = next(iter(twins.values()))
                yield Problem(other.path, f"has no twin; write {name}.{language}.md with the same section ids")
        for document in twins.values():
            yield from _check_repeats(document)
        if set(twins) == set(LANGUAGES):
            yield from _compare_twins(*(twins[language] for language in LANGUAGES))


def _check_repeats(document: Document) -> Iterable[Problem]:
    seen: set[str] = set()
    for section in document.sections:
        if section.topic in seen:
            yield Problem(document.path, f"topic '{section.topic}' stands twice in one document", section.line)
        seen.add(section.topic)


def _compare_twins(first: Document, second: Document) -> Iterable[Problem]:
    sections = {
        document.path: {section.topic: section for section in document.sections} for document in (first, second)
    }
    for one, other in ((first, second), (second, first)):
        for topic in sections[one.path]:
            if topic not in sections[other.path]:
                yield Problem(other.path, f"lacks the section '{topic}', which {one.path} has")
    for topic, section in sections[first.path].items():
        twin = sections[second.path].get(topic)
        if twin is None:
            continue
        for key in ("related", "services", "paragraphs", "facts", "valid"):
            if getattr(section, key) != getattr(twin, key):
                text = f"'{topic}' has another '{key}' than {first.path}; make them the same"
                yield Problem(twin.path, text, twin.line)
        if section.source.published != twin.source.published or section.source.url != twin.source.url:
            yield Problem(twin.path, f"'{topic}' has another source date or url than {first.path}", twin.line)


def _check_coverage(documents: Sequence[Document]) -> Iterable[Problem]:
    for document in documents:
        if not document.source_file:
            continue
        covered = {number for section in document.sections for number in section.paragraphs}
        wanted = set(range(1, document.paragraph_count + 1)) - set(document.furniture)
        for number in sorted(wanted - covered):
            text = f"paragraph {number} of {document.source_file} has no section; add it to a section's 'paragraphs'"
            yield Problem(document.path, text)
        for number in sorted(covered - set(range(1, document.paragraph_count + 1))):
            yield Problem(document.path, f"names paragraph {number}, but {document.source_file} has no such")


def _check_links(documents: Sequence[Document], services: Sequence[Service]) -> Iterable[Problem]:
    topics = {section.topic for document in documents for section in document.sections}
    names = {service.id for service in services}
    for document in documents:
        for section in document.sections:
            for target in section.related:
                if target not in topics:
                    yield Problem(document.path, f"'{section.topic}' relates to '{target}', no topic", section.line)
                elif target == section.topic:
                    yield Problem(document.path, f"'{section.topic}' relates to itself", section.line)
            for target in section.services:
                if target not in names:
                    yield Problem(
                        document.path, f"'{section.topic}' names the service '{target}', no record", section.line
                    )
    for service in services:
        if service.topic not in topics:
            yield Problem(service.path, f"names the topic '{service.topic}', which no document has")
    seen: dict[str, str] = {}
    for service in services:
        for channel in service.channels:
            if channel.id in seen:
                yield Problem(service.path, f"channel id '{channel.id}' stands in {seen[channel.id]} too")
            seen[channel.id] = service.path


def _check_facts(documents: Sequence[Document], today: dt.date) -> Iterable[Problem]:
    """Two sections that hold today and claim the same fact must agree, across documents and languages."""
    claims: dict[str, tuple[object, Section]] = {}
    for document in documents:
        for section in document.sections:
            if not section.valid.covers(today):
                continue
            for key, value in section.facts.items():
                first, other = claims.setdefault(key, (value, section))
                if str(first) != str(value):
                    text = (
                        f"'{section.topic}' says {key} = {value}, but {other.path} ('{other.topic}') says {first}; "
                        "correct one, or end the older one's validity"
                    )
                    yield Problem(section.path, text, section.line)
