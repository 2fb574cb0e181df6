"""`action_emergency`: 112 first, then the line that fits, in the resident's language."""

from __future__ import annotations

import functools
from typing import Any

from bot.actions.base import Event, LotsiAction, Turn
from bot.actions.rendering import render_channels, render_source, topic_buttons
from bot.nlu.keys import SAFETY
from bot.nlu.triggers import SAFETY_FOLDER, read_lines


@functools.lru_cache(maxsize=1)
def _lines_by_intent() -> dict[str, tuple[str, ...]]:
    return read_lines(SAFETY_FOLDER)


class ActionEmergency(LotsiAction):
    """Answers a danger; which lines are shown is written in the data of the triggers."""

    action_name = "action_emergency"

    def answer(self, turn: Turn) -> list[Event]:
        """Say the number to call and the lines that help."""
        lines = dict.fromkeys([*turn.parsed(SAFETY).get("lines", ()), *_lines_by_intent().get(turn.intent, ())])
        answers = [found for topic in lines if (found := self.knowledge.fetch_answer(topic, turn.language))]
        text = turn.phrases.text(turn.intent)
        services = ["emergency_112", *(channel.service for answer in answers for channel in answer.channels)]
        channels = self.knowledge.fetch_channels(list(dict.fromkeys(services)), turn.language)
        rendered = [
            item
            for item in render_channels(channels, turn.phrases, text)
            if item["type"] == "phone" and turn.language in item["languages"]
        ]
        sources: list[dict[str, Any]] = []
        for answer in answers:
            source = render_source(answer.source, turn.phrases)
            if source not in sources:
                sources.append(source)
        custom = {"channels": rendered, "sources": sources, "emergency": True}
        buttons = topic_buttons((answer.topic, answer.title) for answer in answers)
        turn.utter({"text": text, "buttons": buttons, "custom": custom})
        return []
