"""The inbox: which conversations are worth a human look, ranked, filtered, and paged by key.

Pages go on where the last one ended (`attention`, then time, then number), never by counting rows. One filter drives
the query by an index that has the order in it; the others are held against what it gives.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Engine, exists, literal, select, text, tuple_
from sqlalchemy.orm import Session, aliased

from conversations.errors import ConversationNotFound
from conversations.inbox_text import make_query, match_statement
from conversations.review_schema import InboxMarkRow, InboxRow
from conversations.schema import ConversationRow, UtcDateTime

STATUSES = ("new", "in_review", "resolved")
PAGE = 50
_MARKS = ("topic", "outcome", "rating", "reason", "tag")
_ORDER = (InboxRow.attention, InboxRow.updated_at, InboxRow.number)


@dataclass(frozen=True)
class Filters:
    """What the inbox is narrowed to; None is no wish.

    Attributes:
        since: Not older than this; the time of the last message.
        until: Older than this.
        language: `sv` or `fi`.
        topic: A topic that was answered about.
        least: Lowest confidence of the conversation, at least this.
        most: And at most this.
        outcome: As of `bot.reply.Understanding`.
        rating: `up`, `down`, or `1` to `5`.
        reason: One of `conversations.attention.REASONS`.
        status: One of `STATUSES`; `open` is all but the resolved, `all` is all.
        tag: One that a counsellor has given.
        assigned: A user's id, or `nobody`.
        text: Words that residents or counsellors wrote.
    """

    since: dt.datetime | None = None
    until: dt.datetime | None = None
    language: str | None = None
    topic: str | None = None
    least: float | None = None
    most: float | None = None
    outcome: str | None = None
    rating: str | None = None
    reason: str | None = None
    status: str = "open"
    tag: str | None = None
    assigned: str | None = None
    text: str | None = None

    @property
    def marks(self) -> list[tuple[str, str]]:
        """What is looked for among the marks: `(kind, value)`."""
        return [(kind, value) for kind in _MARKS if (value := getattr(self, kind))]


@dataclass(frozen=True)
class Place:
    """Where a page ends; the next one begins after it."""

    attention: int
    updated_at: dt.datetime
    number: int

    def __str__(self) -> str:
        """Return it as it stands in an address."""
        return f"{self.attention}.{self.updated_at.astimezone(dt.timezone.utc):%Y%m%d%H%M%S%f}.{self.number}"

    @classmethod
    def parse(cls, written: str) -> Place:
        """Return what `str` wrote.

        Raises:
            ValueError: It did not.
        """
        attention, moment, number = written.split(".")
        updated_at = dt.datetime.strptime(moment, "%Y%m%d%H%M%S%f").replace(tzinfo=dt.timezone.utc)
        if not (attention.isascii() and attention.isdigit() and number.isascii() and number.isdigit()):
            raise ValueError(written)
        return cls(int(attention[:9]), updated_at, int(number[:9]))


@dataclass(frozen=True)
class Entry:
    """A conversation in the inbox; see `conversations.review_schema.InboxRow`. `state` is who answers in it."""

    number: int
    conversation_id: str
    attention: int
    reasons: tuple[str, ...]
    excerpt: str
    questions: int
    language: str
    confidence: float | None
    status: str
    assigned_to: str | None
    version: int
    updated_at: dt.datetime
    state: str = ""

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.attention, self.updated_at, self.number)


@dataclass(frozen=True)
class Page:
    """Some entries, and where the next page begins; None on the last."""

    entries: tuple[Entry, ...]
    next: Place | None


class Inbox:
    """The inbox of one database."""

    def __init__(self, engine: Engine) -> None:
        """Use the tables of `engine`.

        Args:
            engine: A migrated conversations database.
        """
        self._engine = engine

    def fetch_page(self, filters: Filters | None = None, after: Place | None = None, size: int = PAGE) -> Page:
        """Return a page, what is worth most first.

        Args:
            filters: What it is narrowed to; all that is open if left out.
            after: Where the last page ended.
            size: How many entries at the most.
        """
        statement, parameters = self._build(filters or Filters(), after, size + 1)
        with Session(self._engine) as session:
            rows = session.scalars(statement, parameters).all()
            # Asked for the page alone: joined before, it would be looked up for all that the filters find.
            ids = [row.conversation_id for row in rows]
            found = session.execute(
                select(ConversationRow.id, ConversationRow.state).where(ConversationRow.id.in_(ids))
            )
            states = {str(id): str(state) for id, state in found}
        entries = tuple(to_entry(row, states.get(row.conversation_id, "")) for row in rows[:size])
        return Page(entries, entries[-1].place if len(rows) > size else None)

    def fetch_next(self, filters: Filters, after: Place) -> Entry | None:
        """Return the entry after a place, or None where it was the last."""
        return next(iter(self.fetch_page(filters, after, 1).entries), None)

    def fetch_entry(self, conversation: str) -> Entry:
        """Return a conversation's entry.

        Raises:
            ConversationNotFound: There is none of that id, or nothing has been said in it.
        """
        with Session(self._engine) as session:
            row = session.scalar(select(InboxRow).where(InboxRow.conversation_id == conversation))
            if row is None:
                raise ConversationNotFound(conversation)
            return to_entry(row)

    def _build(self, filters: Filters, after: Place | None, size: int) -> tuple[Any, dict[str, str]]:
        """Return the query of a page and its parameters.

        The page is found by what the indexes hold, and only its own entries are read whole: sorting whole entries, a
        search for a common word outgrew PostgreSQL's `work_mem` and went to the disk.
        """
        dialect = self._engine.dialect.name
        marks, parameters = filters.marks, {}
        statement = select(InboxRow.number)
        rank: Any = InboxRow
        words = make_query(filters.text, dialect) if filters.text else ""
        if words:
            # Found once, whatever else is asked: a planner that tried the words row by row would take seconds.
            hits = text(match_statement(dialect)).columns(InboxRow.number).cte("hits")
            hits = hits.prefix_with("MATERIALIZED", dialect="postgresql")
            statement = statement.join(hits, hits.c.number == InboxRow.number)
            parameters["words"] = words
        elif marks:
            rank = aliased(InboxMarkRow)
            kind, value = marks.pop(0)
            statement = statement.join(rank, rank.number == InboxRow.number)
            statement = statement.where(rank.kind == kind, rank.value == value)
        for kind, value in marks:
            statement = statement.where(
                exists().where(
                    InboxMarkRow.number == InboxRow.number, InboxMarkRow.kind == kind, InboxMarkRow.value == value
                )
            )
        order = (rank.attention, rank.updated_at, rank.number)
        statement = statement.where(*_conditions(filters, rank)).order_by(*(column.desc() for column in order))
        if after is not None:
            moment = literal(after.updated_at, UtcDateTime)
            statement = statement.where(tuple_(*order) < tuple_(after.attention, moment, after.number))
        found = statement.limit(size).subquery("found")
        whole = select(InboxRow).join(found, found.c.number == InboxRow.number)
        return whole.order_by(*(column.desc() for column in _ORDER)), parameters


def _conditions(filters: Filters, rank: Any) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.status == "open":
        found.append(text("inbox.status <> 'resolved'"))  # type: ignore[arg-type]  # as the partial index has it
    elif filters.status != "all":
        found.append(InboxRow.status == filters.status)
    if filters.since is not None:
        found.append(rank.updated_at >= filters.since)
    if filters.until is not None:
        found.append(rank.updated_at < filters.until)
    if filters.language is not None:
        found.append(InboxRow.language == filters.language)
    if filters.least is not None:
        found.append(InboxRow.confidence >= filters.least)
    if filters.most is not None:
        found.append(InboxRow.confidence <= filters.most)
    if filters.assigned == "nobody":
        found.append(InboxRow.assigned_to.is_(None))
    elif filters.assigned is not None:
        found.append(InboxRow.assigned_to == filters.assigned)
    return found


def to_entry(row: InboxRow, state: str = "") -> Entry:
    """Return a row as an entry."""
    names = (field.name for field in dataclasses.fields(Entry) if field.name not in ("state", "reasons"))
    return Entry(**{name: getattr(row, name) for name in names}, reasons=tuple(row.reasons), state=state)
