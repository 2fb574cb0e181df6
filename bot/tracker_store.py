"""Rasa's tracker store on the conversations' database; Rasa's own SQL store does not run on SQLAlchemy 2."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker

from conversations.trackers import TrackerEvents

# Rasa 3.6.21 looks through all subclasses for every event that it reads: 5 of a turn's 40 ms after eight turns. A name
# that is unknown raises, and is asked for again.
Event.resolve_by_type = staticmethod(functools.lru_cache(maxsize=None)(Event.resolve_by_type))


class ConversationTrackerStore(TrackerStore):
    """Keeps each conversation's events; loads the current session alone, because Rasa replays what it loads."""

    def __init__(
        self, events: TrackerEvents, domain: Domain | None = None, event_broker: EventBroker | None = None
    ) -> None:
        """Set up the store.

        Args:
            events: The table that the events are kept in.
            domain, event_broker: As every Rasa tracker store takes them.
        """
        self._events = events
        super().__init__(domain, event_broker)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the events that the database does not have yet."""
        await self.stream_events(tracker)
        session = [event.as_dict() for event in tracker.events]
        self._events.replace_session(tracker.sender_id, session)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the tracker of the current session, or None for an unknown conversation."""
        return self._rebuild(sender_id, self._events.fetch_session(sender_id))

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """Return the tracker with the events of all sessions."""
        return self._rebuild(conversation_id, self._events.fetch_all(conversation_id))

    async def keys(self) -> Iterable[str]:
        """Return the ids of all conversations."""
        return self._events.fetch_conversations()

    def _rebuild(self, sender_id: str, events: list[dict[str, Any]]) -> DialogueStateTracker | None:
        if not events:
            return None
        return DialogueStateTracker.from_events(
            sender_id, deserialise_events(events), self.domain.slots, domain=self.domain
        )
