"""A candidate in shadow: what it would have made of residents' messages, beside what the live model made of them.

Rows hold the message's id and what both understood, no words, and go with their messages.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import Engine, case, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from conversations.model_schema import ShadowTurnRow
from conversations.records import current_moment
from knowledge.engine import for_writing

_MOST_PAIRS = 30


@dataclass(frozen=True)
class Heard:
    """What one model understood: the intent that it would act on, and how sure it is of its first one, 0 to 1."""

    intent: str
    confidence: float


@dataclass(frozen=True)
class Difference:
    """What the live model took a message for and what the candidate would have, and how often that was so."""

    live: str
    shadow: str
    count: int


@dataclass(frozen=True)
class ShadowSummary:
    """A shadow run so far: by language how many messages, and of how many both models made the same."""

    turns: dict[str, int]
    same: dict[str, int]
    differences: tuple[Difference, ...]

    @property
    def total(self) -> int:
        """How many messages in both languages together."""
        return sum(self.turns.values())


def is_chosen(message: str, share: int) -> bool:
    """Tell whether a message is one of the share, in percent; the same message always is or is not."""
    return int.from_bytes(hashlib.sha256(message.encode()).digest()[:4], "big") % 100 < share


class ShadowRuns:
    """The shadow runs of one database."""

    def __init__(self, engine: Engine) -> None:
        """Use the tables of `engine`.

        Args:
            engine: A migrated conversations database.
        """
        self._engine = engine
        self._writer = for_writing(engine)

    def record(self, model: str, message: str, live_model: str, language: str, live: Heard, shadow: Heard) -> None:
        """Keep what both made of a message; one that has been erased meanwhile is passed over."""
        row = ShadowTurnRow(
            model=model,
            message_id=message,
            live=live_model,
            language=language,
            live_topic=live.intent,
            shadow_topic=shadow.intent,
            live_confidence=live.confidence,
            shadow_confidence=shadow.confidence,
            same=live.intent == shadow.intent,
            at=current_moment(),
        )
        try:
            with Session(self._writer) as session, session.begin():
                session.add(row)
        except IntegrityError:
            return

    def summarise(self, model: str) -> ShadowSummary:
        """Return a candidate's run so far, the most frequent differences first."""
        same = func.sum(case((ShadowTurnRow.same, 1), else_=0))
        by_language = (
            select(ShadowTurnRow.language, func.count(), same)
            .where(ShadowTurnRow.model == model)
            .group_by(ShadowTurnRow.language)
        )
        count = func.count()
        pairs = (
            select(ShadowTurnRow.live_topic, ShadowTurnRow.shadow_topic, count)
            .where(ShadowTurnRow.model == model, ShadowTurnRow.same.is_(False))
            .group_by(ShadowTurnRow.live_topic, ShadowTurnRow.shadow_topic)
            .order_by(count.desc(), ShadowTurnRow.live_topic, ShadowTurnRow.shadow_topic)
            .limit(_MOST_PAIRS)
        )
        with Session(self._engine) as session:
            rows = session.execute(by_language).all()
            found = tuple(Difference(*row) for row in session.execute(pairs))
        turns = {language: int(total) for language, total, _ in rows}
        return ShadowSummary(turns, {language: int(alike) for language, _, alike in rows}, found)
