"""What a conversation says of itself, in messages of sender `system`: somebody waits, comes, goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from conversations.gate import own_words
from conversations.records import NewMessage
from knowledge.languages import as_language
from web.locales import load_catalogue


def queued(language: str, is_staffed: bool = True) -> NewMessage:
    """The resident stands in the queue.

    Args:
        language: The conversation's.
        is_staffed: Whether somebody is at the desk; if not, the resident is told that it may take long.
    """
    gettext = load_catalogue(as_language(language) or "sv").gettext
    if is_staffed:
        text = gettext("You are in the queue for a human being. Until somebody comes, Lotsi goes on answering.")
    else:
        text = gettext(
            "You are in the queue for a human being. Nobody is free right now, so it may take long. Until somebody"
            " comes, Lotsi goes on answering. You can also ask us to call you back."
        )
    return _notice(text, language)


def left(language: str) -> NewMessage:
    """The resident has left the queue."""
    gettext = load_catalogue(as_language(language) or "sv").gettext
    return _notice(gettext("You have left the queue. Lotsi goes on answering."), language)


def callback(language: str) -> NewMessage:
    """The resident will be called back; the number is not said, because messages are kept in plain text."""
    gettext = load_catalogue(as_language(language) or "sv").gettext
    return _notice(gettext("We have received your call-back request. A human being will call you."), language)


def joined(language: str) -> NewMessage:
    """A counsellor has taken the conversation over."""
    gettext = load_catalogue(as_language(language) or "sv").gettext
    return _notice(gettext("A human being has joined the conversation and answers you from now on."), language)


def handed_back(language: str) -> NewMessage:
    """The counsellor has left it to the bot again."""
    gettext = load_catalogue(as_language(language) or "sv").gettext
    return _notice(gettext("The human being has left the conversation. Lotsi answers again."), language)


def passed_on(language: str) -> NewMessage:
    """Another counsellor has the conversation from now on."""
    gettext = load_catalogue(as_language(language) or "sv").gettext
    return _notice(gettext("Another human being goes on with this conversation and answers you from now on."), language)


def requeued(language: str) -> NewMessage:
    """The counsellor has put the conversation to the front of the queue."""
    gettext = load_catalogue(as_language(language) or "sv").gettext
    text = gettext(
        "Another human being will go on with this conversation. You are first in the queue. Until somebody comes, Lotsi"
        " goes on answering."
    )
    return _notice(text, language)


def dropped(language: str, is_open: bool = True) -> NewMessage:
    """The counsellor is gone without a word.

    Args:
        language: The conversation's.
        is_open: Whether the conversation stands at the front of the queue; if not, `closed` follows.
    """
    gettext = load_catalogue(as_language(language) or "sv").gettext
    if not is_open:
        return _notice(gettext("The connection to the human being broke."), language)
    text = gettext(
        "The connection to the human being broke. You are first in the queue again. Until somebody comes, Lotsi goes on"
        " answering."
    )
    return _notice(text, language)


def closed(language: str, hours: str, contacts: Sequence[dict[str, Any]]) -> NewMessage:
    """The service hours have ended before anybody came; the ways on go with it.

    Args:
        language: The conversation's.
        hours: When the chat with a human being is open, in words.
        contacts: Numbers to call, as an answer's `channels`.
    """
    gettext = load_catalogue(as_language(language) or "sv").gettext
    text = gettext(
        "The counsellors have stopped answering in the chat, so you are not in the queue any more. Lotsi goes on"
        " answering. You can ask us to call you back, or call one of the numbers here. Service hours of the chat:"
        " {hours}"
    ).format(hours=hours)
    return replace(_notice(text, language), channels=tuple(contacts), handoff=True)


def ended(language: str) -> NewMessage:
    """The conversation has ended."""
    gettext = load_catalogue(as_language(language) or "sv").gettext
    return _notice(gettext("The conversation has ended."), language)


def _notice(text: str, language: str) -> NewMessage:
    return NewMessage(sender="system", text=own_words(text), language=language)
