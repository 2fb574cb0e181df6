"""Tables of the counsellors' desk: who is there to answer, and what came of calling somebody back."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from conversations.masking import MaskedText
from conversations.schema import Base


class PresenceRow(Base):
    """A counsellor's last sign of life at the desk. `status`: `present`, or `away` (takes nobody new)."""

    __tablename__ = "presence"

    user_id: Mapped[str] = mapped_column(ForeignKey("staff_user.id", ondelete="CASCADE"), primary_key=True)
    status: Mapped[str]
    seen_at: Mapped[dt.datetime]


class CallbackAttemptRow(Base):
    """A call that was made. `outcome`: one of `conversations.callback_desk.OUTCOMES`."""

    __tablename__ = "callback_attempt"
    __table_args__ = (
        Index("callback_attempt_callback", "callback_id", "made_at"),
        Index("callback_attempt_conversation", "conversation_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    callback_id: Mapped[str] = mapped_column(ForeignKey("callback.id", ondelete="CASCADE"))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    made_by: Mapped[str]
    made_at: Mapped[dt.datetime]
    outcome: Mapped[str]
    note: Mapped[MaskedText | None]
