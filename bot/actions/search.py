"""`action_search`: no clear intent, so the sections nearest to the question; if nothing is near, honesty."""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from bot.actions.base import Event, LotsiAction, Turn
from bot.actions.rendering import render_answer, topic_buttons

SEARCH_BAR = 0.6
"""Share of a question's weight that a section must cover to be shown; tuned on `bot/validation`."""


class ActionSearch(LotsiAction):
    """Shows the nearest section, said as "I found this", with the next ones as buttons."""

    action_name = "action_search"

    def answer(self, turn: Turn) -> list[Event]:
        """Search the sections for the turn's text."""
        if not any(char.isalnum() for char in turn.text):
            turn.utter_phrase("empty")
            return []
        hits = [hit for hit in self.knowledge.search(turn.text, turn.language) if hit.score >= SEARCH_BAR]
        answer = self.knowledge.fetch_answer(hits[0].topic, turn.language) if hits else None
        if answer is None:
            return turn.offer("unknown")
        message = render_answer(answer, turn.phrases, turn.phrases.text("found"))
        others = topic_buttons((hit.topic, hit.title) for hit in hits[1:])
        message["buttons"] = others + [button for button in message["buttons"] if button not in others]
        turn.utter(message)
        return [SlotSet("last_topic", answer.topic), SlotSet("choices", None)]
