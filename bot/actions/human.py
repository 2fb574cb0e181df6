"""`action_human`: the way to a human being."""

from __future__ import annotations

from bot.actions.base import Event, LotsiAction, Turn
from bot.actions.rendering import render_channels

_COUNSELLING = ("counselling",)
_URGENT = ("medical_helpline_116117", "emergency_112")


class ActionHuman(LotsiAction):
    """Shows whom to contact; the chat's own queue comes with the staff console."""

    action_name = "action_human"

    def answer(self, turn: Turn) -> list[Event]:
        """Show the counselling's contact and the lines for urgent matters."""
        text = turn.phrases.text("human")
        counselling = render_channels(self.knowledge.fetch_channels(_COUNSELLING, turn.language), turn.phrases, "")
        urgent = render_channels(self.knowledge.fetch_channels(_URGENT, turn.language), turn.phrases, text)
        channels = counselling + [channel for channel in urgent if channel["type"] == "phone"]
        turn.utter({"text": text, "custom": {"channels": channels, "handoff": True}})
        return []
