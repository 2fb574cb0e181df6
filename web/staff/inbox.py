"""`/staff/inbox`: the conversations that are worth a human look, filters, saved views."""

from __future__ import annotations

import asyncio

from aiohttp import web

from conversations.errors import ReviewInvalid
from conversations.inbox import Filters, Page, Place
from web import keys
from web.auth.access import requires
from web.staff.filters import OUTCOMES, RATINGS, clean_view, parse_view, read_filters, write_view
from web.staff.frame import read_form, read_language, render_staff_page
from web.staff.topics import Topics, load_topics
from web.staff.words import load_words

INBOX = "/staff/inbox"
_MORE = frozenset(("since", "until", "least", "most", "outcome", "rating", "tag", "assigned"))
"""The filters that stand behind a button until one of them is set."""


@requires("counsellor")
async def show_inbox(request: web.Request) -> web.Response:
    """Show a page of the inbox."""
    return await _render(request)


@requires("counsellor")
async def save_view(request: web.Request) -> web.Response:
    """Give the filters that are set a name."""
    form = await read_form(request)
    view = write_view(parse_view(form.get("view", "")))
    try:
        await asyncio.to_thread(request.app[keys.SAVED_VIEWS].save, request[keys.USER].id, form.get("name", ""), view)
    except ReviewInvalid:
        return await _render(request, 422, form.get("view", ""), "name")
    raise web.HTTPSeeOther(f"{INBOX}?{view}")


@requires("counsellor")
async def delete_view(request: web.Request) -> web.Response:
    """Delete one of one's own views."""
    user, id = request[keys.USER].id, request.match_info["id"]
    await asyncio.to_thread(request.app[keys.SAVED_VIEWS].delete, user, id)
    raise web.HTTPSeeOther(INBOX)


async def _render(request: web.Request, status: int = 200, query: str | None = None, problem: str = "") -> web.Response:
    app, user, language = request.app, request[keys.USER], read_language(request)
    view = clean_view(request.query) if query is None else parse_view(query)
    topics = await asyncio.to_thread(load_topics, app[keys.KNOWLEDGE])
    page = await asyncio.to_thread(_fetch, request, read_filters(view, topics), _place(request))
    return render_staff_page(
        request,
        "inbox.html",
        status,
        page=page,
        view=view,
        query=write_view(view),
        next_query=write_view({**view, "after": str(page.next)}) if page.next else "",
        wider_query=write_view({**view, "status": "all"}),
        is_first="after" not in request.query,
        words=load_words(language),
        choices=topics.choices(language),
        topics=topics,
        tag_choices=[(tag, tag) for tag in await asyncio.to_thread(app[keys.REVIEWS].fetch_tags)],
        people=await asyncio.to_thread(fetch_people, request),
        views=await asyncio.to_thread(app[keys.SAVED_VIEWS].fetch, user.id),
        outcomes=OUTCOMES,
        ratings=RATINGS,
        is_narrow=not _MORE.isdisjoint(view),
        problem=problem,
        was_last="last" in request.query,
        was_erased="erased" in request.query,
    )


def _fetch(request: web.Request, filters: Filters, after: Place | None) -> Page:
    """Fetch a page and record that its excerpts have been read."""
    page = request.app[keys.INBOX].fetch_page(filters, after)
    details = {"entries": len(page.entries), "search": bool(filters.text)}
    request.app[keys.AUDIT].append(request[keys.USER].id, "inbox.read", "inbox", "", details)
    return page


def _place(request: web.Request) -> Place | None:
    try:
        return Place.parse(request.query["after"])
    except (KeyError, ValueError):
        return None


def fetch_people(request: web.Request) -> dict[str, str]:
    """Return the names of those who may be given a conversation, by their ids; those who are gone come last."""
    users = request.app[keys.USERS].fetch_all()
    return {user.id: user.display_name for user in users if user.may("counsellor")}


def fetch_next_address(request: web.Request, place: Place, query: str, topics: Topics) -> str:
    """Return where the conversation after a place is read, or the inbox where there is none left.

    Args:
        request: Of a counsellor.
        place: The conversation's that was read.
        query: The view that it is read in.
        topics: See `read_filters`.
    """
    view = parse_view(query)
    entry = request.app[keys.INBOX].fetch_next(read_filters(view, topics), place)
    if entry is None:
        return f"{INBOX}?{write_view({**view, 'last': '1'})}"
    return f"/staff/conversations/{entry.conversation_id}?{write_view({'view': write_view(view)})}"
