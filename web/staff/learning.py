"""`/staff/candidates` and `/staff/wishes`: what counsellors' reviews propose, for admins to accept or decline."""

from __future__ import annotations

import asyncio

from aiohttp import web

from conversations.errors import ProposalDecided, ProposalNotFound
from conversations.learning import STATES
from studio.candidates import take_candidate
from web import keys
from web.auth.access import requires
from web.staff.frame import read_form, read_language, render_staff_page
from web.staff.topics import load_topics
from web.staff.words import load_words

CANDIDATES, WISHES = "/staff/candidates", "/staff/wishes"
_ADDRESSES = {"candidate": CANDIDATES, "wish": WISHES}
_SIZE = 50
_MOST_PAGES = 10_000


@requires("admin")
async def show_candidates(request: web.Request) -> web.Response:
    """Show the example candidates."""
    return await _render(request, "candidate")


@requires("admin")
async def show_wishes(request: web.Request) -> web.Response:
    """Show the wishes for knowledge."""
    return await _render(request, "wish")


@requires("admin")
async def decide_candidate(request: web.Request) -> web.Response:
    """Accept or decline an example candidate."""
    return await _decide(request, "candidate")


@requires("admin")
async def decide_wish(request: web.Request) -> web.Response:
    """Accept or decline a wish."""
    return await _decide(request, "wish")


async def _decide(request: web.Request, kind: str) -> web.Response:
    form = await read_form(request)
    if form.get("decision") not in ("accept", "decline"):
        return await _render(request, kind, 422, "decision")
    id, user, accepted = request.match_info["id"], request[keys.USER].id, form["decision"] == "accept"
    try:
        decided = await asyncio.to_thread(request.app[keys.LEARNING].decide, kind, id, user, accepted)
    except ProposalNotFound:
        return await _render(request, kind, 404, "gone")
    except ProposalDecided:
        return await _render(request, kind, 409, "decided")
    if kind == "candidate" and accepted:
        await asyncio.to_thread(take_candidate, request.app[keys.TOPICS], decided, user)
    raise web.HTTPSeeOther(f"{_ADDRESSES[kind]}?done={form['decision']}")


async def _render(request: web.Request, kind: str, status: int = 200, problem: str = "") -> web.Response:
    app, learning = request.app, request.app[keys.LEARNING]
    state = request.query.get("state", "")
    state = state if state in STATES else "pending"
    number = request.query.get("page", "")
    page = min(int(number), _MOST_PAGES) if number.isascii() and number.isdigit() and len(number) < 9 else 0
    found = await asyncio.to_thread(learning.fetch, kind, state, _SIZE + 1, page * _SIZE)
    if found:
        details = {"entries": len(found), "state": state}
        await asyncio.to_thread(app[keys.AUDIT].append, request[keys.USER].id, f"{kind}.read", kind, "", details)
    users = await asyncio.to_thread(app[keys.USERS].fetch_all)
    return render_staff_page(
        request,
        "proposals.html",
        status,
        kind=kind,
        address=_ADDRESSES[kind],
        state=state,
        number=page,
        proposals=found[:_SIZE],
        has_more=len(found) > _SIZE,
        counts=await asyncio.to_thread(learning.count, kind),
        topics=await asyncio.to_thread(load_topics, app[keys.KNOWLEDGE]),
        names={user.id: user.display_name for user in users},
        words=load_words(read_language(request)),
        problem=problem,
        done=request.query.get("done", ""),
    )
