"""What counsellors do with conversations: read, judge, tag, note, assign, resolve. Each is in the audit log.

The entry of the log and what it tells of are one transaction: neither is there without the other. Whoever changes
what others may have changed meanwhile says which version was seen (optimistic locking); an older one is refused. A form
that is sent once more, such as by a double click, finds its change made and makes it no second time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from conversations.audit import AuditLog
from conversations.errors import ConversationNotFound, MessageNotFound, ReviewChanged, ReviewInvalid
from conversations.inbox import STATUSES, Entry, to_entry
from conversations.learning import propose
from conversations.masking import mask_text
from conversations.records import (
    Conversation,
    Message,
    current_moment,
    get_conversation,
    hash_text,
    to_conversation,
    to_message,
)
from conversations.review_schema import InboxMarkRow, InboxRow, NoteRow, ReviewRow
from conversations.schema import FeedbackRow, MessageRow, RatingRow
from knowledge.engine import for_writing

VERDICTS = ("right", "wrong", "missing", "unsafe")
TAG_LIMIT = 40
NOTE_LIMIT = 4000


@dataclass(frozen=True)
class Review:
    """A judgement as stored; see `conversations.review_schema.ReviewRow`."""

    message_id: str
    verdict: str
    topic: str | None
    reviewer: str
    reviewed_at: dt.datetime
    version: int


@dataclass(frozen=True)
class Note:
    """A note as stored."""

    id: str
    author: str
    text: str
    written_at: dt.datetime


@dataclass(frozen=True)
class Dossier:
    """A conversation with all that staff know of it; `stars` and `comment` are the resident's rating."""

    conversation: Conversation
    entry: Entry
    messages: tuple[Message, ...]
    reviews: dict[str, Review]
    reasons: dict[str, str]
    notes: tuple[Note, ...]
    tags: tuple[str, ...]
    stars: int | None
    comment: str | None


class Reviews:
    """The reviews of one database."""

    def __init__(self, engine: Engine) -> None:
        """Use the tables of `engine`.

        Args:
            engine: A migrated conversations database.
        """
        self._engine = engine
        self._writer = for_writing(engine)
        self._audit = AuditLog(engine)

    def read(self, conversation: str, reader: str) -> Dossier:
        """Return a conversation with all that is known of it, and record who has read it.

        Raises:
            ConversationNotFound: There is none of that id, or nothing has been said in it.
        """
        with Session(self._writer) as session, session.begin():
            found = _read(session, conversation)
            self._audit.append(reader, "conversation.read", "conversation", conversation, session=session)
            return found

    def set_status(self, conversation: str, actor: str, status: str, version: int) -> int:
        """Set how far a conversation's review is.

        Args:
            conversation: The conversation's id.
            actor: Whose change it is.
            status: One of `STATUSES`.
            version: The entry's version that was seen.

        Returns:
            The new version.

        Raises:
            ConversationNotFound: It has been erased.
            ReviewChanged: Somebody else has changed it meanwhile.
            ReviewInvalid: There is no such status.
        """
        if status not in STATUSES:
            raise ReviewInvalid(f"'{status}' is no status; choose among {', '.join(STATUSES)}")
        with Session(self._writer) as session, session.begin():
            entry = _get_entry(session, conversation)
            if entry.version == version + 1 and entry.status == status:
                return entry.version
            _check_version(entry, version)
            entry.status, entry.version = status, entry.version + 1
            details = {"status": status}
            self._audit.append(actor, "conversation.status", "conversation", conversation, details, session)
            return entry.version

    def assign(self, conversation: str, actor: str, user: str | None, version: int) -> int:
        """Make a conversation somebody's, or nobody's; what is taken up is in review.

        Args:
            conversation: The conversation's id.
            actor: Whose change it is.
            user: A user's id, or None; the caller has checked that there is such a user.
            version: The entry's version that was seen.

        Returns:
            The new version.

        Raises:
            ConversationNotFound: It has been erased.
            ReviewChanged: Somebody else has changed it meanwhile.
        """
        with Session(self._writer) as session, session.begin():
            entry = _get_entry(session, conversation)
            if entry.version == version + 1 and entry.assigned_to == user:
                return entry.version
            _check_version(entry, version)
            entry.assigned_to, entry.version = user, entry.version + 1
            if user and entry.status == "new":
                entry.status = "in_review"
            details = {"to": user or ""}
            self._audit.append(actor, "conversation.assigned", "conversation", conversation, details, session)
            return entry.version

    def add_tag(self, conversation: str, actor: str, tag: str) -> str:
        """Give a conversation a tag; one that it has stays.

        Returns:
            The tag as stored: masked, in lower case.

        Raises:
            ConversationNotFound: It has been erased.
            ReviewInvalid: The tag is empty or too long.
        """
        cleaned = mask_text(" ".join(tag.split()).lower()).text
        if not cleaned or len(cleaned) > TAG_LIMIT or not cleaned.isprintable():
            raise ReviewInvalid(f"a tag has 1 to {TAG_LIMIT} characters")
        with Session(self._writer) as session, session.begin():
            entry = _get_entry(session, conversation)
            if session.get(InboxMarkRow, (entry.number, "tag", cleaned)) is None:
                rank = {"attention": entry.attention, "updated_at": entry.updated_at}
                session.add(InboxMarkRow(number=entry.number, kind="tag", value=cleaned, **rank))
                self._audit.append(
                    actor, "conversation.tagged", "conversation", conversation, {"tag": cleaned}, session
                )
        return cleaned

    def remove_tag(self, conversation: str, actor: str, tag: str) -> None:
        """Take a tag away; one that it has not is passed over.

        Raises:
            ConversationNotFound: It has been erased.
        """
        with Session(self._writer) as session, session.begin():
            entry = _get_entry(session, conversation)
            row = session.get(InboxMarkRow, (entry.number, "tag", tag))
            if row is not None:
                session.delete(row)
                self._audit.append(actor, "conversation.untagged", "conversation", conversation, {"tag": tag}, session)

    def add_note(
        self, conversation: str, actor: str, text: str, numbers: Collection[str] = (), key: str | None = None
    ) -> Note:
        """Note something about a conversation; personal data in it is masked.

        Args:
            conversation: The conversation's id.
            actor: Who notes it.
            text: As written.
            numbers: Published numbers, which are not masked.
            key: The form's; the same words sent again under it are one note.

        Raises:
            ConversationNotFound: It has been erased.
            ReviewInvalid: The note is empty or too long.
        """
        masked = mask_text(text.strip(), numbers).text
        if not masked or len(masked) > NOTE_LIMIT:
            raise ReviewInvalid(f"a note has 1 to {NOTE_LIMIT} characters")
        with Session(self._writer) as session, session.begin():
            _get_entry(session, conversation)
            id = hash_text("\n".join((conversation, actor, key, masked)))[:32] if key else uuid4().hex
            known = session.get(NoteRow, id)
            if known is not None:
                return _note(known)
            row = NoteRow(id=id, conversation_id=conversation, author=actor, text=masked)
            row.written_at = current_moment()
            session.add(row)
            self._audit.append(actor, "conversation.noted", "conversation", conversation, {"note": row.id}, session)
            return _note(row)

    def write_review(
        self,
        conversation: str,
        message: str,
        actor: str,
        verdict: str,
        topic: str | None = None,
        version: int = 0,
        numbers: Collection[str] = (),
    ) -> Review:
        """Judge how a resident's message was answered, in place of an earlier judgement.

        A wrong answer with the topic that it should have had becomes an example candidate, missing knowledge a wish;
        what an earlier judgement proposed and nobody has decided upon yet goes.

        Args:
            conversation: The conversation's id.
            message: The resident's message.
            actor: Who judges.
            verdict: One of `VERDICTS`.
            topic: What the answer should have been about; the caller has checked that there is such a topic.
            version: The version of the judgement that was seen; 0 if there was none.
            numbers: Published numbers, which are not masked.

        Raises:
            ConversationNotFound: It has been erased.
            MessageNotFound: It has no such message of its resident.
            ReviewChanged: Somebody else has judged it meanwhile.
            ReviewInvalid: There is no such verdict.
        """
        if verdict not in VERDICTS:
            raise ReviewInvalid(f"'{verdict}' is no verdict; choose among {', '.join(VERDICTS)}")
        with Session(self._writer) as session, session.begin():
            get_conversation(session, conversation, lock=True)
            asked = session.get(MessageRow, message)
            if asked is None or asked.conversation_id != conversation or asked.sender != "resident":
                raise MessageNotFound(message)
            row, kept = session.get(ReviewRow, message), topic if verdict == "wrong" else None
            if row and (row.version, row.reviewer, row.verdict, row.topic) == (version + 1, actor, verdict, kept):
                return _review(row)
            if (row.version if row else 0) != version:
                raise ReviewChanged(message)
            if row is None:
                row = ReviewRow(message_id=message, conversation_id=conversation, version=0)
                session.add(row)
            row.verdict, row.topic = verdict, kept
            row.reviewer, row.reviewed_at, row.version = actor, current_moment(), version + 1
            session.flush()
            propose(session, asked, row, numbers)
            details = {"verdict": verdict, "topic": row.topic or "", "conversation": conversation}
            self._audit.append(actor, "message.reviewed", "message", message, details, session)
            return _review(row)

    def fetch_tags(self) -> list[str]:
        """Return all tags that are in use."""
        with Session(self._engine) as session:
            found = select(InboxMarkRow.value).where(InboxMarkRow.kind == "tag").distinct()
            return sorted(session.scalars(found))


def _get_entry(session: Session, conversation: str) -> InboxRow:
    """Return the entry of a conversation, whose row is locked then.

    Raises:
        ConversationNotFound: It has been erased.
    """
    get_conversation(session, conversation, lock=True)
    entry = session.scalar(select(InboxRow).where(InboxRow.conversation_id == conversation))
    if entry is None:
        raise ConversationNotFound(conversation)
    return entry


def _check_version(entry: InboxRow, version: int) -> None:
    if entry.version != version:
        raise ReviewChanged(entry.conversation_id)


def _read(session: Session, id: str) -> Dossier:
    conversation = get_conversation(session, id)
    entry = session.scalar(select(InboxRow).where(InboxRow.conversation_id == id))
    if entry is None:
        raise ConversationNotFound(id)
    thumbs = {
        row.message_id: row for row in session.scalars(select(FeedbackRow).where(FeedbackRow.conversation_id == id))
    }
    messages = session.scalars(
        select(MessageRow).where(MessageRow.conversation_id == id).order_by(MessageRow.position)
    ).all()
    notes = session.scalars(select(NoteRow).where(NoteRow.conversation_id == id).order_by(NoteRow.written_at))
    tags = session.scalars(
        select(InboxMarkRow.value).where(InboxMarkRow.number == entry.number, InboxMarkRow.kind == "tag")
    )
    rating = session.get(RatingRow, id)
    return Dossier(
        conversation=to_conversation(conversation),
        entry=to_entry(entry, conversation.state),
        messages=tuple(to_message(row, thumbs[row.id].value if row.id in thumbs else None) for row in messages),
        reviews={
            row.message_id: _review(row)
            for row in session.scalars(select(ReviewRow).where(ReviewRow.conversation_id == id))
        },
        reasons={id: row.reason for id, row in thumbs.items() if row.reason},
        notes=tuple(_note(row) for row in notes),
        tags=tuple(sorted(tags)),
        stars=rating.stars if rating else None,
        comment=rating.comment if rating else None,
    )


def _review(row: ReviewRow) -> Review:
    return Review(**{name: getattr(row, name) for name in Review.__dataclass_fields__})


def _note(row: NoteRow) -> Note:
    return Note(row.id, row.author, row.text, row.written_at)
