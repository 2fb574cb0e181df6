"""From an answer of the knowledge to what a resident reads: text, source, channels, buttons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from bot.actions.phrases import Phrases
from knowledge.dates import format_date
from knowledge.languages import Language, as_language
from knowledge.reader import Source, Validity
from knowledge.services import ServiceHours
from knowledge.store import Answer, ChannelView

_WEBSITE = "soite.fi"


def render_answer(answer: Answer, phrases: Phrases, opening: str | None = None) -> dict[str, Any]:
    """Return an answer as one structured message.

    Args:
        answer: From `knowledge.store.Knowledge.fetch_answer`.
        phrases: In the answer's language.
        opening: A sentence that goes before the answer.

    Returns:
        `{"text", "custom": {"language", "topic", "title", "sources", "channels"}, "buttons"}`; `text` is the answer
        proper, `custom` what stands around it, each part with its `line` as plain text.
    """
    blocks = [opening] if opening else []
    if answer.past:
        blocks.append(phrases.text("past", **_years(answer.valid, answer.source)))
    blocks += [answer.lead, answer.details]
    blocks += [phrases.text("history", lead=item.lead, **_years(item.valid, item.source)) for item in answer.history]
    text = "\n\n".join(block for block in blocks if block)
    sources = dict.fromkeys([answer.source, *(item.source for item in answer.history)])
    return {
        "text": text,
        "buttons": topic_buttons(answer.related),
        "custom": {
            "language": answer.language,
            "topic": answer.topic,
            "title": answer.title,
            "sources": [render_source(source, phrases) for source in sources],
            "channels": render_channels(answer.channels, phrases, text),
        },
    }


def topic_buttons(topics: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Return a button for each (topic id, title)."""
    return [{"title": title, "payload": f"/{topic}"} for topic, title in topics]


def render_source(source: Source, phrases: Phrases) -> dict[str, Any]:
    """Return a source with the sentence that names it, and its language where it is another than the reader's."""
    line = phrases.text(
        "source",
        title=source.title,
        publisher=source.publisher,
        published=format_date(source.published, phrases.language),
    )
    if source.language != phrases.language and as_language(source.language):
        line += " " + phrases.text(f"source_language_{source.language}")
    return {
        "title": source.title,
        "publisher": source.publisher,
        "published": source.published,
        "language": source.language,
        "url": source.url,
        "line": line,
    }


def render_channels(channels: Sequence[ChannelView], phrases: Phrases, text: str) -> list[dict[str, Any]]:
    """Return the channels that a resident can use; where a service has none that is known, a line says so.

    Args:
        channels: In the order in which they are shown.
        phrases: In the reader's language.
        text: The answer's text; what it says already is not said again in the lines.
    """
    shown = []
    for channel in channels:
        target = channel.number or channel.address or channel.url
        if target is None:
            continue
        shown.append(
            {
                "service": channel.service,
                "type": channel.type,
                "name": channel.name,
                "number": channel.number,
                "url": channel.url,
                "address": channel.address,
                "languages": list(channel.languages),
                "note": _note(channel, phrases),
                "line": "" if _said(channel, text) else _line(channel, target, phrases),
            }
        )
    return _without_repeats(shown) + _unknown(channels, phrases, text)


def _said(channel: ChannelView, text: str) -> bool:
    if channel.url and not channel.number:
        host = channel.url.split("//", 1)[-1].rstrip("/").removeprefix("www.")
        return host in text
    return False


def _without_repeats(channels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    seen: set[tuple[Any, ...]] = set()
    kept = []
    for channel in channels:
        key = (channel["number"], channel["url"], channel["address"])
        if key not in seen:
            seen.add(key)
            kept.append(channel)
    return kept


def _unknown(channels: Sequence[ChannelView], phrases: Phrases, text: str) -> list[dict[str, Any]]:
    services = dict.fromkeys((channel.service, channel.service_name) for channel in channels)
    lines = []
    for service, name in services:
        direct = [channel for channel in channels if channel.service == service and channel.type != "web_page"]
        known = [channel for channel in direct if channel.number or channel.address or channel.url]
        if direct and not known and _WEBSITE not in text:
            line = phrases.text("channel_unknown", service=name)
            lines.append({"service": service, "type": "unknown", "name": name, "line": line})
    return lines


def _line(channel: ChannelView, target: str, phrases: Phrases) -> str:
    note = _note(channel, phrases)
    return f"{channel.name}: {target}" + (f" ({note})" if note else "")


def _note(channel: ChannelView, phrases: Phrases) -> str:
    notes = []
    if channel.charge == "free":
        notes.append(phrases.text("channel_free"))
    if channel.always_open:
        notes.append(phrases.text("channel_always"))
    notes += [_hours(item, phrases) for item in channel.hours if _in_force(item)]
    return ", ".join(notes)


def _in_force(hours: ServiceHours, today: dt.date | None = None) -> bool:
    day = (today or dt.date.today()).isoformat()
    return (hours.valid_from or day) <= day <= (hours.valid_to or day)


def _hours(hours: ServiceHours, phrases: Phrases) -> str:
    days = ", ".join(phrases.text(f"days_{day}") for day in hours.days)
    clock = ":" if phrases.language == "sv" else "."
    return f"{days} {hours.start.replace(':', clock)}–{hours.end.replace(':', clock)}"


def _years(valid: Validity, source: Source) -> dict[str, str]:
    published = source.published[:4]
    start = str(valid.start.year) if valid.start else published
    end = str(valid.end.year) if valid.end else ""
    return {"start": start, "end": end}


def full_text(message: dict[str, Any]) -> str:
    """Return all that a resident would read of one structured message: answer, channels, sources."""
    custom = message.get("custom") or {}
    channels = "\n".join(item["line"] for item in custom.get("channels", ()) if item.get("line"))
    sources = "\n".join(item["line"] for item in custom.get("sources", ()) if item.get("line"))
    return "\n\n".join(part for part in (message.get("text") or "", channels, sources) if part)


def other_language(language: Language) -> Language:
    """Return the other of the two languages."""
    return "fi" if language == "sv" else "sv"
