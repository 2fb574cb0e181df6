"""`/`: the chat as a page of its own, in both languages."""

from __future__ import annotations

from aiohttp import web

from web import keys
from web.locales import load_catalogue, preferred_language
from web.pages import render_page

SCRIPT_STRINGS = {
    "sending": "Lotsi is writing",
    "you": "You",
    "bot": "Lotsi",
    "error": "That did not work. Your message is still here: try again.",
    "offline": "There is no connection. Your message is still here: try again when you are online.",
    "too_long": "The message is too long. Shorten it a little.",
    "too_many": "Many messages came in a short time. Wait a moment and try again.",
    "not_ready": "Lotsi is starting up. Try again in a moment.",
    "expired": "The conversation has ended. A new one has begun.",
    "retry": "Try again",
    "characters_left": "characters left",
    "source": "Source and date",
    "call": "Call",
    "masked": "Lotsi hid personal data in your message. You need not give any.",
    "erased": "The conversation has been erased.",
    "erase_question": "Erase the conversation? It cannot be brought back.",
    "opens_new": "opens in a new tab",
}
"""Texts that the page's script shows; the keys of `data-strings` and their message ids."""


async def chat_page(request: web.Request) -> web.Response:
    """Show the chat."""
    language = preferred_language(request)
    translate = load_catalogue(language).gettext
    return render_page(
        "chat.html",
        language,
        strings={key: translate(text) for key, text in SCRIPT_STRINGS.items()},
        message_limit=request.app[keys.SETTINGS].message_limit,
    )
