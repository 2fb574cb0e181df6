"""The lines of `lotsi ask --jsonl`: reads one, says what is wrong with one, writes one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from knowledge.languages import LANGUAGES, Language, as_language


class LineInvalid(ValueError):
    """A line cannot be answered; says why, in the words of the API's errors."""

    def __init__(self, code: str, message: str, id: str | int | None = None, **details: Any) -> None:
        """Make the error.

        Args:
            code: `line_not_json`, `line_invalid`, `message_empty` or `message_too_long`.
            message: What is wrong and what would mend it.
            id: The line's id, if it could be read.
            details: For programs.
        """
        super().__init__(message)
        self.code = code
        self.id = id
        self.details = details

    def to_object(self, number: int) -> dict[str, Any]:
        """Return what is written in place of an answer.

        Args:
            number: The line's number, counted from 1.
        """
        error = {"code": self.code, "message": str(self), "details": self.details}
        return {"id": self.id, "line": number, "error": error}


@dataclass(frozen=True)
class Question:
    """A line that can be answered. Questions of one conversation know of each other."""

    id: str | int | None
    text: str
    language: Language | None
    conversation: str | int | None


def read_question(line: bytes, limit: int) -> Question:
    """Return what a line asks.

    Args:
        line: `{"id", "text", "language"?, "conversation"?}` in UTF-8.
        limit: Characters that the text may have.

    Raises:
        LineInvalid: With every problem of its fields under `details.problems`.
    """
    try:
        request = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise LineInvalid("line_not_json", f"the line is not JSON in UTF-8: {error}") from error
    if not isinstance(request, dict):
        raise LineInvalid("line_invalid", 'the line must be an object: {"id": "1", "text": "…"}')
    id = request.get("id") if _is_name(request.get("id")) else None
    problems = list(_find_problems(request))
    if problems:
        raise LineInvalid("line_invalid", "; ".join(problems), id, problems=problems)
    text = read_text(request["text"], limit, id)
    return Question(id, text, as_language(request.get("language")), request.get("conversation"))


def _is_name(value: object) -> bool:
    return value is None or (isinstance(value, (str, int)) and not isinstance(value, bool))


def _find_problems(request: dict[str, Any]) -> list[str]:
    problems = [
        f"'{name}' must be a string or a whole number, or be left out"
        for name in ("id", "conversation")
        if not _is_name(request.get(name))
    ]
    if not isinstance(request.get("text"), str):
        problems.append("'text' must be a string with a resident's words")
    language = request.get("language")
    if language is not None and (not isinstance(language, str) or as_language(language) is None):
        problems.append(f"'language' must be one of {', '.join(LANGUAGES)}, or be left out")
    return problems


def read_text(text: str, limit: int, id: str | int | None = None) -> str:
    """Return a resident's words, cleaned as those that come over the web.

    Args:
        text: As it came in.
        limit: Characters that it may have.
        id: The line's id.

    Raises:
        LineInvalid: `message_empty` or `message_too_long`.
    """
    from web.body import clean_text
    from web.errors import ApiError

    try:
        return clean_text(text, limit)
    except ApiError as error:
        raise LineInvalid(error.code, error.message, id, **error.details) from error


def write_line(value: dict[str, Any]) -> bytes:
    """Return a line of JSON in UTF-8, whatever the terminal's encoding; a lone surrogate stays an escape."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
