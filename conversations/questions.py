"""What became of each question: judged in one place, and written down with the messages for the figures to count."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from conversations.attention import Turn, split_turns
from conversations.question_schema import QuestionRow

RESULTS: Final = ("answered", "clarified", "dont_know", "emergency", "human", "other")
"""`human`: a counsellor answered. `other`: small talk, a request for a human, another language, nothing said yet."""
_JUDGED_ANEW: Final = ("language", "result", "topic")
_KNOWN: Final = select(QuestionRow.message_id, *(getattr(QuestionRow, name) for name in _JUDGED_ANEW)).where(
    QuestionRow.conversation_id == bindparam("conversation")
)
_NEW: Final = insert(QuestionRow.__table__)  # type: ignore[arg-type]
FINLAND: Final = ZoneInfo("Europe/Helsinki")


def local_day(moment: dt.datetime) -> dt.date:
    """Return the day in Finland that a moment lies in."""
    return moment.astimezone(FINLAND).date()


def judge_turn(turn: Turn) -> tuple[str, str | None]:
    """Return what became of a question, one of `RESULTS`, and its topic.

    The first that holds: danger was met, a counsellor answered, a topic was answered, Lotsi asked back, knew nothing.
    """
    asked = turn.question
    if "emergency" in turn.reasons:
        return "emergency", None
    if any(answer.sender == "human" for answer in turn.answers):
        return "human", None
    topic = next((answer.topic for answer in turn.answers if answer.topic), None)
    if topic:
        return "answered", topic
    if asked.outcome == "between":
        return "clarified", asked.predicted
    return ("dont_know" if turn.is_unknown else "other"), None


def question_values(messages: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Yield the values of a conversation's rows of `question`.

    Args:
        messages: Rows of `message`, oldest first.
    """
    for number, turn in enumerate(split_turns(messages), start=1):
        asked: Any = turn.question
        result, topic = judge_turn(turn)
        yield {
            "message_id": asked.id,
            "conversation_id": asked.conversation_id,
            "number": number,
            "day": local_day(asked.created_at),
            "language": asked.language,
            "result": result,
            "topic": topic,
        }


def write_questions(session: Session, conversation: str, messages: Iterable[Any]) -> None:
    """Write down what became of a conversation's questions; the caller has locked the conversation's row.

    Args:
        session: The transaction of what was said.
        conversation: The conversation's id.
        messages: All that was said, oldest first.
    """
    known = {message: values for message, *values in session.execute(_KNOWN, {"conversation": conversation})}
    for values in question_values(messages):
        message = values["message_id"]
        judged = {name: values[name] for name in _JUDGED_ANEW}
        if message not in known:
            session.execute(_NEW, values)
        elif known[message] != list(judged.values()):
            session.execute(update(QuestionRow).where(QuestionRow.message_id == message).values(**judged))
