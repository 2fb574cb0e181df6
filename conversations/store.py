"""Stores and reads conversations and messages. What comes in is masked already (`conversations.masking`)."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from conversations.erasure import empty_log, erase_conversations
from conversations.errors import ConversationNotFound, KeyReused, TokenRejected
from conversations.inbox_entry import refresh_entry
from conversations.records import (
    Conversation,
    Message,
    NewMessage,
    append_messages,
    current_moment,
    get_conversation,
    hash_text,
    to_conversation,
    to_message,
)
from conversations.schema import ConversationRow, FeedbackRow, MessageRow, TurnRow
from knowledge.engine import for_writing

__all__ = ["Conversation", "ConversationStore", "Message", "NewMessage"]


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
        now = current_moment()
        row = ConversationRow(
            id=id or uuid4().hex,
            token_hash=hash_text(token),
            language=language,
            state="bot",
            channel=channel,
            created_at=now,
            updated_at=now,
        )
        with Session(self._writer) as session, session.begin():
            session.add(row)
            session.flush()
            return to_conversation(row), token

    def fetch_conversation(self, id: str) -> Conversation:
        """Return a conversation.

        Raises:
            ConversationNotFound: There is none of that id.
        """
        with Session(self._engine) as session:
            return to_conversation(get_conversation(session, id))

    def fetch_newest(self, limit: int, state: str | None = None) -> list[Conversation]:
        """Return conversations, the one that something happened in last first.

        Args:
            limit: How many at the most.
            state: Only those in it.
        """
        statement = select(ConversationRow).order_by(ConversationRow.updated_at.desc(), ConversationRow.id)
        if state is not None:
            statement = statement.where(ConversationRow.state == state)
        with Session(self._engine) as session:
            return [to_conversation(row) for row in session.scalars(statement.limit(limit))]

    def check_token(self, id: str, token: str) -> Conversation:
        """Return the conversation if `token` is its own.

        Raises:
            ConversationNotFound: There is no conversation of that id.
            TokenRejected: The token is another one's, or none.
        """
        with Session(self._engine) as session:
            row = get_conversation(session, id)
            if not hmac.compare_digest(row.token_hash, hash_text(token)):
                raise TokenRejected(id)
            return to_conversation(row)

    def insert_messages(
        self,
        id: str,
        messages: Sequence[NewMessage],
        language: str | None = None,
        states: Collection[str] | None = None,
    ) -> list[Message]:
        """Append messages to a conversation, in one transaction.

        Args:
            id: The conversation's id.
            messages: In their order.
            language: The conversation's language from now on, if it changed.
            states: The states in which they may be said; in any other nothing is stored and nothing returned. The
                state may have changed while somebody was thinking of an answer.

        Raises:
            ConversationNotFound: It has been erased meanwhile.
        """
        with Session(self._writer) as session, session.begin():
            row = get_conversation(session, id, lock=True)
            if states is not None and row.state not in states:
                return []
            row.language = language or row.language
            return append_messages(session, row, messages)

    def insert_question(
        self, id: str, message: NewMessage, states: Collection[str], answered_in: Collection[str]
    ) -> tuple[Message | None, str]:
        """Append a resident's words.

        Where an answer follows at once, the entry in the inbox is made with the answer, not twice in a turn; where it
        does not come, `refresh` makes it, and after a sudden end `conversations.inbox_backfill`.

        Args:
            id: The conversation's id.
            message: The words.
            states: The states in which they may be said; in any other nothing is stored.
            answered_in: The states in which the caller answers.

        Returns:
            The message as stored, None if it was not, and the conversation's state.

        Raises:
            ConversationNotFound: It has been erased meanwhile.
        """
        with Session(self._writer) as session, session.begin():
            row = get_conversation(session, id, lock=True)
            if row.state not in states:
                return None, row.state
            (stored,) = append_messages(session, row, [message], judge=row.state not in answered_in)
            return stored, row.state

    def refresh(self, id: str) -> None:
        """Make the entry in the inbox of a conversation whose question got no answer; an erased one is passed over."""
        with Session(self._writer) as session, session.begin():
            row = session.get(ConversationRow, id, with_for_update=True)
            if row is not None:
                refresh_entry(session, row)

    def insert_answer(
        self,
        id: str,
        question: str,
        understanding: Mapping[str, Any],
        messages: Sequence[NewMessage],
        language: str,
        states: Collection[str],
    ) -> tuple[list[Message], str]:
        """Write how a question was understood and append what was answered, in one transaction.

        Args:
            id: The conversation's id.
            question: The id of the resident's message.
            understanding: As `update_understanding` takes it.
            messages, language, states: As `insert_messages` takes them; how it was understood is written in any state.

        Returns:
            What was appended, and the conversation's state.

        Raises:
            ConversationNotFound: It has been erased meanwhile.
        """
        with Session(self._writer) as session, session.begin():
            row = get_conversation(session, id, lock=True)
            session.execute(update(MessageRow).where(MessageRow.id == question).values(**understanding))
            if row.state not in states:
                refresh_entry(session, row)
                return [], row.state
            row.language = language
            return append_messages(session, row, messages), row.state

    def update_language(self, id: str, language: str) -> None:
        """Go on in another language.

        Raises:
            ConversationNotFound: There is no conversation of that id.
        """
        with Session(self._writer) as session, session.begin():
            row = get_conversation(session, id, lock=True)
            row.language = language
            refresh_entry(session, row)

    def fetch_messages(self, id: str, after: int = -1) -> list[Message]:
        """Return a conversation's messages, oldest first.

        Args:
            id: The conversation's id.
            after: Only those whose position is greater.

        Raises:
            ConversationNotFound: There is no conversation of that id.
        """
        with Session(self._engine) as session:
            get_conversation(session, id)
            rows = session.execute(
                select(MessageRow, FeedbackRow.value)
                .outerjoin(FeedbackRow, FeedbackRow.message_id == MessageRow.id)
                .where(MessageRow.conversation_id == id, MessageRow.position > after)
                .order_by(MessageRow.position)
            )
            return [to_message(row, feedback) for row, feedback in rows]

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
            conversation = session.scalar(select(MessageRow.conversation_id).where(MessageRow.id == message))
            row = conversation and session.get(ConversationRow, conversation, with_for_update=True)
            if row:
                session.execute(update(MessageRow).where(MessageRow.id == message).values(**values))
                refresh_entry(session, row)

    def delete_conversation(self, id: str) -> None:
        """Erase a conversation with all that belongs to it (`conversations.erasure`).

        Raises:
            ConversationNotFound: There is none of that id.
        """
        if not erase_conversations(self._engine, [id]):
            raise ConversationNotFound(id)
        empty_log(self._engine)

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
            row = session.get(TurnRow, (id, _key(id, key)))
            if row is None:
                return None
            if row.request_hash != hash_text(request):
                raise KeyReused(key)
            return dict(row.response)

    def insert_turn(self, id: str, key: str, request: str, response: dict[str, Any]) -> None:
        """Keep an answer under its idempotency key; one that is there already stays."""
        row = TurnRow(
            conversation_id=id,
            key=_key(id, key),
            request_hash=hash_text(request),
            response=response,
            created_at=current_moment(),
        )
        try:
            with Session(self._writer) as session, session.begin():
                session.add(row)
        except IntegrityError:
            return


def _key(conversation: str, key: str) -> str:
    """Return what is stored of an idempotency key: whoever writes a client may put anything into it."""
    return hash_text(f"{conversation} {key}")
