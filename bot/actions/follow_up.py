"""`action_follow_up`: "what's the number?", "tell me more": the last topic once more, or a question back."""

from __future__ import annotations

from bot.actions.answer import utter_topic
from bot.actions.base import Event, LotsiAction, Turn
from bot.actions.rendering import render_channels, render_source


class ActionFollowUp(LotsiAction):
    """Gives the contact of, or more on, the topic that was answered last."""

    action_name = "action_follow_up"

    def answer(self, turn: Turn) -> list[Event]:
        """Answer from the slot `last_topic`."""
        topic = turn.tracker.get_slot("last_topic")
        answer = self.knowledge.fetch_answer(str(topic), turn.language) if topic else None
        if answer is None:
            turn.utter_phrase("nothing_to_follow")
            return []
        if turn.intent != "follow_up_contact":
            return utter_topic(turn, self.knowledge, answer.topic)
        channels = render_channels(answer.channels, turn.phrases, "")
        if not channels:
            return utter_topic(turn, self.knowledge, "contact_details")
        custom = {
            "topic": answer.topic,
            "title": answer.title,
            "channels": channels,
            "sources": [render_source(answer.source, turn.phrases)],
        }
        heading = answer.title if answer.title.endswith("?") else f"{answer.title}:"
        turn.utter({"text": heading, "custom": custom})
        return []
