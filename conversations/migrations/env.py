"""Alembic's environment: migrates the database whose connection `conversations.database` hands over."""

from __future__ import annotations

from alembic import context

import conversations.job_schema
import conversations.model_schema
import conversations.review_schema
import conversations.staff_schema
import conversations.studio_schema  # noqa: F401 (puts its tables onto the one `Base`)
from conversations.schema import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table="conversations_version",
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
