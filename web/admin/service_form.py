"""Between a service record and the fields of its form: names, channels, numbers and hours.

A channel is known by its id. What the form does not show stays as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.languages import LANGUAGES
from knowledge.services import CHANNEL_TYPES
from studio.findings import STOP, Finding
from web.admin.hours import read_hours

FIELDS = {
    "phone": ("number", "charge", "hours"),
    "e_channel": ("url",),
    "web_page": ("url",),
    "service_location": ("address", "hours"),
    "printable_form": ("url",),
}
"""What is asked of a channel, by its type."""
_PLAIN = ("number", "url", "address", "charge")
_MOST = 50
"""Channels of one service."""


@dataclass(frozen=True)
class ServiceForm:
    """What a form says: the record, and what of it could not be read. `hours` are as they were typed, by channel id."""

    record: dict[str, Any]
    findings: tuple[Finding, ...]
    hours: Mapping[str, str]


def shown_fields(channel: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the fields of a channel's form: those of its type, and what it has besides."""
    usual = FIELDS.get(str(channel.get("type")), ())
    return (*usual, *(key for key in (*_PLAIN, "hours") if key not in usual and channel.get(key)))


def read_service_form(record: Mapping[str, Any], form: Mapping[str, str], taken: Collection[str] = ()) -> ServiceForm:
    """Return what a form makes of a record.

    Args:
        record: The record as it was shown.
        form: The fields. A channel that is marked as removed goes; `add` names the type of one that is added.
        taken: The ids of other services' channels.
    """
    findings: list[Finding] = []
    typed: dict[str, str] = {}
    changed = {**record}
    for key in ("names", "summaries"):
        changed[key] = {code: form.get(f"{key}_{code}", "").strip() for code in LANGUAGES}
    known = {str(channel["id"]): channel for channel in record.get("channels") or []}
    channels: list[dict[str, Any]] = []
    for place in range(_MOST):
        prefix = f"channel_{place}_"
        if f"{prefix}id" not in form:
            break
        if form.get(f"{prefix}removed"):
            continue
        old = known.get(form[f"{prefix}id"])
        if old is None:
            old = _new_channel(record, form.get(f"{prefix}type", ""), {*taken, *known, *_ids(channels)})
        channels.append(_read_channel(old, prefix, form, findings, typed))
    if form.get("add") in CHANNEL_TYPES:
        channels.append(_new_channel(record, form["add"], {*taken, *known, *_ids(channels)}))
    changed["channels"] = channels
    source = record.get("source")
    if isinstance(source, dict):
        changed["source"] = {**source, "published": form.get("published", "").strip()}
    _set(changed, "review", form.get("review", "").strip() or None)
    return ServiceForm(changed, tuple(findings), typed)


def _new_channel(record: Mapping[str, Any], kind: str, taken: Collection[str]) -> dict[str, Any]:
    name = f"{record.get('id')}_{kind}"
    names = [name, *(f"{name}_{number}" for number in range(2, len(taken) + 3))]
    free = next(item for item in names if item not in taken)
    return {"id": free, "type": kind, "names": dict.fromkeys(LANGUAGES, ""), "languages": list(LANGUAGES)}


def _ids(channels: Collection[Mapping[str, Any]]) -> set[str]:
    return {str(channel["id"]) for channel in channels}


def _read_channel(
    old: Mapping[str, Any], prefix: str, form: Mapping[str, str], findings: list[Finding], typed: dict[str, str]
) -> dict[str, Any]:
    channel = {**old, "names": {code: form.get(f"{prefix}name_{code}", "").strip() for code in LANGUAGES}}
    for key in _PLAIN:
        if f"{prefix}{key}" in form:
            _set(channel, key, form[f"{prefix}{key}"].strip() or None)
    spoken = [code for code in form.get(f"{prefix}languages", "").split(",") if code in LANGUAGES]
    if spoken:
        channel["languages"] = spoken
    if f"{prefix}hours" in form:
        text = typed[str(old["id"])] = form[f"{prefix}hours"]
        try:
            _set(channel, "hours", read_hours(text))
        except ValueError as error:
            problem = "the hours '{value}' cannot be read; write for example 'mon-fri 08:00-16:00', 'always' or nothing"
            findings.append(Finding(STOP, "service", problem, {"value": str(error)}))
    return channel


def _set(record: dict[str, Any], key: str, value: Any) -> None:
    """Set a value; an unknown one is written down only where its key stands already."""
    if value is not None or key in record:
        record[key] = value
