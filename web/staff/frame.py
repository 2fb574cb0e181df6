"""What all pages of the console have in common: the frame around them, their headers, and how an error looks."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from knowledge.languages import Language, as_language
from web import keys
from web.auth.access import public
from web.auth.guard import CONSOLE, wants_json
from web.errors import ApiError, Handler, describe_error
from web.locales import preferred_language
from web.pages import SECURITY_HEADERS, STATIC_FOLDER, render_page
from web.staff.masked import mark_masked
from web.staff.words import load_words

PREFIX = "/staff"
_HEADERS = {
    "Cache-Control": "no-store",
    # Without a referrer a browser would send `Origin: null` with forms, and nobody could tell ours from others'.
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": SECURITY_HEADERS["Content-Security-Policy"].replace(
        "frame-ancestors 'self'", "frame-ancestors 'none'"
    ),
    "X-Robots-Tag": "noindex",
}


def read_language(request: web.Request) -> Language:
    """Return the language of whoever is signed in, else of the browser."""
    user = request.get(keys.USER)
    return (as_language(user.language) if user else None) or preferred_language(request)


def render_staff_page(request: web.Request, name: str, status: int = 200, **values: Any) -> web.Response:
    """Return a page of the console.

    Args:
        request: Whoever is signed in stands in the frame; nobody on the pages of signing in.
        name: A file of `web/templates/staff`, or `admin/…`; it extends `staff/base.html`.
        status: The response's status.
        values: What the template needs besides `user`, `language`, `theme`, `path`, `here`, `csrf`, `waiting`,
            `reminders`, and `masked`, by which it shows what residents and counsellors have written.
    """
    user, language = request.get(keys.USER), read_language(request)
    response = render_page(
        name if "/" in name else f"staff/{name}",
        language,
        user=user,
        theme=user.theme if user else "auto",
        path=request.path,
        here=str(request.rel_url) if request.method == "GET" else f"{PREFIX}/",
        csrf=request.get(keys.FORM_TOKEN, ""),
        masked=functools.partial(mark_masked, words=load_words(language)),
        waiting=request.get(keys.WAITING, 0),
        reminders=request.get(keys.DUE),
        **values,
    )
    response.set_status(status)
    response.headers.update(_HEADERS)
    return response


@web.middleware
async def staff_error_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Show errors of the console's addresses as pages to people; scripts get the one shape of all errors."""
    if not request.path.startswith(CONSOLE) or wants_json(request):
        return await handler(request)
    try:
        return await handler(request)
    except (web.HTTPRedirection, web.HTTPSuccessful):
        raise
    except Exception as error:
        described = describe_error(request, error)
        is_lost = request.method == "POST" and described.code == "conversation_not_found"
        return render_error(request, described, (await read_form(request)).get("text", "") if is_lost else "")


def render_error(request: web.Request, error: ApiError, kept: str = "") -> web.Response:
    """Return the page that says what went wrong and what one can do.

    Args:
        request: What was asked.
        error: What went wrong.
        kept: What somebody of the staff has written and nothing could take any more.
    """
    values = {"code": error.code, "is_form": request.method == "POST", "kept": kept}
    response = render_staff_page(request, "error.html", error.status, **values)
    response.headers.update(error.headers)
    return response


async def read_form(request: web.Request) -> Mapping[str, str]:
    """Return the fields of a form that are text; a file in their place is none of ours."""
    return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}


@public
async def staff_static_file(request: web.Request) -> web.FileResponse:
    """`/static/staff/{file}`: styles and scripts of the console."""
    path = STATIC_FOLDER / "staff" / request.match_info["file"]
    if path.parent != STATIC_FOLDER / "staff" or not path.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(path)
