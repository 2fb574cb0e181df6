"""Reads answers from the knowledge database: one topic, one language, one day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session, selectinload

from knowledge.engine import open_engine
from knowledge.errors import KnowledgeMissing
from knowledge.languages import Language
from knowledge.reader import Source, Validity
from knowledge.schema import BuildRow, ChannelRow, SectionRow, ServiceRow
from knowledge.search import Hit, choose_section, search_sections, section_age
from knowledge.services import ServiceHours

_BUILD = select(BuildRow.content_hash)
_Found = TypeVar("_Found")


@dataclass(frozen=True)
class ChannelView:
    """A channel in one language; `number`, `url` and `address` are None where they are not known."""

    service: str
    service_name: str
    type: str
    name: str
    number: str | None
    url: str | None
    address: str | None
    charge: str | None
    always_open: bool
    hours: tuple[ServiceHours, ...]
    languages: tuple[str, ...]


@dataclass(frozen=True)
class History:
    """What an older document said of the same topic."""

    lead: str
    source: Source
    valid: Validity


@dataclass(frozen=True)
class Answer:
    """What the documents say of one topic, in one language.

    Attributes:
        past: No section of the topic holds today; this is the newest of the past.
        related: Topic ids with their titles.
    """

    topic: str
    language: Language
    title: str
    lead: str
    details: str
    source: Source
    valid: Validity
    past: bool
    history: tuple[History, ...]
    related: tuple[tuple[str, str], ...]
    channels: tuple[ChannelView, ...]


class Knowledge:
    """The knowledge database, open for reading; a new build is seen by the next call."""

    def __init__(self, engine: Engine | str) -> None:
        """Open the database.

        Args:
            engine: An engine, or the URL of the database.
        """
        self.engine = open_engine(engine) if isinstance(engine, str) else engine
        self._kept: tuple[object, dict[object, Any]] = (None, {})

    def _keep(self, day: dt.date, key: tuple[str, ...], read: Callable[[Session], _Found]) -> _Found:
        """Return what `read` finds, of which nothing changes while the day and the build are the same."""
        with Session(self.engine) as session:
            version = (day, session.connection().scalar(_BUILD))
            known, kept = self._kept
            if known != version:
                self._kept = (version, kept := {})
            if key not in kept:
                kept[key] = read(session)
            found: _Found = kept[key]
            return found

    def fetch_build_hash(self) -> str:
        """Return the hash of the content that the database was built from.

        Raises:
            KnowledgeMissing: Nothing has been built.
        """
        try:
            with Session(self.engine) as session:
                return session.execute(select(BuildRow.content_hash)).scalar_one()
        except (OperationalError, ProgrammingError) as error:
            raise KnowledgeMissing("the knowledge database is empty; run 'lotsi knowledge build'") from error

    def fetch_titles(self, language: Language, today: dt.date | None = None) -> dict[str, str]:
        """Return every topic's title, as its button reads."""
        day = today or dt.date.today()
        with Session(self.engine) as session:
            rows = session.scalars(select(SectionRow).where(SectionRow.language == language)).all()
            by_topic: dict[str, list[SectionRow]] = {}
            for row in rows:
                by_topic.setdefault(row.topic, []).append(row)
            return {topic: choose_section(found, day)[0].title for topic, found in by_topic.items()}

    def fetch_answer(self, topic: str, language: Language, today: dt.date | None = None) -> Answer | None:
        """Return what the documents say of `topic`, or None if they have no such topic.

        Args:
            topic: A topic id.
            language: The resident's language.
            today: The day for which the answer shall hold; the present day if left out.
        """
        day = today or dt.date.today()
        return self._keep(day, ("answer", topic, language), lambda session: _answer(session, topic, language, day))

    def fetch_channels(self, services: Sequence[str], language: Language) -> tuple[ChannelView, ...]:
        """Return the channels of the named services, in their order, as they read in `language`."""
        with Session(self.engine) as session:
            return _channels(session, services, language)

    def fetch_sources(self, language: Language) -> list[Source]:
        """Return every source that a section names, as it reads in `language`; the newest first."""
        with Session(self.engine) as session:
            rows = session.scalars(select(SectionRow).where(SectionRow.language == language)).all()
            found = set(map(_source, rows))
        return sorted(sorted(found, key=lambda item: item.title), key=lambda item: item.published, reverse=True)

    def fetch_numbers(self) -> tuple[str, ...]:
        """Return all phone numbers that the channels publish."""
        return self._keep(dt.date.today(), ("numbers",), _numbers)

    def search(self, question: str, language: Language, limit: int = 3, today: dt.date | None = None) -> list[Hit]:
        """Return the sections nearest to a question; see `knowledge.search.search_sections`."""
        return search_sections(self.engine, question, language, today or dt.date.today(), limit)


def _numbers(session: Session) -> tuple[str, ...]:
    return tuple(map(str, session.scalars(select(ChannelRow.number).where(ChannelRow.number.is_not(None)))))


def _answer(session: Session, topic: str, language: Language, day: dt.date) -> Answer | None:
    rows = session.scalars(select(SectionRow).where(SectionRow.topic == topic, SectionRow.language == language)).all()
    if not rows:
        return None
    chosen, past = choose_section(rows, day)
    older = [
        row
        for row in sorted(rows, key=section_age, reverse=True)
        if row is not chosen and row.valid_to is not None and row.valid_to < day
    ]
    return Answer(
        topic=topic,
        language=language,
        title=chosen.title,
        lead=chosen.lead,
        details=chosen.details,
        source=_source(chosen),
        valid=Validity(chosen.valid_from, chosen.valid_to),
        past=past,
        history=tuple(History(row.lead, _source(row), Validity(row.valid_from, row.valid_to)) for row in older),
        related=_related(session, chosen.related, language, day),
        channels=_channels(session, chosen.services, language),
    )


def _source(row: SectionRow) -> Source:
    return Source(row.source_title, row.source_publisher, row.source_language, row.source_published, row.source_url)


def _related(session: Session, topics: Sequence[str], language: Language, day: dt.date) -> tuple[tuple[str, str], ...]:
    rows = session.scalars(
        select(SectionRow).where(SectionRow.topic.in_(topics), SectionRow.language == language)
    ).all()
    by_topic = {topic: [row for row in rows if row.topic == topic] for topic in topics}
    return tuple((topic, choose_section(found, day)[0].title) for topic, found in by_topic.items() if found)


def _channels(session: Session, services: Sequence[str], language: Language) -> tuple[ChannelView, ...]:
    rows = session.scalars(
        select(ServiceRow).where(ServiceRow.id.in_(services)).options(selectinload(ServiceRow.channels))
    ).all()
    by_id = {row.id: row for row in rows}
    return tuple(
        _channel_view(by_id[service], channel, language)
        for service in services
        if service in by_id
        for channel in sorted(by_id[service].channels, key=lambda row: (language not in row.languages, row.position))
    )


def _channel_view(service: ServiceRow, row: ChannelRow, language: Language) -> ChannelView:
    return ChannelView(
        service=service.id,
        service_name=str(service.names[language]),
        type=row.type,
        name=str(row.names[language]),
        number=row.number,
        url=row.url,
        address=row.address,
        charge=row.charge,
        always_open=row.always_open,
        hours=tuple(ServiceHours(**{**item, "days": tuple(item["days"])}) for item in row.hours),
        languages=tuple(row.languages),
    )
