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
_CONFLICT = (
    "'{topic}' says {fact} = {value}, but {file} ('{other}') says {first}; correct one, or end the older one's validity"
)


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
                text = "has no twin; write {name}.{language}.md with the same section ids"
                yield Problem.of(other.path, text, name=name, language=language)
        for document in twins.values():
            yield from _check_repeats(document)
        if set(twins) == set(LANGUAGES):
            yield from _compare_twins(*(twins[language] for language in LANGUAGES))


def _check_repeats(document: Document) -> Iterable[Problem]:
    seen: set[str] = set()
    for section in document.sections:
        if section.topic in seen:
            text = "topic '{topic}' stands twice in one document"
            yield Problem.of(document.path, text, section.line, topic=section.topic)
        seen.add(section.topic)


def _compare_twins(first: Document, second: Document) -> Iterable[Problem]:
    sections = {
        document.path: {section.topic: section for section in document.sections} for document in (first, second)
    }
    for one, other in ((first, second), (second, first)):
        for topic in sections[one.path]:
            if topic not in sections[other.path]:
                text = "lacks the section '{topic}', which {other} has"
                yield Problem.of(other.path, text, topic=topic, other=one.path)
    for topic, section in sections[first.path].items():
        twin = sections[second.path].get(topic)
        if twin is None:
            continue
        for key in ("related", "services", "paragraphs", "facts", "valid"):
            if getattr(section, key) != getattr(twin, key):
                text = "'{topic}' has another '{key}' than {other}; make them the same"
                yield Problem.of(twin.path, text, twin.line, topic=topic, key=key, other=first.path)
        if section.source.published != twin.source.published or section.source.url != twin.source.url:
            text = "'{topic}' has another source date or url than {other}"
            yield Problem.of(twin.path, text, twin.line, topic=topic, other=first.path)


def _check_coverage(documents: Sequence[Document]) -> Iterable[Problem]:
    for document in documents:
        if not document.source_file:
            continue
        covered = {number for section in document.sections for number in section.paragraphs}
        wanted = set(range(1, document.paragraph_count + 1)) - set(document.furniture)
        for number in sorted(wanted - covered):
            text = "paragraph {number} of {file} has no section; add it to a section's 'paragraphs'"
            yield Problem.of(document.path, text, number=number, file=document.source_file)
        for number in sorted(covered - set(range(1, document.paragraph_count + 1))):
            text = "names paragraph {number}, but {file} has no such"
            yield Problem.of(document.path, text, number=number, file=document.source_file)


def _check_links(documents: Sequence[Document], services: Sequence[Service]) -> Iterable[Problem]:
    topics = {section.topic for document in documents for section in document.sections}
    names = {service.id for service in services}
    for document in documents:
        for section in document.sections:
            for target in section.related:
                if target not in topics:
                    text = "'{topic}' relates to '{target}', no topic"
                    yield Problem.of(document.path, text, section.line, topic=section.topic, target=target)
                elif target == section.topic:
                    yield Problem.of(document.path, "'{topic}' relates to itself", section.line, topic=section.topic)
            for target in section.services:
                if target not in names:
                    text = "'{topic}' names the service '{target}', no record"
                    yield Problem.of(document.path, text, section.line, topic=section.topic, target=target)
    for service in services:
        if service.topic not in topics:
            yield Problem.of(service.path, "names the topic '{topic}', which no document has", topic=service.topic)
    seen: dict[str, str] = {}
    for service in services:
        for channel in service.channels:
            if channel.id in seen:
                text = "channel id '{channel}' stands in {other} too"
                yield Problem.of(service.path, text, channel=channel.id, other=seen[channel.id])
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
                    values = {"topic": section.topic, "fact": key, "value": value, "first": first}
                    yield Problem.of(
                        section.path, _CONFLICT, section.line, **values, file=other.path, other=other.topic
                    )
