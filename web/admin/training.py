"""`/admin/training`: train a candidate with the drafts, watch it, cancel it."""

from __future__ import annotations

import asyncio

from aiohttp import web

from studio.jobs import Event, Job
from studio.model_errors import JobNotFound, JobRunning
from web import keys
from web.admin.words import ModelWords, load_model_words
from web.auth.access import requires
from web.errors import ApiError
from web.locales import format_moment
from web.staff.frame import read_language, render_staff_page

TRAINING = "/admin/training"
_SHOWN = 10


@requires("admin")
async def show_training(request: web.Request) -> web.Response:
    """Show the newest trainings."""
    return await _render(request)


@requires("admin")
async def start_training(request: web.Request) -> web.Response:
    """Ask for a training; one of the server processes takes it within seconds."""
    try:
        await asyncio.to_thread(request.app[keys.STUDIO].jobs.ask, request[keys.USER].id)
    except JobRunning:
        return await _render(request, 409, "running")
    raise web.HTTPSeeOther(f"{TRAINING}?done=asked")


@requires("admin")
async def cancel_training(request: web.Request) -> web.Response:
    """Cancel a training."""
    try:
        await asyncio.to_thread(request.app[keys.STUDIO].jobs.cancel, _number(request), request[keys.USER].id)
    except JobNotFound as error:
        raise web.HTTPNotFound from error
    raise web.HTTPSeeOther(f"{TRAINING}?done=cancelled")


@requires("admin")
async def read_progress(request: web.Request) -> web.Response:
    """Say as JSON how far a training is; `?after=` is the position of the last line of the log that is known."""
    jobs, after = request.app[keys.STUDIO].jobs, request.query.get("after", "")
    position = int(after) if after.isascii() and after.isdigit() and len(after) < 9 else -1
    try:
        job = await asyncio.to_thread(jobs.fetch, _number(request))
    except JobNotFound as error:
        raise ApiError("not_found") from error
    log = await asyncio.to_thread(jobs.fetch_log, job.number, position)
    language = read_language(request)
    words = load_model_words(language)
    return web.json_response(
        {
            "state": job.state,
            "open": job.is_open,
            "label": words.jobs[job.state],
            "step": words.step(job.step) if job.step else "",
            "done": job.steps_done,
            "of": job.steps,
            "log": [_line(event, words, format_moment(event.at, language)) for event in log],
        }
    )


def _line(event: Event, words: ModelWords, moment: str) -> dict[str, object]:
    text = words.jobs[event.step] if event.kind == "end" else words.step(event.step)
    return {"position": event.position, "at": moment, "text": text}


async def _render(request: web.Request, status: int = 200, problem: str = "") -> web.Response:
    jobs = request.app[keys.STUDIO].jobs
    newest = await asyncio.to_thread(jobs.fetch_newest, _SHOWN)
    shown = _choose(newest)
    users = await asyncio.to_thread(request.app[keys.USERS].fetch_all)
    return render_staff_page(
        request,
        "admin/training.html",
        status,
        jobs=newest,
        shown=shown,
        log=await asyncio.to_thread(jobs.fetch_log, shown.number) if shown else [],
        names={user.id: user.display_name for user in users},
        words=load_model_words(read_language(request)),
        problem=problem,
        done=request.query.get("done", ""),
    )


def _choose(newest: list[Job]) -> Job | None:
    """Return the training that is shown at length: the one that runs, else the newest."""
    running = next((job for job in reversed(newest) if job.is_open), None)
    return running or (newest[0] if newest else None)


def _number(request: web.Request) -> int:
    number = request.match_info["number"]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 0
