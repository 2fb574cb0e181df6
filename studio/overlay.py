"""Writes what admins have changed as an overlay (`knowledge.overlay`): the folder that training and build read."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.training.validate import fold_example
from knowledge.languages import LANGUAGES
from knowledge.overlay import RETIRED_FILE, fingerprint_overlay
from studio.checkout import Checkout, own_checkout
from studio.checks import check_content
from studio.findings import stops
from studio.rendering import render_topics
from studio.services import ServiceDraft, read_service_drafts, render_service
from studio.topics import Revision, Topic, read_revision, read_topics

MANIFEST = "manifest.json"
_ATTEMPTS = 20


@dataclass(frozen=True)
class Overlay:
    """A snapshot as it was written.

    Attributes:
        fingerprint: Hash of what a model is trained from; empty if the drafts change nothing of it.
        topics: Ids of the topics whose sections and examples the overlay brings.
        retired: Topics that are no more, each with the topic that has taken its place, or None.
        left_out: Drafts that are not complete, with the reasons; their last published version stands instead.
    """

    fingerprint: str
    topics: tuple[str, ...]
    retired: Mapping[str, str | None] = field(default_factory=dict)
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def write_overlay(engine: Engine, folder: Path, checkout: Checkout | None = None) -> Overlay:
    """Write a deterministic snapshot of the drafts into `folder`, which is replaced in one step.

    `folder/manifest.json` holds the version of each draft, for `studio.publish.publish`.

    Args:
        engine: A migrated conversations database.
        folder: Where to; made if it is not there.
        checkout: What the drafts change; this process's own if left out.
    """
    found = checkout or own_checkout()
    with Session(engine) as session:
        topics = read_topics(session, found)
        services = read_service_drafts(session)
        chosen, left_out = choose_drafts(session, found, topics)
    return write_snapshot(folder, found, chosen, services, left_out)


def choose_drafts(
    session: Session, checkout: Checkout, topics: Mapping[str, Topic]
) -> tuple[dict[str, Revision], dict[str, tuple[str, ...]]]:
    """Choose the newest version of each changed topic, or the published one where the newest is not complete.

    Returns:
        The chosen versions, and why others were not.
    """
    changed = {id: topic for id, topic in topics.items() if topic.version}
    taken = {
        fold_example(example.text): example.intent for example in checkout.examples if example.intent not in changed
    }
    chosen: dict[str, Revision] = {}
    left_out: dict[str, tuple[str, ...]] = {}
    for id, topic in changed.items():
        reasons = _reasons(id, topic.newest, checkout, taken)
        revision: Revision | None = topic.newest
        if reasons:
            left_out[id] = reasons
            published = topic.published_version
            revision = read_revision(session, checkout, id, published) if published else None
        if revision is not None:
            chosen[id] = revision
            if not revision.retired:
                taken |= {fold_example(text): id for text in _texts(revision)}
    return chosen, left_out


def _reasons(id: str, revision: Revision, checkout: Checkout, taken: Mapping[str, str]) -> tuple[str, ...]:
    if revision.retired:
        return ()
    findings = check_content(revision.content, set(checkout.services), own=checkout.texts)
    reasons = [str(finding) for finding in stops(findings)]
    for text in _texts(revision):
        other = taken.get(fold_example(text), id)
        if other != id:
            reasons.append(f"examples: '{text}' stands under '{other}' already; it can mean one topic only")
    return tuple(reasons)


def _texts(revision: Revision) -> Iterator[str]:
    for language in LANGUAGES:
        yield from revision.content.sides[language].examples


def write_snapshot(
    folder: Path,
    checkout: Checkout,
    chosen: Mapping[str, Revision],
    services: Mapping[str, ServiceDraft],
    left_out: Mapping[str, tuple[str, ...]] | None = None,
) -> Overlay:
    """Write chosen versions of topics and service records as an overlay."""
    live = {id: revision for id, revision in chosen.items() if not revision.retired}
    retired = {id: revision.successor for id, revision in sorted(chosen.items()) if revision.retired}
    known = {*checkout.topics, *live} - set(retired)
    contents = {}
    for id, revision in sorted(live.items()):
        related = (retired.get(target, target) for target in revision.content.related)
        kept = tuple(dict.fromkeys(target for target in related if target in known and target != id))
        contents[id] = replace(revision.content, related=kept)
    files = render_topics(checkout, contents)
    files |= {Path("services") / f"{id}.yml": render_service(draft.record) for id, draft in services.items()}
    if retired:
        files[Path(RETIRED_FILE)] = "".join(f"{id} {new}\n" if new else f"{id}\n" for id, new in retired.items())
    versions = {
        "topics": {id: revision.version for id, revision in sorted(chosen.items())},
        "services": {id: draft.version for id, draft in sorted(services.items())},
    }
    files[Path(MANIFEST)] = json.dumps(versions, indent=1) + "\n"
    if not _holds(folder, files):
        with _replaced(folder) as fresh:
            for path, text in sorted(files.items()):
                (fresh / path).parent.mkdir(parents=True, exist_ok=True)
                (fresh / path).write_text(text, encoding="utf-8")
    return Overlay(fingerprint_overlay(folder, training=True), tuple(contents), retired, dict(left_out or {}))


def _swap(fresh: Path, folder: Path) -> None:
    """Put `fresh` into the place of `folder`; of several that do so at once, the last one stays."""
    for attempt in range(_ATTEMPTS):
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
        try:
            with suppress(FileNotFoundError):
                folder.replace(old)
            fresh.replace(folder)
        except OSError:  # another one has put its folder there meanwhile
            if attempt == _ATTEMPTS - 1:
                raise
        else:
            return
        finally:
            shutil.rmtree(old, ignore_errors=True)


def _holds(folder: Path, files: Mapping[Path, str]) -> bool:
    there = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    return there == set(files) and all((folder / path).read_bytes() == text.encode() for path, text in files.items())


@contextmanager
def _replaced(folder: Path) -> Iterator[Path]:
    """Yield an empty folder beside `folder` that takes its place when all has been written."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        fresh.chmod(0o755)
        yield fresh
        _swap(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
