"""The pages that the law asks for: privacy notice, accessibility statement, and what Lotsi is and who answers for it.

Sources: GDPR article 13; act 306/2019, sections 6 a and 7; EU AI Act article 50(1). What only the organisation can say
comes from `web.deployment`.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
from typing import Any

from aiohttp import web

from knowledge.dates import format_date
from knowledge.languages import Language
from knowledge.reader import Source
from web import keys
from web.auth.access import public
from web.locales import preferred_language
from web.pages import render_page


@public
async def privacy_page(request: web.Request) -> web.Response:
    """`/privacy`: what is stored, why, for how long, and the reader's rights."""
    return _render(request, "privacy", retention_days=request.app[keys.SETTINGS].retention_days)


@public
async def accessibility_page(request: web.Request) -> web.Response:
    """`/accessibility-statement`: how accessible the service is, and where feedback goes."""
    return _render(request, "accessibility")


@public
async def about_page(request: web.Request) -> web.Response:
    """`/about`: that automation answers, who is responsible, how quality is watched, where the answers come from."""
    language = preferred_language(request)
    sources = await asyncio.to_thread(request.app[keys.KNOWLEDGE].fetch_sources, language)
    return _render(
        request,
        "about",
        documents=[_document(source, language) for source in sources],
        version=_version(),
        model=request.app[keys.ASSISTANT].model,
    )


def _render(request: web.Request, page: str, **values: Any) -> web.Response:
    language = preferred_language(request)
    facts = request.app[keys.DEPLOYMENT].localise(language)
    response = render_page(f"{page}.html", language, page=page, facts=facts, **values)
    response.headers["Vary"] = "Accept-Language"
    return response


def _document(source: Source, language: Language) -> dict[str, str | None]:
    return {
        "title": source.title,
        "publisher": source.publisher,
        "language": source.language,
        "published": source.published,
        "date": format_date(source.published, language),
        "url": source.url,
    }


def _version() -> str:
    """Return the program's version; empty where it runs from a folder that was never installed."""
    try:
        return importlib.metadata.version("lotsi")
    except importlib.metadata.PackageNotFoundError:
        return ""
