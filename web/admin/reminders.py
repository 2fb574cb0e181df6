"""How many facts are due for review: on an admin's start page and, beside the link, in the navigation of every page."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading

from aiohttp import web
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from conversations.studio_schema import StudioServiceRow, StudioTopicRow
from studio.review import Reminders, count_reminders
from studio.services import ServiceStore
from studio.topics import TopicStore
from web import keys
from web.auth.guard import wants_json
from web.errors import Handler


class ReminderCache:
    """The counts, made anew when a draft has changed or a day has begun."""

    def __init__(self, topics: TopicStore, services: ServiceStore) -> None:
        """Begin without counts.

        Args:
            topics: The topics, whose answers are reviewed.
            services: The service records.
        """
        self._topics = topics
        self._services = services
        self._lock = threading.Lock()
        self._made: tuple[tuple[object, ...], Reminders] | None = None

    def count(self, today: dt.date) -> Reminders:
        """Return the counts of a day."""
        versions = select(func.count(), func.sum(StudioTopicRow.version))
        records = select(func.count(), func.sum(StudioServiceRow.version))
        with Session(self._topics.engine) as session:
            state = (today, *session.execute(versions).one(), *session.execute(records).one())
        with self._lock:
            if self._made is None or self._made[0] != state:
                found = count_reminders(self._topics.fetch_all(), self._services.fetch_all(), today)
                self._made = state, found
            return self._made[1]


@web.middleware
async def reminders_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count what is due for every page that shows the navigation to an admin."""
    user = request.get(keys.USER)
    if user is not None and user.may("admin") and not wants_json(request):
        request[keys.DUE] = await asyncio.to_thread(request.app[keys.REMINDERS].count, dt.date.today())
    return await handler(request)
