"""Thumbs and stars: written over, taken back, gone with the conversation. Everything on both databases."""

from __future__ import annotations

import pytest

from conversations.errors import ConversationNotFound, MessageNotFound
from conversations.feedback import FeedbackStore, Rating
from conversations.store import ConversationStore, NewMessage


def _answer(store: ConversationStore, conversation: str) -> str:
    return next(message.id for message in store.fetch_messages(conversation) if message.sender == "bot")


def _marks(store: ConversationStore, conversation: str) -> list[str | None]:
    return [message.feedback for message in store.fetch_messages(conversation)]


def test_feedback_stands_at_its_answer_until_it_is_taken_back(
    store: ConversationStore, feedback: FeedbackStore, conversation: str
) -> None:
    answer = _answer(store, conversation)
    assert _marks(store, conversation) == [None, None]
    feedback.write_feedback(conversation, answer, "up")
    assert _marks(store, conversation) == [None, "up"]
    feedback.write_feedback(conversation, answer, "down", "fel svar")
    assert (_marks(store, conversation), feedback.fetch_reason(answer)) == ([None, "down"], "fel svar")
    feedback.write_feedback(conversation, answer, "up")
    assert (_marks(store, conversation), feedback.fetch_reason(answer)) == ([None, "up"], None)
    for _ in range(2):
        feedback.write_feedback(conversation, answer, None)
        assert _marks(store, conversation) == [None, None]


@pytest.mark.parametrize(("sender", "taken"), [("human", True), ("resident", False), ("system", False)])
def test_only_answers_take_feedback(
    store: ConversationStore, feedback: FeedbackStore, conversation: str, sender: str, taken: bool
) -> None:
    (message,) = store.insert_messages(conversation, [NewMessage(sender=sender, text="hej", language="sv")])
    if taken:
        feedback.write_feedback(conversation, message.id, "up")
        assert _marks(store, conversation)[-1] == "up"
    else:
        with pytest.raises(MessageNotFound):
            feedback.write_feedback(conversation, message.id, "up")


def test_the_answer_of_another_conversation_cannot_be_reached(
    store: ConversationStore, feedback: FeedbackStore, conversation: str
) -> None:
    other, _ = store.insert_conversation("sv")
    for id in (_answer(store, conversation), "nothing"):
        with pytest.raises(MessageNotFound):
            feedback.write_feedback(other.id, id, "up")
    with pytest.raises(ConversationNotFound):
        feedback.write_feedback("nobody", _answer(store, conversation), "up")


def test_a_rating_is_written_over(feedback: FeedbackStore, conversation: str) -> None:
    assert feedback.fetch_rating(conversation) is None
    feedback.write_rating(conversation, 2, "för långsamt")
    feedback.write_rating(conversation, 5)
    assert feedback.fetch_rating(conversation) == Rating(5, None)
    with pytest.raises(ConversationNotFound):
        feedback.write_rating("nobody", 5)


def test_feedback_and_rating_go_with_the_conversation(
    store: ConversationStore, feedback: FeedbackStore, conversation: str
) -> None:
    answer = _answer(store, conversation)
    feedback.write_feedback(conversation, answer, "down", "fel")
    feedback.write_rating(conversation, 1, "fel")
    store.delete_conversation(conversation)
    assert feedback.fetch_reason(answer) is None
    assert feedback.fetch_rating(conversation) is None


def test_messages_after_a_position_are_read_alone(store: ConversationStore, conversation: str) -> None:
    store.insert_messages(conversation, [NewMessage(sender="human", text="moi", language="fi")])
    assert [message.position for message in store.fetch_messages(conversation)] == [0, 1, 2]
    assert [message.text for message in store.fetch_messages(conversation, after=1)] == ["moi"]
    assert store.fetch_messages(conversation, after=2) == []


def test_a_conversation_goes_on_in_another_language(store: ConversationStore, conversation: str) -> None:
    store.update_language(conversation, "fi")
    assert store.fetch_conversation(conversation).language == "fi"
    with pytest.raises(ConversationNotFound):
        store.update_language("nobody", "fi")
