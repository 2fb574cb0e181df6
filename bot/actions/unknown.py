"""`action_unknown`: the question lies outside Lotsi's documents; say so, and show the way to a human."""

from __future__ import annotations

from bot.actions.base import Event, LotsiAction, Turn


class ActionUnknown(LotsiAction):
    """Declines honestly."""

    action_name = "action_unknown"

    def answer(self, turn: Turn) -> list[Event]:
        """Say that there is no answer, with the counselling's way."""
        return turn.offer("unknown")
