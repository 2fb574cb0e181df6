"""How topics fare with residents: how often each answered, and what was thought of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Engine, case, func, select
from sqlalchemy.orm import Session

from conversations.records import current_moment
from conversations.schema import FeedbackRow, MessageRow
from knowledge.languages import Language, as_language

DAYS = 90


@dataclass(frozen=True)
class Usage:
    """Answers of one topic in one language in the last `DAYS` days, and the thumbs that they got."""

    answers: int = 0
    up: int = 0
    down: int = 0


def fetch_usage(engine: Engine) -> dict[tuple[str, Language], Usage]:
    """Return the use of each topic by language; conversations that are erased count no more."""
    since = current_moment() - dt.timedelta(days=DAYS)
    ups, downs = (func.sum(case((FeedbackRow.value == value, 1), else_=0)) for value in ("up", "down"))
    statement = (
        select(MessageRow.topic, MessageRow.language, func.count(), ups, downs)
        .outerjoin(FeedbackRow, FeedbackRow.message_id == MessageRow.id)
        .where(MessageRow.sender == "bot", MessageRow.topic.is_not(None), MessageRow.created_at >= since)
        .group_by(MessageRow.topic, MessageRow.language)
    )
    found: dict[tuple[str, Language], Usage] = {}
    with Session(engine) as session:
        for topic, code, answers, up, down in session.execute(statement):
            language = as_language(code)
            if topic and language:
                found[topic, language] = Usage(int(answers), int(up or 0), int(down or 0))
    return found
