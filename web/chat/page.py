"""`/`: the chat as a page of its own, in both languages."""

from __future__ import annotations

from aiohttp import web

from web import keys
from web.chat.widget import opening_messages
from web.locales import load_catalogue, preferred_language
from web.pages import render_page
from web.widget_strings import STRINGS


async def chat_page(request: web.Request) -> web.Response:
    """Show the chat. Nothing is stored for it: a conversation begins with the resident's first message."""
    language = preferred_language(request)
    translate = load_catalogue(language).gettext
    response = render_page(
        "chat.html",
        language,
        strings={key: translate(text) for key, text in STRINGS.items()},
        greeting=opening_messages(request.app[keys.ASSISTANT], language),
        message_limit=request.app[keys.SETTINGS].message_limit,
    )
    response.headers["Vary"] = "Accept-Language"
    return response
