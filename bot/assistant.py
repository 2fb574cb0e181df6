"""The one module that drives Rasa at run time: load a model, reply to a message, swap the model.

Rasa's graph runner is synchronous, so the agent lives on a thread and event loop of its own; the web's loop is never
held up by a turn. Callers await `reply` from any loop, or call `reply_sync` from no loop at all.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.lock_store import InMemoryLockStore, LockStore
from rasa.core.tracker_store import InMemoryTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain

from bot.actions.phrases import Phrases, find_response
from bot.actions.rendering import full_text
from bot.errors import AssistantError, ModelMissing, ModelUnusable, PayloadInvalid
from bot.in_process import InProcessActions, make_actions
from bot.lean_rasa import look_up_by_name
from bot.loading import quick_yaml, settle_memory, share_process, stand_back
from bot.nlu.embedding import embed_ahead, keep_texts
from bot.payloads import parse_payload
from bot.reply import BotMessage, Reply, Understanding, default_language, to_bot_message, to_understanding
from bot.smoke import DANGERS, ORDINARY, find_smoke
from bot.tracker_store import ConversationTrackerStore
from bot.turn_engine import use_turn_engine
from conversations.trackers import TrackerEvents
from knowledge.languages import Language
from knowledge.lemmas import normalise
from knowledge.store import Knowledge

__all__ = [
    "Assistant",
    "AssistantError",
    "BotMessage",
    "ModelMissing",
    "ModelUnusable",
    "PayloadInvalid",
    "PreparedModel",
    "Reply",
    "Understanding",
    "as_heard",
    "find_model",
    "full_text",
    "quiet_rasa",
    "settle_memory",
]

_T = TypeVar("_T")


@dataclass(frozen=True)
class PreparedModel:
    """A model that was loaded and tried out beside the live one, and is not live yet."""

    name: str
    agent: Agent = field(repr=False)


class _StructuredChannel(CollectingOutputChannel):
    """Collects each message whole; Rasa's own channel takes text, buttons and custom data apart."""

    @classmethod
    def name(cls) -> str:
        return "lotsi"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        self.messages.append({**message, "recipient_id": recipient_id})


class Assistant:
    """A trained model, ready to answer.

    Thread-safe: turns of one conversation wait for each other (Rasa's lock store), turns of different ones share the
    assistant's loop.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        tracker_events: TrackerEvents | None = None,
        lock_store: LockStore | None = None,
    ) -> None:
        """Start the assistant's thread; no model is loaded yet.

        Args:
            knowledge: Where answers come from.
            tracker_events: Where dialogue state is kept; in memory if left out.
            lock_store: Rasa's lock store; in memory if left out.
        """
        self._knowledge = knowledge
        self._tracker_events = tracker_events
        self._lock_store = lock_store or InMemoryLockStore()
        self._memory_store: TrackerStore | None = None
        self._endpoint = InProcessActions(make_actions(knowledge))
        self._live: PreparedModel | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run_loop, name="assistant", daemon=True)
        self._thread.start()

    def _run_loop(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def close(self) -> None:
        """Stop the assistant's loop and thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        if not self._loop.is_running():
            self._loop.close()

    @property
    def knowledge(self) -> Knowledge:
        """Where the answers come from."""
        return self._knowledge

    @property
    def model(self) -> str:
        """The live model's name, empty before one is loaded."""
        return self._live.name if self._live else ""

    @property
    def ready(self) -> bool:
        """Whether a model is loaded."""
        return self._live is not None

    def load(self, path: Path) -> None:
        """Load a model, try it, and make it the live one; turns in flight end on the old one.

        Args:
            path: A model archive (`.tar.gz`) or a folder with archives, whose newest is taken.

        Raises:
            ModelMissing: There is no archive.
            ModelUnusable: It cannot be loaded or does not answer.
        """
        self.use(self.prepare(path))

    def load_beside(self, path: Path) -> None:
        """Load a model as `load` does, while others are answered; see `prepare_beside`."""
        self.use(self.prepare_beside(path))

    def use(self, prepared: PreparedModel) -> None:
        """Make a prepared model the live one, in one step; turns in flight end on the old one."""
        self._live = prepared

    def prepare(self, path: Path, try_out: bool = True) -> PreparedModel:
        """Load a model beside the live one and try it out; call it in a thread, it takes seconds.

        Args:
            path: As `load` takes it.
            try_out: Whether one that fails `bot.smoke` is refused; an evaluation wants to see it all the same.

        Raises:
            ModelMissing: There is no archive.
            ModelUnusable: It cannot be loaded, does not answer, or does not meet danger.
        """
        archive = find_model(path)
        try:
            look_up_by_name()
            use_turn_engine()
            with quick_yaml():
                agent = Agent.load(
                    str(archive),
                    action_endpoint=self._endpoint,
                    tracker_store=self._make_tracker_store(),
                    lock_store=self._lock_store,
                )
            share_process()
            if agent.tracker_store is not None and agent.domain is not None:
                agent.tracker_store.domain = agent.domain
            usable = agent.is_ready() and agent.domain is not None
            if try_out:
                keep_texts((*DANGERS, *ORDINARY))
            wrong = self._submit(find_smoke(agent.parse_message)).result() if usable and try_out else []
        except Exception as error:
            raise ModelUnusable(
                f"{archive.name} cannot be used: {error}; train a new one with 'lotsi train'"
            ) from error
        if not usable:
            raise ModelUnusable("the archive holds no trained model; train one with 'lotsi train'")
        if wrong:
            raise ModelUnusable(f"{archive.name} fails what every model must answer: {'; '.join(wrong)}")
        return PreparedModel(archive.name.removesuffix(".tar.gz"), agent)

    def prepare_beside(self, path: Path) -> PreparedModel:
        """Prepare a model as `prepare` does, in a thread that leaves cores and Python's lock to those who answer.

        It takes some seconds longer.

        Raises:
            ModelMissing: There is no archive.
            ModelUnusable: It cannot be loaded, does not answer, or does not meet danger.
        """
        with ThreadPoolExecutor(max_workers=1, initializer=stand_back) as beside:
            return beside.submit(self.prepare, path).result()

    def smoke_sync(self) -> list[str]:
        """Return what is wrong with the live model by `bot.smoke`; nothing if nothing is."""
        return self._submit(find_smoke(self._require().agent.parse_message)).result()

    def _make_tracker_store(self) -> TrackerStore:
        if self._tracker_events is not None:
            return ConversationTrackerStore(self._tracker_events)
        if self._memory_store is None:
            self._memory_store = InMemoryTrackerStore(Domain.empty())
        return self._memory_store

    async def reply(
        self,
        conversation: str,
        text: str | None = None,
        payload: str | None = None,
        language: Language | None = None,
    ) -> Reply:
        """Answer one message; see `reply_sync`."""
        if text is not None and payload is None:
            await asyncio.to_thread(embed_ahead, as_heard(text))
        return await asyncio.wrap_future(self._submit(self._reply(conversation, text, payload, language)))

    def reply_sync(
        self,
        conversation: str,
        text: str | None = None,
        payload: str | None = None,
        language: Language | None = None,
    ) -> Reply:
        """Answer one message and wait for it.

        Args:
            conversation: The conversation's id.
            text: The resident's words, masked. A leading slash has no meaning.
            payload: A button's payload instead of words.
            language: The page's language, used until the conversation has one.

        Raises:
            ModelMissing: No model has been loaded.
            PayloadInvalid: The payload names no intent.
        """
        return self._submit(self._reply(conversation, text, payload, language)).result()

    async def _reply(
        self, conversation: str, text: str | None, payload: str | None, language: Language | None
    ) -> Reply:
        live = self._require()
        agent, processor = live.agent, live.agent.processor
        if processor is None or agent.tracker_store is None:
            raise ModelUnusable("the archive holds no trained model; train one with 'lotsi train'")
        async with self._lock_store.lock(conversation):
            channel = _StructuredChannel()
            tracker = await processor.fetch_tracker_and_update_session(conversation, channel)
            known = tracker.get_slot("language")
            spoken = default_language(known or language)
            intents = agent.domain.intents if agent.domain else []
            said = None if payload is None else parse_payload(payload, intents, None if known else spoken)
            message = UserMessage(
                text=payload if payload is not None else as_heard(text or ""),
                output_channel=channel,
                sender_id=conversation,
                input_channel=channel.name(),
                parse_data=said,
                metadata={"language": known or language},
            )
            # As Rasa's MessageProcessor.handle_message does, but the tracker is loaded once and stays at hand.
            await processor._handle_message_with_tracker(message, tracker)
            tracker = await processor.run_action_extract_slots(channel, tracker)
            await processor._run_prediction_loop(channel, tracker)
            await processor.save_tracker(tracker)
            spoken = default_language(tracker.get_slot("language") or spoken)
            parsed = dict(tracker.latest_message.parse_data) if tracker.latest_message else {}
        messages = tuple(to_bot_message(item, spoken) for item in channel.messages)
        return Reply(
            messages=messages or (self._failed(agent, spoken),),
            language=spoken,
            understanding=to_understanding(parsed) if parsed else Understanding(),
            model=live.name,
            detected_language=str(parsed.get("detected_language") or ""),
        )

    @staticmethod
    def _failed(agent: Agent, language: Language) -> BotMessage:
        """Return what is said where an action failed: Rasa logs the error, and the resident would read nothing."""
        phrases = Phrases({"responses": agent.domain.responses if agent.domain else {}}, language)
        text = phrases.text("failed")
        return BotMessage(text=text, full_text=text, language=language, buttons=tuple(phrases.buttons("failed")))

    def opening(self, language: Language) -> list[BotMessage]:
        """Return what is said when a conversation begins: greeting and disclosure.

        Args:
            language: The page's language.

        Raises:
            ModelMissing: No model has been loaded.
        """
        domain = self._require().agent.domain
        responses = domain.responses if domain else {}
        texts = [find_response(responses, f"utter_{name}", language)["text"] for name in ("opening", "disclosure")]
        return [BotMessage(text=text, full_text=text, language=language) for text in texts]

    def parse_sync(self, text: str, language: Language | None = None) -> Understanding:
        """Understand one message outside any conversation.

        Args:
            text: The words.
            language: The page's language.
        """
        processor = self._require().agent.processor
        if processor is None:
            raise ModelUnusable("the archive holds no trained model; train one with 'lotsi train'")
        message = UserMessage(as_heard(text), metadata={"language": language})
        return to_understanding(self._submit(processor.parse_message(message)).result())

    def _require(self) -> PreparedModel:
        if self._live is None:
            raise ModelMissing("no model is loaded; train one with 'lotsi train'")
        return self._live

    async def erase(self, conversation: str) -> None:
        """Erase the dialogue state of a conversation, after any turn in flight.

        Args:
            conversation: The conversation's id; an unknown one is no error.
        """
        await asyncio.wrap_future(self._submit(self._erase(conversation)))

    async def _erase(self, conversation: str) -> None:
        async with self._lock_store.lock(conversation):
            if self._tracker_events is not None:
                self._tracker_events.delete(conversation)
            elif isinstance(self._memory_store, InMemoryTrackerStore):
                self._memory_store.store.pop(conversation, None)

    def _submit(self, work: Coroutine[Any, Any, _T]) -> Future[_T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)


def as_heard(text: str) -> str:
    """Return a text as the pipeline gets it: free text never reaches Rasa's `/intent` syntax."""
    return normalise(text).lstrip("/ ") or " "


def find_model(path: Path) -> Path:
    """Return the model archive at `path`, or the newest one in it if it is a folder.

    Raises:
        ModelMissing: There is none.
    """
    if path.is_file():
        return path
    archives = sorted(path.glob("*.tar.gz"), key=lambda item: (item.stat().st_mtime, item.name))
    if not archives:
        raise ModelMissing(f"there is no trained model in {path}; train one with 'lotsi train'")
    return archives[-1]


@functools.lru_cache(maxsize=1)
def quiet_rasa() -> None:
    """Keep residents' words out of the logs: Rasa prints them at DEBUG, and structlog's default is to print all."""
    from rasa.utils.log_utils import configure_structlog

    for name in ("rasa", "rasa_sdk", "apscheduler", "asyncio", "matplotlib", "tensorflow"):
        logging.getLogger(name).setLevel(logging.WARNING)
    configure_structlog(logging.WARNING)
