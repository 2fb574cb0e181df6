"""`action_anger`: stay calm, and offer a human."""

from __future__ import annotations

from bot.actions.base import Event, LotsiAction, Turn


class ActionAnger(LotsiAction):
    """Meets anger and abuse without answering in kind."""

    action_name = "action_anger"

    def answer(self, turn: Turn) -> list[Event]:
        """Say that one is sorry, and what one can do."""
        return turn.offer("anger")
