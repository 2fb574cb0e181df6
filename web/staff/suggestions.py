"""Answers that a counsellor may use: the classifier's topic first, then what a search of the knowledge finds."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from aiohttp import web

from bot.assistant import Assistant, ModelMissing
from conversations.records import Message
from knowledge.dates import format_date
from knowledge.languages import Language, as_language
from knowledge.store import Answer, Knowledge
from web import keys
from web.locales import load_catalogue

_MOST = 3
_LEAST_CONFIDENCE = 0.2


@dataclass(frozen=True)
class Suggestion:
    """An approved answer in the resident's language, with its source named in the text."""

    topic: str
    title: str
    text: str
    language: Language


@dataclass(frozen=True)
class Suggestions:
    """What is suggested. `is_emergency`: the safety triggers would fire at the resident's last words."""

    asked: str
    found: tuple[Suggestion, ...]
    is_emergency: bool = False


def last_question(messages: tuple[Message, ...]) -> Message | None:
    """Return the resident's last words; None who has said nothing."""
    return next((message for message in reversed(messages) if message.sender == "resident"), None)


async def suggest(app: web.Application, language: str, question: Message | None, asked: str = "") -> Suggestions:
    """Return answers to a resident's last words, or to what the counsellor has asked in their place.

    Args:
        app: The application.
        language: The conversation's.
        question: The resident's last message.
        asked: The counsellor's own words; empty if there are none.
    """
    spoken = as_language(language) or "sv"
    text = asked or (question.text if question else "")
    if not text:
        return Suggestions(asked, ())
    topics, is_emergency = await asyncio.to_thread(_find_topics, app, text, spoken)
    found = [await asyncio.to_thread(make_suggestion, app[keys.KNOWLEDGE], topic, spoken) for topic in topics]
    known = [item for item in found if item is not None]
    return Suggestions(asked, tuple(known[:_MOST]), is_emergency and not asked)


def make_suggestion(knowledge: Knowledge, topic: str, language: Language) -> Suggestion | None:
    """Return what the documents say of a topic as something to be said; None if they have no such topic."""
    answer = knowledge.fetch_answer(topic, language)
    return None if answer is None else Suggestion(topic, answer.title, _compose(answer), language)


def _compose(answer: Answer) -> str:
    """Say the answer, whom to turn to, and where it stands."""
    gettext = load_catalogue(answer.language).gettext
    published = format_date(answer.source.published, answer.language)
    source = str(gettext("Source: {title}, {publisher}, {date}")).format(
        title=answer.source.title, publisher=answer.source.publisher, date=published
    )
    numbers = [
        f"{channel.name}: {channel.number}"
        for channel in answer.channels
        if channel.number and channel.number not in answer.lead and answer.language in channel.languages
    ]
    return "\n\n".join(part for part in (answer.lead, "\n".join(dict.fromkeys(numbers[:2])), source) if part)


def _find_topics(app: web.Application, text: str, language: Language) -> tuple[list[str], bool]:
    understood, is_emergency = _classify(app[keys.ASSISTANT], text, language)
    hits = app[keys.KNOWLEDGE].search(text, language, limit=_MOST + len(understood))
    return list(dict.fromkeys([*understood, *(hit.topic for hit in hits)])), is_emergency


def _classify(assistant: Assistant, text: str, language: Language) -> tuple[list[str], bool]:
    """Return the classifier's first topic if it is at all likely, and whether a safety trigger fires."""
    try:
        understanding = assistant.parse_sync(text, language)
    except ModelMissing:
        return [], False
    likely = understanding.predicted and understanding.confidence >= _LEAST_CONFIDENCE
    return [understanding.predicted] if likely and understanding.predicted else [], understanding.trigger is not None
