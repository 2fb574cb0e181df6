"""`GET /api/v1/widget`: what the widget needs to show itself in one language."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.assistant import Assistant, ModelMissing
from knowledge.languages import Language
from web import keys
from web.locales import load_catalogue, preferred_language
from web.widget_strings import STRINGS


async def widget_configuration(request: web.Request) -> web.Response:
    """`GET /api/v1/widget`: texts, greeting, starters, limit and ways to a human."""
    language = preferred_language(request)
    stated = request.query.get("language")
    if stated in ("sv", "fi"):
        language = stated  # type: ignore[assignment]
    _ = load_catalogue(language).gettext
    starters = (
        _("Whom do I contact first?"),
        _("Where do I get help for a relative?"),
        _("How do I book a time at the health station?"),
        _("What is the Help button?"),
    )
    return web.json_response(
        {
            "language": language,
            "title": _("Lotsi – guide to Soite's services"),
            "strings": {key: _(text) for key, text in STRINGS.items()},
            "greeting": _greeting(request.app[keys.ASSISTANT], language),
            "starters": list(starters),
            "message_limit": request.app[keys.SETTINGS].message_limit,
            "languages": [{"code": "sv", "name": "Svenska"}, {"code": "fi", "name": "Suomi"}],
            "links": {name: f"/{name}?lang={language}" for name in ("privacy", "accessibility-statement", "about")},
            "responsible": "Soite",
            "human": {"open": False, "opens_at": None, "closes_at": None, "hours": "", "numbers": []},
        },
        headers={"Cache-Control": "no-cache"},
    )


def _greeting(assistant: Assistant, language: Language) -> list[dict[str, Any]]:
    """Return what every conversation opens with; nothing while the model loads, the first answer then brings it."""
    try:
        opening = assistant.opening(language)
    except ModelMissing:
        return []
    return [{"sender": "bot", "text": message.text, "language": message.language} for message in opening]
