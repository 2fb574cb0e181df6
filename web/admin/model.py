"""`/admin/models/{name}`: one model beside the live one, what the gate says of it, and the step to make it live."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from studio.comparison import Comparison, compare
from studio.gate import Verdict
from studio.model_errors import ModelError, ModelNotFound, PromotionRefused, ReasonMissing
from studio.models import LIVE, Measured, Model
from studio.reviewed import fetch_words
from web import keys
from web.admin.models import MODELS
from web.admin.words import load_model_words
from web.auth.access import requires
from web.staff.frame import read_form, read_language, render_staff_page
from web.staff.topics import load_topics


@requires("admin")
async def show_model(request: web.Request) -> web.Response:
    """Show a model."""
    return await _render(request)


@requires("admin")
async def promote(request: web.Request) -> web.Response:
    """Make it live; a written reason overrules the gate, but never where safety is at stake."""
    form, name = await read_form(request), request.match_info["name"]
    reason = form.get("reason", "").strip() if "reason" in form else None
    promoter, user = request.app[keys.STUDIO].promoter, request[keys.USER].id
    try:
        await asyncio.to_thread(promoter.promote, name, user, reason)
    except ModelNotFound as error:
        raise web.HTTPNotFound from error
    except ReasonMissing:
        return await _render(request, 422, "reason", kept=reason or "")
    except PromotionRefused as error:
        return await _render(request, 409, "refused", error.lines, reason or "")
    except ModelError as error:
        return await _render(request, 409, "unusable", [str(error)])
    await asyncio.to_thread(request.app[keys.SWAPPER].follow)
    raise web.HTTPSeeOther(f"{MODELS}?done=promoted")


async def _render(
    request: web.Request, status: int = 200, problem: str = "", lines: Any = (), kept: str = ""
) -> web.Response:
    try:
        found = await asyncio.to_thread(_read, request)
    except ModelNotFound as error:
        raise web.HTTPNotFound from error
    model, measured, verdict, comparison, said = found
    return render_staff_page(
        request,
        "admin/model.html",
        status,
        model=model,
        measured=measured,
        verdict=verdict,
        comparison=comparison,
        said=said,
        shadow=await asyncio.to_thread(request.app[keys.SHADOW_RUNS].summarise, model.name),
        done=request.query.get("done", ""),
        topics=await asyncio.to_thread(load_topics, request.app[keys.KNOWLEDGE]),
        words=load_model_words(read_language(request)),
        problem=problem,
        lines=lines,
        kept=kept,
    )


def _read(
    request: web.Request,
) -> tuple[Model, Measured | None, Verdict | None, Comparison | None, dict[str, str]]:
    """Return a model with all that is known of it, and the words of reviewed questions; the reading is recorded."""
    studio, name = request.app[keys.STUDIO], request.match_info["name"]
    model = studio.models.fetch(name)
    measured = studio.models.fetch_evaluation(name)
    if measured is None:
        return model, None, None, None, {}
    live = studio.models.live_name()
    other = studio.models.fetch_evaluation(live) if live != name else None
    comparison = compare(measured.evaluation, other.evaluation if other else None)
    changed = [item.message for item in (*comparison.broken_reviewed, *comparison.fixed_reviewed)]
    said = fetch_words(request.app[keys.ENGINE], changed)
    if said:
        details = {"reviewed": len(said)}
        request.app[keys.AUDIT].append(request[keys.USER].id, "model.read", "model", name, details)
    verdict = studio.promoter.judge(name) if model.state != LIVE else None
    return model, measured, verdict, comparison, said
