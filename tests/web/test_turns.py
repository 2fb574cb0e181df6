"""A turn that fails keeps the resident's words, and whoever reviews finds them."""

from __future__ import annotations

import pytest

from bot.assistant import Assistant, ModelMissing
from conversations.database import open_database
from conversations.inbox import Filters, Inbox
from conversations.store import ConversationStore
from web.chat.turns import TurnTaker
from web.live import Live


@pytest.mark.parametrize(("language", "words"), [("sv", "var finns hälsostationen"), ("fi", "missä on terveysasema")])
async def test_words_without_an_answer_are_in_the_inbox(tmp_path, knowledge, language, words):
    engine = open_database(f"sqlite:///{tmp_path}/conversations.db")
    store = ConversationStore(engine)
    assistant = Assistant(knowledge)
    turns = TurnTaker(assistant, store, knowledge, Live())
    begun, _ = store.insert_conversation(language)
    try:
        with pytest.raises(ModelMissing):
            await turns.take(begun.id, words, None)
    finally:
        assistant.close()
    (entry,) = Inbox(engine).fetch_page(Filters(status="all")).entries
    assert (entry.conversation_id, entry.excerpt) == (begun.id, words)
