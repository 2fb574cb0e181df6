"""What all pages of the console have in common: the frame around them, their headers, and how an error looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from knowledge.languages import Language, as_language
from web import keys
from web.auth.access import public
from web.auth.guard import wants_json
from web.errors import ApiError, Handler, describe_error
from web.locales import preferred_language
from web.pages import SECURITY_HEADERS, STATIC_FOLDER, render_page

PREFIX = "/staff"
PREFIXES = ("/staff/", "/admin/")
"""What the addresses of the console's pages begin with."""
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
        name: A file of `web/templates/staff`; it extends `staff/base.html`.
        status: The response's status.
        values: What the template needs besides `user`, `language`, `theme`, `path`, `here` and `csrf`.
    """
    user = request.get(keys.USER)
    response = render_page(
        f"staff/{name}",
        read_language(request),
        user=user,
        theme=user.theme if user else "auto",
        path=request.path,
        here=str(request.rel_url) if request.method == "GET" else f"{PREFIX}/",
        csrf=request.get(keys.FORM_TOKEN, ""),
        **values,
    )
    response.set_status(status)
    response.headers.update(_HEADERS)
    return response


@web.middleware
async def staff_error_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Show errors of the console's addresses as pages to people; scripts get the one shape of all errors."""
    if not request.path.startswith(PREFIXES) or wants_json(request):
        return await handler(request)
    try:
        return await handler(request)
    except (web.HTTPRedirection, web.HTTPSuccessful):
        raise
    except Exception as error:
        return render_error(request, describe_error(request, error))


def render_error(request: web.Request, error: ApiError) -> web.Response:
    """Return the page that says what went wrong and what one can do."""
    response = render_staff_page(request, "error.html", error.status, code=error.code)
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
