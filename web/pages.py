"""HTML pages: templates in the reader's language, and the headers that keep a page to itself."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from knowledge.dates import format_date
from knowledge.languages import Language
from web.auth.access import public
from web.locales import format_moment, load_catalogue

STATIC_FOLDER = Path(__file__).resolve().parent / "static"
_TEMPLATES = Path(__file__).resolve().parent / "templates"

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@functools.lru_cache(maxsize=2)
def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(load_catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    environment.filters["moment"] = format_moment
    environment.filters["day"] = format_date
    return environment


def render_page(name: str, language: Language, **values: Any) -> web.Response:
    """Return a page; see `render_text`."""
    body = render_text(name, language, **values)
    return web.Response(text=body, content_type="text/html", headers={"Content-Language": language})


def render_text(name: str, language: Language, **values: Any) -> str:
    """Return a template filled in.

    Args:
        name: A file of `web/templates`.
        language: The reader's language.
        values: What the template needs.
    """
    return _environment(language).get_template(name).render(language=language, **values)


@public
async def static_file(request: web.Request) -> web.FileResponse:
    """`/static/{file}`: a file of the page."""
    path = STATIC_FOLDER / request.match_info["file"]
    if path.parent != STATIC_FOLDER or not path.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(path)


async def add_security_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Give every response the security headers; API answers are not kept by a cache unless they say so."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.path.startswith(("/api/", "/webhooks/", "/health/")):
        response.headers.setdefault("Cache-Control", "no-store")
