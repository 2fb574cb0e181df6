"""`action_clarify` and what follows it: a question with readable topics, and a typed yes or no to it."""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from bot.actions.answer import utter_topic
from bot.actions.base import Event, LotsiAction, Turn
from bot.actions.human import ActionHuman
from bot.actions.rendering import topic_buttons
from bot.nlu.keys import DECISION


class ActionClarify(LotsiAction):
    """Asks which of two or three topics is meant; one alone is asked as a yes-or-no question."""

    action_name = "action_clarify"

    def answer(self, turn: Turn) -> list[Event]:
        """Offer the likeliest topics by their titles."""
        titles = self.knowledge.fetch_titles(turn.language)
        own = _own_titles(turn)
        topics = [name for name in turn.parsed(DECISION).get("candidates", ()) if name in titles or name in own]
        buttons = topic_buttons((topic, titles.get(topic) or own[topic]) for topic in topics)
        if not buttons:
            return turn.offer("unknown")
        none = {"title": turn.phrases.text("clarify_none"), "payload": "/deny"}
        turn.utter({"text": turn.phrases.text("clarify"), "buttons": [*buttons, none]})
        return [SlotSet("choices", topics)]


def _own_titles(turn: Turn) -> dict[str, str]:
    """Return the titles of intents that are no topics but worth offering."""
    button = turn.phrases.buttons("anger")[0]
    return {button["payload"].lstrip("/"): button["title"]}


class ActionAffirm(LotsiAction):
    """A typed yes: to the first of what was offered, if anything was."""

    action_name = "action_affirm"

    def answer(self, turn: Turn) -> list[Event]:
        """Answer what was offered first, or ask what is wanted."""
        choices = turn.tracker.get_slot("choices") or []
        if choices and choices[0] == "human_handoff":
            return [*ActionHuman(self.knowledge).answer(turn), SlotSet("choices", None)]
        if choices:
            return utter_topic(turn, self.knowledge, str(choices[0]))
        turn.utter_phrase("affirm")
        return []


class ActionDeny(LotsiAction):
    """A typed no: none of the offered topics."""

    action_name = "action_deny"

    def answer(self, turn: Turn) -> list[Event]:
        """Ask for other words and offer a human."""
        return turn.offer("deny")
