"""`/`: the chat as a page of its own, in both languages."""

from __future__ import annotations

from aiohttp import web

from bot.assistant import Assistant, ModelMissing
from knowledge.languages import Language
from web import keys
from web.locales import load_catalogue, preferred_language
from web.pages import render_page

SCRIPT_STRINGS = {
    "you": "You",
    "typing": "Lotsi is writing",
    "hidden": "hidden",
    "failed": "Something went wrong. Your message is still here.",
    "offline": "There is no connection. Your message is still here.",
    "too_long": "The message is too long. Shorten it a little.",
    "too_many": "Many messages came in a short time. Wait a moment and try again.",
    "not_ready": "Lotsi is starting. Try again in a moment.",
    "not_loaded": "The conversation could not be fetched.",
    "not_erased": "The conversation could not be erased. Try again.",
    "expired": "The earlier conversation has ended. A new one begins here.",
    "erased": "The conversation has been erased.",
    "retry": "Try again",
    "edit": "Change",
    "left": "Characters left: {count}",
    "over": "Characters too many: {count}",
    "source": "Source and date",
    "suggestions": "Suggestions",
    "contacts": "Contacts",
    "help_now": "Call for help",
    "call": "Call",
    "masked": "Lotsi hid personal data in your message. You need not give any.",
    "opens_new": "opens in a new tab",
    "email": "e-mail address",
    "iban": "bank account",
    "card": "card number",
    "account": "bank account",
    "identity_code": "personal identity code",
    "phone": "phone number",
    "address": "street address",
}
"""Texts that the page's script shows: its own keys, and their message ids. The last seven name what is masked."""


async def chat_page(request: web.Request) -> web.Response:
    """Show the chat. Nothing is stored for it: a conversation begins with the resident's first message."""
    language = preferred_language(request)
    translate = load_catalogue(language).gettext
    response = render_page(
        "chat.html",
        language,
        strings={key: translate(text) for key, text in SCRIPT_STRINGS.items()},
        greeting=_greeting(request.app[keys.ASSISTANT], language),
        message_limit=request.app[keys.SETTINGS].message_limit,
    )
    response.headers["Vary"] = "Accept-Language"
    return response


def _greeting(assistant: Assistant, language: Language) -> list[dict[str, str]]:
    """Return what every conversation opens with; nothing while the model loads, the first answer then brings it."""
    try:
        opening = assistant.opening(language)
    except ModelMissing:
        return []
    return [{"sender": "bot", "text": message.text, "language": message.language} for message in opening]
