"""Makes drafts public: an answer that has changed at once, what needs a model with the model that knows it.

`<data>/overlay/published` holds what is public. It is written from the database, so that any server can make it anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from conversations.audit import AuditLog
from conversations.database import wait_for_turn
from conversations.studio_schema import StudioServiceRow, StudioTopicRow
from knowledge.build import BuildReport, build_knowledge
from knowledge.engine import for_writing
from knowledge.errors import KnowledgeInvalid
from studio.checkout import Checkout, own_checkout
from studio.errors import PublicationRefused
from studio.findings import as_finding
from studio.overlay import MANIFEST, choose_drafts, write_snapshot
from studio.services import ServiceDraft, read_service_drafts
from studio.topics import Revision, read_revision, read_topics

PUBLISHED = Path("overlay") / "published"
_TURN = "studio_publish"
_ATTEMPTS = 5


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

    The database is not locked while the knowledge is built: residents' messages go on. Of two who publish at once the
    second begins anew with what the first has made public.

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
    for _ in range(_ATTEMPTS):
        plan = _make_plan(engine, found, snapshot)
        report = _build(knowledge_engine, data_folder, found, plan)
        if _keep(engine, plan, actor, snapshot is not None):
            break
    else:
        raise PublicationRefused("others publish all the time; try again")
    restore_published(engine, data_folder, found)
    waiting = tuple(id for id in plan.waiting if id not in plan.left_out)
    return Publication(plan.changed, waiting, plan.left_out, report)


@dataclass(frozen=True)
class _Plan:
    """What shall be public; `before` is what is, by topic and by service."""

    before: tuple[dict[str, int | None], dict[str, int | None]]
    wanted: Mapping[str, int | None]
    chosen: Mapping[str, Revision]
    services: Mapping[str, ServiceDraft]
    waiting: tuple[str, ...]
    left_out: Mapping[str, tuple[str, ...]]

    @property
    def changed(self) -> tuple[str, ...]:
        return tuple(sorted(id for id, version in self.wanted.items() if version != self.before[0][id]))


def _make_plan(engine: Engine, checkout: Checkout, snapshot: Path | None) -> _Plan:
    with Session(engine) as session:
        before = _read_public(session)
        newest, left_out = choose_drafts(session, checkout, read_topics(session, checkout))
        if snapshot is None:
            wanted = _answers_only(session, checkout, newest, before[0])
        else:
            wanted = _known_to_model(session, checkout, _read_manifest(snapshot), before[0])
        return _Plan(
            before,
            wanted,
            _read_versions(session, checkout, wanted),
            read_service_drafts(session),
            tuple(sorted(id for id, item in newest.items() if item.version != wanted.get(id))),
            left_out,
        )


def _build(engine: Engine, data_folder: Path, checkout: Checkout, plan: _Plan) -> BuildReport:
    data_folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=data_folder, prefix=".publish-") as name:
        overlay = Path(name) / "overlay"
        write_snapshot(overlay, checkout, plan.chosen, plan.services)
        try:
            return build_knowledge(engine, checkout.folder / "knowledge", overlay)
        except KnowledgeInvalid as error:
            raise PublicationRefused(str(error), list(map(as_finding, error.problems))) from error


def _keep(engine: Engine, plan: _Plan, actor: str, with_model: bool) -> bool:
    """Note what is public now; return False if somebody else has published meanwhile."""
    with Session(for_writing(engine)) as session, session.begin():
        wait_for_turn(session, _TURN)
        public = _read_public(session)
        if any(public[0].get(id) != version for id, version in plan.before[0].items()) or public[1] != plan.before[1]:
            return False
        for id in plan.changed:
            session.get_one(StudioTopicRow, id).published_version = plan.wanted[id]
        for id, draft in plan.services.items():
            session.get_one(StudioServiceRow, id).published_version = draft.version
        details = {"topics": list(plan.changed), "services": len(plan.services), "with_model": with_model}
        AuditLog(engine).append(actor, "knowledge.published", "knowledge", "", details, session)
    return True


def _read_public(session: Session) -> tuple[dict[str, int | None], dict[str, int | None]]:
    topics = {row.id: row.published_version for row in session.scalars(select(StudioTopicRow))}
    services = {row.id: row.published_version for row in session.scalars(select(StudioServiceRow))}
    return topics, services


def restore_published(engine: Engine, data_folder: Path, checkout: Checkout | None = None) -> Path | None:
    """Write what is public according to the database, as a server does at its start.

    Returns:
        The overlay's folder, or None if nothing but the checkout is public.
    """
    with Session(engine) as session:
        rows, records = _read_public(session)
        if not any(rows.values()) and not any(records.values()) and not published_overlay(data_folder):
            return None
        found = checkout or own_checkout()
        chosen = _read_versions(session, found, rows)
        services = read_service_drafts(session, published=True)
    write_snapshot(data_folder / PUBLISHED, found, chosen, services)
    return data_folder / PUBLISHED


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
