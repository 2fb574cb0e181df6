"""One turn of a conversation: mask, store, understand, store the answer. In this order, whoever asks."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import time
from collections.abc import Callable
from typing import Any
from weakref import WeakValueDictionary

import structlog

from bot.assistant import Assistant, BotMessage, PayloadInvalid, Reply, full_text
from conversations.errors import ConversationEnded
from conversations.gate import own_words
from conversations.masking import mask_text
from conversations.store import ConversationStore, Message, NewMessage
from knowledge.languages import Language, as_language
from knowledge.store import Knowledge
from web.live import Live

_SPOKEN_IN = ("bot", "waiting", "human")
_ANSWERED_IN = ("bot", "waiting")
_log = structlog.get_logger("lotsi.chat")


@dataclasses.dataclass(frozen=True)
class TurnResult:
    """A turn as stored.

    Attributes:
        sent: The resident's own message.
        messages: The bot's; none while a human being answers.
        state: The conversation's state after them.
    """

    sent: Message
    messages: tuple[Message, ...]
    state: str


class TurnTaker:
    """Takes turns; those of one conversation one after another."""

    def __init__(
        self,
        assistant: Assistant,
        conversations: ConversationStore,
        knowledge: Knowledge,
        live: Live,
        observe: Callable[[Reply, float], object] = lambda _reply, _seconds: None,
        overhear: Callable[[str, str, Reply], None] | None = None,
    ) -> None:
        """Set up.

        Args:
            assistant: Answers.
            conversations: Stores.
            knowledge: Its published numbers are not masked.
            live: Tells who watches a conversation that there is something new.
            observe: Is told of each answer of the bot's, and how many seconds it took.
            overhear: Told the id and the masked words of a message, and what was answered; returns at once.
        """
        self._overhear = overhear
        self._assistant = assistant
        self._conversations = conversations
        self._knowledge = knowledge
        self._live = live
        self._observe = observe
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def lock(self, conversation: str) -> asyncio.Lock:
        """Return the lock that keeps a conversation's turns apart within this process."""
        lock = self._locks.get(conversation)
        if lock is None:
            lock = self._locks[conversation] = asyncio.Lock()
        return lock

    async def begin(self, language: Language, channel: str) -> tuple[str, str, tuple[Message, ...]]:
        """Begin a conversation.

        Args:
            language: The page's language.
            channel: `web`, `rest` or `cli`.

        Returns:
            Its id, its resident's token, and the opening messages.
        """
        opening = self._assistant.opening(language)
        return await asyncio.to_thread(self._begin, language, channel, opening)

    def _begin(
        self, language: Language, channel: str, opening: list[BotMessage]
    ) -> tuple[str, str, tuple[Message, ...]]:
        conversation, token = self._conversations.insert_conversation(language, channel)
        stored = self._conversations.insert_messages(
            conversation.id, [_bot_row(message, self._assistant.model) for message in opening]
        )
        _log.info("chat.conversation.begun", language=language, channel=channel)
        return conversation.id, token, tuple(stored)

    async def take(self, conversation: str, text: str | None, payload: str | None) -> TurnResult:
        """Answer one message of a resident. The caller holds the conversation's lock.

        Args:
            conversation: The conversation's id.
            text: The words as they came in, cleaned; masked here.
            payload: A button's payload instead.

        Raises:
            ConversationEnded: Nothing more is said in it.
            ConversationNotFound: It has been erased.
            PayloadInvalid: The payload was never offered here.
        """
        began = time.perf_counter()
        row = await asyncio.to_thread(self._conversations.fetch_conversation, conversation)
        title = None
        if payload is not None:
            title = await asyncio.to_thread(self._button_title, conversation, payload)
        masked = mask_text(title or text or "", await asyncio.to_thread(self._knowledge.fetch_numbers))
        resident = NewMessage(
            sender="resident", text=masked.text, language=row.language, payload=payload, masked=masked.kinds
        )
        sent, state = await asyncio.to_thread(
            self._conversations.insert_question, conversation, resident, _SPOKEN_IN, _ANSWERED_IN
        )
        if sent is None:
            raise ConversationEnded(conversation)
        self._live.wake(conversation)
        if state not in _ANSWERED_IN:
            _log.info("chat.turn.passed_on", state=state, masked=list(masked.kinds))
            return TurnResult(sent, (), state)
        try:
            reply = await self._assistant.reply(
                conversation,
                text=None if payload is not None else masked.text,
                payload=payload,
                language=as_language(row.language),
            )
            messages, state = await asyncio.to_thread(self._store_reply, conversation, sent.id, reply)
        except BaseException:
            await asyncio.to_thread(self._conversations.refresh, conversation)
            raise
        if self._overhear is not None and payload is None:
            self._overhear(sent.id, masked.text, reply)
        self._live.wake(conversation)
        self._observe(reply, time.perf_counter() - began)
        _log.info(
            "chat.turn.answered",
            language=reply.language,
            outcome=reply.understanding.outcome,
            model=reply.model,
            masked=list(masked.kinds),
        )
        return TurnResult(sent, tuple(messages), state)

    async def switch_language(self, conversation: str, language: Language) -> None:
        """Go on in the language that the resident has chosen in the widget. The caller holds the conversation's lock.

        The bot's dialogue learns of it as if it had been asked for in words; what it would say to that is not said.

        Raises:
            ConversationNotFound: It has been erased.
        """
        row = await asyncio.to_thread(self._conversations.fetch_conversation, conversation)
        if row.language == language:
            return
        payload = "/change_language" + json.dumps({"wanted_language": language})
        await self._assistant.reply(conversation, payload=payload, language=language)
        await asyncio.to_thread(self._conversations.update_language, conversation, language)

    def _button_title(self, conversation: str, payload: str) -> str:
        offered = self._conversations.fetch_offered_buttons(conversation)
        if payload not in offered:
            raise PayloadInvalid("the payload was not offered in this conversation")
        return offered[payload]

    def _store_reply(self, conversation: str, resident_message: str, reply: Reply) -> tuple[list[Message], str]:
        understood = reply.understanding
        understanding = {
            "language": reply.language,
            "intent": understood.intent,
            "predicted": understood.predicted,
            "confidence": understood.confidence,
            "outcome": understood.outcome,
            "ranking": [{"intent": name, "confidence": round(value, 4)} for name, value in understood.ranking],
            "trigger": understood.trigger,
            "model": reply.model,
        }
        rows = [_bot_row(message, reply.model) for message in reply.messages]
        return self._conversations.insert_answer(
            conversation, resident_message, understanding, rows, reply.language, _ANSWERED_IN
        )


def _bot_row(message: BotMessage, model: str) -> NewMessage:
    return NewMessage(
        sender="bot",
        text=own_words(message.text),
        language=message.language,
        topic=message.topic,
        sources=message.sources,
        channels=message.channels,
        buttons=message.buttons,
        model=model,
        emergency=message.emergency,
        handoff=message.handoff,
    )


def to_json(message: Message) -> dict[str, Any]:
    """Return a message as the API shows it."""
    return {
        "id": message.id,
        "position": message.position,
        "sender": message.sender,
        "text": message.text,
        "language": message.language,
        "topic": message.topic,
        "sources": list(message.sources),
        "channels": list(message.channels),
        "buttons": list(message.buttons),
        "masked": list(message.masked),
        "emergency": message.emergency,
        "handoff": message.handoff,
        "feedback": message.feedback,
        "created_at": message.created_at.isoformat(timespec="seconds"),
    }


def to_plain_text(message: Message) -> str:
    """Return all that a resident reads of a message: answer, channels, sources."""
    return full_text({"text": message.text, "custom": {"channels": message.channels, "sources": message.sources}})


def request_fingerprint(text: str | None, payload: str | None) -> str:
    """Return what an idempotency key is bound to: the request, masked, so that no hash lets its words be guessed.

    Args:
        text: The words as they came in.
        payload: A button's payload instead.
    """
    masked = None if text is None else mask_text(text).text
    return json.dumps({"text": masked, "payload": payload}, ensure_ascii=False)
