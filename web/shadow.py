"""Lets a candidate listen to a share of real turns, after they have been answered and without anybody waiting for it.

One thread a process does it; where it does not keep up, messages are passed over. Nothing that it finds changes an
answer, and nothing that goes wrong in it is noticed by a resident.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass

import structlog
from aiohttp import web

from bot.assistant import Assistant, AssistantError, Reply
from knowledge.languages import as_language
from knowledge.store import Knowledge
from studio.model_errors import ModelError
from studio.models import Models
from studio.shadow import Heard, ShadowRuns, is_chosen
from web import keys

_LOOK_EVERY = 5.0
_WAITING = 50
_log = structlog.get_logger("lotsi.shadow")


@dataclass(frozen=True)
class _Turn:
    message: str
    text: str
    language: str
    model: str
    live: Heard


class Shadow:
    """The candidate that listens, if one does."""

    def __init__(self, models: Models, runs: ShadowRuns, knowledge: Knowledge) -> None:
        """Set up; nobody listens yet.

        Args:
            models: Says who listens, and to how much.
            runs: Keeps what is heard.
            knowledge: For the candidate's assistant, which is never asked for an answer.
        """
        self._models = models
        self._runs = runs
        self._knowledge = knowledge
        self._turns: queue.Queue[_Turn] = queue.Queue(_WAITING)
        self._share = 0
        self._assistant: Assistant | None = None

    def hear(self, message: str, text: str, reply: Reply) -> None:
        """Put a turn before the candidate later; returns at once.

        Args:
            message: The id of the resident's message.
            text: Its masked words.
            reply: What was answered.
        """
        if not self._share or not is_chosen(message, self._share):
            return
        understanding = reply.understanding
        live = Heard(understanding.intent or "", understanding.confidence)
        try:
            self._turns.put_nowait(_Turn(message, text, reply.language, reply.model, live))
        except queue.Full:
            _log.info("shadow.turn.passed_over")

    def run(self, stopping: threading.Event) -> None:
        """Listen until told to stop; in a thread of its own."""
        look_at = 0.0
        while not stopping.is_set():
            try:
                if look_at <= 0:
                    self._look()
                    look_at = _LOOK_EVERY
                self._listen(self._turns.get(timeout=0.5))
            except queue.Empty:
                look_at -= 0.5
            except Exception as error:
                _log.error("shadow.failed", error=type(error).__name__)
                stopping.wait(_LOOK_EVERY)
        self._let_go()

    def _look(self) -> None:
        """Take up whoever listens now."""
        found = self._models.find_shadow()
        name, share = found or ("", 0)
        if self._assistant is not None and self._assistant.model != name:
            self._let_go()
        if name and self._assistant is None:
            assistant = Assistant(self._knowledge)
            try:
                assistant.load_beside(self._models.find_archive(name))
            except (AssistantError, ModelError):
                assistant.close()
                raise
            self._assistant = assistant
            _log.info("shadow.begun", model=name, share=share)
        self._share = share

    def _let_go(self) -> None:
        self._share = 0
        if self._assistant is not None:
            self._assistant.close()
            self._assistant = None

    def _listen(self, turn: _Turn) -> None:
        if self._assistant is None:
            return
        found = self._assistant.parse_sync(turn.text, as_language(turn.language))
        shadow = Heard(found.intent or "", found.confidence)
        self._runs.record(self._assistant.model, turn.message, turn.model, turn.language, turn.live, shadow)


async def keep_shadow(app: web.Application) -> AsyncIterator[None]:
    """Let a candidate listen for as long as the server runs."""
    stopping = threading.Event()
    listening = asyncio.create_task(asyncio.to_thread(app[keys.SHADOW].run, stopping))
    yield
    stopping.set()
    await asyncio.gather(listening, return_exceptions=True)
