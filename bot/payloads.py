"""A button's payload, `/intent` or `/intent{"entity": "value"}`, as Rasa would have parsed it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any

from bot.errors import PayloadInvalid
from knowledge.languages import Language

_PAYLOAD = re.compile(r"^/(?P<intent>[A-Za-z0-9_-]+)(?P<entities>\{.*\})?$", re.DOTALL)


def parse_payload(payload: str, intents: Collection[str], language: Language | None = None) -> dict[str, Any]:
    """Return what a payload says, in the form of Rasa's parse data.

    Args:
        payload: The button's payload.
        intents: The model's.
        language: The page's language, if the conversation has none yet; a language in the payload goes before it.

    Raises:
        PayloadInvalid: It names no intent of the model, or its entities are no JSON object.
    """
    match = _PAYLOAD.match(payload)
    if not match or match["intent"] not in intents:
        raise PayloadInvalid("the button's payload is none that this bot offers")
    try:
        entities = json.loads(match["entities"] or "{}")
    except ValueError as error:
        raise PayloadInvalid("the button's payload cannot be read") from error
    if language is not None:
        entities = {"language": language, **entities}
    return {
        "text": payload,
        "intent": {"name": match["intent"], "confidence": 1.0},
        "entities": [{"entity": str(key), "value": value, "start": 0, "end": 0} for key, value in entities.items()],
    }
