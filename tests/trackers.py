"""Dialogue state in tests that are about nothing else: a conversation is there as soon as it is spoken in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from conversations.store import ConversationStore
from conversations.trackers import TrackerEvents


class OpenTrackerEvents(TrackerEvents):
    """Tracker events that begin the conversation that they are saved for."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._store = ConversationStore(engine)

    def replace_session(self, conversation: str, events: Sequence[Mapping[str, Any]]) -> None:
        with suppress(IntegrityError):
            self._store.insert_conversation("sv", id=conversation)
        super().replace_session(conversation, events)
