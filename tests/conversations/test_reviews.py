"""What counsellors do with conversations: nothing is lost, nothing stays unmasked, all of it is in the audit log."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import Engine

from conversations.audit import AuditLog
from conversations.errors import (
    ConversationNotFound,
    MessageNotFound,
    ProposalDecided,
    ProposalNotFound,
    ReviewChanged,
    ReviewInvalid,
)
from conversations.learning import Learning
from conversations.reviews import Reviews
from conversations.saved_views import SavedViews
from conversations.staff import User
from conversations.store import ConversationStore


@pytest.fixture
def reviews(engine: Engine) -> Reviews:
    return Reviews(engine)


@pytest.fixture
def learning(engine: Engine) -> Learning:
    return Learning(engine)


@pytest.fixture
def views(engine: Engine) -> SavedViews:
    return SavedViews(engine)


@pytest.fixture
def asked(store: ConversationStore, conversation: str) -> str:
    """The resident's message of the conversation."""
    return store.fetch_messages(conversation)[0].id


def actions(audit: AuditLog) -> list[str]:
    return [entry.action for entry in reversed(audit.fetch_entries())]


class TestConversation:
    """Status, assignment, tags, notes."""

    def test_everything_is_recorded_reading_too(
        self, reviews: Reviews, audit: AuditLog, conversation: str, asked: str
    ) -> None:
        version = reviews.assign(conversation, "desk", "desk", 1)
        reviews.add_tag(conversation, "desk", "Viktig  sak")
        reviews.add_tag(conversation, "desk", "viktig sak")
        reviews.add_note(conversation, "desk", "ring")
        reviews.write_review(conversation, asked, "desk", "right")
        reviews.set_status(conversation, "desk", "resolved", version)
        found = reviews.read(conversation, "helper")
        reviews.remove_tag(conversation, "desk", "viktig sak")
        assert (found.entry.status, found.entry.assigned_to, found.tags) == ("resolved", "desk", ("viktig sak",))
        assert [note.text for note in found.notes] == ["ring"]
        assert found.reviews[asked].verdict == "right"
        assert actions(audit) == [
            *("conversation.assigned", "conversation.tagged", "conversation.noted", "message.reviewed"),
            *("conversation.status", "conversation.read", "conversation.untagged"),
        ]
        audit.verify()

    def test_what_is_taken_up_is_in_review(self, reviews: Reviews, conversation: str) -> None:
        reviews.assign(conversation, "desk", "helper", 1)
        assert reviews.read(conversation, "desk").entry.status == "in_review"

    def test_a_change_to_what_another_has_changed_is_refused(
        self, reviews: Reviews, audit: AuditLog, conversation: str
    ) -> None:
        reviews.assign(conversation, "desk", "desk", 1)
        for change in (
            lambda: reviews.assign(conversation, "helper", "helper", 1),
            lambda: reviews.set_status(conversation, "helper", "resolved", 1),
        ):
            with pytest.raises(ReviewChanged):
                change()
        assert reviews.read(conversation, "desk").entry.assigned_to == "desk"
        assert actions(audit) == ["conversation.assigned", "conversation.read"]

    def test_personal_data_in_notes_and_tags_is_masked(self, reviews: Reviews, conversation: str) -> None:
        reviews.add_note(conversation, "desk", "mamman nås på 040 123 4567, rådgivningen på 06 828 7100", ["068287100"])
        reviews.add_tag(conversation, "desk", "ring 040 123 4567")
        found = reviews.read(conversation, "desk")
        assert found.notes[0].text == "mamman nås på [phone], rådgivningen på 06 828 7100"
        assert found.tags == ("ring [phone]",)

    @pytest.mark.parametrize("text", ["", "   ", "x" * 5000])
    def test_empty_and_endless_texts_are_refused(self, reviews: Reviews, conversation: str, text: str) -> None:
        with pytest.raises(ReviewInvalid):
            reviews.add_note(conversation, "desk", text)
        with pytest.raises(ReviewInvalid):
            reviews.add_tag(conversation, "desk", text)

    def test_an_erased_conversation_takes_nothing(
        self, reviews: Reviews, store: ConversationStore, conversation: str, asked: str
    ) -> None:
        store.delete_conversation(conversation)
        for change in (
            lambda: reviews.read(conversation, "desk"),
            lambda: reviews.assign(conversation, "desk", None, 1),
            lambda: reviews.add_note(conversation, "desk", "ring"),
            lambda: reviews.add_tag(conversation, "desk", "ring"),
            lambda: reviews.write_review(conversation, asked, "desk", "right"),
        ):
            with pytest.raises(ConversationNotFound):
                change()


class TestAnswers:
    """Judgements, and what comes of them."""

    def test_of_two_reviewers_at_once_one_is_told(self, reviews: Reviews, conversation: str, asked: str) -> None:
        refused: list[str] = []
        gate = threading.Barrier(2)

        def judge(name: str) -> None:
            gate.wait()
            try:
                reviews.write_review(conversation, asked, name, "right")
            except ReviewChanged:
                refused.append(name)

        threads = [threading.Thread(target=judge, args=[name]) for name in ("desk", "helper")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        kept = reviews.read(conversation, "desk").reviews[asked]
        assert {kept.reviewer, *refused} == {"desk", "helper"}
        assert (len(refused), kept.version) == (1, 1)
        changed = reviews.write_review(conversation, asked, "helper", "unsafe", version=1)
        assert (changed.version, changed.verdict) == (2, "unsafe")

    def test_a_correction_becomes_a_candidate_and_a_later_one_takes_its_place(
        self, reviews: Reviews, learning: Learning, conversation: str, asked: str
    ) -> None:
        reviews.write_review(conversation, asked, "desk", "wrong", "counselling")
        (found,) = learning.fetch("candidate")
        assert (found.text, found.language, found.topic, found.proposed_by) == ("hej", "sv", "counselling", "desk")
        reviews.write_review(conversation, asked, "desk", "missing", version=1)
        assert learning.fetch("candidate") == []
        assert [wish.text for wish in learning.fetch("wish")] == ["hej"]
        reviews.write_review(conversation, asked, "desk", "wrong", version=2)
        assert (learning.fetch("candidate"), learning.fetch("wish")) == ([], [])

    def test_only_a_residents_own_message_is_judged(
        self, reviews: Reviews, store: ConversationStore, conversation: str
    ) -> None:
        answer = store.fetch_messages(conversation)[1].id
        other, _ = store.insert_conversation("sv")
        for place, message in ((conversation, answer), (other.id, answer), (conversation, "nothing")):
            with pytest.raises(MessageNotFound):
                reviews.write_review(place, message, "desk", "right")
        with pytest.raises(ReviewInvalid):
            reviews.write_review(conversation, answer, "desk", "splendid")

    def test_a_proposal_is_decided_once(
        self, reviews: Reviews, learning: Learning, audit: AuditLog, conversation: str, asked: str
    ) -> None:
        reviews.write_review(conversation, asked, "desk", "missing")
        (wish,) = learning.fetch("wish")
        learning.decide("wish", wish.id, "boss", accepted=False)
        with pytest.raises(ProposalDecided):
            learning.decide("wish", wish.id, "other", accepted=True)
        with pytest.raises(ProposalNotFound):
            learning.decide("candidate", wish.id, "boss", accepted=True)
        assert learning.count("wish") == {"pending": 0, "accepted": 0, "declined": 1}
        assert actions(audit)[-1] == "wish.declined"

    @pytest.mark.parametrize(("accepted", "left"), [(True, 1), (False, 0)])
    def test_an_accepted_example_stays_when_its_conversation_goes(
        self, reviews: Reviews, learning: Learning, store: ConversationStore, conversation, asked, accepted, left
    ) -> None:
        reviews.write_review(conversation, asked, "desk", "wrong", "counselling")
        (found,) = learning.fetch("candidate")
        learning.decide("candidate", found.id, "boss", accepted)
        store.delete_conversation(conversation)
        kept = learning.fetch("candidate", "accepted") + learning.fetch("candidate", "declined")
        assert [item.conversation_id for item in kept] == [None] * left


def test_a_view_is_its_users_and_is_written_over(views: SavedViews, desk: User) -> None:
    first = views.save(desk.id, " Min  vy ", "language=fi")
    again = views.save(desk.id, "Min vy", "language=sv")
    assert views.fetch(desk.id) == [again]
    assert (again.id, again.name, again.query) == (first.id, "Min vy", "language=sv")
    views.delete("somebody", again.id)
    assert views.fetch(desk.id) == [again]
    views.delete(desk.id, again.id)
    assert views.fetch(desk.id) == []
    with pytest.raises(ReviewInvalid):
        views.save(desk.id, "", "")
