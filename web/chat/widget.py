"""`GET /api/v1/widget`: all that the widget shows before a conversation has begun, in one language."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import json
from typing import Any

from aiohttp import web

from bot.assistant import Assistant, ModelMissing
from knowledge.languages import Language, as_language
from knowledge.store import ChannelView, Knowledge
from web import keys
from web.auth.access import public
from web.deployment import Deployment
from web.locales import load_catalogue, preferred_language
from web.service_hours import ServiceHours, describe_week, week_of
from web.widget_strings import STRINGS

_LANGUAGES = (("sv", "Svenska"), ("fi", "Suomi"))
_PAGES = {"privacy": "/privacy", "accessibility": "/accessibility-statement", "about": "/about"}
_NUMBERS = ("counselling", "medical_helpline_116117", "emergency_112")
_CACHE = "public, max-age=60"
"""The service hours begin and end to the minute."""


@public
async def widget_settings(request: web.Request) -> web.Response:
    """Describe the widget; nothing is stored for it."""
    app = request.app
    language = as_language(request.query.get("language")) or preferred_language(request)
    greeting = opening_messages(app[keys.ASSISTANT], language)
    body = {
        "language": language,
        "title": load_catalogue(language).gettext("Lotsi – guide to Soite's services"),
        "strings": {key: load_catalogue(language).gettext(text) for key, text in STRINGS.items()},
        "greeting": greeting,
        "starters": starters(language),
        "message_limit": app[keys.SETTINGS].message_limit,
        "languages": [{"code": code, "name": name} for code, name in _LANGUAGES],
        "links": {name: f"{path}?lang={language}" for name, path in _PAGES.items()},
        "responsible": responsible(app[keys.DEPLOYMENT], language),
        "human": {
            **describe_hours(app[keys.SERVICE_HOURS], language),
            "numbers": [
                {"name": contact["name"], "number": contact["number"], "hours": contact["note"]}
                for contact in await asyncio.to_thread(fetch_contacts, app[keys.KNOWLEDGE], language)
            ],
        },
    }
    text = json.dumps(body, ensure_ascii=False)
    headers = {"Vary": "Accept-Language", "Content-Language": language}
    if not greeting:  # the model is still loading
        return web.Response(text=text, content_type="application/json", headers=headers)
    response = web.Response(headers={**headers, "Cache-Control": _CACHE})
    response.etag = tag = hashlib.sha256(text.encode()).hexdigest()[:32]
    if any(known.value in (tag, "*") for known in request.if_none_match or ()):
        response.set_status(304)
        return response
    response.text, response.content_type = text, "application/json"
    return response


def opening_messages(assistant: Assistant, language: Language) -> list[dict[str, str]]:
    """Return what every conversation opens with; nothing while the model loads, the first answer then brings it."""
    try:
        opening = assistant.opening(language)
    except ModelMissing:
        return []
    return [{"sender": "bot", "text": message.text, "language": message.language} for message in opening]


def starters(language: Language) -> list[str]:
    """Return questions that a resident may begin with."""
    gettext = load_catalogue(language).gettext
    return [
        gettext("Whom do I contact first?"),
        gettext("Where do I get help for a relative?"),
        gettext("How do I book a time at the health station?"),
        gettext("What is the Help button?"),
    ]


def responsible(deployment: Deployment, language: Language) -> str:
    """Return who answers for the chat: the organisation, and the person if one is named (act 306/2019, section 6 a)."""
    gettext = load_catalogue(language).gettext
    name = deployment.organisation_short.in_language(language)
    line = str(gettext("{name} is responsible for this chat and checks its answers.")).format(name=name)
    if deployment.responsible_title is None:
        return line
    person = deployment.responsible_title.in_language(language)
    return f"{line} {gettext('Person responsible: {person}.').format(person=person)}"


def describe_hours(hours: ServiceHours, language: Language) -> dict[str, Any]:
    """Return whether a human being is there now, and when."""
    now = dt.datetime.now(dt.timezone.utc)
    opens, closes = hours.opens_at(now), hours.closes_at(now)
    return {
        "open": hours.is_open(now),
        "opens_at": opens and opens.isoformat(),
        "closes_at": closes and closes.isoformat(),
        "hours": hours.describe(language),
    }


def fetch_contacts(knowledge: Knowledge, language: Language) -> list[dict[str, Any]]:
    """Return the numbers at which people answer, as the `channels` of an answer; `note` says when."""
    channels = knowledge.fetch_channels(_NUMBERS, language)
    return [_contact(item, language) for item in channels if item.number and language in item.languages]


def _contact(channel: ChannelView, language: Language) -> dict[str, Any]:
    name = channel.service_name.removesuffix(f" {channel.number}")
    hours = _channel_hours(channel, language)
    return {
        "service": channel.service,
        "type": channel.type,
        "name": name,
        "number": channel.number,
        "url": None,
        "address": None,
        "languages": list(channel.languages),
        "note": hours,
        "line": f"{name}: {channel.number}" + (f" ({hours})" if hours else ""),
    }


def _channel_hours(channel: ChannelView, language: Language) -> str:
    if channel.always_open:
        return str(load_catalogue(language).gettext("around the clock"))
    today = dt.date.today().isoformat()
    valid = [item for item in channel.hours if (item.valid_from or today) <= today <= (item.valid_to or today)]
    return describe_week(week_of([(item.days, item.start, item.end) for item in valid]), language)
