"""`/admin/models/{name}/try`: talk to a candidate beside the live model. `…/shadow`: let it listen to real turns."""

from __future__ import annotations

import asyncio

from aiohttp import web

from bot.assistant import AssistantError
from knowledge.languages import as_language
from studio.model_errors import ModelError, ModelNotFound
from web import keys
from web.admin.models import MODELS
from web.admin.words import load_model_words
from web.auth.access import requires
from web.errors import ApiError
from web.staff.frame import read_form, read_language, render_staff_page
from web.staff.topics import load_topics
from web.staff.words import load_words

_LONGEST = 2000


@requires("admin")
async def show_tryout(request: web.Request) -> web.Response:
    """Show what has been said so far."""
    return await _render(request)


@requires("admin")
async def ask_both(request: web.Request) -> web.Response:
    """Say something to both models, or begin anew."""
    form, name = await read_form(request), request.match_info["name"]
    bench, user = request.app[keys.BENCH], request[keys.USER].id
    if "anew" in form:
        await asyncio.to_thread(bench.forget, user, name)
        raise web.HTTPSeeOther(f"{MODELS}/{name}/try")
    text = form.get("text", "").strip()
    if not text or len(text) > _LONGEST:
        return await _render(request, 422, "text")
    language = as_language(form.get("language")) or read_language(request)
    try:
        await asyncio.to_thread(bench.ask, user, name, text, language)
    except ModelNotFound as error:
        raise web.HTTPNotFound from error
    except (ModelError, AssistantError) as error:
        return await _render(request, 409, "unusable", str(error))
    raise web.HTTPSeeOther(f"{MODELS}/{name}/try?language={language}#say")


@requires("admin")
async def set_shadow(request: web.Request) -> web.Response:
    """Let a candidate listen to a share of real turns, or to none."""
    form, name = await read_form(request), request.match_info["name"]
    written = form.get("share", "")
    share = int(written) if written.isascii() and written.isdigit() and len(written) < 4 else -1
    models, user = request.app[keys.STUDIO].models, request[keys.USER].id
    try:
        await asyncio.to_thread(models.set_shadow, name, user, share)
    except ModelNotFound as error:
        raise web.HTTPNotFound from error
    except ValueError as error:
        raise ApiError("body_invalid") from error
    raise web.HTTPSeeOther(f"{MODELS}/{name}?done=shadow#shadow-title")


async def _render(request: web.Request, status: int = 200, problem: str = "", details: str = "") -> web.Response:
    app, name, language = request.app, request.match_info["name"], read_language(request)
    try:
        model = await asyncio.to_thread(app[keys.STUDIO].models.fetch, name)
    except ModelNotFound as error:
        raise web.HTTPNotFound from error
    return render_staff_page(
        request,
        "admin/tryout.html",
        status,
        model=model,
        live=await asyncio.to_thread(app[keys.STUDIO].models.live_name),
        exchanges=app[keys.BENCH].fetch(request[keys.USER].id, name),
        spoken=as_language(request.query.get("language")) or language,
        topics=await asyncio.to_thread(load_topics, app[keys.KNOWLEDGE]),
        words=load_model_words(language),
        outcomes=load_words(language).outcomes,
        problem=problem,
        details=details,
    )
