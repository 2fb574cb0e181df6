"""`action_answer`: the section of the topic that the resident asked about."""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from bot.actions.base import Event, LotsiAction, Turn
from bot.actions.rendering import render_answer
from knowledge.store import Knowledge


def utter_topic(turn: Turn, knowledge: Knowledge, topic: str, opening: str | None = None) -> list[Event]:
    """Answer a topic, or say honestly that there is no answer.

    Args:
        turn: Where to answer.
        knowledge: Where the answer comes from.
        topic: A topic id.
        opening: A sentence that goes before the answer.
    """
    answer = knowledge.fetch_answer(topic, turn.language)
    if answer is None:
        return turn.offer("unknown")
    turn.utter(render_answer(answer, turn.phrases, opening))
    return [SlotSet("last_topic", topic), SlotSet("choices", None)]


class ActionAnswer(LotsiAction):
    """Answers the intent, which is the topic's id."""

    action_name = "action_answer"

    def answer(self, turn: Turn) -> list[Event]:
        """Answer the topic of the turn's intent."""
        return utter_topic(turn, self.knowledge, turn.intent)
