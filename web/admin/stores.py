"""Opens what the studio's pages of topics work with."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy import Engine

from studio.services import ServiceStore
from studio.topics import TopicStore
from web import keys
from web.admin.checking import CheckCache
from web.admin.reminders import ReminderCache


def open_topic_stores(app: web.Application, engine: Engine) -> None:
    """Put the stores of drafts into the application.

    Args:
        app: Gets them.
        engine: A migrated conversations database.
    """
    app[keys.TOPICS] = TopicStore(engine)
    app[keys.SERVICE_DRAFTS] = ServiceStore(engine)
    app[keys.CHECKS] = CheckCache(app[keys.TOPICS])
    app[keys.REMINDERS] = ReminderCache(app[keys.TOPICS], app[keys.SERVICE_DRAFTS])
