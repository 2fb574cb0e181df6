"""`action_start_over`: forget the last topic and what was offered."""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from bot.actions.base import Event, LotsiAction, Turn


class ActionStartOver(LotsiAction):
    """Begins anew in the same conversation."""

    action_name = "action_start_over"

    def answer(self, turn: Turn) -> list[Event]:
        """Clear what was talked about and ask what is needed."""
        turn.utter_phrase("start_over")
        return [SlotSet("last_topic", None), SlotSet("choices", None)]
