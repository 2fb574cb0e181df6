"""`/admin/topics/{id}/reshape`: rename, merge, split, retire; and what comes in by file or from counsellors."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from aiohttp import web
from aiohttp.web_request import FileField

from conversations.errors import ProposalDecided, ProposalNotFound
from knowledge.languages import LANGUAGES, as_language
from studio.candidates import take_candidate
from studio.changes import merge_topics, move_examples, rename_topic
from studio.errors import DraftChanged, StudioError, TopicRefused, UploadRefused
from studio.findings import STOP, Finding
from studio.spreadsheets import FILE_LIMIT, read_upload
from studio.topics import Topic
from web import keys
from web.admin.editor import TOPIC, fetch_topic, read_version
from web.admin.topics import TOPICS
from web.admin.wording import say
from web.auth.access import requires
from web.staff.frame import read_form, read_language, render_staff_page

RESHAPE = f"{TOPIC}/reshape"
UPLOAD = f"{TOPIC}/upload"
CANDIDATE = f"{TOPIC}/candidates/{{candidate}}"


@requires("admin")
async def show_reshaping(request: web.Request) -> web.Response:
    """Show what can be done with a topic as a whole."""
    return await _render(request, await fetch_topic(request))


@requires("admin", body_limit=FILE_LIMIT)
async def reshape_topic(request: web.Request) -> web.Response:
    """Rename, merge, split or retire."""
    form = await read_form(request)
    topic = await fetch_topic(request)
    try:
        address = await asyncio.to_thread(_reshape, request, topic, form, await _read_moved(request))
    except TopicRefused as error:
        return await _render(request, topic, 422, error.findings)
    except DraftChanged:
        return await _render(request, await fetch_topic(request), 409, conflict=True)
    except StudioError:
        text = "this cannot be done with '{id}'; choose a topic that is there, or an id that is free"
        return await _render(request, topic, 422, [Finding(STOP, "id", text, {"id": form.get("target", "")})])
    raise web.HTTPSeeOther(address)


async def _read_moved(request: web.Request) -> dict[str, list[str]]:
    sent = await request.post()
    return {code: [str(item) for item in sent.getall(f"move_{code}", [])] for code in LANGUAGES}


def _reshape(request: web.Request, topic: Topic, form: Mapping[str, str], moved: Mapping[str, Sequence[str]]) -> str:
    store, user = request.app[keys.TOPICS], request[keys.USER].id
    version, target = read_version(form), form.get("target", "").strip()
    what = form.get("what", "")
    if what == "rename":
        rename_topic(store, topic.id, target, version, user)
        return f"{TOPICS}/{target}?done=renamed"
    if what == "merge":
        merge_topics(store, topic.id, target, (version, store.fetch(target).version), user)
        return f"{TOPICS}/{target}?done=merged"
    if what == "split":
        titles = {code: form.get(f"title_{code}", "") for code in LANGUAGES}
        chosen = {code: moved[code] for code in LANGUAGES}
        is_new = any(title.strip() for title in titles.values())
        move_examples(store, topic.id, target, chosen, version, user, titles if is_new else None)
        return f"{TOPICS}/{target}?done=moved"
    if what == "retire":
        store.retire(topic.id, version, user, target or None)
        return f"{TOPICS}/{topic.id}?done=retired"
    raise TopicRefused([Finding(STOP, "id", "choose what shall be done")])


@requires("admin", body_limit=FILE_LIMIT + 100_000)
async def upload_examples(request: web.Request) -> web.Response:
    """Add the examples of a file to the topic's draft, all of them or none."""
    topic = await fetch_topic(request)
    sent = await request.post()
    file = sent.get("file")
    if not isinstance(file, FileField) or not file.filename:
        return await _render(request, topic, 422, [Finding(STOP, "file", "choose a file")])
    content = await asyncio.to_thread(file.file.read)
    stated = as_language(str(sent.get("language", "")))
    version = read_version({"version": str(sent.get("version", ""))})
    try:
        upload = await asyncio.to_thread(read_upload, file.filename, content, stated)
        changed = topic.content
        for language in LANGUAGES:
            own = changed.sides[language].examples
            changed = changed.with_side(language, examples=(*own, *upload.examples[language]))
        store = request.app[keys.TOPICS]
        await asyncio.to_thread(store.save, topic.id, changed, version, request[keys.USER].id, "uploaded")
    except UploadRefused as error:
        return await _render(request, topic, 422, error.findings)
    except DraftChanged:
        return await _render(request, await fetch_topic(request), 409, conflict=True)
    raise web.HTTPSeeOther(f"{TOPICS}/{topic.id}?done=uploaded")


@requires("admin")
async def accept_candidate(request: web.Request) -> web.Response:
    """Make a counsellor's candidate an example of the topic."""
    topic = await fetch_topic(request)
    app, user = request.app, request[keys.USER].id
    form = await read_form(request)
    try:
        found = await asyncio.to_thread(
            app[keys.LEARNING].decide,
            "candidate",
            request.match_info["candidate"],
            user,
            form.get("decision") == "accept",
        )
    except (ProposalNotFound, ProposalDecided):
        text = "this candidate is gone, or somebody has decided on it already"
        return await _render(request, topic, 409, [Finding(STOP, "examples", text)])
    if found.state == "accepted":
        await asyncio.to_thread(take_candidate, app[keys.TOPICS], found, user)
    raise web.HTTPSeeOther(f"{TOPICS}/{topic.id}?done=accepted")


async def _render(
    request: web.Request,
    topic: Topic,
    status: int = 200,
    findings: Sequence[Finding] = (),
    conflict: bool = False,
) -> web.Response:
    language = read_language(request)
    topics = await asyncio.to_thread(request.app[keys.TOPICS].fetch_all)
    others = {
        id: item.content.sides[language].title
        for id, item in topics.items()
        if id != topic.id and not item.newest.retired
    }
    return render_staff_page(
        request,
        "admin/topic_reshape.html",
        status,
        topic=topic,
        others=others,
        languages=LANGUAGES,
        findings=[say(finding, language) for finding in findings],
        conflict=conflict,
    )
