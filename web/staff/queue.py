"""`/staff/queue`: who waits for a human being, the conversations that one has, who is there, and the hours."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from conversations.desk import Held, Waiting
from conversations.errors import HandoffNotFound, HandoffTaken
from web import keys
from web.auth.access import requires
from web.chat import notices
from web.chat.widget import describe_hours
from web.event_stream import EventStream
from web.live import QUEUE
from web.staff.frame import read_language, render_staff_page
from web.staff.words import load_words

LIVE = "/staff/live/{id}"


@dataclass(frozen=True)
class Counter:
    """The desk as one counsellor sees it. `late`: call-backs that should have been made by now."""

    waiting: list[Waiting]
    held: list[Held]
    present: dict[str, str]
    callbacks: int
    late: int

    @property
    def version(self) -> str:
        """Another one whenever something has changed that the page shows."""
        waiting = [(item.handoff.id, item.questions, item.is_emergency) for item in self.waiting]
        held = [(item.handoff.id, item.position) for item in self.held]
        seen = repr((waiting, held, sorted(self.present.items()), self.callbacks, self.late))
        return hashlib.sha256(seen.encode()).hexdigest()[:16]

    @property
    def state(self) -> dict[str, object]:
        """What a page is told; no words of anybody."""
        return {"version": self.version, "waiting": len(self.waiting)}


@requires("counsellor")
async def show_queue(request: web.Request) -> web.Response:
    """Show the queue; who opens it is at the desk."""
    await asyncio.to_thread(request.app[keys.PRESENCE].enter, request[keys.USER].id)
    return await _render(request, "queue.html")


@requires("counsellor", unattended=True)
async def show_rows(request: web.Request) -> web.Response:
    """Show what changes on the page, for its script."""
    return await _render(request, "queue_rows.html")


@requires("counsellor", unattended=True)
async def read_state(request: web.Request) -> web.Response:
    """Tell whether something has changed, for a page that cannot keep a stream open."""
    counter = await asyncio.to_thread(fetch_counter, request.app, request[keys.USER].id)
    return web.json_response(counter.state)


@requires("counsellor", unattended=True)
async def stream_queue(request: web.Request) -> web.StreamResponse:
    """Tell when something has changed, as server-sent events."""
    with request.app[keys.LIVE].watch(QUEUE) as subscription:
        return await QueueStream(request).send(subscription)


@requires("counsellor")
async def take_over(request: web.Request) -> web.Response:
    """Take somebody who waits over; who comes second is told who has it."""
    app, user = request.app, request[keys.USER]
    await asyncio.to_thread(app[keys.PRESENCE].enter, user.id)
    waiting = await asyncio.to_thread(app[keys.HANDOFFS].fetch_queue)
    language = next((item.language for item in waiting if item.id == request.match_info["id"]), "sv")
    try:
        taken = await asyncio.to_thread(
            app[keys.HANDOFFS].take, request.match_info["id"], user.id, [notices.joined(language)]
        )
    except HandoffTaken as error:
        return await _render(request, "queue.html", 409, "taken", error.holder)
    except HandoffNotFound:
        return await _render(request, "queue.html", 404, "gone")
    app[keys.LIVE].wake(taken.conversation_id, QUEUE)
    raise web.HTTPSeeOther(LIVE.format(id=taken.conversation_id))


class StaffStream(EventStream):
    """A stream of somebody who is signed in: it ends with the session, and asks the page for signs of life."""

    async def send_heartbeat(self) -> bool:
        """Ask for a sign of life; a page's own clock may stand still in the background."""
        session = self.request[keys.SESSION].id
        if not await asyncio.to_thread(self.request.app[keys.SESSIONS].goes_on, session):
            await self.write_event("ended", {})
            return False
        await self.write_event("beat", {})
        return True


class QueueStream(StaffStream):
    """A page that shows the queue."""

    def __init__(self, request: web.Request) -> None:
        """Set up; see `EventStream`."""
        super().__init__(request)
        self._sent: dict[str, object] = {}

    async def send_news(self) -> bool:
        """Send the state if it has changed."""
        counter = await asyncio.to_thread(fetch_counter, self.request.app, self.request[keys.USER].id)
        if counter.state != self._sent:
            self._sent = counter.state
            await self.write_event("queue", self._sent)
        return True


def fetch_counter(app: web.Application, user: str) -> Counter:
    """Return the desk as a counsellor sees it.

    Args:
        app: The application.
        user: The counsellor's id.
    """
    desk = app[keys.DESK]
    return Counter(
        desk.fetch_waiting(), desk.fetch_held(user), app[keys.PRESENCE].fetch_all(), *app[keys.CALLBACK_DESK].count()
    )


async def _render(
    request: web.Request, name: str, status: int = 200, problem: str = "", holder: str = ""
) -> web.Response:
    app, user, language = request.app, request[keys.USER], read_language(request)
    counter = await asyncio.to_thread(_read_counter, app, user.id)
    people = await asyncio.to_thread(app[keys.USERS].fetch_all)
    names = {other.id: other.display_name for other in people}
    values: dict[str, Any] = {
        "counter": counter,
        "names": names,
        "there": [(names[id], state) for id, state in counter.present.items() if id in names and id != user.id],
        "my_status": counter.present.get(user.id, "present"),
        "holder": names.get(holder, ""),
        "hours": describe_hours(app[keys.SERVICE_HOURS], language),
        "closes_at": app[keys.SERVICE_HOURS].closes_at(dt.datetime.now(dt.timezone.utc)),
        "opens_at": app[keys.SERVICE_HOURS].opens_at(dt.datetime.now(dt.timezone.utc)),
        "words": load_words(language),
        "minutes": waited_minutes,
    }
    return render_staff_page(
        request, name, status, problem=problem, erased="erased" in request.query, done=_done(request), **values
    )


def _done(request: web.Request) -> str:
    done = request.query.get("done", "")
    return done if done in ("handed_back", "transferred", "ended") else ""


def _read_counter(app: web.Application, user: str) -> Counter:
    """Fetch the desk, and record that words of those who wait have been read."""
    counter = fetch_counter(app, user)
    if counter.waiting or counter.held:
        details = {"waiting": len(counter.waiting), "held": len(counter.held)}
        app[keys.AUDIT].append(user, "queue.read", "queue", "", details)
    return counter


def waited_minutes(since: dt.datetime) -> int:
    """Return for how many whole minutes somebody has waited."""
    return max(0, int((dt.datetime.now(dt.timezone.utc) - since).total_seconds() // 60))
