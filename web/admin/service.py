"""`/admin/services/{id}`: a service record with its channels, numbers and hours."""

from __future__ import annotations

import asyncio

import yaml
from aiohttp import web

from knowledge.languages import LANGUAGES
from knowledge.services import CHANNEL_TYPES
from studio.errors import DraftChanged, TopicNotFound
from studio.findings import Finding
from studio.services import ServiceDraft, check_record
from web import keys
from web.admin.editor import read_version
from web.admin.facts import KNOWLEDGE
from web.admin.hours import write_hours
from web.admin.service_form import ServiceForm, read_service_form, shown_fields
from web.admin.wording import say
from web.auth.access import requires
from web.staff.frame import read_form, read_language, render_staff_page

SERVICE = "/admin/services/{id}"


@requires("admin")
async def show_service(request: web.Request) -> web.Response:
    """Show a service record for editing."""
    return _render(request, await _fetch(request))


@requires("admin")
async def save_service(request: web.Request) -> web.Response:
    """Save a service record as its newest version; publishing makes it public, no training is needed.

    Where the form's button asks for a further channel, the form comes back with it and nothing is saved yet.
    """
    form = await read_form(request)
    draft = await _fetch(request)
    store, user = request.app[keys.SERVICE_DRAFTS], request[keys.USER].id
    sent = read_service_form(draft.record, form, await asyncio.to_thread(store.channel_ids, draft.id))
    if "add" in form:
        return _render(request, draft, sent, version=form.get("version", ""))
    findings = [*sent.findings, *await asyncio.to_thread(check_record, draft.id, sent.record)]
    if findings:
        return _render(request, draft, sent, 422, findings)
    try:
        await asyncio.to_thread(store.save, draft.id, sent.record, read_version(form), user)
    except DraftChanged:
        return _render(request, await _fetch(request), sent, 409, conflict=True)
    raise web.HTTPSeeOther(f"{KNOWLEDGE}?done=saved")


async def _fetch(request: web.Request) -> ServiceDraft:
    try:
        return await asyncio.to_thread(request.app[keys.SERVICE_DRAFTS].fetch, request.match_info["id"])
    except TopicNotFound as error:
        raise web.HTTPNotFound from error


def _render(
    request: web.Request,
    draft: ServiceDraft,
    sent: ServiceForm | None = None,
    status: int = 200,
    findings: list[Finding] | None = None,
    conflict: bool = False,
    version: str = "",
) -> web.Response:
    """Return the page.

    Args:
        request: Of an admin.
        draft: The record as it is.
        sent: What somebody has typed and is not saved.
        status: The response's status.
        findings: Why it is not saved.
        conflict: Whether somebody else has saved meanwhile.
        version: The version that the form was shown with, where it goes on.
    """
    language = read_language(request)
    record = sent.record if sent else draft.record
    typed = sent.hours if sent else {}
    channels = record.get("channels") or []
    return render_staff_page(
        request,
        "admin/service.html",
        status,
        draft=draft,
        version=version or draft.version,
        record=record,
        hours=[typed.get(str(item["id"]), write_hours(item.get("hours"), language)) for item in channels],
        fields=[shown_fields(item) for item in channels],
        types=CHANNEL_TYPES,
        languages=LANGUAGES,
        findings=[say(finding, language) for finding in findings or []],
        conflict=conflict,
        theirs=yaml.safe_dump(draft.record, allow_unicode=True, sort_keys=False) if conflict else "",
    )
