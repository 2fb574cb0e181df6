"""`lotsi ask`: one answer, or many by JSON lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from cli.output import configure_logging, fail, stderr
from knowledge.languages import as_language

if TYPE_CHECKING:
    from bot.assistant import Assistant

_LIMIT = 10_000


class LineInvalid(ValueError):
    """A line of `ask --jsonl` cannot be answered; says why."""


def ask(
    text: Annotated[Optional[str], typer.Argument(help="A question, in Swedish or Finnish.")] = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Read JSON lines on standard input, write one line each.")
    ] = False,
    language: Annotated[Optional[str], typer.Option(help="The page's language: sv or fi.")] = None,
    data: Annotated[Optional[str], typer.Option("--data", help="Folder of all state; 'var' if left out.")] = None,
    model: Annotated[Optional[Path], typer.Option("--model", help="A model archive or a folder with archives.")] = None,
) -> None:
    """Ask the assistant TEXT, a question in Swedish or Finnish, or many by --jsonl; nothing is stored."""
    if (text is None) == (not jsonl):
        raise fail("give a question, or --jsonl with JSON lines on standard input", 2)
    if language is not None and as_language(language) is None:
        raise fail(f"'{language}' is no language of ours; write sv or fi", 2)
    configure_logging("ERROR")
    assistant = load_assistant(data, model)
    if text is not None:
        try:
            answer = _answer(assistant, {"id": "1", "text": text, "language": language})
        except LineInvalid as error:
            raise fail(str(error), 2) from error
        typer.echo(answer["text"])
        for button in answer["buttons"]:
            typer.echo(f"  → {button['title']}")
        return
    for line in answer_lines(assistant, sys.stdin):
        typer.echo(line)


def load_assistant(data: str | None, model: Path | None) -> Assistant:
    """Return the assistant with its model and knowledge; dialogue state stays in memory.

    Args:
        data: Folder of all state.
        model: A model archive or folder; the settings' if left out.

    Raises:
        typer.Exit: There is no usable model.
    """
    with stderr.status("loading the model"):
        from bot.assistant import Assistant, AssistantError
        from knowledge.build import ensure_built
        from knowledge.store import Knowledge
        from web.settings import load_settings

        settings = load_settings({"data": data, "model": str(model) if model else None})
        knowledge = Knowledge(settings.knowledge_database)
        ensure_built(knowledge)
        assistant = Assistant(knowledge)
        try:
            assistant.load(settings.model_path)
        except AssistantError as error:
            raise fail(str(error)) from error
    return assistant


def answer_lines(assistant: Any, lines: Iterable[str]) -> Iterable[str]:
    """Answer JSON lines one by one; a bad line gives an error object in its place.

    Args:
        assistant: A loaded `bot.assistant.Assistant`.
        lines: `{"id", "text", "language"?, "conversation"?}` each; lines of one conversation know of each other.

    Yields:
        One JSON line each, in order; empty lines are passed over.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        request: Any = None
        try:
            request = _parse(line)
            answer = _answer(assistant, request, number)
        except LineInvalid as error:
            id = request.get("id") if isinstance(request, dict) else None
            answer = {"id": id, "line": number, "error": {"code": "line_invalid", "message": str(error), "details": {}}}
        yield json.dumps(answer, ensure_ascii=False)


def _parse(line: str) -> dict[str, Any]:
    try:
        request = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise LineInvalid(f"the line is not JSON: {error}") from error
    if not isinstance(request, dict):
        raise LineInvalid('the line must be an object: {"id": "1", "text": "…"}')
    return request


def _answer(assistant: Any, request: dict[str, Any], number: int = 1) -> dict[str, Any]:
    from conversations.masking import mask_text

    text, language = request.get("text"), request.get("language")
    if not isinstance(text, str):
        raise LineInvalid("'text' must be a string with a resident's words")
    if len(text) > _LIMIT:
        raise LineInvalid(f"'text' has {len(text)} characters; it may have {_LIMIT}")
    if language is not None and as_language(language) is None:
        raise LineInvalid(f"'language' is '{language}'; it must be sv or fi, or be left out")
    conversation = request.get("conversation")
    name = f"conversation-{conversation}" if conversation is not None else f"line-{number}"
    masked = mask_text(text, assistant.knowledge.fetch_numbers())
    reply = assistant.reply_sync(name, masked.text, language=as_language(language))
    last = reply.messages[-1] if reply.messages else None
    sources = [source for message in reply.messages for source in message.sources]
    keys = ("title", "published", "language", "url")
    return {
        "id": request.get("id"),
        "language": reply.language,
        "intent": reply.understanding.intent,
        "confidence": round(reply.understanding.confidence, 4),
        "topic": next((message.topic for message in reversed(reply.messages) if message.topic), None),
        "text": reply.full_text,
        "sources": [{key: source.get(key) for key in keys} for source in sources],
        "buttons": [dict(button) for button in last.buttons] if last else [],
    }
