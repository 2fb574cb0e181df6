"""`/admin/models`: which model is live, which others there are, and the way back to the one before."""

from __future__ import annotations

import asyncio

from aiohttp import web

from studio.model_errors import ModelError, NothingToReturnTo
from web import keys
from web.admin.words import load_model_words
from web.auth.access import requires
from web.staff.frame import read_language, render_staff_page

MODELS = "/admin/models"


@requires("admin")
async def show_models(request: web.Request) -> web.Response:
    """Show the list."""
    return await render_models(request)


@requires("admin")
async def roll_back(request: web.Request) -> web.Response:
    """Make the model live again that was live before."""
    studio, user = request.app[keys.STUDIO], request[keys.USER].id
    try:
        await asyncio.to_thread(studio.promoter.roll_back, user)
    except NothingToReturnTo:
        return await render_models(request, 409, "nothing_before")
    except ModelError as error:
        return await render_models(request, 409, "unusable", str(error))
    await asyncio.to_thread(request.app[keys.SWAPPER].follow)
    raise web.HTTPSeeOther(f"{MODELS}?done=rollback")


@requires("admin")
async def delete_model(request: web.Request) -> web.Response:
    """Delete a model that is not live."""
    studio, user = request.app[keys.STUDIO], request[keys.USER].id
    try:
        await asyncio.to_thread(studio.models.delete, request.match_info["name"], user)
    except ModelError as error:
        return await render_models(request, 409, "in_use", str(error))
    raise web.HTTPSeeOther(f"{MODELS}?done=deleted")


async def render_models(request: web.Request, status: int = 200, problem: str = "", details: str = "") -> web.Response:
    """Return the page of all models.

    Args:
        request: Of an admin.
        status: The response's status.
        problem: What was not done, by its code.
        details: What the machine says about it.
    """
    studio, app = request.app[keys.STUDIO], request.app
    models = await asyncio.to_thread(studio.models.fetch_all)
    users = await asyncio.to_thread(app[keys.USERS].fetch_all)
    return render_staff_page(
        request,
        "admin/models.html",
        status,
        models=models,
        live=await asyncio.to_thread(studio.models.live_name),
        answering=app[keys.ASSISTANT].model,
        before=await asyncio.to_thread(studio.promoter.previous),
        verdicts=await asyncio.to_thread(studio.models.fetch_verdicts),
        promotions=await asyncio.to_thread(studio.models.fetch_promotions, 20),
        names={user.id: user.display_name for user in users},
        words=load_model_words(read_language(request)),
        problem=problem,
        details=details,
        done=request.query.get("done", ""),
    )
