"""Reads JSON bodies and says exactly what is wrong with one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from web.errors import ApiError

_JSON_NAMES: dict[type, str] = {str: "a string", dict: "an object", int: "a whole number"}


async def read_json(request: web.Request, fields: Mapping[str, type], empty_ok: bool = False) -> dict[str, Any]:
    """Return the fields of a JSON object.

    Args:
        request: Its body is read.
        fields: The fields that are known, with their types; all are optional here.
        empty_ok: Whether no body at all stands for `{}`.

    Raises:
        ApiError: `body_unreadable`, `body_not_json`, or `body_invalid` with every problem under `details.problems`.
    """
    try:
        raw = await request.read()
    except web.HTTPException:
        raise
    except Exception as error:  # aiohttp's readers raise many classes
        _drop_rest(request)
        raise ApiError("body_unreadable") from error
    if not raw and empty_ok:
        return {}
    try:
        body = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ApiError("body_not_json") from error
    if not isinstance(body, dict):
        raise ApiError("body_invalid", problems=["the body must be a JSON object"])
    problems = [
        f"'{name}' must be {_JSON_NAMES[kind]}"
        for name, kind in fields.items()
        if body.get(name) is not None and type(body[name]) is not kind
    ]
    if problems:
        raise ApiError("body_invalid", problems=problems)
    return {name: body.get(name) for name in fields}


def _drop_rest(request: web.Request) -> None:
    """End a body that cannot be read on, and the connection after the answer: where the next request begins is unknown.

    aiohttp would otherwise read on for the rest and log the same error again as a fault of the server's.
    """
    request.content.feed_eof()
    request.protocol.close()


def clean_text(text: str, limit: int) -> str:
    """Return a resident's message fit to be handled.

    Args:
        text: As it came in.
        limit: Characters that it may have.

    Raises:
        ApiError: `message_empty`, or `message_too_long` with the limit.
    """
    if len(text) > limit:
        raise ApiError("message_too_long", limit=limit, length=len(text))
    cleaned = "".join(char if char in "\n\t" or char.isprintable() else " " for char in text)
    cleaned = cleaned.encode("utf-8", "replace").decode("utf-8").strip()
    if not cleaned:
        raise ApiError("message_empty")
    return cleaned


def clean_optional(text: str | None, limit: int) -> str | None:
    """Return a resident's words as `clean_text` does, or None where there are none.

    Raises:
        ApiError: `message_too_long` with the limit.
    """
    try:
        return None if text is None else clean_text(text, limit)
    except ApiError as error:
        if error.code == "message_empty":
            return None
        raise
