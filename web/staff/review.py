"""What a counsellor's forms do with a conversation: judge, tag, note, assign, resolve."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from aiohttp import web

from conversations.errors import ReviewChanged, ReviewInvalid, UserNotFound
from web import keys
from web.auth.access import requires
from web.staff.conversation import CONVERSATION, find_next, render_conversation
from web.staff.filters import parse_view, write_view
from web.staff.frame import read_form, read_language
from web.staff.topics import load_topics
from web.staff.words import load_words

_INVALID, _CHANGED = 422, 409


@requires("counsellor")
async def judge_answer(request: web.Request) -> web.Response:
    """`…/messages/{message}/review`: how a message was answered, and what it should have been about."""
    form, app = await read_form(request), request.app
    written, verdict = form.get("topic", "").strip(), form.get("verdict", "")
    topics = await asyncio.to_thread(load_topics, app[keys.KNOWLEDGE])
    topic = topics.find(written) if written else None
    if written and topic is None:
        return await _refuse(request, form, "topic", kept=written)
    numbers = await asyncio.to_thread(app[keys.KNOWLEDGE].fetch_numbers)
    id, message = request.match_info["id"], request.match_info["message"]
    try:
        await asyncio.to_thread(
            app[keys.REVIEWS].write_review,
            *(id, message, request[keys.USER].id, verdict or ("wrong" if topic else ""), topic),
            _version(form),
            numbers,
        )
    except ReviewInvalid:
        return await _refuse(request, form, "verdict")
    except ReviewChanged:
        chosen = written or load_words(read_language(request)).verdicts.get(verdict, "")
        return await _refuse(request, form, "changed", _CHANGED, chosen)
    raise _return(request, form, "review", f"m-{message}")


@requires("counsellor")
async def set_status(request: web.Request) -> web.Response:
    """`…/status`: resolve, or open again; with `go=next` the next conversation is shown."""
    form = await read_form(request)
    id, user = request.match_info["id"], request[keys.USER].id
    try:
        await asyncio.to_thread(request.app[keys.REVIEWS].set_status, id, user, form.get("status", ""), _version(form))
    except ReviewInvalid:
        return await _refuse(request, form, "verdict")
    except ReviewChanged:
        return await _refuse(request, form, "changed", _CHANGED)
    if form.get("go") == "next":
        raise web.HTTPSeeOther(await find_next(request, form.get("view", "")))
    raise _return(request, form, "status")


@requires("counsellor")
async def assign(request: web.Request) -> web.Response:
    """`…/assign`: make it somebody's; an empty `person` is nobody."""
    form, app = await read_form(request), request.app
    id, user, person = request.match_info["id"], request[keys.USER].id, form.get("person", "")
    try:
        if person and not (await asyncio.to_thread(app[keys.USERS].fetch, person)).may("counsellor"):
            return await _refuse(request, form, "person")
        await asyncio.to_thread(app[keys.REVIEWS].assign, id, user, person or None, _version(form))
    except UserNotFound:
        return await _refuse(request, form, "person")
    except ReviewChanged:
        return await _refuse(request, form, "changed", _CHANGED)
    raise _return(request, form, "assigned")


@requires("counsellor")
async def add_tag(request: web.Request) -> web.Response:
    """`…/tags`: one more tag."""
    form = await read_form(request)
    id, user = request.match_info["id"], request[keys.USER].id
    try:
        await asyncio.to_thread(request.app[keys.REVIEWS].add_tag, id, user, form.get("tag", ""))
    except ReviewInvalid:
        return await _refuse(request, form, "tag", kept=form.get("tag", ""))
    raise _return(request, form, "tag")


@requires("counsellor")
async def remove_tag(request: web.Request) -> web.Response:
    """`…/tags/remove`: one tag less."""
    form = await read_form(request)
    id, user = request.match_info["id"], request[keys.USER].id
    await asyncio.to_thread(request.app[keys.REVIEWS].remove_tag, id, user, form.get("tag", ""))
    raise _return(request, form, "tag")


@requires("counsellor")
async def add_note(request: web.Request) -> web.Response:
    """`…/notes`: a note; personal data in it is masked before it is stored."""
    form, app = await read_form(request), request.app
    id, user, text = request.match_info["id"], request[keys.USER].id, form.get("text", "")
    numbers = await asyncio.to_thread(app[keys.KNOWLEDGE].fetch_numbers)
    try:
        await asyncio.to_thread(app[keys.REVIEWS].add_note, id, user, text, numbers, form.get("key"))
    except ReviewInvalid:
        return await _refuse(request, form, "note", kept=text)
    raise _return(request, form, "note", "notes")


def _version(form: Mapping[str, str]) -> int:
    """The version that the page showed; a forged one is none that there is."""
    written = form.get("version", "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else -1


async def _refuse(
    request: web.Request, form: Mapping[str, str], problem: str, status: int = _INVALID, kept: str = ""
) -> web.Response:
    """Show the conversation as it is now, and say in words what was not taken."""
    return await render_conversation(request, status, problem, form.get("view", ""), kept)


def _return(request: web.Request, form: Mapping[str, str], done: str, place: str = "") -> web.HTTPSeeOther:
    query = {"done": done}
    view = write_view(parse_view(form.get("view", "")))
    if view:
        query["view"] = view
    address = CONVERSATION.format(id=request.match_info["id"])
    return web.HTTPSeeOther(f"{address}?{write_view(query)}" + (f"#{place}" if place else ""))
