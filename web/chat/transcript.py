"""A conversation as its resident takes it along: who said what and when, in whole sentences, free of any format."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from babel.dates import format_datetime

from conversations.masking import KINDS
from conversations.records import Conversation, Message
from knowledge.languages import Language
from web.locales import load_catalogue
from web.service_hours import HELSINKI
from web.widget_strings import STRINGS

_MOMENTS: dict[Language, str] = {"sv": "d MMMM y 'kl.' H:mm", "fi": "d.M.y 'klo' H.mm"}


@dataclass(frozen=True)
class Line:
    """A contact or a source: a sentence, and the address that it stands for where there is one."""

    text: str
    url: str | None = None


@dataclass(frozen=True)
class Entry:
    """One message.

    Attributes:
        sender: As stored: `resident`, `bot`, `human`, `system`.
        who: The sender as a reader knows it.
        at: When, in words.
        language: Of the text.
        paragraphs: The text.
        lines: Contacts and sources.
    """

    sender: str
    who: str
    at: str
    language: str
    paragraphs: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Transcript:
    """The whole conversation; `facts` are dates and who answers, `heading` stands over the messages."""

    language: Language
    title: str
    facts: tuple[str, ...]
    heading: str
    entries: tuple[Entry, ...]
    saved_at: dt.datetime


def make_transcript(
    conversation: Conversation, messages: Sequence[Message], language: Language, responsible: str
) -> Transcript:
    """Return a conversation for reading.

    Args:
        conversation: Whose it is.
        messages: All that was said.
        language: Of everything around the messages; they stay as they were said.
        responsible: Who answers for the chat, in that language.
    """
    gettext = load_catalogue(language).gettext
    now = dt.datetime.now(dt.timezone.utc)
    facts = (
        gettext("Lotsi is an automatic service and makes no decisions. In an emergency, call 112."),
        responsible,
        gettext("Begun: {date}").format(date=format_moment(conversation.created_at, language)),
        gettext("Saved: {date}").format(date=format_moment(now, language)),
    )
    senders = {
        "resident": gettext("You"),
        "bot": gettext("Lotsi (automatic)"),
        "human": gettext("Counsellor (human)"),
        "system": gettext("Notice"),
    }
    return Transcript(
        language=language,
        title=gettext("Conversation with Lotsi"),
        facts=facts,
        heading=gettext("Conversation"),
        entries=tuple(_entry(message, senders, language) for message in messages),
        saved_at=now,
    )


def format_moment(moment: dt.datetime, language: Language) -> str:
    """Return a moment as a reader's clock and calendar have it."""
    return str(format_datetime(moment.astimezone(HELSINKI), _MOMENTS[language], locale=language))


def _entry(message: Message, senders: dict[str, str], language: Language) -> Entry:
    return Entry(
        sender=message.sender,
        who=senders[message.sender],
        at=format_moment(message.created_at, language),
        language=message.language,
        paragraphs=tuple(part for part in _unmasked(message, language).split("\n\n") if part.strip()),
        lines=tuple(
            Line(item["line"], item.get("url")) for item in (*message.channels, *message.sources) if item.get("line")
        ),
    )


def _unmasked(message: Message, language: Language) -> str:
    """Return a message's text with words in place of the placeholders that personal data has left."""
    gettext = load_catalogue(language).gettext
    text = message.text
    for kind in set(message.masked) & set(KINDS):
        text = text.replace(f"[{kind}]", f"[{gettext(STRINGS[kind])}, {gettext('hidden')}]")
    return text
