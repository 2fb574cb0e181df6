"""`/widget.js`: the files of `web/widget` put together into the one script that a web page embeds.

The files are ES modules to an editor; here their imports and exports are taken out and their code stands in the order
of `ORDER` within one function, so that nothing of it becomes a name on the host page. Lengths in `rem` would follow
the host page's own text size, so each becomes a multiple of `--r`, the widget's own root size, which the script sets.
"""

from __future__ import annotations

import asyncio
import functools
import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

import brotli
import rcssmin
import rjsmin
from aiohttp import web
from babel.support import Translations

from knowledge.languages import LANGUAGES
from web.auth.access import public
from web.locales import load_catalogue
from web.widget_strings import CORE, STRINGS

WIDGET_FOLDER = Path(__file__).resolve().parent / "widget"
ORDER = (
    "elements",
    "icons",
    "storage",
    "api",
    "stream",
    "message_list",
    "session",
    "outbox",
    "live",
    "text",
    "answer",
    "feedback",
    "messages",
    "log",
    "composer",
    "sheet",
    "human",
    "closing",
    "saving",
    "menu",
    "header",
    "panel",
    "element",
)
"""Names of the script's files; each uses only what comes before it, or what runs later."""

_IMPORT = re.compile(r"^import .*?;$", re.MULTILINE | re.DOTALL)
_EXPORT = re.compile(r"^export ", re.MULTILINE)
_REM = re.compile(r"(-?\d*\.?\d+)rem\b")


@dataclass(frozen=True)
class Bundle:
    """The script as it is sent.

    Attributes:
        plain: Uncompressed.
        packed: By content coding, best first.
        tag: The entity tag, without quotation marks.
    """

    plain: bytes
    packed: dict[str, bytes]
    tag: str


def build_script() -> str:
    """Return the script, comments and white space taken out."""
    values = {
        "STYLES": build_styles(),
        "CORE": {language: _core(load_catalogue(language)) for language in LANGUAGES},
    }
    head = "".join(f"const {name} = {json.dumps(value, ensure_ascii=False)};\n" for name, value in values.items())
    code = "\n".join(_module(name) for name in ORDER)
    return str(rjsmin.jsmin(f'(() => {{\n"use strict";\n{head}{code}\n}})();\n')) + "\n"


def build_styles() -> str:
    """Return the style sheet, its lengths tied to the widget's own root size."""
    source = (WIDGET_FOLDER / "widget.css").read_text(encoding="utf-8")
    return str(rcssmin.cssmin(_REM.sub(r"calc(var(--r)*\1)", source)))


def _core(catalogue: Translations) -> dict[str, str]:
    return {key: str(catalogue.gettext(STRINGS[key])) for key in CORE}


def _module(name: str) -> str:
    source = (WIDGET_FOLDER / f"{name}.js").read_text(encoding="utf-8")
    return _EXPORT.sub("", _IMPORT.sub("", source))


@functools.lru_cache(maxsize=1)
def load_bundle() -> Bundle:
    """Return the script; it is made once a process."""
    plain = build_script().encode()
    packed = {"br": brotli.compress(plain, quality=11), "gzip": gzip.compress(plain, 9, mtime=0)}
    return Bundle(plain, packed, hashlib.sha256(plain).hexdigest()[:20])


@public
async def widget_script(request: web.Request) -> web.Response:
    """`/widget.js`: the widget, for any page; a cache asks each time whether it is still the newest."""
    bundle = await asyncio.to_thread(load_bundle)
    coding = _accepted(request.headers.get("Accept-Encoding", ""), bundle)
    tag = f"{bundle.tag}-{coding}" if coding else bundle.tag
    headers = {
        "ETag": f'"{tag}"',
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding",
    }
    if any(item.value in (tag, "*") for item in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    if coding:
        headers["Content-Encoding"] = coding
    body = bundle.packed[coding] if coding else bundle.plain
    return web.Response(body=body, content_type="text/javascript", charset="utf-8", headers=headers)


def _accepted(header: str, bundle: Bundle) -> str:
    """Return the best coding that the client takes, or nothing for the plain script."""
    taken = {}
    for part in header.lower().split(","):
        name, _, quality = part.strip().partition(";q=")
        try:
            taken[name.strip()] = float(quality or 1)
        except ValueError:
            taken[name.strip()] = 0.0
    return next((coding for coding in bundle.packed if taken.get(coding, 0) > 0), "")
