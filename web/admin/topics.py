"""`/admin/topics`: all topics with their coverage by language, and publishing what needs no model."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from aiohttp import web

from knowledge.languages import LANGUAGES, Language
from knowledge.lemmas import fold
from studio.checks import check_content
from studio.errors import PublicationRefused
from studio.findings import stops
from studio.publish import Publication, publish
from studio.quality import Quality, fetch_quality
from studio.topics import Topic
from studio.usage import Usage, fetch_usage
from web import keys
from web.admin.wording import say
from web.auth.access import requires
from web.staff.frame import read_language, render_staff_page

TOPICS = "/admin/topics"
STATES = ("all", "draft", "published", "retired")


@dataclass(frozen=True)
class Row:
    """A topic as the list shows it."""

    topic: Topic
    title: str
    counts: dict[Language, int]
    usage: dict[Language, Usage]
    quality: dict[Language, Quality | None]
    problems: int


@requires("admin")
async def show_topics(request: web.Request) -> web.Response:
    """Show the topics."""
    return await _render(request)


@requires("admin")
async def publish_answers(request: web.Request) -> web.Response:
    """Make changed answers public."""
    app = request.app
    arguments = (app[keys.ENGINE], app[keys.KNOWLEDGE].engine, app[keys.SETTINGS].data_folder, request[keys.USER].id)
    try:
        done = await asyncio.to_thread(publish, *arguments)
    except PublicationRefused as error:
        return await _render(request, 422, refused=error)
    return await _render(request, done=done)


async def _render(
    request: web.Request, status: int = 200, done: Publication | None = None, refused: PublicationRefused | None = None
) -> web.Response:
    language = read_language(request)
    rows = await asyncio.to_thread(_collect, request.app, language)
    state = request.query.get("state", "")
    state = state if state in STATES else "all"
    wanted = fold(request.query.get("text", "").strip()[:100])
    shown = [row for row in rows if state in ("all", row.topic.state) and wanted in _searched(row)]
    pending = await asyncio.to_thread(request.app[keys.LEARNING].count, "candidate")
    return render_staff_page(
        request,
        "admin/topics.html",
        status,
        rows=shown,
        titles={row.topic.id: row.title for row in rows},
        counts={name: sum(name in ("all", row.topic.state) for row in rows) for name in STATES},
        state=state,
        text=request.query.get("text", "")[:100],
        languages=LANGUAGES,
        pending=pending["pending"],
        done=done,
        refused=refused is not None,
        problems=[say(finding, language) for finding in refused.findings] if refused else [],
    )


def _collect(app: web.Application, language: Language) -> list[Row]:
    store = app[keys.TOPICS]
    usage = fetch_usage(store.engine)
    quality = fetch_quality(app[keys.STUDIO].models)
    services, own = set(store.checkout.services), store.checkout.texts
    return [
        Row(
            topic,
            topic.content.sides[language].title or id,
            {code: len(topic.content.sides[code].examples) for code in LANGUAGES},
            {code: usage.get((id, code), Usage()) for code in LANGUAGES},
            {code: quality.get((id, code)) for code in LANGUAGES},
            len(stops(check_content(topic.content, services, own=own))) if topic.state == "draft" else 0,
        )
        for id, topic in store.fetch_all().items()
    ]


def _searched(row: Row) -> str:
    titles = (side.title for side in row.topic.content.sides.values())
    return fold(" ".join([row.topic.id, row.topic.id.replace("_", " "), *titles]))
