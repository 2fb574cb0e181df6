"""`lotsi ask`: one answer, or many by JSON lines."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from cli.jsonl import LineInvalid, Question, read_question, read_text, write_line
from cli.output import configure_logging, fail, stderr
from cli.state import open_knowledge, read_settings
from cli.studio import find_live_model, require_model
from knowledge.languages import Language, as_language

if TYPE_CHECKING:
    from bot.assistant import Assistant


def ask(
    text: Annotated[Optional[str], typer.Argument(help="A question, in Swedish or Finnish.")] = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Read JSON lines on standard input, write one line each.")
    ] = False,
    language: Annotated[
        Optional[str], typer.Option(help="The page's language, sv or fi, where a line names none.")
    ] = None,
    data: Annotated[Optional[str], typer.Option("--data", help="Folder of all state; 'var' if left out.")] = None,
    model: Annotated[Optional[Path], typer.Option("--model", help="A model archive or a folder with archives.")] = None,
) -> None:
    """Ask the assistant TEXT, a question in Swedish or Finnish, or many by --jsonl; nothing is stored.

    With --jsonl each line on standard input is {"id", "text", "language"?, "conversation"?}, and each gives a line on
    standard output, in order: {"id", "language", "intent", "confidence", "topic", "text", "sources", "buttons"}. Lines
    of one conversation know of each other. A line that cannot be answered gives {"id", "line", "error": {"code",
    "message", "details"}} in its place and the run goes on, with exit status 0.
    """
    if (text is None) == (not jsonl):
        raise fail("give a question, or --jsonl with JSON lines on standard input", 2)
    page = as_language(language)
    if language is not None and page is None:
        raise fail(f"'{language}' is no language of ours; write sv or fi", 2)
    limit = read_settings(data=data).message_limit
    configure_logging("ERROR")
    try:
        question = None if text is None else Question(None, read_text(text, limit), page, None)
    except LineInvalid as error:
        raise fail(str(error), 2) from error
    assistant = load_assistant(data, model)
    if question is None:
        for line in answer_lines(assistant, sys.stdin.buffer, limit, page):
            typer.echo(line, nl=False)
        return
    answer = _answer(assistant, question, "question")
    typer.echo(answer["text"])
    for button in answer["buttons"]:
        typer.echo(f"  → {button['title']}")


def load_assistant(data: str | None, model: Path | None) -> Assistant:
    """Return the assistant with its model and knowledge; dialogue state stays in memory.

    Args:
        data: Folder of all state.
        model: A model archive or folder; the live one if left out.

    Raises:
        typer.Exit: A setting is wrong, or there is no usable model or knowledge.
    """
    settings = read_settings(data=data, model=None if model is None else str(model))
    archive = settings.model_path if model is not None else find_live_model(settings)
    require_model(archive)
    with stderr.status("loading the model"):
        from bot.assistant import Assistant, AssistantError

        assistant = Assistant(open_knowledge(settings))
        try:
            assistant.load(archive)
        except AssistantError as error:
            raise fail(str(error)) from error
    return assistant


def answer_lines(
    assistant: Assistant, lines: Iterable[bytes], limit: int, language: Language | None = None
) -> Iterator[bytes]:
    """Answer JSON lines one by one; a bad line gives an error object in its place.

    Args:
        assistant: With a model.
        lines: As `cli.jsonl.read_question` takes them; lines of one conversation know of each other.
        limit: Characters that a text may have.
        language: The page's language where a line names none.

    Yields:
        One JSON line each, in order; empty lines are passed over.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            question = read_question(line, limit)
        except LineInvalid as error:
            yield write_line(error.to_object(number))
            continue
        name = f"line-{number}" if question.conversation is None else f"conversation-{question.conversation}"
        yield write_line(_answer(assistant, question, name, language))


def _answer(
    assistant: Assistant, question: Question, conversation: str, language: Language | None = None
) -> dict[str, Any]:
    from conversations.masking import mask_text

    masked = mask_text(question.text, assistant.knowledge.fetch_numbers())
    reply = assistant.reply_sync(conversation, masked.text, language=question.language or language)
    last = reply.messages[-1] if reply.messages else None
    sources = [source for message in reply.messages for source in message.sources]
    keys = ("title", "published", "language", "url")
    return {
        "id": question.id,
        "language": reply.language,
        "intent": reply.understanding.intent,
        "confidence": round(reply.understanding.confidence, 4),
        "topic": next((message.topic for message in reversed(reply.messages) if message.topic), None),
        "text": reply.full_text,
        "sources": [{key: source.get(key) for key in keys} for source in sources],
        "buttons": [dict(button) for button in last.buttons] if last else [],
    }
