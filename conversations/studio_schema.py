"""Tables of what admins change: drafts of topics and of services, with every version that they have had.

Personal-data decision, column by column: examples are masked line by line before they get here, and by their columns;
`body` and `record` are the county's own texts, which may hold its numbers and addresses; users stand by their ids.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from conversations.masking import MaskedText
from conversations.schema import Base


class StudioTopicRow(Base):
    """A topic that has been changed. `version` is its newest revision's; `published_version` the one that is live."""

    __tablename__ = "studio_topic"

    id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    published_version: Mapped[int | None]


class StudioRevisionRow(Base):
    """A version of a topic, never changed. `state`: `live` or `retired`, then perhaps with a `successor`.

    An example stands on each line of `examples_sv` and `examples_fi`; `body` is everything else (`studio.content`).
    """

    __tablename__ = "studio_revision"

    topic_id: Mapped[str] = mapped_column(ForeignKey("studio_topic.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    successor: Mapped[str | None]
    action: Mapped[str]
    examples_sv: Mapped[MaskedText]
    examples_fi: Mapped[MaskedText]
    body: Mapped[dict[str, Any]]
    note: Mapped[MaskedText | None]
    changed_by: Mapped[str]
    changed_at: Mapped[dt.datetime]


class StudioServiceRow(Base):
    """A service record that has been changed; versions as of a topic."""

    __tablename__ = "studio_service"

    id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    published_version: Mapped[int | None]


class StudioServiceRevisionRow(Base):
    """A version of a service record, never changed; `record` is the file's content (`knowledge.services`)."""

    __tablename__ = "studio_service_revision"

    service_id: Mapped[str] = mapped_column(ForeignKey("studio_service.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str]
    record: Mapped[dict[str, Any]]
    changed_by: Mapped[str]
    changed_at: Mapped[dt.datetime]
