"""`/admin/knowledge`: facts that want a look, and service records with their channels, numbers and hours."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from aiohttp import web

from knowledge.languages import LANGUAGES
from studio.errors import DraftChanged, TopicNotFound, TopicRefused
from studio.findings import STOP, Finding
from studio.overlay import write_overlay
from studio.review import find_conflicts, review_topics
from studio.services import ServiceDraft
from web import keys
from web.admin.editor import read_version
from web.admin.wording import say
from web.auth.access import requires
from web.staff.frame import read_form, read_language, render_staff_page

KNOWLEDGE = "/admin/knowledge"
SERVICE = "/admin/services/{id}"
_PLAIN = ("number", "url", "address")


@requires("admin")
async def show_knowledge(request: web.Request) -> web.Response:
    """Show what wants a look, and the services."""
    app, language = request.app, read_language(request)
    topics = await asyncio.to_thread(app[keys.TOPICS].fetch_all)
    stale = review_topics(topics, dt.date.today())
    services = await asyncio.to_thread(app[keys.SERVICE_DRAFTS].fetch_all)
    return render_staff_page(
        request,
        "admin/knowledge.html",
        stale=[(topics[id], [say(finding, language) for finding in found]) for id, found in stale.items()],
        conflicts=await asyncio.to_thread(_find_conflicts, app),
        services=services.values(),
        done=request.query.get("done", "") == "saved",
    )


def _find_conflicts(app: web.Application) -> list[str]:
    with TemporaryDirectory() as folder:
        overlay = Path(folder) / "overlay"
        write_overlay(app[keys.ENGINE], overlay)
        return find_conflicts(app[keys.TOPICS].checkout, overlay)


@requires("admin")
async def show_service(request: web.Request) -> web.Response:
    """Show a service record for editing."""
    return _render(request, await _fetch(request))


@requires("admin")
async def save_service(request: web.Request) -> web.Response:
    """Save a service record as its newest version; publishing makes it public, no training is needed."""
    form = await read_form(request)
    draft = await _fetch(request)
    record, findings = read_service_form(draft.record, form)
    store, user = request.app[keys.SERVICE_DRAFTS], request[keys.USER].id
    if findings:
        return _render(request, draft, record, 422, findings)
    try:
        await asyncio.to_thread(store.save, draft.id, record, read_version(form), user)
    except TopicRefused as error:
        return _render(request, draft, record, 422, list(error.findings))
    except DraftChanged:
        return _render(request, await _fetch(request), record, 409, conflict=True)
    raise web.HTTPSeeOther(f"{KNOWLEDGE}?done=saved")


def read_service_form(record: Mapping[str, Any], form: Mapping[str, str]) -> tuple[dict[str, Any], list[Finding]]:
    """Return a record with the form's values, and what could not be read; keys that the form has not stay."""
    findings = []
    changed = {**record}
    for key in ("names", "summaries"):
        changed[key] = {code: form.get(f"{key}_{code}", "").strip() for code in LANGUAGES}
    channels = []
    for place, channel in enumerate(record.get("channels") or []):
        values = {key: form.get(f"channel_{place}_{key}", "").strip() or None for key in _PLAIN}
        kept = {**channel, **{key: value for key, value in values.items() if value or key in channel}}
        try:
            kept["hours"] = read_hours(form.get(f"channel_{place}_hours", ""))
        except ValueError as error:
            text = "the hours '{value}' cannot be read; write for example 'mon-fri 08:00-16:00', 'always' or nothing"
            findings.append(Finding(STOP, "service", text, {"value": str(error)}))
        kept["names"] = {code: form.get(f"channel_{place}_name_{code}", "").strip() for code in LANGUAGES}
        channels.append(kept)
    changed["channels"] = channels
    source = record.get("source")
    if isinstance(source, dict):
        changed["source"] = {**source, "published": form.get("published", "").strip()}
    return changed, findings


_RULE = re.compile(
    r"(?P<days>[a-z,-]+)\s+(?P<from>\d{1,2}[:.]\d{2})\s*-\s*(?P<to>\d{1,2}[:.]\d{2})"
    r"(?:\s+(?P<valid_from>\d{4}-\d{2}-\d{2})?\.\.(?P<valid_to>\d{4}-\d{2}-\d{2})?)?"
)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def read_hours(text: str) -> str | list[dict[str, Any]] | None:
    """Return hours as a record has them.

    Args:
        text: A line for each rule, `mon-fri 08:00-16:00` or `mon,wed 9:00-12:00 2026-12-01..2026-12-31`, with the
            dates that it holds for, either of which may be left out; `always`; empty: not known.

    Raises:
        ValueError: A line is none of them; it is the error's text.
    """
    lines = [line.strip().lower() for line in text.splitlines() if line.strip()]
    if not lines:
        return None
    if lines == ["always"]:
        return "always"
    return [_read_rule(line) for line in lines]


def _read_rule(line: str) -> dict[str, Any]:
    found = _RULE.fullmatch(line.replace("–", "-"))
    if found is None:
        raise ValueError(line)
    named: list[str] = []
    for part in found["days"].split(","):
        first, _, last = part.partition("-")
        if first not in _DAYS or (last and last not in _DAYS):
            raise ValueError(line)
        named += _DAYS[_DAYS.index(first) : _DAYS.index(last or first) + 1]
    if not named:
        raise ValueError(line)
    clocks = {key: found[key].replace(".", ":").rjust(5, "0") for key in ("from", "to")}
    dates = {key: found[key] for key in ("valid_from", "valid_to") if found[key]}
    return {"days": named, **clocks, **dates}


def write_hours(hours: object) -> str:
    """Return hours as the form shows them; what `read_hours` reads."""
    if not isinstance(hours, list):
        return str(hours or "")
    return "\n".join(map(_write_rule, hours))


def _write_rule(item: Mapping[str, Any]) -> str:
    dates = [str(item.get(key) or "") for key in ("valid_from", "valid_to")]
    return f"{','.join(item['days'])} {item['from']}-{item['to']}" + (f" {'..'.join(dates)}" if any(dates) else "")


async def _fetch(request: web.Request) -> ServiceDraft:
    try:
        return await asyncio.to_thread(request.app[keys.SERVICE_DRAFTS].fetch, request.match_info["id"])
    except TopicNotFound as error:
        raise web.HTTPNotFound from error


def _render(
    request: web.Request,
    draft: ServiceDraft,
    record: Mapping[str, Any] | None = None,
    status: int = 200,
    findings: list[Finding] | None = None,
    conflict: bool = False,
) -> web.Response:
    language = read_language(request)
    shown = record or draft.record
    return render_staff_page(
        request,
        "admin/service.html",
        status,
        draft=draft,
        record=shown,
        hours=[write_hours(channel.get("hours")) for channel in shown.get("channels") or []],
        languages=LANGUAGES,
        findings=[say(finding, language) for finding in findings or []],
        conflict=conflict,
        theirs=yaml.safe_dump(draft.record, allow_unicode=True, sort_keys=False) if conflict else "",
    )
