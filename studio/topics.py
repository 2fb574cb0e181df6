"""The drafts of topics, with every version: who changed what and when. What is not changed is as in the checkout.

Whoever saves says which version was seen; an older one is refused, and nothing is lost. The change and its entry in the
audit log are one transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from conversations.audit import AuditLog
from conversations.gate import own_words
from conversations.masking import MaskedText, mask_text
from conversations.records import current_moment
from conversations.studio_schema import StudioRevisionRow, StudioTopicRow
from knowledge.engine import for_writing
from studio.checkout import Checkout, own_checkout
from studio.content import Content
from studio.errors import DraftChanged, TopicExists, TopicNotFound, TopicRefused
from studio.findings import STOP, Finding
from studio.ids import PROTECTED, check_id

LIVE, RETIRED = "live", "retired"
NOTE_LIMIT = 500


@dataclass(frozen=True)
class Revision:
    """A version of a topic; version 0 is the checkout's."""

    version: int
    content: Content
    retired: bool = False
    successor: str | None = None
    action: str = "checkout"
    note: str | None = None
    changed_by: str | None = None
    changed_at: dt.datetime | None = None


@dataclass(frozen=True)
class Topic:
    """A topic with its newest version.

    Attributes:
        published_version: The version that is live; 0: the checkout's; None: none.
    """

    id: str
    newest: Revision
    published_version: int | None

    @property
    def version(self) -> int:
        """The newest version's number; 0 if nothing was changed."""
        return self.newest.version

    @property
    def content(self) -> Content:
        """The newest version's content."""
        return self.newest.content

    @property
    def state(self) -> str:
        """`draft`: changed and not live as it stands; `published`; `retired`, or about to be."""
        if self.newest.retired:
            return RETIRED
        return "published" if self.version == self.published_version else "draft"


class TopicStore:
    """The topics of a checkout and of one database."""

    def __init__(self, engine: Engine, checkout: Checkout | None = None, numbers: Collection[str] = ()) -> None:
        """Use the tables of `engine`.

        Args:
            engine: A migrated conversations database.
            checkout: What is not changed; this process's own if left out.
            numbers: Published numbers, which are not masked in examples.
        """
        self.engine = engine
        self._checkout = checkout
        self._writer = for_writing(engine)
        self._audit = AuditLog(engine)
        self._numbers = tuple(numbers)

    @property
    def checkout(self) -> Checkout:
        """What is not changed; read when it is first asked for."""
        return self._checkout or own_checkout()

    def fetch_all(self) -> dict[str, Topic]:
        """Return all topics by id, retired ones included."""
        with Session(self.engine) as session:
            return read_topics(session, self.checkout)

    def fetch(self, id: str) -> Topic:
        """Return a topic.

        Raises:
            TopicNotFound: There is none of that id.
        """
        with Session(self.engine) as session:
            return read_topic(session, self.checkout, id)

    def fetch_history(self, id: str) -> list[Revision]:
        """Return a topic's versions, newest first; the checkout's, if it has one, is the last.

        Raises:
            TopicNotFound: There is none of that id.
        """
        with Session(self.engine) as session:
            rows = session.scalars(
                select(StudioRevisionRow)
                .where(StudioRevisionRow.topic_id == id)
                .order_by(StudioRevisionRow.version.desc())
            ).all()
        found = [_revision(row) for row in rows]
        found += [Revision(0, self.checkout.topics[id])] if id in self.checkout.topics else []
        if not found:
            raise TopicNotFound(f"there is no topic '{id}'")
        return found

    def fetch_revision(self, id: str, version: int) -> Revision:
        """Return one version of a topic.

        Raises:
            TopicNotFound: There is none.
        """
        with Session(self.engine) as session:
            found = read_revision(session, self.checkout, id, version)
        if found is None:
            raise TopicNotFound(f"topic '{id}' has no version {version}")
        return found

    def add(self, id: str, content: Content, actor: str, note: str = "") -> Topic:
        """Add a topic.

        Raises:
            TopicRefused: The id cannot be used.
            TopicExists: It is a topic's already.
        """
        with self.transaction() as change:
            return change.add(id, content, actor, "added", note)

    def save(
        self, id: str, content: Content, version: int, actor: str, action: str = "edited", note: str = ""
    ) -> Topic:
        """Keep a new version of a topic; one that changes nothing is not kept.

        Args:
            id: The topic's id.
            content: What it shall be.
            version: The newest version that the caller has seen.
            actor: Whose change it is.
            action: What was done.
            note: Why, in a sentence.

        Raises:
            TopicNotFound: There is none of that id.
            DraftChanged: Somebody else has changed it meanwhile.
        """
        with self.transaction() as change:
            return change.save(change.read(id, version), content, actor, action, note)

    def retire(self, id: str, version: int, actor: str, successor: str | None = None, note: str = "") -> Topic:
        """Take a topic away, once a model without it is live.

        Args:
            id: The topic's id.
            version: The newest version that the caller has seen.
            actor: Whose change it is.
            successor: The topic that takes its place.
            note: Why, in a sentence.

        Raises:
            TopicNotFound: There is no such topic or successor.
            TopicRefused: Lotsi relies on it, or a service is described by it alone.
            DraftChanged: Somebody else has changed it meanwhile.
        """
        with self.transaction() as change:
            return change.retire(change.read(id, version), actor, successor, "retired", note)

    def restore(self, id: str, revision: int, version: int, actor: str) -> Topic:
        """Make an older version the newest again: what came after it stays in the history.

        Raises:
            TopicNotFound: There is no such topic or version.
            DraftChanged: Somebody else has changed it meanwhile.
        """
        old = self.fetch_revision(id, revision)
        with self.transaction() as change:
            topic = change.read(id, version)
            return change.write(topic, replace(old, action="restored", note=str(revision)), actor)

    @contextmanager
    def transaction(self) -> Iterator[TopicChanges]:
        """Begin a transaction: all changes made in it are kept, or none."""
        with Session(self._writer) as session, session.begin():
            yield TopicChanges(session, self.checkout, self._audit, self._numbers)


class TopicChanges:
    """The changes of one transaction; see `TopicStore` for what they raise."""

    def __init__(self, session: Session, checkout: Checkout, audit: AuditLog, numbers: Collection[str]) -> None:
        """Use a transaction that was begun for writing."""
        self.session = session
        self.audit = audit
        self._checkout = checkout
        self._numbers = numbers

    def read(self, id: str, version: int | None = None) -> Topic:
        """Return a topic, locked; refuse if its newest version is not the one that the caller has seen."""
        topic = read_topic(self.session, self._checkout, id)
        if version is not None and version != topic.version:
            raise DraftChanged(id, topic.version)
        return topic

    def add(self, id: str, content: Content, actor: str, action: str, note: str = "") -> Topic:
        """Add a topic."""
        findings = check_id(id, self._checkout.intents - set(self._checkout.topics))
        if findings:
            raise TopicRefused(findings)
        if id in self._checkout.topics or self.session.get(StudioTopicRow, id) is not None:
            raise TopicExists(f"there is a topic '{id}' already; edit it, or take another id")
        wanted = content.normalised()
        wanted = replace(wanted, document=wanted.document or id.replace("_", "-"))
        return self.write(Topic(id, Revision(0, wanted), None), Revision(0, wanted, action=action, note=note), actor)

    def save(self, topic: Topic, content: Content, actor: str, action: str, note: str = "") -> Topic:
        """Keep a new version, unless nothing has changed."""
        wanted = replace(content.normalised(), document=topic.content.document)
        if wanted == topic.content and not topic.newest.retired:
            return topic
        return self.write(topic, Revision(0, wanted, action=action, note=note), actor)

    def retire(self, topic: Topic, actor: str, successor: str | None, action: str, note: str = "") -> Topic:
        """Take a topic away, perhaps in favour of another one."""
        if topic.id in PROTECTED:
            text = "'{id}' cannot be taken away: Lotsi itself leads residents there"
            raise TopicRefused([Finding(STOP, "id", text, {"id": topic.id})])
        if successor is not None and (successor == topic.id or self.read(successor).newest.retired):
            raise TopicNotFound(f"'{successor}' cannot take the place of '{topic.id}'; choose a topic that is there")
        described = sorted(record.id for record in self._checkout.services.values() if record.topic == topic.id)
        if described and successor is None:
            text = "the services {services} are described by '{id}'; say which topic takes its place"
            values: dict[str, object] = {"services": ", ".join(described), "id": topic.id}
            raise TopicRefused([Finding(STOP, "id", text, values)])
        return self.write(topic, Revision(0, topic.content, True, successor, action, note), actor)

    def write(self, topic: Topic, revision: Revision, actor: str) -> Topic:
        """Keep a revision as the newest, and say so in the audit log."""
        row = self.session.get(StudioTopicRow, topic.id)
        if row is None:
            row = StudioTopicRow(id=topic.id, version=0, published_version=topic.published_version)
            self.session.add(row)
        row.version += 1
        self.session.flush()
        texts = {f"examples_{name}": self._mask(side.examples) for name, side in revision.content.sides.items()}
        kept = StudioRevisionRow(
            topic_id=topic.id,
            version=row.version,
            state=RETIRED if revision.retired else LIVE,
            successor=revision.successor,
            action=revision.action,
            body=revision.content.to_body(),
            note=mask_text(revision.note[:NOTE_LIMIT]).text if revision.note else None,
            changed_by=actor,
            changed_at=current_moment(),
            **texts,
        )
        self.session.add(kept)
        self.session.flush()
        details = {"version": row.version, **({"successor": revision.successor} if revision.successor else {})}
        self.audit.append(actor, f"topic.{revision.action}", "topic", topic.id, details, self.session)
        return Topic(topic.id, _revision(kept), row.published_version)

    def _mask(self, examples: Collection[str]) -> MaskedText:
        """Mask line by line, as the digits of two examples are no number; the checkout's own wordings stay."""
        own = self._checkout.texts
        return own_words("\n".join(text if text in own else mask_text(text, self._numbers).text for text in examples))


def read_topic(session: Session, checkout: Checkout, id: str) -> Topic:
    """Return a topic; in a transaction that writes, locked.

    Raises:
        TopicNotFound: There is none of that id.
    """
    row = session.scalars(select(StudioTopicRow).where(StudioTopicRow.id == id).with_for_update()).one_or_none()
    if row is not None:
        return Topic(id, _revision(session.get_one(StudioRevisionRow, (id, row.version))), row.published_version)
    if id in checkout.topics:
        return Topic(id, Revision(0, checkout.topics[id]), 0)
    raise TopicNotFound(f"there is no topic '{id}'")


def read_topics(session: Session, checkout: Checkout) -> dict[str, Topic]:
    """Return all topics by id, retired ones included."""
    topics = {id: Topic(id, Revision(0, content), 0) for id, content in checkout.topics.items()}
    newest = (StudioRevisionRow.topic_id == StudioTopicRow.id) & (StudioRevisionRow.version == StudioTopicRow.version)
    rows = session.execute(select(StudioTopicRow, StudioRevisionRow).join(StudioRevisionRow, newest))
    for row, revision in rows:
        topics[row.id] = Topic(row.id, _revision(revision), row.published_version)
    return dict(sorted(topics.items()))


def read_revision(session: Session, checkout: Checkout, id: str, version: int) -> Revision | None:
    """Return one version of a topic, or None if there is none; version 0 is the checkout's."""
    if version == 0:
        return Revision(0, checkout.topics[id]) if id in checkout.topics else None
    row = session.get(StudioRevisionRow, (id, version))
    return _revision(row) if row is not None else None


def _revision(row: StudioRevisionRow) -> Revision:
    examples = {"sv": row.examples_sv.splitlines(), "fi": row.examples_fi.splitlines()}
    return Revision(
        version=row.version,
        content=Content.from_body(row.body, examples),  # type: ignore[arg-type]
        retired=row.state == RETIRED,
        successor=row.successor,
        action=row.action,
        note=row.note,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
    )
