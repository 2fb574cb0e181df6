"""Makes drafts public: an answer that has changed at once, what needs a model with the model that knows it.

`<data>/overlay/published` holds what is public. It is written from the database, so that any server can make it anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from conversations.audit import AuditLog
from conversations.database import wait_for_turn
from conversations.studio_schema import StudioServiceRow, StudioTopicRow
from knowledge.build import BuildReport, build_knowledge, fingerprint_folder
from knowledge.engine import for_writing
from knowledge.errors import KnowledgeInvalid
from studio.checkout import Checkout, own_checkout
from studio.errors import PublicationRefused
from studio.overlay import MANIFEST, choose_drafts, write_snapshot
from studio.services import read_service_drafts
from studio.topics import Revision, read_revision, read_topics

PUBLISHED = Path("overlay") / "published"
_TURN = "studio_publish"


@dataclass(frozen=True)
class Publication:
    """What was made public.

    Attributes:
        topics: Ids whose public version has changed.
        waiting: Ids of drafts that wait for a model: new, renamed, retired.
        left_out: Drafts that are not complete, with the reasons.
        report: The build's.
    """

    topics: tuple[str, ...]
    waiting: tuple[str, ...]
    left_out: Mapping[str, tuple[str, ...]]
    report: BuildReport


def published_overlay(data_folder: Path) -> Path | None:
    """Return the overlay that is public, or None if nothing has been published from this data folder."""
    folder = data_folder / PUBLISHED
    return folder if folder.is_dir() else None


def publish(
    engine: Engine,
    knowledge_engine: Engine,
    data_folder: Path,
    actor: str,
    snapshot: Path | None = None,
    checkout: Checkout | None = None,
) -> Publication:
    """Make drafts public and rebuild the knowledge; running servers answer from it at once.

    Without a snapshot, the newest complete versions of topics that residents can reach already, and of service records.
    With one, in addition what the model that was trained from it knows: its topics appear, those that it retires go,
    and what it does not know (after going back to an older model) is a draft again. An answer that was published after
    the snapshot was taken stays.

    Args:
        engine: The conversations database.
        knowledge_engine: The knowledge database.
        data_folder: Holds `overlay/published`.
        actor: Whose doing it is.
        snapshot: The overlay that the model to be live was trained from (`studio.overlay.write_overlay`); a folder that
            does not exist stands for the checkout alone.
        checkout: What the drafts change; this process's own if left out.

    Raises:
        PublicationRefused: The documents would not fit together; nothing has changed.
    """
    found = checkout or own_checkout()
    folder = data_folder / PUBLISHED
    with Session(for_writing(engine)) as session, session.begin():
        wait_for_turn(session, _TURN)
        topics = read_topics(session, found)
        newest, left_out = choose_drafts(session, found, topics)
        rows = {row.id: row for row in session.scalars(select(StudioTopicRow))}
        versions = {id: row.published_version for id, row in rows.items()}
        if snapshot is None:
            wanted = _answers_only(session, found, newest, versions)
        else:
            wanted = _known_to_model(session, found, _read_manifest(snapshot), versions)
        services = read_service_drafts(session)
        chosen = _read_versions(session, found, wanted)
        write_snapshot(folder, found, chosen, services)
        try:
            report = build_knowledge(knowledge_engine, found.folder / "knowledge", folder)
        except KnowledgeInvalid as error:
            write_snapshot(
                folder,
                found,
                _read_versions(session, found, versions),
                read_service_drafts(session, published=True),
            )
            raise PublicationRefused("\n".join(map(str, error.problems))) from error
        changed = tuple(sorted(id for id, version in wanted.items() if version != versions[id]))
        for id in changed:
            rows[id].published_version = wanted[id]
        for record in session.scalars(select(StudioServiceRow)):
            record.published_version = record.version
        details = {"topics": list(changed), "services": len(services), "with_model": snapshot is not None}
        AuditLog(engine).append(actor, "knowledge.published", "knowledge", "", details, session)
        waiting = tuple(sorted(id for id, item in newest.items() if item.version != wanted[id]))
    return Publication(changed, tuple(id for id in waiting if id not in left_out), left_out, report)


def restore_published(engine: Engine, data_folder: Path, checkout: Checkout | None = None) -> Path | None:
    """Write what is public according to the database, as a server does at its start.

    Returns:
        The overlay's folder, or None if nothing but the checkout is public.
    """
    with Session(engine) as session:
        rows = {row.id: row.published_version for row in session.scalars(select(StudioTopicRow))}
        if not any(rows.values()) and not session.scalars(select(StudioServiceRow.published_version)).first():
            return published_overlay(data_folder)
        found = checkout or own_checkout()
        chosen = _read_versions(session, found, rows)
        services = read_service_drafts(session, published=True)
    write_snapshot(data_folder / PUBLISHED, found, chosen, services)
    return data_folder / PUBLISHED


def is_published(built: str, data_folder: Path, checkout: Checkout | None = None) -> bool:
    """Tell whether the knowledge's build (its content hash) is what is public."""
    found = checkout or own_checkout()
    return built == fingerprint_folder(found.folder / "knowledge", published_overlay(data_folder))


def _answers_only(
    session: Session, checkout: Checkout, newest: Mapping[str, Revision], versions: Mapping[str, int | None]
) -> dict[str, int | None]:
    """Choose the newest versions of topics that are reached already; the others stay as they are."""
    wanted = dict(versions)
    for id, revision in newest.items():
        public = _read(session, checkout, id, versions[id])
        if public is not None and not public.retired and not revision.retired:
            wanted[id] = revision.version
    return wanted


def _known_to_model(
    session: Session, checkout: Checkout, manifest: Mapping[str, int], versions: Mapping[str, int | None]
) -> dict[str, int | None]:
    """Choose the versions that go with a model: those it was trained from, or newer answers of the same topics."""
    wanted: dict[str, int | None] = {}
    for id, version in versions.items():
        known: int | None = manifest.get(id, 0 if id in checkout.topics else None)
        trained, public = _read(session, checkout, id, known), _read(session, checkout, id, version)
        both_live = trained and public and not trained.retired and not public.retired
        wanted[id] = max(known or 0, version or 0) if both_live else known
    return wanted


def _read(session: Session, checkout: Checkout, id: str, version: int | None) -> Revision | None:
    return None if version is None else read_revision(session, checkout, id, version)


def _read_versions(session: Session, checkout: Checkout, versions: Mapping[str, int | None]) -> dict[str, Revision]:
    found = {id: _read(session, checkout, id, version) for id, version in versions.items() if version}
    return {id: revision for id, revision in found.items() if revision is not None}


def _read_manifest(snapshot: Path) -> dict[str, int]:
    path = snapshot / MANIFEST
    return dict(json.loads(path.read_text(encoding="utf-8"))["topics"]) if path.is_file() else {}
