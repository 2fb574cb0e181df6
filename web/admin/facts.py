"""`/admin/knowledge`: facts that want a look, and the service records."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path
from tempfile import TemporaryDirectory

from aiohttp import web

from studio.findings import Finding
from studio.overlay import write_overlay
from studio.review import find_conflicts, review_services, review_topics
from web import keys
from web.admin.wording import say
from web.auth.access import requires
from web.staff.frame import read_language, render_staff_page

KNOWLEDGE = "/admin/knowledge"


@requires("admin")
async def show_knowledge(request: web.Request) -> web.Response:
    """Show what wants a look, and the services."""
    app, language, today = request.app, read_language(request), dt.date.today()
    topics = await asyncio.to_thread(app[keys.TOPICS].fetch_all)
    services = await asyncio.to_thread(app[keys.SERVICE_DRAFTS].fetch_all)
    stale = review_topics(topics, today)
    due = review_services(services, today)
    conflicts = await asyncio.to_thread(_find_conflicts, app)
    return render_staff_page(
        request,
        "admin/knowledge.html",
        stale=[(topics[id], [say(finding, language) for finding in found]) for id, found in stale.items()],
        reviews=[(services[id], [say(finding, language) for finding in found]) for id, found in due.items()],
        conflicts=[say(finding, language) for finding in conflicts],
        services=services.values(),
        done=request.query.get("done", "") == "saved",
    )


def _find_conflicts(app: web.Application) -> list[Finding]:
    with TemporaryDirectory() as folder:
        overlay = Path(folder) / "overlay"
        write_overlay(app[keys.ENGINE], overlay)
        return find_conflicts(app[keys.TOPICS].checkout, overlay)
