"""What the bot says about itself: the responses of `domain.yml`, in the conversation's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from knowledge.languages import DEFAULT_LANGUAGE, Language, as_language


def conversation_language(slots: Mapping[str, Any]) -> Language:
    """Return the language that the slots of a tracker name, or the default."""
    return as_language(slots.get("language")) or DEFAULT_LANGUAGE


def find_response(responses: Mapping[str, Any], name: str, language: Language) -> dict[str, Any]:
    """Return one response of a domain in one language.

    Args:
        responses: A domain's `responses`, as Rasa reads them.
        name: The key, such as `utter_found`.
        language: Which variation is wanted.

    Returns:
        The variation: `text` and perhaps `buttons`.

    Raises:
        KeyError: The domain has no such response in that language.
    """
    for variation in responses.get(name, ()):
        conditions = variation.get("condition") or []
        if all(item.get("name") != "language" or item.get("value") == language for item in conditions):
            return dict(variation)
    raise KeyError(f"domain.yml has no response '{name}' in '{language}'")


class Phrases:
    """The responses of a domain in one language."""

    def __init__(self, domain: Mapping[str, Any], language: Language) -> None:
        """Take up a domain.

        Args:
            domain: As Rasa hands it to an action.
            language: The conversation's language.
        """
        self.responses: Mapping[str, Any] = domain.get("responses") or {}
        self.language = language

    def text(self, name: str, **values: str) -> str:
        """Return a response's text with `values` filled in.

        Args:
            name: The key without `utter_`.
            values: What the `{…}` of the text stand for.
        """
        return str(find_response(self.responses, f"utter_{name}", self.language)["text"]).format(**values)

    def buttons(self, name: str) -> list[dict[str, str]]:
        """Return a response's buttons: `{"title", "payload"}`."""
        return [
            dict(button)
            for button in find_response(self.responses, f"utter_{name}", self.language).get("buttons") or []
        ]
