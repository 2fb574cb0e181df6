"""Reads files of a checkout, such as `studio.files` writes, as drafts: all of them, or none and every problem named.

A folder may hold some of a checkout's files alone. What it does not hold stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from knowledge.languages import LANGUAGES
from knowledge.overlay import Retired
from studio.checkout import DOCUMENTS, NLU, SERVICES, Checkout, read_checkout
from studio.content import Content
from studio.errors import UploadRefused
from studio.findings import STOP, Finding
from studio.services import ServiceDraft, ServiceStore, keep_record
from studio.topics import Topic, TopicStore


@dataclass(frozen=True)
class Imported:
    """What an import changed: ids of topics added, edited and retired, and of service records."""

    added: tuple[str, ...]
    edited: tuple[str, ...]
    retired: tuple[str, ...]
    services: tuple[str, ...] = ()


def import_topics(store: TopicStore, folder: Path, actor: str) -> Imported:
    """Make drafts of what a folder's files say otherwise than what is there now; all of it, or nothing.

    A topic of the checkout that its document, which is in the folder, has no more, is retired.

    Args:
        store: The topics.
        folder: A checkout, or some of a checkout's files (`bot/data/nlu`, `knowledge/documents`, `knowledge/services`).
        actor: Whose change it is.

    Raises:
        UploadRefused: A file cannot be read, or a service is unknown; every problem is named.
    """
    found = _read(folder, store.checkout)
    now = store.fetch_all()
    services = ServiceStore(store.engine, store.checkout).fetch_all()
    gone = {id: topic.newest.successor for id, topic in now.items() if topic.newest.retired}
    gone |= {id: _successor(store.checkout, found, id) for id in _gone(store.checkout, found)}
    records = _read_records(folder, services, gone)
    added, edited, retired = [], [], []
    with store.transaction() as change:
        for id, content in sorted(found.topics.items()):
            if id not in now:
                change.add(id, content, actor, "imported")
                added.append(id)
            elif content != _relate(now[id].content, id, gone) or now[id].newest.retired:
                change.save(change.read(id), content, actor, "imported")
                edited.append(id)
        for id, content in _examples_alone(folder, store.checkout, found, now).items():
            change.save(change.read(id), content, actor, "imported")
            edited.append(id)
        for id in sorted(_gone(store.checkout, found)):
            if not now[id].newest.retired:
                change.retire(change.read(id), actor, gone[id], "imported")
                retired.append(id)
        for id, record in records.items():
            keep_record(change.session, change.audit, id, record, actor, "imported")
    return Imported(tuple(added), tuple(sorted(edited)), tuple(retired), tuple(records))


def _read(folder: Path, checkout: Checkout) -> Checkout:
    holds = {path: any((folder / path).glob(name)) for path, name in _WHAT}
    if not any(holds.values()):
        text = "there is no {path} in {folder}; give the folder that `lotsi intents export` wrote, or a checkout"
        raise UploadRefused([Finding(STOP, "folder", text, {"path": DOCUMENTS, "folder": folder})])
    found = read_checkout(folder, checkout)
    problems = [problem for problem in found.problems if "missing" not in problem.text]
    if not holds[DOCUMENTS]:
        problems = [problem for problem in problems if problem.path != DOCUMENTS.name]
    if problems:
        raise UploadRefused([Finding(STOP, "file", "{problem}", {"problem": problem}) for problem in problems])
    return found


_WHAT = ((DOCUMENTS, "*.md"), (SERVICES, "*.yml"), (NLU, "*/*.yml"))


def _examples_alone(folder: Path, checkout: Checkout, found: Checkout, now: Mapping[str, Topic]) -> dict[str, Content]:
    """Return topics whose document is not in the folder, with the examples that its training files give them."""
    there = {path.relative_to(folder / NLU.parent).as_posix() for path in (folder / NLU).glob("*/*.yml")}
    named = {item.intent for item in (*found.examples, *checkout.examples) if item.path in there}
    changed = {}
    for id in sorted(named & set(now) - set(found.topics) - _gone(checkout, found)):
        content = now[id].content
        for language in LANGUAGES:
            own = [item.text for item in found.examples if (item.intent, item.language) == (id, language)]
            content = content.with_side(language, examples=tuple(own))
        if not now[id].newest.retired and content.normalised() != now[id].content:
            changed[id] = content
    return changed


def _read_records(folder: Path, now: Mapping[str, ServiceDraft], gone: Retired) -> dict[str, dict[str, Any]]:
    """Return the service records that differ from those of now; a retired topic's follow it by themselves."""
    changed, findings = {}, []
    for path in sorted((folder / SERVICES).glob("*.yml")):
        if path.stem not in now:
            text = "there is no service '{id}'; add its record to the checkout's {path}"
            findings.append(Finding(STOP, path.name, text, {"id": path.stem, "path": SERVICES}))
            continue
        record = _plain(yaml.safe_load(path.read_text(encoding="utf-8")))
        before = _plain(now[path.stem].record)
        if gone.get(before["topic"]) == record["topic"]:
            record["topic"] = before["topic"]
        if record != before:
            changed[path.stem] = record
    if findings:
        raise UploadRefused(findings)
    return changed


def _plain(record: Any) -> dict[str, Any]:
    """Return a record as the database keeps it: YAML reads dates without quotation marks as days."""
    return dict(json.loads(json.dumps(record, default=str)))


def _relate(content: Content, id: str, gone: Retired) -> Content:
    """Return a topic as an export writes it: its next questions lead to what retired topics have become."""
    targets = dict.fromkeys(gone.get(target, target) for target in content.related)
    return replace(content, related=tuple(target for target in targets if target and target != id))


def _successor(checkout: Checkout, found: Checkout, id: str) -> str | None:
    """Return the topic that a service of a topic that is gone is described by now."""
    own = [service.id for service in checkout.services.values() if service.topic == id]
    named = {found.services[service].topic for service in own if service in found.services} - {id}
    return min(named, default=None)


def _gone(checkout: Checkout, found: Checkout) -> set[str]:
    names = {document.id for document in found.documents.values()}
    return {id for id, content in checkout.topics.items() if content.document in names and id not in found.topics}
