"""The lines that `lotsi ask --jsonl` is given: some that can be answered, some that cannot, in turns."""

from __future__ import annotations

import json
from typing import Any

VAGUE = [
    *("kontakt och pengar och barn", "yhteystiedot ja rahoitus ja lapset", "jag behöver stöd", "tarvitsen tukea"),
    *("chef", "utveckling", "blankett", "lomake", "kehittäminen", "raha"),
]
"""Words that may mean several things; some of them lead to a clarifying question with every model."""
GOOD: list[dict[str, Any]] = [
    {"id": "sv", "text": "hur många kommuner hör till Soite", "language": "sv"},
    {"id": "fi", "text": "montako kuntaa Soiteen kuuluu", "language": "fi"},
    {"id": "detected", "text": "mitkä kunnat kuuluvat Soiteen"},
    {"id": "a1", "conversation": "a", "text": "Vad är Hjälp-knappen?"},
    {"id": "b1", "conversation": "b", "text": "Mikä on Päivystysapu 116117?"},
    {"id": "a2", "conversation": "a", "text": "vad är numret?"},
    {"id": "b2", "conversation": "b", "text": "entä puhelinnumero?"},
    {"id": "alone", "text": "vad är numret?"},
    {"id": "danger", "text": "Min pappa andas inte!"},
    {"id": "nothing", "text": "qwerty zxcvb"},
    *({"id": f"vague {number}", "text": text} for number, text in enumerate(VAGUE)),
    {"id": 7, "conversation": 7, "text": "hej"},
    {"id": "\ud800 \u2028", "text": "hej \ud800"},
    {"text": "hej"},
]
BAD: dict[bytes, tuple[object, str]] = {
    b'{"id": "broken", "text": "hej"': (None, "line_not_json"),
    b"hej": (None, "line_not_json"),
    b'{"id": "latin", "text": "hj\xe4lp"}': (None, "line_not_json"),
    b"[" * 60_000: (None, "line_not_json"),
    b'["hej"]': (None, "line_invalid"),
    b"null": (None, "line_invalid"),
    b'{"id": "no text"}': ("no text", "line_invalid"),
    b'{"id": "null", "text": null}': ("null", "line_invalid"),
    b'{"id": "number", "text": 5}': ("number", "line_invalid"),
    b'{"id": "list", "text": ["hej"]}': ("list", "line_invalid"),
    b'{"id": ["id"], "text": "hej"}': (None, "line_invalid"),
    b'{"id": 1.5, "text": "hej"}': (None, "line_invalid"),
    b'{"id": "talk", "text": "hej", "conversation": {}}': ("talk", "line_invalid"),
    b'{"id": "english", "text": "hej", "language": "en"}': ("english", "line_invalid"),
    b'{"id": "tongue", "text": "hej", "language": ["sv"]}': ("tongue", "line_invalid"),
    b'{"id": "empty", "text": ""}': ("empty", "message_empty"),
    b'{"id": "blank", "text": " \\n\\t\\u200b"}': ("blank", "message_empty"),
    b'{"id": "long", "text": "%s"}' % (b"a" * 10_000): ("long", "message_too_long"),
    b'{"id": "many", "text": 5, "language": "en", "conversation": []}': ("many", "line_invalid"),
}


def _lines() -> list[bytes]:
    """Good and bad lines in turns, with an empty line and a byte order mark in front."""
    good = [json.dumps(item).encode() for item in GOOD]
    mixed = [line for pair in zip(good, BAD, strict=False) for line in pair]
    rest = [*good[len(BAD) :], *list(BAD)[len(good) :]]
    return [b"\xef\xbb\xbf" + mixed[0], b"", *mixed[1:], *rest, json.dumps({"id": "last", "text": "kiitos"}).encode()]


LINES = _lines()
