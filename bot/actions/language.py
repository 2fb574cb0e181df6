"""`action_change_language` and `action_foreign_language`: which language the bot speaks."""

from __future__ import annotations

import re

from rasa_sdk.events import SlotSet

from bot.actions.answer import utter_topic
from bot.actions.base import Event, LotsiAction, Turn
from bot.actions.phrases import Phrases
from bot.actions.rendering import other_language
from knowledge.languages import Language, as_language

_FINNISH = re.compile(r"\b(finsk\w*|suome\w*|fi)\b", re.IGNORECASE)
_SWEDISH = re.compile(r"\b(svensk\w*|ruots\w*|sv)\b", re.IGNORECASE)


def wanted_language(text: str, current: Language) -> Language:
    """Return the language that a request to change names; the other one where it names none.

    Args:
        text: The resident's words, such as *kan du svara på finska*.
        current: The language in which the request was written.
    """
    finnish, swedish = _FINNISH.search(text), _SWEDISH.search(text)
    if finnish and not swedish:
        return "fi"
    if swedish and not finnish:
        return "sv"
    return other_language(current)


class ActionChangeLanguage(LotsiAction):
    """Goes on in the other language, with the last answer once more if there was one."""

    action_name = "action_change_language"

    def answer(self, turn: Turn) -> list[Event]:
        """Set the language and answer in it."""
        entity = next(turn.tracker.get_latest_entity_values("wanted_language"), None)
        language = as_language(entity) or wanted_language(turn.text, turn.language)
        turn.phrases = Phrases({"responses": turn.phrases.responses}, language)
        events: list[Event] = [SlotSet("language", language)]
        topic = turn.tracker.get_slot("last_topic")
        if topic:
            return events + utter_topic(turn, self.knowledge, str(topic))
        turn.utter_phrase("language_changed")
        return events


class ActionForeignLanguage(LotsiAction):
    """Says politely which languages are served, with the emergency number."""

    action_name = "action_foreign_language"

    def answer(self, turn: Turn) -> list[Event]:
        """Say it in Swedish, Finnish and English."""
        turn.utter_phrase("foreign_language")
        return []
