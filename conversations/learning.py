"""What is learnt from reviews: example candidates and wishes for knowledge, which admins accept or decline.

A proposal goes with its conversation for as long as nobody has accepted it. An accepted one is cut off from it: the
wording, masked twice, is the project's own from then on, as the files of examples are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import uuid4

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from conversations.audit import AuditLog
from conversations.errors import ProposalDecided, ProposalNotFound
from conversations.masking import mask_text
from conversations.records import current_moment
from conversations.review_schema import CandidateRow, ReviewRow, WishRow
from conversations.schema import MessageRow
from knowledge.engine import for_writing

STATES = ("pending", "accepted", "declined")
_Row: TypeAlias = type[CandidateRow] | type[WishRow]
KINDS: dict[str, _Row] = {"candidate": CandidateRow, "wish": WishRow}


@dataclass(frozen=True)
class Proposal:
    """A candidate or a wish as stored; a wish has no topic. `conversation_id` is None once it is accepted."""

    id: str
    conversation_id: str | None
    text: str
    language: str
    topic: str | None
    proposed_by: str
    proposed_at: dt.datetime
    state: str
    decided_by: str | None
    decided_at: dt.datetime | None


def propose(session: Session, asked: MessageRow, review: ReviewRow, numbers: Collection[str]) -> None:
    """Put what a review proposes in the place of what an earlier one proposed and nobody has decided upon.

    Args:
        session: The transaction of the review.
        asked: The resident's message.
        review: The judgement.
        numbers: Published numbers, which are not masked.
    """
    for row in KINDS.values():
        session.execute(delete(row).where(row.message_id == asked.id, row.state == "pending"))
    values = {
        "id": uuid4().hex,
        "conversation_id": asked.conversation_id,
        "message_id": asked.id,
        "text": mask_text(asked.text, numbers).text,
        "language": asked.language,
        "proposed_by": review.reviewer,
        "proposed_at": review.reviewed_at,
        "state": "pending",
    }
    if review.verdict == "wrong" and review.topic:
        session.add(CandidateRow(**values, topic=review.topic))
    elif review.verdict == "missing":
        session.add(WishRow(**values))


class Learning:
    """The candidates and wishes of one database."""

    def __init__(self, engine: Engine) -> None:
        """Use the tables of `engine`.

        Args:
            engine: A migrated conversations database.
        """
        self._engine = engine
        self._writer = for_writing(engine)
        self._audit = AuditLog(engine)

    def fetch(self, kind: str, state: str = "pending", limit: int = 100, skip: int = 0) -> list[Proposal]:
        """Return proposals, oldest first.

        Args:
            kind: `candidate` or `wish`.
            state: One of `STATES`.
            limit: How many at the most.
            skip: How many to pass over.
        """
        row: Any = KINDS[kind]
        statement = select(row).where(row.state == state).order_by(row.proposed_at, row.id)
        with Session(self._engine) as session:
            return [_proposal(found) for found in session.scalars(statement.limit(limit).offset(skip))]

    def count(self, kind: str) -> dict[str, int]:
        """Return how many proposals there are, by state."""
        row: Any = KINDS[kind]
        with Session(self._engine) as session:
            found = session.execute(select(row.state, func.count()).group_by(row.state))
            return {**dict.fromkeys(STATES, 0), **{str(state): int(number) for state, number in found}}

    def decide(self, kind: str, id: str, actor: str, accepted: bool) -> Proposal:
        """Accept or decline a proposal.

        Raises:
            ProposalNotFound: It is gone, with its conversation or by a later review.
            ProposalDecided: Somebody else was quicker.
        """
        row: Any = KINDS[kind]
        with Session(self._writer) as session, session.begin():
            found = session.scalars(select(row).where(row.id == id).with_for_update()).one_or_none()
            if found is None:
                raise ProposalNotFound(id)
            if found.state != "pending":
                raise ProposalDecided(id)
            found.state = "accepted" if accepted else "declined"
            found.decided_by, found.decided_at = actor, current_moment()
            if accepted:
                found.conversation_id = found.message_id = None
            self._audit.append(actor, f"{kind}.{found.state}", kind, id, session=session)
            return _proposal(found)


def _proposal(row: CandidateRow | WishRow) -> Proposal:
    names = [name for name in Proposal.__dataclass_fields__ if name != "topic"]
    return Proposal(**{name: getattr(row, name) for name in names}, topic=getattr(row, "topic", None))
