"""The audit log: who did what to what, and who read what. Entries are appended, never changed.

Each entry's hash covers the entry and the hash before it, so a changed, removed or inserted entry breaks the chain.
What a chain alone cannot show, a tail that was cut off or a log written anew from the beginning, shows against a head
that was noted elsewhere: `verify(head)`. The database serialises writers and refuses UPDATE and DELETE by triggers.

Details hold no personal data of residents: ids, codes and counts alone; free text is masked on its way in, in case
somebody forgets.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from conversations.database import wait_for_turn
from conversations.errors import AuditBroken
from conversations.masking import mask_text
from conversations.records import current_moment
from conversations.staff_schema import AuditRow
from knowledge.engine import for_writing

GENESIS = "0" * 64
_PAGE = 1000
_ID = re.compile(r"(?:[a-z]+-)?[0-9a-f]{32}")


@dataclass(frozen=True)
class Entry:
    """One entry. `actor` is a user's id, `cli:<account of the machine>` or `system`."""

    position: int
    at: dt.datetime
    actor: str
    action: str
    object_kind: str
    object_id: str
    details: Mapping[str, Any] = field(default_factory=dict)
    previous_hash: str = GENESIS
    hash: str = ""

    def compute_hash(self) -> str:
        """Return the SHA-256 of everything else in the entry, as one JSON array with sorted keys."""
        at = self.at.astimezone(dt.timezone.utc).isoformat(timespec="microseconds")
        parts = [self.position, at, self.actor, self.action, self.object_kind, self.object_id, self.details]
        written = json.dumps([*parts, self.previous_hash], ensure_ascii=True, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(written.encode("ascii")).hexdigest()


@dataclass(frozen=True)
class Head:
    """The newest entry of a log: noted elsewhere, it proves later that nothing up to it has changed."""

    position: int
    hash: str

    def __str__(self) -> str:
        """Return it as it is noted, `<position>:<hash>`."""
        return f"{self.position}:{self.hash}"

    @classmethod
    def parse(cls, noted: str) -> Head:
        """Return the head that was noted.

        Raises:
            ValueError: It is none.
        """
        position, separator, hash = noted.strip().partition(":")
        if not separator or not position.isdecimal() or len(hash) != len(GENESIS):
            raise ValueError("a head is written <number>:<64 hexadecimal digits>")
        return cls(int(position), hash.lower())


class AuditLog:
    """The audit log of one database."""

    def __init__(self, engine: Engine) -> None:
        """Use the tables of `engine`.

        Args:
            engine: A migrated conversations database.
        """
        self._engine = engine
        self._writer = for_writing(engine)

    def append(
        self,
        actor: str,
        action: str,
        object_kind: str,
        object_id: str = "",
        details: Mapping[str, Any] | None = None,
        session: Session | None = None,
    ) -> Entry:
        """Append an entry.

        Args:
            actor: A user's id, `cli:<account of the machine>` or `system`.
            action: A dotted name such as `conversation.read`.
            object_kind: What it was done to, such as `conversation`.
            object_id: Which one.
            details: Ids, codes and counts; values that JSON knows.
            session: A transaction that writes what the entry tells of, begun through `for_writing`: both are kept or
                neither; one of its own if left out.
        """
        if session is None:
            with Session(self._writer) as own, own.begin():
                return self.append(actor, action, object_kind, object_id, details, own)
        wait_for_turn(session, "audit_entry")
        last = session.execute(
            select(AuditRow.position, AuditRow.hash).order_by(AuditRow.position.desc()).limit(1)
        ).one_or_none() or (0, GENESIS)
        entry = Entry(
            last[0] + 1, current_moment(), actor, action, object_kind, object_id, _clean(details or {}), last[1]
        )
        row = AuditRow(**{**vars(entry), "hash": entry.compute_hash()})
        session.add(row)
        session.flush()
        return _entry(row)

    def verify(self, head: Head | None = None) -> Head:
        """Check the whole chain.

        Args:
            head: One that was noted earlier and must still be part of the log.

        Returns:
            The newest entry's head, to be noted elsewhere; that of an empty log is `0:000…`.

        Raises:
            AuditBroken: An entry was changed, removed or put in; or the noted head is not in the log.
        """
        last = Head(0, GENESIS)
        seen = head is None or head == last
        for entry in self._walk():
            if entry.position != last.position + 1:
                raise AuditBroken(f"entry {last.position + 1} is missing; the next one is {entry.position}")
            if entry.previous_hash != last.hash or entry.hash != entry.compute_hash():
                raise AuditBroken(f"entry {entry.position} is not what was written")
            last = Head(entry.position, entry.hash)
            seen = seen or last == head
        if not seen and head is not None:
            gone = f"the log ends at {last.position}" if last.position < head.position else "it has another hash now"
            raise AuditBroken(f"entry {head.position} is not the one that was noted; {gone}")
        return last

    def fetch_entries(
        self,
        limit: int = 50,
        before: int | None = None,
        actor: str | None = None,
        object_kind: str | None = None,
        object_id: str | None = None,
        since: dt.datetime | None = None,
        until: dt.datetime | None = None,
    ) -> list[Entry]:
        """Return entries, newest first.

        Args:
            limit: How many at the most.
            before: Only those with a lower position, for paging.
            actor: Only this one's.
            object_kind: Only those on objects of this kind.
            object_id: Only those on this object.
            since: Only those from this moment on.
            until: Only those before this moment.
        """
        conditions = {AuditRow.actor: actor, AuditRow.object_kind: object_kind, AuditRow.object_id: object_id}
        statement = select(AuditRow).order_by(AuditRow.position.desc()).limit(limit)
        statement = statement.where(*[column == value for column, value in conditions.items() if value is not None])
        if before is not None:
            statement = statement.where(AuditRow.position < before)
        if since is not None:
            statement = statement.where(AuditRow.at >= since)
        if until is not None:
            statement = statement.where(AuditRow.at < until)
        with Session(self._engine) as session:
            return [_entry(row) for row in session.scalars(statement)]

    def _walk(self) -> Iterator[Entry]:
        """Yield all entries in their order, a page at a time: a log of years does not fit into memory."""
        last: int | None = None
        while True:
            statement = select(AuditRow).order_by(AuditRow.position).limit(_PAGE)
            if last is not None:
                statement = statement.where(AuditRow.position > last)
            with Session(self._engine) as session:
                entries = [_entry(row) for row in session.scalars(statement)]
            if not entries:
                return
            yield from entries
            last = entries[-1].position


def _clean(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return details as they will be read back, with free text masked."""
    return dict(json.loads(json.dumps(_mask(details), allow_nan=False)))


def _mask(value: Any) -> Any:
    """Mask free text; an id of ours stays whole, whatever run of digits it may have."""
    if isinstance(value, str):
        return value if _ID.fullmatch(value) else mask_text(value).text
    if isinstance(value, Mapping):
        return {key: _mask(item) for key, item in value.items()}
    return [_mask(item) for item in value] if isinstance(value, (list, tuple)) else value


def _entry(row: AuditRow) -> Entry:
    return Entry(**{name: getattr(row, name) for name in Entry.__dataclass_fields__})
