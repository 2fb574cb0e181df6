"""`/admin/topics/{id}/history`: who changed what and when, and undoing it."""

from __future__ import annotations

import asyncio
import difflib

from aiohttp import web

from studio.errors import DraftChanged, TopicNotFound
from studio.topics import Revision
from web import keys
from web.admin.editor import TOPIC, fetch_topic, read_version
from web.admin.forms import fill_topic_form
from web.admin.topics import TOPICS
from web.auth.access import requires
from web.staff.frame import read_form, render_staff_page

HISTORY = f"{TOPIC}/history"
_FIELDS_STAYING = 30
"""Changed lines shown of one version."""


@requires("admin")
async def show_history(request: web.Request) -> web.Response:
    """Show a topic's versions."""
    return await _render(request)


@requires("admin")
async def restore_version(request: web.Request) -> web.Response:
    """Make an older version the newest again."""
    form = await read_form(request)
    topic = await fetch_topic(request)
    revision = form.get("revision", "")
    number = int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 9 else -1
    try:
        await asyncio.to_thread(
            request.app[keys.TOPICS].restore, topic.id, number, read_version(form), request[keys.USER].id
        )
    except TopicNotFound as error:
        raise web.HTTPNotFound from error
    except DraftChanged:
        return await _render(request, 409, conflict=True)
    raise web.HTTPSeeOther(f"{TOPICS}/{topic.id}?done=restored")


async def _render(request: web.Request, status: int = 200, conflict: bool = False) -> web.Response:
    app = request.app
    topic = await fetch_topic(request)
    revisions = await asyncio.to_thread(app[keys.TOPICS].fetch_history, topic.id)
    users = await asyncio.to_thread(app[keys.USERS].fetch_all)
    older = [*revisions[1:], None]
    return render_staff_page(
        request,
        "admin/topic_history.html",
        status,
        topic=topic,
        revisions=[(revision, _changes(revision, before)) for revision, before in zip(revisions, older, strict=True)],
        names={user.id: user.display_name for user in users},
        conflict=conflict,
    )


def _changes(revision: Revision, before: Revision | None) -> list[str]:
    """Return the lines that a version added (`+`) and took away (`-`)."""
    if before is None:
        return []
    old, new = fill_topic_form(before.content), fill_topic_form(revision.content)
    lines = [
        line
        for name in new
        if old[name] != new[name]
        for line in difflib.ndiff(old[name].splitlines(), new[name].splitlines())
        if line.startswith(("+ ", "- "))
    ]
    return lines[:_FIELDS_STAYING]
