"""What a process counts as it goes: requests, turns, outcomes. A registry of its own for each application.

Labels come from small closed sets: routes as they are declared, statuses, languages, outcomes. No topic, no emergency,
no conversation: a series that rises by one at 14.32 would tell of somebody who was in danger then.
"""

from __future__ import annotations

from typing import Final

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Histogram, PlatformCollector, ProcessCollector

from bot.assistant import Reply
from web import keys
from web.access_log import find_route, name_method
from web.errors import Handler

OUTCOMES: Final = ("answered", "clarified", "dont_know", "other")
"""`other`: small talk, a request for a human, another language, danger."""
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The counters of one application."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._requests = Counter(
            "lotsi_http_requests",
            "Answered requests by method, route and status.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._turns = Histogram(
            "lotsi_turn_duration_seconds",
            "Time from a resident's message to the stored answer of the bot.",
            ("language",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._outcomes = Counter(
            "lotsi_turns", "Turns by language and outcome.", ("language", "outcome"), registry=self.registry
        )

    def count_request(self, request: web.BaseRequest, status: int) -> None:
        """Count an answered request."""
        self._requests.labels(name_method(request), find_route(request), str(status)).inc()

    def observe_turn(self, reply: Reply, seconds: float) -> None:
        """Count a turn that the bot answered.

        Args:
            reply: The bot's answer.
            seconds: How long it took, storing included.
        """
        self._turns.labels(reply.language).observe(seconds)
        self._outcomes.labels(reply.language, judge_reply(reply)).inc()


def judge_reply(reply: Reply) -> str:
    """Return what came of a turn, one of `OUTCOMES`."""
    outcome = reply.understanding.outcome
    if outcome in ("safety", "foreign") or any(message.emergency for message in reply.messages):
        return "other"
    if any(message.topic for message in reply.messages):
        return "answered"
    return {"between": "clarified", "unsure": "dont_know"}.get(outcome, "other")


@web.middleware
async def metrics_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count every request with the status that it is answered with."""
    status = 500
    try:
        response = await handler(request)
        status = response.status
    except web.HTTPException as error:
        status = error.status
        raise
    finally:
        request.app[keys.METRICS].count_request(request, status)
    return response
