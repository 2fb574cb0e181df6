"""`action_medical_advice`: care contacts and no advice; assessing symptoms would make the bot a medical device."""

from __future__ import annotations

from bot.actions.base import Event, LotsiAction, Turn
from bot.actions.rendering import render_channels

_SERVICES = ("medical_helpline_116117", "emergency_112")


class ActionMedicalAdvice(LotsiAction):
    """Shows who may assess symptoms, values and medicines."""

    action_name = "action_medical_advice"

    def answer(self, turn: Turn) -> list[Event]:
        """Decline to advise, and show the care contacts."""
        channels = self.knowledge.fetch_channels(_SERVICES, turn.language)
        rendered = render_channels(channels, turn.phrases, turn.phrases.text("medical_advice"))
        turn.utter(
            {
                "text": turn.phrases.text("medical_advice"),
                "buttons": turn.phrases.buttons("medical_advice"),
                "custom": {"channels": [item for item in rendered if item["type"] == "phone"]},
            }
        )
        return []
