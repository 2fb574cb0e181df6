"""`/admin/topics/new` and `/admin/topics/{id}`: both languages of a topic side by side, checked while one types."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from knowledge.languages import LANGUAGES, Language
from studio.content import Content
from studio.errors import DraftChanged, TopicExists, TopicNotFound, TopicRefused
from studio.findings import STOP, Finding
from studio.ids import check_id, suggest_id
from studio.topics import Topic
from web import keys
from web.admin.checking import check_topic
from web.admin.forms import fill_topic_form, read_topic_form
from web.admin.preview import make_preview
from web.admin.topics import TOPICS
from web.admin.wording import say
from web.auth.access import requires
from web.pages import render_text
from web.staff.frame import read_form, read_language, render_staff_page

TOPIC = f"{TOPICS}/{{id}}"
BODY_LIMIT = 3_000_000
"""Bytes of a form: two thousand examples in each language."""
_DONE = ("saved", "restored", "uploaded", "renamed", "merged", "moved", "retired", "accepted")


@requires("admin")
async def show_new(request: web.Request) -> web.Response:
    """Show the form of a new topic."""
    return await render_editor(request, None)


@requires("admin", body_limit=BODY_LIMIT)
async def add_topic(request: web.Request) -> web.Response:
    """Add a topic as a draft; what is missing can be written later."""
    form = await read_form(request)
    content = read_topic_form(form)
    id = form.get("id", "").strip() or suggest_id(content.sides["sv"].title)
    store = request.app[keys.TOPICS]
    try:
        await asyncio.to_thread(store.add, id, content, request[keys.USER].id)
    except TopicRefused as error:
        return await render_editor(request, None, content, 422, id=id, extra=error.findings)
    except TopicExists:
        text = "there is a topic '{id}' already; edit it, or take another id"
        return await render_editor(request, None, content, 409, id=id, extra=[Finding(STOP, "id", text, {"id": id})])
    raise web.HTTPSeeOther(f"{TOPICS}/{id}?done=saved")


@requires("admin")
async def show_topic(request: web.Request) -> web.Response:
    """Show a topic for editing."""
    return await render_editor(request, await fetch_topic(request))


@requires("admin", body_limit=BODY_LIMIT)
async def save_topic(request: web.Request) -> web.Response:
    """Save a topic as its newest version."""
    form = await read_form(request)
    topic = await fetch_topic(request)
    content = read_topic_form(form, topic.content)
    try:
        await asyncio.to_thread(
            request.app[keys.TOPICS].save, topic.id, content, read_version(form), request[keys.USER].id
        )
    except DraftChanged:
        return await render_editor(request, await fetch_topic(request), content, 409, conflict=True)
    raise web.HTTPSeeOther(f"{TOPICS}/{topic.id}?done=saved")


@requires("admin", body_limit=BODY_LIMIT)
async def check_form(request: web.Request) -> web.Response:
    """Check what is being typed: findings, and how the answers would look."""
    form = await read_form(request)
    app, language = request.app, read_language(request)
    id, is_new = form.get("id", "").strip(), form.get("version", "") == ""
    saved = None if is_new else (await asyncio.to_thread(_find, request, id))
    content = read_topic_form(form, saved.content if saved else None)
    found = await asyncio.to_thread(check_topic, app, id, content, saved.content if saved else None)
    if is_new and id:
        found = [*check_id(id, app[keys.TOPICS].checkout.intents), *found]
    values = await _collect(request, id, content)
    said = [say(finding, language) for finding in found]
    findings = render_text("admin/topic_findings.html", language, findings=said)
    previews = {
        code: render_text("admin/topic_preview.html", language, preview=values["previews"][code]) for code in LANGUAGES
    }
    counts = {code: len(content.sides[code].examples) for code in LANGUAGES}
    return web.json_response({"findings": findings, "previews": previews, "counts": counts})


async def fetch_topic(request: web.Request) -> Topic:
    """Return the topic of the address."""
    try:
        return await asyncio.to_thread(request.app[keys.TOPICS].fetch, request.match_info["id"])
    except TopicNotFound as error:
        raise web.HTTPNotFound from error


def read_version(form: Mapping[str, str]) -> int:
    """Return the version that the form's page showed; nonsense is none that there is."""
    number = form.get("version", "")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 9 else -1


async def render_editor(
    request: web.Request,
    topic: Topic | None,
    content: Content | None = None,
    status: int = 200,
    id: str = "",
    extra: Sequence[Finding] = (),
    conflict: bool = False,
) -> web.Response:
    """Return the page.

    Args:
        request: Whose page it is.
        topic: The topic as it is; None for a new one.
        content: What somebody has typed and is not saved.
        status: The response's status.
        id: The id that somebody has typed for a new topic.
        extra: Findings beside those of the checks.
        conflict: Whether somebody else has saved meanwhile; what is in the form is not saved then.
    """
    language = read_language(request)
    typed = content or (topic.content if topic else read_topic_form({}))
    id = topic.id if topic else id
    found: list[Finding] = list(extra)
    if topic or content:
        saved = topic.content if topic else None
        found += await asyncio.to_thread(check_topic, request.app, id, typed, saved)
    theirs = fill_topic_form(topic.content) if conflict and topic else {}
    fields = fill_topic_form(typed)
    values = await _collect(request, id, typed)
    if values["candidates"]:  # residents' words: who reads them is recorded
        details = {"entries": len(values["candidates"]), "topic": id}
        user = request[keys.USER].id
        await asyncio.to_thread(request.app[keys.AUDIT].append, user, "candidate.read", "candidate", "", details)
    return render_staff_page(
        request,
        "admin/topic.html",
        status,
        topic=topic,
        id=id,
        fields=fields,
        findings=[say(finding, language) for finding in found],
        conflict=conflict,
        theirs={name: text for name, text in theirs.items() if text != fields[name]},
        languages=LANGUAGES,
        done=request.query.get("done", "") if request.query.get("done") in _DONE else "",
        **values,
    )


async def _collect(request: web.Request, id: str, content: Content) -> dict[str, Any]:
    """Return what the page shows around the form."""
    app = request.app
    store = app[keys.TOPICS]
    topics = await asyncio.to_thread(store.fetch_all)
    titles: dict[Language, dict[str, str]] = {
        language: {key: topic.content.sides[language].title for key, topic in topics.items()} for language in LANGUAGES
    }
    candidates = await asyncio.to_thread(app[keys.LEARNING].fetch, "candidate", "pending", 1000)
    return {
        "previews": {code: make_preview(content, code, titles[code], store.checkout) for code in LANGUAGES},
        "candidates": [item for item in candidates if item.topic == id],
        "topic_titles": {key: titles["sv"][key] for key in topics},
        "service_ids": sorted(store.checkout.services),
        "groups": sorted({topic.content.group for topic in topics.values()}),
    }


def _find(request: web.Request, id: str) -> Topic | None:
    try:
        return request.app[keys.TOPICS].fetch(id)
    except TopicNotFound:
        return None
