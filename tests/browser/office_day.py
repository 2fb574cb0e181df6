"""A day at the counselling for pictures: residents' conversations with the real bot, and what staff made of them.

All is made up, and nobody in it has a name: accounts are called by their roles. What residents say goes through the
API, so that it is masked, understood and answered as it would be.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from office_models import Workshop
from office_talks import CALLED, NAMES, NOTES, QUEUED, TAKEN, TALKS, VIEWS, WISHES, Talk
from people import PASSWORD
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from conversations.callback_desk import CallbackDesk
from conversations.callbacks import Callbacks, Caller
from conversations.database import open_database
from conversations.encryption import open_cipher
from conversations.handoffs import Handoffs
from conversations.presence import Presence
from conversations.question_schema import QuestionRow
from conversations.questions import local_day
from conversations.records import current_moment
from conversations.review_schema import InboxMarkRow, InboxRow
from conversations.reviews import Reviews
from conversations.saved_views import SavedViews
from conversations.schema import ConversationRow, FeedbackRow, HandoffRow, MessageRow, RatingRow
from conversations.store import NewMessage
from conversations.users import UserStore
from knowledge.engine import sqlite_url
from knowledge.languages import LANGUAGES, Language
from web.chat import notices

DAYS = 28
UNKNOWN = ("out_of_scope", "nlu_fallback")


class Office:
    """The database of a running server, and residents who write to it."""

    def __init__(self, url: str, data: Path, model: Path) -> None:
        """Open what a server of these pictures keeps.

        Args:
            url: The server's.
            data: Its data folder.
            model: The archive that it serves.
        """
        self.url, self._data, self._model = url, data, model
        self.engine = open_database(sqlite_url(data / "conversations.db"))
        self._cipher = cipher = open_cipher(data / "secret.key", make=False)
        self.reviews, self.handoffs = Reviews(self.engine), Handoffs(self.engine)
        self.presence = Presence(self.engine)
        self.users, self.views = UserStore(self.engine), SavedViews(self.engine)
        self.callbacks, self.desk = Callbacks(self.engine, cipher), CallbackDesk(self.engine, cipher)
        self._random = random.Random(7)
        self.staff: dict[str, str] = {}
        self.corrected: dict[str, str] = {}

    def fill(self) -> None:
        """Let it all happen."""
        for language in LANGUAGES:
            self._employ(language)
        for language in LANGUAGES:
            for talk in TALKS[language]:
                for _ in range(talk.times):
                    self._converse(language, talk)
        self._spread()
        for language in LANGUAGES:
            self._review(language)
            self._wait(language)
            self._call_back(language)
        asked = [row for language in LANGUAGES for _, row in self._questions(language)]
        self.workshop().fill(asked)

    def workshop(self) -> Workshop:
        """The studio's end; once staff are employed."""
        return Workshop(self.engine, self._data, self._cipher, self._model, self.staff["chief-sv"])

    def _employ(self, language: Language) -> None:
        first, second, chief = NAMES[language]
        for name, shown, roles in (
            (f"desk-{language}", first, ["counsellor"]),
            (f"second-{language}", second, ["counsellor"]),
            (f"chief-{language}", chief, ["admin", "auditor"]),
        ):
            self.staff[name] = self.users.insert(name, shown, roles, language, PASSWORD).id
        self.views.save(self.staff[f"desk-{language}"], *VIEWS[language])

    # Residents

    def _call(self, path: str, token: str = "", **body: Any) -> Any:
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
        data = json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api/v1/conversations{path}", data, headers)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def _begin(self, language: Language, says: Sequence[str]) -> tuple[str, str, list[dict[str, Any]]]:
        begun = self._call("", language=language)
        id, token = begun["id"], begun["token"]
        answers = [self._call(f"/{id}/messages", token, text=text)["messages"] for text in says]
        return id, token, answers[-1]

    def _converse(self, language: Language, talk: Talk) -> str:
        id, token, answers = self._begin(language, talk.says)
        if talk.thumb and self._random.random() < 0.6:
            self._call(f"/{id}/messages/{answers[-1]['id']}/feedback", token, value=talk.thumb)
        if talk.stars and self._random.random() < 0.5:
            self._call(f"/{id}/rating", token, stars=talk.stars)
        return str(id)

    def _spread(self) -> None:
        """Move what has been said over the last weeks, more of it to working hours and to these days."""
        now = current_moment()
        with Session(self.engine) as session, session.begin():
            for conversation in session.scalars(select(ConversationRow)).all():
                back = dt.timedelta(days=int(DAYS * self._random.random() ** 1.6), minutes=self._random.randrange(600))
                at = {"moment": now - back, "id": conversation.id}
                for row, names, key in (
                    (ConversationRow, ("created_at", "updated_at"), ConversationRow.id),
                    (MessageRow, ("created_at",), MessageRow.conversation_id),
                    (FeedbackRow, ("created_at",), FeedbackRow.conversation_id),
                    (RatingRow, ("created_at",), RatingRow.conversation_id),
                    (InboxRow, ("updated_at",), InboxRow.conversation_id),
                ):
                    values = {name: bindparam("moment") for name in names}
                    session.execute(update(row.__table__).where(key == bindparam("key")).values(values), _own(at))
                days = update(QuestionRow.__table__).where(QuestionRow.conversation_id == conversation.id)  # type: ignore[arg-type]
                session.execute(days.values(day=local_day(now - back)))
                number = select(InboxRow.number).where(InboxRow.conversation_id == conversation.id)
                marks = update(InboxMarkRow.__table__).where(InboxMarkRow.number.in_(number))  # type: ignore[arg-type]
                session.execute(marks.values(updated_at=now - back))

    # Counsellors

    def _questions(self, language: Language) -> Iterator[tuple[str, MessageRow]]:
        with Session(self.engine) as session:
            wanted = (MessageRow.sender == "resident", MessageRow.language == language, MessageRow.outcome.is_not(None))
            for row in session.scalars(select(MessageRow).where(*wanted).order_by(MessageRow.created_at)).all():
                yield row.conversation_id, row

    def _review(self, language: Language) -> None:
        reader = self.staff[f"desk-{language}"]
        chair = TALKS[language][4].says[-1]
        for number, (conversation, row) in enumerate(self._questions(language)):
            if row.text == chair and language not in self.corrected:
                self.corrected[language] = conversation
                self.reviews.write_review(conversation, row.id, reader, "wrong", "rehabilitation")
                self.reviews.add_tag(conversation, reader, {"sv": "hjälpmedel", "fi": "apuvälineet"}[language])
                self.reviews.add_note(conversation, reader, NOTES[language])
            elif row.text == TALKS[language][4].says[0]:
                continue
            elif row.intent in UNKNOWN:
                if number % 3 == 0:
                    self.reviews.write_review(conversation, row.id, reader, "missing")
            elif row.outcome == "sure" and number % 2:
                verdict = "right" if self._random.random() < 0.9 else "unsafe" if number % 5 == 0 else "wrong"
                self.reviews.write_review(conversation, row.id, reader, verdict, None)
            if number % 4 == 0 and conversation != self.corrected.get(language):
                found = self.reviews.read(conversation, reader)
                if found.entry.status == "new":
                    self.reviews.set_status(conversation, reader, "resolved", found.entry.version)

    def _wait(self, language: Language) -> None:
        for minutes, question in zip((4, 11), QUEUED[language], strict=True):
            id, token, _ = self._begin(language, [question])
            self._call(f"/{id}/handoff", token, kind="queue")
            self._wait_for(id, minutes)

    def _wait_for(self, conversation: str, minutes: int) -> None:
        asked = update(HandoffRow).where(HandoffRow.conversation_id == conversation)
        with Session(self.engine) as session, session.begin():
            session.execute(asked.values(requested_at=current_moment() - dt.timedelta(minutes=minutes)))

    def take(self, language: Language) -> str:
        """Let a counsellor take a resident over; return the conversation's id. Open it soon, or it goes back."""
        question, greeting, more = TAKEN[language]
        id, token, _ = self._begin(language, [question])
        self._call(f"/{id}/handoff", token, kind="queue")
        (place,) = (item.id for item in self.handoffs.fetch_queue() if item.conversation_id == id)
        counsellor = self.staff[f"desk-{language}"]
        self.presence.enter(counsellor)
        self._wait_for(id, 2)
        self.handoffs.take(place, counsellor, [notices.joined(language)])
        self.handoffs.write(id, counsellor, [NewMessage(sender="human", text=greeting, language=language)])
        self._call(f"/{id}/messages", token, text=more)
        return id

    def _call_back(self, language: Language) -> None:
        now = current_moment()
        numbers = ("0407654321", "+358407654321", "068287654")
        for hours, phone, question in zip((-2, -1, 22), numbers, CALLED[language], strict=True):
            id, _, _ = self._begin(language, [question])
            caller = Caller(phone, None, WISHES[language])
            self.callbacks.request(id, caller, now + dt.timedelta(hours=hours), [notices.callback(language)])
        due = [item.id for item in self.desk.fetch_due() if item.language == language]
        second = self.staff[f"second-{language}"]
        self.desk.claim(due[0], second)
        self.desk.report(due[0], second, "not_reached", "", now + dt.timedelta(hours=1))
        self.desk.release(due[0], second)


def _own(at: Mapping[str, Any]) -> dict[str, Any]:
    return {"moment": at["moment"], "key": at["id"]}
