"""Keeps the assistant on the model that the database names as live: at start, and whenever somebody promotes another.

Every server process looks every two seconds. A model is loaded and tried out beside the live one, in a thread; turns go
on meanwhile, and end on the model that they began with. One that cannot be used here leaves the live one where it is.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import structlog

from bot.assistant import Assistant, AssistantError, PreparedModel, settle_memory
from studio.model_errors import ModelError
from studio.models import Models

_LOOK_EVERY = 2.0
_log = structlog.get_logger("lotsi.models")


class Swapper:
    """Swaps the models of one process."""

    def __init__(self, assistant: Assistant, models: Models) -> None:
        """Set up; nothing is loaded yet.

        Args:
            assistant: Gets the models.
            models: Says which one is live.
        """
        self._assistant = assistant
        self._models = models
        self._seen = -1
        self._tried: PreparedModel | None = None
        self._lock = threading.Lock()

    def load(self) -> None:
        """Load the live model; the installation's own one where the live one cannot be used.

        Raises:
            AssistantError: Neither can be.
        """
        with self._lock:
            number = self._models.newest_promotion()
            try:
                self._assistant.load(self._models.find_live())
            except (ModelError, AssistantError) as error:
                base = self._models.base_path()
                if not number or base is None:
                    raise error if isinstance(error, AssistantError) else AssistantError(str(error)) from error
                _log.error("models.live.unusable", reason=str(error), instead=base.name)
                self._assistant.load(base)
            self._seen = number
        settle_memory()

    def try_out(self, archive: Path) -> None:
        """Load a model and ask it what every model must answer; it is kept at hand for the swap.

        Raises:
            AssistantError: It cannot be used.
        """
        with self._lock:
            self._tried = self._assistant.prepare_beside(archive)

    def follow(self) -> bool:
        """Take up the live model if another has become it; return whether this process answers with it now."""
        number = self._models.newest_promotion()
        if number == self._seen:
            return True
        with self._lock:
            self._seen = number
            name = self._models.live_name()
            if name == self._assistant.model:
                return True
            try:
                tried, self._tried = self._tried, None
                fits = tried is not None and tried.name == name
                if tried is None or not fits:
                    tried = self._assistant.prepare_beside(self._models.find_live())
                self._assistant.use(tried)
            except (ModelError, AssistantError) as error:
                _log.error("models.swap.failed", model=name, reason=str(error), stays=self._assistant.model)
                return False
        _log.info("models.swap.done", model=name)
        return True

    async def run(self, between: Callable[[], None] = lambda: None) -> None:
        """Look for another live model until cancelled.

        Args:
            between: What else is done each time.
        """
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            try:
                await asyncio.to_thread(self.follow)
                await asyncio.to_thread(between)
            except Exception as error:  # a database that is away for a while
                _log.error("models.look.failed", error=type(error).__name__)
