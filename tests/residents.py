"""A resident with a conversation, and a counsellor at the same database, for the tests of the API."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse, ClientSession
from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations.closing_time import ClosingTime
from conversations.handoffs import Handoffs
from conversations.schema import HandoffRow
from conversations.store import NewMessage
from knowledge.engine import open_engine, sqlite_url
from web.chat import notices

PATIENCE = 60.0
"""Seconds after which something that must happen counts as not happening."""


@dataclass(frozen=True)
class Event:
    """A server-sent event."""

    kind: str
    data: Any
    position: int | None


@dataclass(frozen=True)
class Resident:
    """A conversation as its resident holds it."""

    session: ClientSession
    id: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def call(self, method: str, path: str = "", status: int = 200, **body: Any) -> Any:
        """Call with a JSON body and expect a status; return the answer."""
        values = {"json": body} if method in ("POST", "PATCH") else {"params": body}
        address = f"/api/v1/conversations/{self.id}{path}"
        async with self.session.request(method, address, headers=self.headers, **values) as response:
            answer = await response.json() if response.content_type == "application/json" else await response.read()
            assert response.status == status, answer
            return answer

    async def send(self, text: str) -> dict[str, Any]:
        return await self.call("POST", "/messages", text=text)

    async def texts(self) -> list[tuple[str, str]]:
        messages = (await self.call("GET", "/messages"))["messages"]
        return [(message["sender"], message["text"]) for message in messages]

    @asynccontextmanager
    async def watch(self, **headers: str) -> AsyncIterator[AsyncIterator[Event]]:
        """Follow the conversation live."""
        address = f"/api/v1/conversations/{self.id}/events"
        async with self.session.get(address, headers={**self.headers, **headers}) as response:
            assert (response.status, response.content_type) == (200, "text/event-stream")
            yield read_events(response)


async def begin(session: ClientSession, language: str = "sv") -> Resident:
    """Begin a conversation."""
    async with session.post("/api/v1/conversations", json={"language": language}) as response:
        answer = await response.json()
        assert response.status == 201, answer
        return Resident(session, answer["id"], answer["token"])


async def read_events(response: ClientResponse) -> AsyncIterator[Event]:
    """Yield the events of a stream until it ends; none for too long is a failure."""
    fields: dict[str, str] = {}
    while True:
        async with asyncio.timeout(PATIENCE):
            line = (await response.content.readline()).decode()
        if not line:
            return
        if line != "\n":
            name, _, value = line.rstrip("\n").partition(":")
            fields[name] = value.removeprefix(" ")
        elif "event" in fields:
            position = int(fields["id"]) if "id" in fields else None
            yield Event(fields["event"], json.loads(fields["data"]), position)
            fields = {}


async def read_until(events: AsyncIterator[Event], kind: str, **data: Any) -> list[Event]:
    """Return the events up to one of a kind whose data holds `data`."""
    seen = []
    async for event in events:
        seen.append(event)
        if event.kind == kind and data.items() <= event.data.items():
            return seen
    raise AssertionError(f"the stream ended without {kind} {data}: {seen}")


class Counsellor:
    """Somebody of the staff, who works at the server's database from another process."""

    def __init__(self, data: Path, name: str = "counsellor-1") -> None:
        self._engine = open_engine(sqlite_url(data / "conversations.db"))
        self.handoffs = Handoffs(self._engine)
        self.name = name

    def take(self, conversation: str, language: str = "sv") -> None:
        (id,) = (item.id for item in self.handoffs.fetch_queue() if item.conversation_id == conversation)
        self.handoffs.take(id, self.name, [notices.joined(language)])

    def write(self, conversation: str, text: str) -> None:
        self.handoffs.write(conversation, self.name, [NewMessage(sender="human", text=text, language="sv")])

    def hand_back(self, conversation: str) -> None:
        self.handoffs.hand_back(conversation, self.name, [notices.handed_back("sv")])

    def end(self, conversation: str, language: str = "sv") -> None:
        self.handoffs.end(conversation, [notices.ended(language)])

    def clear_desk(self) -> None:
        """End what earlier tests left waiting or taken over; who was dropped would come back in front of the others."""
        with Session(self._engine) as session:
            open_places = select(HandoffRow.conversation_id).where(HandoffRow.closed_at.is_(None))
            left = session.scalars(open_places).all()
        for conversation in left:
            self.end(conversation)

    def close_queue(self) -> None:
        """Let the service hours end for everybody who waits."""
        helpline = {"service": "helpline", "type": "phone", "name": "Jourhjälpen", "number": "116117", "line": ""}
        ClosingTime(self._engine).release_waiting(lambda language: notices.closed(language, "8–16.", [helpline]))

    def close(self) -> None:
        self._engine.dispose()
