"""Texts that the widget shows: its own keys, and their message ids in the gettext catalogues."""

from __future__ import annotations

STRINGS: dict[str, str] = {
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
"""The keys that are kinds of `conversations.masking` name what is masked."""
