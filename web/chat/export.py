"""`GET …/{id}/export`: the conversation as a file. Act 306/2019 section 6 a: the exchange can be saved."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

from aiohttp import web

from conversations.records import Conversation, Message
from knowledge.languages import LANGUAGES, Language, as_language
from web import keys
from web.auth.access import resident
from web.chat.access import authorize_action
from web.chat.pdf import render_pdf
from web.chat.transcript import Transcript, make_transcript
from web.chat.turns import to_json
from web.chat.widget import responsible
from web.errors import ApiError
from web.pages import render_text
from web.service_hours import HELSINKI

_RULE = "-" * 40


@resident
async def export_conversation(request: web.Request) -> web.Response:
    """Send the conversation as a download."""
    id = await authorize_action(request)
    format, stated = request.query.get("format", "txt"), request.query.get("language")
    problems = []
    if format not in _FORMATS:
        problems.append(f"'format' must be one of {', '.join(_FORMATS)}")
    if stated is not None and as_language(stated) is None:
        problems.append(f"'language' must be one of {', '.join(LANGUAGES)}")
    if problems:
        raise ApiError("query_invalid", problems=problems)
    store = request.app[keys.CONVERSATIONS]
    conversation = await asyncio.to_thread(store.fetch_conversation, id)
    messages = await asyncio.to_thread(store.fetch_messages, id)
    language = as_language(stated) or as_language(conversation.language) or "sv"
    content_type, render = _FORMATS[format]
    answers_for_it = responsible(request.app[keys.DEPLOYMENT], language)
    transcript, body = await asyncio.to_thread(_render, render, conversation, messages, language, answers_for_it)
    day = transcript.saved_at.astimezone(HELSINKI).date().isoformat()
    headers = {
        "Content-Type": content_type,
        "Content-Disposition": f'attachment; filename="lotsi-{day}.{format}"',
        "Content-Language": language,
    }
    return web.Response(body=body, headers=headers)


def _render(
    render: Renderer, conversation: Conversation, messages: Sequence[Message], language: Language, responsible: str
) -> tuple[Transcript, bytes]:
    transcript = make_transcript(conversation, messages, language, responsible)
    return transcript, render(transcript, conversation, messages)


def _to_text(transcript: Transcript, conversation: Conversation, messages: Sequence[Message]) -> bytes:
    """Return plain text with a byte order mark: old editors of Windows take UTF-8 for Latin 1 without one."""
    blocks = ["\n".join([transcript.title, "", *transcript.facts])]
    for entry in transcript.entries:
        parts = [f"{entry.who}, {entry.at}:", *entry.paragraphs, "\n".join(line.text for line in entry.lines)]
        blocks.append("\n\n".join(part for part in parts if part))
    return f"\n\n{_RULE}\n\n".join(blocks).replace("\n", "\r\n").encode("utf-8-sig") + b"\r\n"


def _to_html(transcript: Transcript, conversation: Conversation, messages: Sequence[Message]) -> bytes:
    return render_text("export.html", transcript.language, transcript=transcript).encode("utf-8")


def _to_pdf(transcript: Transcript, conversation: Conversation, messages: Sequence[Message]) -> bytes:
    return render_pdf(transcript)


def _to_json(transcript: Transcript, conversation: Conversation, messages: Sequence[Message]) -> bytes:
    body: dict[str, Any] = {
        "title": transcript.title,
        "language": transcript.language,
        "facts": list(transcript.facts),
        "state": conversation.state,
        "begun_at": conversation.created_at.isoformat(timespec="seconds"),
        "saved_at": transcript.saved_at.isoformat(timespec="seconds"),
        "messages": [
            {**to_json(message), "who": entry.who} for message, entry in zip(messages, transcript.entries, strict=True)
        ],
    }
    return json.dumps(body, ensure_ascii=False, indent=2).encode("utf-8")


Renderer = Callable[[Transcript, Conversation, Sequence[Message]], bytes]
_FORMATS: dict[str, tuple[str, Renderer]] = {
    "txt": ("text/plain; charset=utf-8", _to_text),
    "html": ("text/html; charset=utf-8", _to_html),
    "pdf": ("application/pdf", _to_pdf),
    "json": ("application/json; charset=utf-8", _to_json),
}
