"""A candidate, with the answers that go with it, beside the live model, to be talked to; in memory alone."""

from __future__ import annotations

import tempfile
import threading
import time
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from bot.assistant import Assistant, Reply
from conversations.masking import mask_text
from knowledge.build import build_knowledge
from knowledge.engine import open_engine, sqlite_url
from knowledge.languages import Language
from knowledge.store import Knowledge
from studio.models import Models

_KEPT = 20
IDLE = 900.0
"""Seconds after which models that nobody talks to are let go."""


@dataclass(frozen=True)
class Exchange:
    """What an admin said, masked, and what both models answered."""

    text: str
    live: Reply
    candidate: Reply


class Bench:
    """The pair that is being talked to; another pair takes its place."""

    def __init__(self, models: Models, knowledge: Knowledge) -> None:
        """Set up; nothing is loaded yet.

        Args:
            models: Where archives come from.
            knowledge: What the live model answers from.
        """
        self._models = models
        self._knowledge = knowledge
        self._lock = threading.Lock()
        self._pair: tuple[Assistant, Assistant] | None = None
        self._opened = ExitStack()
        self._used_at = 0.0
        self._said: dict[tuple[str, str], list[Exchange]] = defaultdict(list)

    def ask(self, user: str, name: str, text: str, language: Language) -> None:
        """Say something to both; loads them first, which takes seconds.

        Args:
            user: Whose conversation it is.
            name: The candidate.
            text: As typed; masked as a resident's words are.
            language: Of the page.

        Raises:
            ModelError: An archive is not what was made here.
            AssistantError: A model cannot be used.
        """
        masked = mask_text(text, self._knowledge.fetch_numbers()).text
        with self._lock:
            live, candidate = self._open(name)
            replies = [assistant.reply_sync(user, masked, language=language) for assistant in (live, candidate)]
            said = self._said[user, name]
            said.append(Exchange(masked, *replies))
            del said[:-_KEPT]
            self._used_at = time.monotonic()

    def fetch(self, user: str, name: str) -> list[Exchange]:
        """Return what has been said so far."""
        return list(self._said.get((user, name), ()))

    def forget(self, user: str, name: str) -> None:
        """Begin anew."""
        with self._lock:
            self._said.pop((user, name), None)
            if self._pair is not None:
                self._close()

    def close_idle(self) -> None:
        """Let the models go if nobody has talked to them for a while."""
        if self._pair is not None and time.monotonic() - self._used_at > IDLE:
            self.close()

    def close(self) -> None:
        """Let the models go, and forget what was said."""
        with self._lock:
            self._close()
            self._said.clear()

    def _open(self, name: str) -> tuple[Assistant, Assistant]:
        names = (self._models.live_name(), name)
        if self._pair is not None and tuple(item.model for item in self._pair) == names:
            return self._pair
        self._close()
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lotsi-bench-")))
            engine: Engine = open_engine(sqlite_url(folder / "knowledge.db"))
            stack.callback(engine.dispose)
            snapshot = self._models.archives.snapshot(name)
            build_knowledge(engine, overlay=snapshot if snapshot.is_dir() else None)
            pair = []
            for model, knowledge in zip(names, (self._knowledge, Knowledge(engine)), strict=True):
                assistant = Assistant(knowledge)
                stack.callback(assistant.close)
                assistant.load_beside(self._models.find_archive(model))
                pair.append(assistant)
            self._opened = stack.pop_all()
        self._pair = (pair[0], pair[1])
        return self._pair

    def _close(self) -> None:
        self._pair = None
        self._opened.close()
        self._opened = ExitStack()
