"""Table of the jobs that one of several server processes does for all; on the same `Base` as the rest."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Mapped, mapped_column

from conversations.schema import Base


class JobLeaseRow(Base):
    """Who does a job, until when nobody else may, and when it was last done."""

    __tablename__ = "job_lease"

    job: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    held_until: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]
