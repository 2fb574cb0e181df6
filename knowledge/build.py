"""Compiles documents and services into the knowledge database: deterministic, in seconds, in one transaction."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, insert, inspect, select, text

from knowledge.check import check_knowledge
from knowledge.engine import for_writing
from knowledge.errors import KnowledgeInvalid, KnowledgeMissing
from knowledge.lemmas import index_terms
from knowledge.overlay import fingerprint_overlay, read_knowledge
from knowledge.reader import Section
from knowledge.schema import SCHEMA_VERSION, Base, BuildRow, ChannelRow, SectionRow, ServiceRow
from knowledge.search import create_index
from knowledge.services import Channel, Service
from knowledge.store import Knowledge

KNOWLEDGE_FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class BuildReport:
    """What a build wrote."""

    topics: int
    sections: int
    services: int
    content_hash: str


def fingerprint_folder(folder: Path = KNOWLEDGE_FOLDER, overlay: Path | None = None) -> str:
    """Return a hash over the names and bytes of all documents and services, the schema's version included.

    Args:
        folder: Holds `documents/` and `services/`.
        overlay: What is laid over it (`knowledge.overlay`); one that changes nothing does not count.
    """
    digest = hashlib.sha256(str(SCHEMA_VERSION).encode())
    for path in sorted([*folder.glob("documents/*.md"), *folder.glob("services/*.yml")]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    digest.update(fingerprint_overlay(overlay).encode())
    return digest.hexdigest()


def build_knowledge(engine: Engine, folder: Path = KNOWLEDGE_FOLDER, overlay: Path | None = None) -> BuildReport:
    """Replace the database's knowledge by what `folder` holds.

    Readers see the old content until the transaction ends and the new one after it; a running server needs no
    restart.

    Args:
        engine: The database (`knowledge.engine.open_engine`).
        folder: Holds `documents/` and `services/`.
        overlay: What is laid over it (`knowledge.overlay`).

    Raises:
        KnowledgeInvalid: With all problems at once; the database is left as it was.
    """
    documents, services, problems = read_knowledge(folder, overlay)
    problems += check_knowledge(documents, services)
    if problems:
        raise KnowledgeInvalid(sorted(problems))
    sections = [section for document in documents for section in document.sections]
    report = BuildReport(
        topics=len({section.topic for section in sections}),
        sections=len(sections),
        services=len(services),
        content_hash=fingerprint_folder(folder, overlay),
    )
    with for_writing(engine).begin() as connection:
        _empty_tables(connection)
        _insert_sections(connection, sections)
        _insert_services(connection, services)
        connection.execute(
            insert(BuildRow), [{"id": 1, "schema_version": SCHEMA_VERSION, **dataclasses.asdict(report)}]
        )
        create_index(connection)
    return report


def _empty_tables(connection: Connection) -> None:
    """Empty the tables, or make them; those of another schema version are made anew.

    Dropping them at every build would make PostgreSQL's readers wait for the build, and the build for them.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('knowledge_build'))"))
    version = None
    if inspect(connection).has_table(BuildRow.__tablename__):
        version = connection.scalar(select(BuildRow.schema_version))
    if version != SCHEMA_VERSION:
        Base.metadata.drop_all(connection)
        Base.metadata.create_all(connection)
    for table in reversed(Base.metadata.sorted_tables):
        connection.execute(delete(table))


def _insert_sections(connection: Connection, sections: Sequence[Section]) -> None:
    rows = []
    for number, section in enumerate(sections, start=1):
        title_terms = index_terms(" . ".join([section.title, *section.aliases]), section.language)
        body_terms = index_terms(f"{section.lead}\n{section.details}", section.language)
        rows.append(
            {
                "id": number,
                "topic": section.topic,
                "document": section.document,
                "language": section.language,
                "title": section.title,
                "lead": section.lead,
                "details": section.details,
                "aliases": list(section.aliases),
                "related": list(section.related),
                "services": list(section.services),
                "facts": {str(key): str(value) for key, value in section.facts.items()},
                "source_title": section.source.title,
                "source_publisher": section.source.publisher,
                "source_language": section.source.language,
                "source_published": section.source.published,
                "source_url": section.source.url,
                "valid_from": section.valid.start,
                "valid_to": section.valid.end,
                "title_terms": " ".join(title_terms),
                "body_terms": " ".join(body_terms),
            }
        )
    if rows:
        connection.execute(insert(SectionRow), rows)


def _insert_services(connection: Connection, services: Sequence[Service]) -> None:
    rows = [
        {
            "id": service.id,
            "topic": service.topic,
            "names": dict(service.names),
            "names_reviewed": service.names_reviewed,
            "summaries": dict(service.summaries),
        }
        for service in services
    ]
    channels = [
        _channel_values(service, channel, position)
        for service in services
        for position, channel in enumerate(service.channels)
    ]
    if rows:
        connection.execute(insert(ServiceRow), rows)
    if channels:
        connection.execute(insert(ChannelRow), channels)


def _channel_values(service: Service, channel: Channel, position: int) -> dict[str, object]:
    hours = [] if channel.hours is None or isinstance(channel.hours, str) else channel.hours
    return {
        "id": channel.id,
        "service_id": service.id,
        "position": position,
        "type": channel.type,
        "names": dict(channel.names),
        "languages": list(channel.languages),
        "number": channel.number,
        "url": channel.url,
        "address": channel.address,
        "charge": channel.charge,
        "always_open": channel.hours == "always",
        "hours": [dataclasses.asdict(item) for item in hours],
    }


def read_topics(folder: Path = KNOWLEDGE_FOLDER, overlay: Path | None = None) -> dict[str, list[Section]]:
    """Return all readable sections by topic, in the order of the documents; problems are passed over."""
    topics: dict[str, list[Section]] = {}
    for document in read_knowledge(folder, overlay)[0]:
        for section in document.sections:
            topics.setdefault(section.topic, []).append(section)
    return topics


def ensure_built(knowledge: Knowledge, overlay: Path | None = None) -> bool:
    """Build the knowledge if its database has none.

    Args:
        knowledge: The database; an older build in it is left for `lotsi knowledge build`.
        overlay: What is laid over the project's own documents.

    Returns:
        Whether what the database holds is what the folder holds.
    """
    try:
        built = knowledge.fetch_build_hash()
    except KnowledgeMissing:
        built = build_knowledge(knowledge.engine, overlay=overlay).content_hash
    return built == fingerprint_folder(overlay=overlay)
