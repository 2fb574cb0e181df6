"""`/staff/audit`: who has read and changed what, for auditors and admins; and whether the log is what was written."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from conversations.audit import Entry, Head
from conversations.errors import AuditBroken
from web import keys
from web.auth.access import requires
from web.service_hours import HELSINKI
from web.staff.audit_words import load_audit_words
from web.staff.frame import read_form, read_language, render_staff_page

AUDIT = "/staff/audit"
_SIZE = 50
_ID_LIMIT = 64
_LINKS = {"conversation": "/staff/conversations/{id}", "callback": "/staff/callbacks/{id}"}
"""Where whoever may do so reads what an entry is about."""


@dataclass(frozen=True)
class Wanted:
    """Which entries are wanted; what cannot be understood is left out. `view` is what was, as in an address."""

    view: Mapping[str, str]

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> Wanted:
        """Read it from an address."""
        checks: dict[str, Callable[[str], bool]] = {
            "who": lambda text: text in ("system", "cli") or _is_id(text),
            "kind": lambda text: text in load_audit_words("sv").kinds,
            "object": _is_id,
            "since": lambda text: _read_day(text) is not None,
            "until": lambda text: _read_day(text) is not None,
        }
        found = {name: query.get(name, "").strip() for name in checks}
        return cls({name: text for name, text in found.items() if text and checks[name](text)})

    def arguments(self) -> dict[str, Any]:
        """Return what `AuditLog.fetch_entries` takes."""
        until = _read_day(self.view.get("until", ""))
        return {
            "actor": self.view.get("who"),
            "object_kind": self.view.get("kind"),
            "object_id": self.view.get("object"),
            "since": _read_day(self.view.get("since", "")),
            "until": until and until + dt.timedelta(days=1),
        }


@requires("auditor", "admin")
async def show_audit(request: web.Request) -> web.Response:
    """Show a page of the log, the newest entries first; that it was read is an entry too."""
    return await _render(request)


@requires("auditor", "admin")
async def verify_audit(request: web.Request) -> web.Response:
    """Check the whole chain, against a head that was noted earlier if one is given."""
    app, user, noted = request.app, request[keys.USER].id, (await read_form(request)).get("head", "").strip()
    try:
        head = Head.parse(noted) if noted else None
    except ValueError:
        return await _render(request, 422, problem="head")
    try:
        newest = await asyncio.to_thread(app[keys.AUDIT].verify, head)
    except AuditBroken as error:
        await asyncio.to_thread(app[keys.AUDIT].append, user, "audit.broken", "audit")
        return await _render(request, 409, problem="broken", reason=str(error))
    await asyncio.to_thread(app[keys.AUDIT].append, user, "audit.verified", "audit", "", {"entries": newest.position})
    return await _render(request, verified=newest)


async def _render(request: web.Request, status: int = 200, **values: Any) -> web.Response:
    app, user, language = request.app, request[keys.USER], read_language(request)
    wanted, before = Wanted.parse(request.query), _read_position(request.query.get("before", ""))
    entries: list[Entry] = await asyncio.to_thread(
        app[keys.AUDIT].fetch_entries, _SIZE + 1, before=before, **wanted.arguments()
    )
    details = {"entries": len(entries[:_SIZE]), **{name: wanted.view[name] for name in wanted.view}}
    await asyncio.to_thread(app[keys.AUDIT].append, user.id, "audit.read", "audit", "", details)
    people = await asyncio.to_thread(app[keys.USERS].fetch_all)
    older = {**wanted.view, "before": str(entries[_SIZE - 1].position)} if len(entries) > _SIZE else {}
    return render_staff_page(
        request,
        "audit.html",
        status,
        entries=entries[:_SIZE],
        view=wanted.view,
        older=urlencode(older),
        newest=urlencode(wanted.view),
        is_first=before is None,
        people=people,
        names={person.id: person.display_name for person in people},
        words=load_audit_words(language),
        links=_LINKS if user.may("counsellor") else {},
        **{"verified": None, "problem": "", "reason": "", **values},
    )


def _is_id(text: str) -> bool:
    """Ids, names of models and addresses; nothing that could be a person's words."""
    return len(text) <= _ID_LIMIT and text.isascii() and all(sign.isalnum() or sign in "-_/." for sign in text)


def _read_day(text: str) -> dt.datetime | None:
    """Return the beginning of a day in Finland."""
    try:
        return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), HELSINKI)
    except ValueError:
        return None


def _read_position(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
