"""The table that figures are counted from: a resident's questions, each with what became of it and nothing more.

Narrow rows beside the wide ones of `message`, because figures are counted over hundreds of thousands of them. They are
written with the messages (`conversations.questions`) and go with their conversation, so figures are of what is stored.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from conversations.schema import Base


class QuestionRow(Base):
    """One message of a resident. `number` counts a conversation's from 1; `day` is Finland's, which figures go by.

    `result`: one of `conversations.questions.RESULTS`. `topic` is what was answered about, or of a question that Lotsi
    asked back upon, the likeliest; None otherwise.
    """

    __tablename__ = "question"
    __table_args__ = (
        Index("question_day", "day", "language", "result", "topic", "number"),
        Index("question_conversation", "conversation_id", "topic"),
    )

    message_id: Mapped[str] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    number: Mapped[int]
    day: Mapped[dt.date]
    language: Mapped[str]
    result: Mapped[str]
    topic: Mapped[str | None]
