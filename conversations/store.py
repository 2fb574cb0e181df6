"""Stores and reads conversations and messages. What comes in is masked already (`conversations.masking`)."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from conversations.errors import ConversationNotFound, KeyReused, TokenRejected
from conversations.schema import ConversationRow, MessageRow, TurnRow
from knowledge.engine import for_writing


@dataclass(frozen=True)
class Conversation:
    """A conversation as stored."""

    id: str
    language: str
    state: str
    channel: str
    created_at: dt.datetime
    updated_at: dt.datetime


@dataclass(frozen=True)
class NewMessage:
    """A message about to be stored; see `conversations.schema.MessageRow`."""

    sender: str
    text: str
    language: str
    payload: str | None = None
    topic: str | None = None
    sources: tuple[dict[str, Any], ...] = ()
    channels: tuple[dict[str, Any], ...] = ()
    buttons: tuple[dict[str, Any], ...] = ()
    masked: tuple[str, ...] = ()
    intent: str | None = None
    predicted: str | None = None
    confidence: float | None = None
    outcome: str | None = None
    ranking: tuple[dict[str, Any], ...] = ()
    trigger: str | None = None
    model: str | None = None
    emergency: bool = False
    handoff: bool = False


@dataclass(frozen=True)
class Message(NewMessage):
    """A message as stored."""

    id: str = ""
    position: int = 0
    created_at: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.timezone.utc))


class ConversationStore:
    """The conversations and messages of one database."""

    def __init__(self, engine: Engine) -> None:
        """Use the tables of `engine`.

        Args:
            engine: A migrated conversations database.
        """
        self._engine = engine
        self._writer = for_writing(engine)

    def insert_conversation(
        self, language: str, channel: str = "web", id: str | None = None
    ) -> tuple[Conversation, str]:
        """Begin a conversation.

        Args:
            language: The language it begins in.
            channel: `web`, `rest` or `cli`.
            id: Its id, where somebody else gives it (Rasa's REST shape); a random one otherwise.

        Returns:
            The conversation and the token that its resident holds; only the token's hash is stored.
        """
        token = secrets.token_urlsafe(32)
        now = _now()
        row = ConversationRow(
            id=id or uuid4().hex,
            token_hash=_hash(token),
            language=language,
            state="bot",
            channel=channel,
            created_at=now,
            updated_at=now,
        )
        with Session(self._writer) as session, session.begin():
            session.add(row)
            session.flush()
            return _conversation(row), token

    def fetch_conversation(self, id: str) -> Conversation:
        """Return a conversation.

        Raises:
            ConversationNotFound: There is none of that id.
        """
        with Session(self._engine) as session:
            return _conversation(_get(session, id))

    def check_token(self, id: str, token: str) -> Conversation:
        """Return the conversation if `token` is its own.

        Raises:
            ConversationNotFound: There is no conversation of that id.
            TokenRejected: The token is another one's, or none.
        """
        with Session(self._engine) as session:
            row = _get(session, id)
            if not hmac.compare_digest(row.token_hash, _hash(token)):
                raise TokenRejected(id)
            return _conversation(row)

    def insert_messages(self, id: str, messages: Sequence[NewMessage], language: str | None = None) -> list[Message]:
        """Append messages to a conversation, in one transaction.

        Args:
            id: The conversation's id.
            messages: In their order.
            language: The conversation's language from now on, if it changed.

        Raises:
            ConversationNotFound: It has been erased meanwhile.
        """
        with Session(self._writer) as session, session.begin():
            row = _get(session, id, lock=True)
            row.updated_at = _now()
            row.language = language or row.language
            highest = session.scalar(select(func.max(MessageRow.position)).where(MessageRow.conversation_id == id))
            start = 0 if highest is None else highest + 1
            rows = [
                MessageRow(
                    id=uuid4().hex,
                    conversation_id=id,
                    position=start + number,
                    created_at=row.updated_at,
                    **{key: list(value) if isinstance(value, tuple) else value for key, value in vars(message).items()},
                )
                for number, message in enumerate(messages)
            ]
            session.add_all(rows)
            session.flush()
            return [_message(item) for item in rows]

    def fetch_messages(self, id: str) -> list[Message]:
        """Return a conversation's messages, oldest first.

        Raises:
            ConversationNotFound: There is no conversation of that id.
        """
        with Session(self._engine) as session:
            _get(session, id)
            rows = session.scalars(
                select(MessageRow).where(MessageRow.conversation_id == id).order_by(MessageRow.position)
            )
            return [_message(row) for row in rows]

    def fetch_offered_buttons(self, id: str) -> dict[str, str]:
        """Return the buttons that were shown in a conversation: their titles by payload."""
        with Session(self._engine) as session:
            rows = session.scalars(
                select(MessageRow.buttons).where(MessageRow.conversation_id == id).order_by(MessageRow.position)
            )
            return {button["payload"]: button["title"] for buttons in rows for button in buttons}

    def update_understanding(self, message: str, **values: Any) -> None:
        """Write how a resident's message was understood onto its row; an erased one is passed over.

        Args:
            message: The message's id.
            values: `language`, `intent`, `predicted`, `confidence`, `outcome`, `ranking`, `trigger`, `model`.
        """
        with Session(self._writer) as session, session.begin():
            session.execute(update(MessageRow).where(MessageRow.id == message).values(**values))

    def delete_conversation(self, id: str) -> None:
        """Erase a conversation with all that belongs to it.

        Raises:
            ConversationNotFound: There is none of that id.
        """
        with Session(self._writer) as session, session.begin():
            _get(session, id, lock=True)
            session.execute(delete(TurnRow).where(TurnRow.conversation_id == id))
            session.execute(delete(MessageRow).where(MessageRow.conversation_id == id))
            session.execute(delete(ConversationRow).where(ConversationRow.id == id))

    def fetch_turn(self, id: str, key: str, request: str) -> dict[str, Any] | None:
        """Return the answer that was given under an idempotency key, or None if the key is new.

        Args:
            id: The conversation's id.
            key: The caller's key.
            request: The request's body as text; it must be the one that the key was used with.

        Raises:
            KeyReused: The key was used with another body.
        """
        with Session(self._engine) as session:
            row = session.get(TurnRow, (id, key))
            if row is None:
                return None
            if row.request_hash != _hash(request):
                raise KeyReused(key)
            return dict(row.response)

    def insert_turn(self, id: str, key: str, request: str, response: dict[str, Any]) -> None:
        """Keep an answer under its idempotency key; one that is there already stays."""
        row = TurnRow(conversation_id=id, key=key, request_hash=_hash(request), response=response, created_at=_now())
        try:
            with Session(self._writer) as session, session.begin():
                session.add(row)
        except IntegrityError:
            return


def _now() -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _get(session: Session, id: str, lock: bool = False) -> ConversationRow:
    row = session.get(ConversationRow, id, with_for_update=True if lock else None)
    if row is None:
        raise ConversationNotFound(id)
    return row


def _conversation(row: ConversationRow) -> Conversation:
    return Conversation(row.id, row.language, row.state, row.channel, row.created_at, row.updated_at)


def _message(row: MessageRow) -> Message:
    values = {key: getattr(row, key) for key in NewMessage.__dataclass_fields__}
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    return Message(**values, id=row.id, position=row.position, created_at=row.created_at)
