"""Drafts of service records: names, summaries, channels, numbers and hours, with every version."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from conversations.audit import AuditLog
from conversations.records import current_moment
from conversations.studio_schema import StudioServiceRevisionRow, StudioServiceRow
from knowledge.engine import for_writing
from knowledge.services import read_services
from studio.checkout import SERVICES, Checkout, own_checkout
from studio.errors import DraftChanged, TopicNotFound, TopicRefused
from studio.findings import Finding, as_finding


@dataclass(frozen=True)
class ServiceDraft:
    """A service record with its newest version; 0: as in the checkout."""

    id: str
    version: int
    record: dict[str, Any]
    published_version: int | None
    changed_by: str | None = None
    changed_at: dt.datetime | None = None


class ServiceStore:
    """The service records of a checkout and of one database."""

    def __init__(self, engine: Engine, checkout: Checkout | None = None) -> None:
        """Use the tables of `engine`."""
        self.engine = engine
        self._checkout = checkout
        self._audit = AuditLog(engine)

    @property
    def checkout(self) -> Checkout:
        """What is not changed; read when it is first asked for."""
        return self._checkout or own_checkout()

    def fetch_all(self) -> dict[str, ServiceDraft]:
        """Return all records by id."""
        with Session(self.engine) as session:
            found = {id: self._original(id) for id in self.checkout.services}
            return dict(sorted({**found, **read_service_drafts(session)}.items()))

    def fetch(self, id: str) -> ServiceDraft:
        """Return a record.

        Raises:
            TopicNotFound: There is none of that id.
        """
        found = self.fetch_all().get(id)
        if found is None:
            raise TopicNotFound(f"there is no service '{id}'")
        return found

    def channel_ids(self, but: str) -> set[str]:
        """Return the ids of all channels but those of one service: no two may be alike."""
        others = (draft.record for id, draft in self.fetch_all().items() if id != but)
        return {str(channel["id"]) for record in others for channel in record.get("channels") or []}

    def save(self, id: str, record: dict[str, Any], version: int, actor: str) -> ServiceDraft:
        """Keep a new version of a record.

        Raises:
            TopicNotFound: There is none of that id.
            TopicRefused: The record has problems, all of them named.
            DraftChanged: Somebody else has changed it meanwhile.
        """
        problems = check_record(id, record)
        if problems:
            raise TopicRefused(problems)
        with Session(for_writing(self.engine)) as session, session.begin():
            row = session.scalars(
                select(StudioServiceRow).where(StudioServiceRow.id == id).with_for_update()
            ).one_or_none()
            if row is None and id not in self.checkout.services:
                raise TopicNotFound(f"there is no service '{id}'")
            if (row.version if row else 0) != version:
                raise DraftChanged(id, row.version if row else 0)
            return keep_record(session, self._audit, id, record, actor)

    def _original(self, id: str) -> ServiceDraft:
        text = self.checkout.text_of(SERVICES / f"{id}.yml") or "{}"
        return ServiceDraft(id, 0, yaml.safe_load(text), 0)


def keep_record(
    session: Session, audit: AuditLog, id: str, record: dict[str, Any], actor: str, action: str = "edited"
) -> ServiceDraft:
    """Keep a new version of a record that has been checked, in a transaction of the caller's."""
    row = session.get(StudioServiceRow, id)
    if row is None:
        row = StudioServiceRow(id=id, version=0, published_version=0)
        session.add(row)
    row.version += 1
    session.flush()
    kept = StudioServiceRevisionRow(
        service_id=id,
        version=row.version,
        action=action,
        record=record,
        changed_by=actor,
        changed_at=current_moment(),
    )
    session.add(kept)
    audit.append(actor, f"service.{action}", "service", id, {"version": row.version}, session)
    return _draft(row, kept)


def read_service_drafts(session: Session, published: bool = False) -> dict[str, ServiceDraft]:
    """Return the records that have been changed, in their newest or their published versions."""
    wanted = StudioServiceRow.published_version if published else StudioServiceRow.version
    joined = (StudioServiceRevisionRow.service_id == StudioServiceRow.id) & (StudioServiceRevisionRow.version == wanted)
    rows = session.execute(select(StudioServiceRow, StudioServiceRevisionRow).join(StudioServiceRevisionRow, joined))
    return dict(sorted((row.id, _draft(row, kept)) for row, kept in rows))


def check_record(id: str, record: dict[str, Any]) -> list[Finding]:
    """Return the problems that a record has, as the build would name them."""
    with TemporaryDirectory() as name:
        path = Path(name) / f"{id}.yml"
        path.write_text(render_service(record), encoding="utf-8")
        _, problems = read_services(Path(name))
    return [as_finding(problem, "service") for problem in problems]


def render_service(record: dict[str, Any]) -> str:
    """Return a record as its file."""
    return yaml.safe_dump(record, allow_unicode=True, sort_keys=False, width=120)


def _draft(row: StudioServiceRow, kept: StudioServiceRevisionRow) -> ServiceDraft:
    return ServiceDraft(
        row.id, kept.version, dict(kept.record), row.published_version, kept.changed_by, kept.changed_at
    )
