"""What all our actions share: the knowledge, the phrases, and how a turn is read."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.phrases import Phrases, conversation_language
from bot.nlu.keys import DECISION
from knowledge.build import ensure_built
from knowledge.engine import sqlite_url
from knowledge.languages import Language
from knowledge.store import Knowledge

KNOWLEDGE_URL_VARIABLE = "LOTSI_KNOWLEDGE_URL"
_DEFAULT_DATABASE = Path(__file__).resolve().parents[2] / "var" / "knowledge.db"

Event = dict[str, Any]


@functools.lru_cache(maxsize=1)
def open_default_knowledge() -> Knowledge:
    """Open the knowledge for actions that nobody handed one to (`rasa run actions`); built if it is missing."""
    knowledge = Knowledge(os.environ.get(KNOWLEDGE_URL_VARIABLE) or sqlite_url(_DEFAULT_DATABASE))
    ensure_built(knowledge)
    return knowledge


class LotsiAction(Action):
    """Base of the custom actions. Subclasses set `action_name` and write `answer`."""

    action_name = ""

    def __init__(self, knowledge: Knowledge | None = None) -> None:
        """Make the action.

        Args:
            knowledge: Where answers come from; the default database when Rasa's action server makes the action.
        """
        self._knowledge = knowledge

    @property
    def knowledge(self) -> Knowledge:
        """The knowledge database."""
        return self._knowledge or open_default_knowledge()

    def name(self) -> str:
        """Return the name that rules call the action by."""
        return self.action_name or "action_lotsi_base"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Event]:
        """Run the action (rasa_sdk's entry)."""
        phrases = Phrases(domain, conversation_language(tracker.slots))
        turn = Turn(dispatcher, tracker, phrases)
        if turn.parsed(DECISION).get("caution"):
            turn.utter_phrase("caution")
        return self.answer(turn)

    def answer(self, turn: Turn) -> list[Event]:
        """Say something and return the events of the turn.

        Args:
            turn: What was said and where to answer.
        """
        raise NotImplementedError


class Turn:
    """One turn as an action sees it."""

    def __init__(self, dispatcher: CollectingDispatcher, tracker: Tracker, phrases: Phrases) -> None:
        """Gather what belongs to the turn."""
        self.dispatcher = dispatcher
        self.tracker = tracker
        self.phrases = phrases

    @property
    def language(self) -> Language:
        """The language to answer in."""
        return self.phrases.language

    @property
    def intent(self) -> str:
        """The intent of the resident's message."""
        return str((self.tracker.latest_message.get("intent") or {}).get("name") or "")

    @property
    def text(self) -> str:
        """The resident's message, masked."""
        return str(self.tracker.latest_message.get("text") or "")

    def parsed(self, key: str) -> dict[str, Any]:
        """Return what a pipeline component wrote under `key` (see `bot.nlu.keys`), or an empty dict."""
        value = self.tracker.latest_message.get(key) or (self.tracker.latest_message.get("parse_data") or {}).get(key)
        return dict(value or {})

    def utter(self, message: dict[str, Any]) -> None:
        """Send one structured message."""
        custom = {"language": self.language, **(message.get("custom") or {})}
        self.dispatcher.utter_message(
            text=message.get("text"), buttons=message.get("buttons") or [], json_message=custom
        )

    def utter_phrase(self, name: str, **values: str) -> None:
        """Send one phrase of the domain with its buttons."""
        self.utter({"text": self.phrases.text(name, **values), "buttons": self.phrases.buttons(name)})

    def offer(self, name: str) -> list[Event]:
        """Send one phrase of the domain and keep what its buttons offer, so that a typed yes takes the first."""
        self.utter_phrase(name)
        offered = [button["payload"].removeprefix("/") for button in self.phrases.buttons(name)]
        return [SlotSet("choices", offered or None)]
