"""The last line of defence: whatever is logged is masked once more on its way out.

Nobody should log what a resident wrote; this is for the exception whose message quotes it, and for libraries.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, MutableMapping
from typing import Any

from conversations.masking import mask_text

OURS = frozenset({"timestamp", "level", "event", "logger", "url", "model"})
"""Keys whose values are chosen by nobody but us: a time or a model's name looks like a number to the masks."""


def mask_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask the values of a log event, and the keys that nobody of us chose; a processor of structlog."""
    return {
        key if key in OURS else _text(key): value if key in OURS else mask_value(value) for key, value in event.items()
    }


def mask_value(value: Any) -> Any:
    """Return a value without personal data: texts masked, at any depth; anything unknown as masked text."""
    if value is None or isinstance(value, bool | int | float):
        return value if not isinstance(value, int) or len(str(value)) < _LONG else _text(str(value))
    if isinstance(value, Mapping):
        return {_text(str(key)): mask_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [mask_value(item) for item in value]
    return _text(value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value))


def _text(text: str) -> str:
    return str(mask_text(text).text)


_LONG = 9
"""Digits from which on a number may be somebody's: counts are shorter."""

_LONG_NUMBER = re.compile(r"\d{7,}")


class MaskingFormatter(logging.Formatter):
    """Formats the lines of libraries that log by `logging`, tracebacks included, and masks them.

    A library quotes what it could not read, with a number in the middle of something else ("HTTP/9.0401234567"), which
    the masks leave alone as part of it: in these lines every long number goes.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, masked."""
        return _LONG_NUMBER.sub("[number]", _text(super().format(record)))
