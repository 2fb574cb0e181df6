"""The interface's texts: gettext catalogues in Swedish and Finnish, and which of them a reader gets."""

from __future__ import annotations

import datetime as dt
import functools
import io
from pathlib import Path
from zoneinfo import ZoneInfo

from aiohttp import web
from babel.core import negotiate_locale
from babel.dates import format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from knowledge.languages import LANGUAGES, Language, as_language
from web import keys

_HELSINKI = ZoneInfo("Europe/Helsinki")
LOCALE_FOLDER = Path(__file__).resolve().parent / "locale"


@functools.lru_cache(maxsize=2)
def load_catalogue(language: Language) -> Translations:
    """Return the catalogue of a language, compiled in memory from its `.po` file."""
    with (LOCALE_FOLDER / language / "LC_MESSAGES" / "lotsi.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def preferred_language(request: web.Request) -> Language:
    """Return the language of a page: `?lang=`, else the browser's preference, else the setting."""
    stated = as_language(request.query.get("lang"))
    if stated:
        return stated
    accepted = sorted(
        (_accepted(part) for part in request.headers.get("Accept-Language", "").split(",") if part.strip()),
        key=lambda item: -item[1],
    )
    tags = [tag.split("-")[0] for tag, quality in accepted if quality > 0]
    return (
        as_language(negotiate_locale(tags, list(LANGUAGES))) or as_language(request.app[keys.SETTINGS].language) or "sv"
    )


def _accepted(part: str) -> tuple[str, float]:
    tag, _, parameter = part.strip().partition(";q=")
    try:
        return tag.strip(), float(parameter or 1)
    except ValueError:
        return tag.strip(), 0.0


def format_moment(moment: dt.datetime, language: Language) -> str:
    """Return a moment in Finnish time, as tables show it: `22.11.2026 13.45` in both languages."""
    return str(format_datetime(moment.astimezone(_HELSINKI), "d.M.y H.mm", locale=language))
