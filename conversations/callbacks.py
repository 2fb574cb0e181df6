"""Requests to be called back. Whom to call is encrypted before it gets into the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from conversations.encryption import Cipher
from conversations.errors import ConversationEnded
from conversations.gate import as_masked, masked_or_none
from conversations.records import Message, NewMessage, append_messages, current_moment, get_conversation
from conversations.schema import CallbackRow
from knowledge.engine import for_writing


@dataclass(frozen=True)
class Callback:
    """A request as stored; `phone` is None where the key that it was encrypted with is gone."""

    id: str
    conversation_id: str
    language: str
    phone: str | None
    name: str | None
    wish: str | None
    requested_at: dt.datetime
    due_at: dt.datetime
    status: str
    closed_at: dt.datetime | None
    outcome: str | None


@dataclass(frozen=True)
class Caller:
    """Whom to call back, as the resident wrote it. Name and wish are for a few words: what else they hold is masked.

    Attributes:
        phone: The number.
        name: How the resident wants to be called; may be missing.
        wish: When a call would suit, in the resident's words; may be missing.
    """

    phone: str
    name: str | None = None
    wish: str | None = None

    def __post_init__(self) -> None:
        """Mask what nobody has masked."""
        object.__setattr__(self, "name", masked_or_none(self.name))
        object.__setattr__(self, "wish", masked_or_none(self.wish))


class Callbacks:
    """The call-back requests of one database."""

    def __init__(self, engine: Engine, cipher: Cipher) -> None:
        """Use the tables of `engine`.

        Args:
            engine: A migrated conversations database.
            cipher: Keeps what says who is to be called.
        """
        self._engine = engine
        self._writer = for_writing(engine)
        self._cipher = cipher

    def request(
        self, conversation: str, caller: Caller, due_at: dt.datetime, notices: Sequence[NewMessage]
    ) -> list[Message]:
        """Keep a request; it takes the place of an open one of the same conversation.

        Args:
            conversation: The conversation's id.
            caller: Whom to call.
            due_at: When the call shall have been made.
            notices: What is said in the conversation; nothing where the same is asked for again.

        Raises:
            ConversationEnded: The conversation has ended.
            ConversationNotFound: There is no conversation of that id.
        """
        with Session(self._writer) as session, session.begin():
            conversation_row = get_conversation(session, conversation, lock=True)
            if conversation_row.state == "ended":
                raise ConversationEnded(conversation)
            row = session.scalars(
                select(CallbackRow).where(CallbackRow.conversation_id == conversation, CallbackRow.status == "open")
            ).one_or_none()
            if row is not None and self._caller(row) == caller:
                return []
            if row is None:
                row = CallbackRow(id=uuid4().hex, conversation_id=conversation, status="open")
                session.add(row)
            row.language = conversation_row.language
            row.phone = self._cipher.encrypt(caller.phone)
            row.name = self._encrypted(caller.name)
            row.wish = self._encrypted(caller.wish)
            row.requested_at, row.due_at = current_moment(), due_at
            return append_messages(session, conversation_row, notices)

    def fetch_open(self) -> list[Callback]:
        """Return the open requests, the most urgent first."""
        with Session(self._engine) as session:
            rows = session.scalars(
                select(CallbackRow).where(CallbackRow.status == "open").order_by(CallbackRow.due_at, CallbackRow.id)
            )
            return [self._callback(row) for row in rows]

    def close(self, id: str, outcome: str) -> bool:
        """Close a request.

        Args:
            id: The request's id.
            outcome: What came of it, in a counsellor's words; masked here where nobody has.

        Returns:
            Whether it was open.
        """
        with Session(self._writer) as session, session.begin():
            row = session.get(CallbackRow, id, with_for_update=True)
            if row is None or row.status != "open":
                return False
            row.status, row.closed_at, row.outcome = "done", current_moment(), as_masked(outcome)
            return True

    def _encrypted(self, text: str | None) -> str | None:
        return None if text is None else self._cipher.encrypt(text)

    def _decrypted(self, text: str | None) -> str | None:
        return None if text is None else self._cipher.decrypt(text)

    def _caller(self, row: CallbackRow) -> Caller:
        return Caller(self._cipher.decrypt(row.phone) or "", self._decrypted(row.name), self._decrypted(row.wish))

    def _callback(self, row: CallbackRow) -> Callback:
        plain = {name: getattr(row, name) for name in Callback.__dataclass_fields__}
        secret = {name: self._decrypted(plain[name]) for name in ("phone", "name", "wish")}
        return Callback(**{**plain, **secret})
