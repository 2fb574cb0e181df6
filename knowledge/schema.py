"""Tables of the knowledge database. `knowledge.build` writes them, `knowledge.store` reads them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

SCHEMA_VERSION = 1


class Base(DeclarativeBase):
    """Base of the knowledge tables; their names begin with `knowledge_` so that one database can hold all rooms."""

    metadata = MetaData()
    type_annotation_map = {str: Text, list[str]: JSON, dict[str, Any]: JSON, list[dict[str, Any]]: JSON}


class BuildRow(Base):
    """The one build that the database holds."""

    __tablename__ = "knowledge_build"

    id: Mapped[int] = mapped_column(primary_key=True)
    schema_version: Mapped[int]
    content_hash: Mapped[str]
    topics: Mapped[int]
    sections: Mapped[int]
    services: Mapped[int]


class SectionRow(Base):
    """A section in one language, with its source and validity resolved, and its index terms."""

    __tablename__ = "knowledge_section"
    __table_args__ = (Index("knowledge_section_topic", "topic", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str]
    document: Mapped[str]
    language: Mapped[str]
    title: Mapped[str]
    lead: Mapped[str]
    details: Mapped[str]
    aliases: Mapped[list[str]]
    related: Mapped[list[str]]
    services: Mapped[list[str]]
    facts: Mapped[dict[str, Any]]
    source_title: Mapped[str]
    source_publisher: Mapped[str]
    source_language: Mapped[str]
    source_published: Mapped[str]
    source_url: Mapped[str | None]
    valid_from: Mapped[dt.date | None]
    valid_to: Mapped[dt.date | None]
    title_terms: Mapped[str]
    body_terms: Mapped[str]


class ServiceRow(Base):
    """A service record; names and summaries by language."""

    __tablename__ = "knowledge_service"

    id: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str]
    names: Mapped[dict[str, Any]]
    names_reviewed: Mapped[bool]
    summaries: Mapped[dict[str, Any]]
    channels: Mapped[list[ChannelRow]] = relationship(order_by="ChannelRow.position")


class ChannelRow(Base):
    """One way to reach a service."""

    __tablename__ = "knowledge_channel"

    id: Mapped[str] = mapped_column(primary_key=True)
    service_id: Mapped[str] = mapped_column(ForeignKey("knowledge_service.id"))
    position: Mapped[int]
    type: Mapped[str]
    names: Mapped[dict[str, Any]]
    languages: Mapped[list[str]]
    number: Mapped[str | None]
    url: Mapped[str | None]
    address: Mapped[str | None]
    charge: Mapped[str | None]
    always_open: Mapped[bool]
    hours: Mapped[list[dict[str, Any]]]
