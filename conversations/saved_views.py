"""Filters of the inbox that a member of staff has given a name."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from conversations.errors import ReviewInvalid
from conversations.masking import mask_text
from conversations.review_schema import SavedViewRow
from knowledge.engine import for_writing

NAME_LIMIT = 40
_MOST = 30


@dataclass(frozen=True)
class SavedView:
    """A view as stored."""

    id: str
    name: str
    query: str


class SavedViews:
    """The saved views of one database."""

    def __init__(self, engine: Engine) -> None:
        """Use the tables of `engine`.

        Args:
            engine: A migrated conversations database.
        """
        self._engine = engine
        self._writer = for_writing(engine)

    def fetch(self, user: str) -> list[SavedView]:
        """Return a user's views by name."""
        statement = select(SavedViewRow).where(SavedViewRow.user_id == user).order_by(SavedViewRow.name)
        with Session(self._engine) as session:
            return [SavedView(row.id, row.name, row.query) for row in session.scalars(statement)]

    def save(self, user: str, name: str, query: str) -> SavedView:
        """Keep a view, in place of one of the same name.

        Args:
            user: Whose it is.
            name: 1 to `NAME_LIMIT` characters.
            query: The filters, as they stand in an address and masked.

        Raises:
            ReviewInvalid: The name is empty or too long, or the user has too many views.
        """
        cleaned = mask_text(" ".join(name.split())).text
        if not cleaned or len(cleaned) > NAME_LIMIT or not cleaned.isprintable():
            raise ReviewInvalid(f"a view's name has 1 to {NAME_LIMIT} characters")
        mine = SavedViewRow.user_id == user
        with Session(self._writer) as session, session.begin():
            row = session.scalars(select(SavedViewRow).where(mine, SavedViewRow.name == cleaned)).one_or_none()
            if row is None:
                if (session.scalar(select(func.count()).where(mine)) or 0) >= _MOST:
                    raise ReviewInvalid(f"there are {_MOST} views already; delete one first")
                row = SavedViewRow(id=uuid4().hex, user_id=user, name=cleaned)
                session.add(row)
            row.query = query
            return SavedView(row.id, row.name, row.query)

    def delete(self, user: str, id: str) -> None:
        """Delete one of a user's views; one that is not there is passed over."""
        with Session(self._writer) as session, session.begin():
            session.execute(delete(SavedViewRow).where(SavedViewRow.user_id == user, SavedViewRow.id == id))
