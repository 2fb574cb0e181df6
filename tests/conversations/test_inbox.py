"""The inbox: ranked, filtered, paged, searched in both languages, true to what is stored. On both databases."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import Engine, text

from conversations.feedback import FeedbackStore
from conversations.generator import DatabaseNotEmpty, Generator
from conversations.handoffs import Handoffs
from conversations.inbox import Filters, Inbox, Place
from conversations.inbox_text import INDEX_OBJECTS, make_query
from conversations.reviews import Reviews
from conversations.store import ConversationStore, NewMessage

MADE = 1200


@pytest.fixture
def inbox(engine: Engine) -> Inbox:
    return Inbox(engine)


@pytest.fixture
def reviews(engine: Engine) -> Reviews:
    return Reviews(engine)


def converse(
    store: ConversationStore, text: str, language: str = "sv", topic: str | None = "a", **values: object
) -> str:
    """A conversation with one question and its answer; return its id."""
    begun, _ = store.insert_conversation(language)
    values = {"outcome": "sure", "confidence": 0.9, **values}
    (asked,) = store.insert_messages(begun.id, [NewMessage("resident", text, language)])
    store.update_understanding(asked.id, **values)
    store.insert_messages(begun.id, [NewMessage("bot", "Svar.", language, topic=topic)])
    return begun.id


def ids(inbox: Inbox, **filters: object) -> list[str]:
    return [entry.conversation_id for entry in inbox.fetch_page(Filters(**filters)).entries]  # type: ignore[arg-type]


class TestEntry:
    """What stores write down as they go."""

    def test_a_conversation_appears_with_its_first_question(self, store: ConversationStore, inbox: Inbox) -> None:
        begun, _ = store.insert_conversation("sv")
        store.insert_messages(begun.id, [NewMessage("bot", "Hej!", "sv")])
        assert ids(inbox) == []
        store.insert_messages(begun.id, [NewMessage("resident", "var finns rådgivningen", "sv")])
        (entry,) = inbox.fetch_page().entries
        assert (entry.excerpt, entry.status, entry.attention, entry.state) == (
            "var finns rådgivningen",
            "new",
            0,
            "bot",
        )

    def test_attention_follows_what_happens(
        self, store: ConversationStore, feedback: FeedbackStore, handoffs: Handoffs, inbox: Inbox
    ) -> None:
        id = converse(store, "hur mår ni", topic=None, outcome="unsure", confidence=0.1)

        def reasons() -> tuple[str, ...]:
            return inbox.fetch_page().entries[0].reasons

        answer = store.fetch_messages(id)[-1].id
        assert reasons() == ("dont_know",)
        feedback.write_feedback(id, answer, "down")
        assert reasons() == ("thumbs_down", "dont_know")
        feedback.write_feedback(id, answer, None)
        assert reasons() == ("dont_know",)
        feedback.write_rating(id, 1)
        handoffs.request(id, [])
        assert reasons() == ("thumbs_down", "human", "dont_know")
        assert ids(inbox, rating="1") == ids(inbox, reason="human") == [id]
        assert ids(inbox, rating="down") == []

    def test_a_resolved_conversation_that_goes_on_is_new_again(
        self, store: ConversationStore, inbox: Inbox, reviews: Reviews
    ) -> None:
        id = converse(store, "var")
        reviews.set_status(id, "desk", "resolved", 1)
        assert ids(inbox) == []
        store.insert_messages(id, [NewMessage("bot", "Något mer?", "sv")])
        assert ids(inbox) == []
        store.insert_messages(id, [NewMessage("resident", "ja, en sak till", "sv")])
        assert ids(inbox, status="new") == [id]

    def test_nothing_is_left_of_an_erased_conversation(
        self, store: ConversationStore, inbox: Inbox, reviews: Reviews, engine: Engine
    ) -> None:
        id = converse(store, "var finns tandläkaren")
        reviews.add_tag(id, "desk", "viktig")
        reviews.add_note(id, "desk", "ring upp")
        reviews.write_review(id, store.fetch_messages(id)[0].id, "desk", "missing")
        store.delete_conversation(id)
        tables = ("inbox", "inbox_mark", "inbox_text", "review", "conversation_note", "knowledge_wish")
        with engine.connect() as connection:
            counts = [connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() for table in tables]
        assert counts == [0] * len(tables)
        assert ids(inbox, text="tandläkaren") == []


class TestFilters:
    """Each on what it finds and what it does not."""

    def test_each_filter_finds_its_own(self, store: ConversationStore, inbox: Inbox, reviews: Reviews) -> None:
        one = converse(store, "var finns tandvård", topic="dental", confidence=0.4)
        two = converse(store, "missä on neuvola", "fi", topic="clinic", outcome="between", confidence=0.8)
        reviews.assign(two, "desk", "desk", 1)
        reviews.add_tag(one, "desk", "Viktig")
        now = dt.datetime.now(dt.timezone.utc)
        hour = dt.timedelta(hours=1)
        for filters, found in (
            ({"language": "fi"}, [two]),
            ({"topic": "dental"}, [one]),
            ({"topic": "nothing"}, []),
            ({"most": 0.5}, [one]),
            ({"least": 0.5}, [two]),
            ({"outcome": "between"}, [two]),
            ({"reason": "low_confidence"}, [one]),
            ({"status": "new"}, [one]),
            ({"status": "in_review"}, [two]),
            ({"status": "resolved"}, []),
            ({"tag": "viktig"}, [one]),
            ({"assigned": "desk"}, [two]),
            ({"assigned": "nobody"}, [one]),
            ({"since": now - hour}, [two, one]),
            ({"until": now - hour}, []),
            ({"since": now + hour}, []),
            ({"status": "all"}, [two, one]),
            ({"topic": "dental", "outcome": "sure", "tag": "viktig", "language": "sv"}, [one]),
            ({"topic": "dental", "outcome": "between"}, []),
            ({"text": "tandvård", "topic": "dental", "most": 0.5}, [one]),
            ({"text": "tandvård", "topic": "clinic"}, []),
        ):
            assert ids(inbox, **filters) == found, filters

    @pytest.mark.parametrize(
        ("said", "language", "asked", "found"),
        [
            ("var finns tandläkarna", "sv", "tandläkare", True),
            ("var finns tandlakare", "sv", "tandläkaren", True),
            ("missä hammaslääkärit ovat", "fi", "hammaslääkäri", True),
            ("missä hammaslaakari on", "fi", "HAMMASLÄÄKÄRI!", True),
            ("palaako kotihoidosta", "fi", "kotihoito", True),
            ("behöver hemvård i Karleby", "sv", "karleby hemvård", True),
            ("behöver hemvård i Karleby", "sv", "hemvård jakobstad", False),
            ("ring mig på 116 117", "sv", "117", True),
            ("a-lääkäri", "fi", "a-lääkäri", True),
            ("hej", "sv", "\"' OR * ) NEAR(", False),
            ("hej", "sv", "'; DROP TABLE inbox --", False),
        ],
    )
    def test_words_are_found_in_any_form_and_language(
        self, store: ConversationStore, inbox: Inbox, said: str, language: str, asked: str, found: bool
    ) -> None:
        id = converse(store, said, language)
        assert ids(inbox, text=asked) == ([id] if found else [])

    def test_words_of_later_messages_are_found_too(self, store: ConversationStore, inbox: Inbox) -> None:
        id = converse(store, "hej")
        store.insert_messages(id, [NewMessage("resident", "var får jag en rullstol", "sv")])
        assert ids(inbox, text="rullstol") == ids(inbox, text="hej rullstol") == [id]

    def test_a_search_without_a_word_is_no_search(self, store: ConversationStore, inbox: Inbox) -> None:
        id = converse(store, "hej")
        assert make_query(" ?! ", "sqlite") == ""
        assert ids(inbox, text=" ?! ") == [id]


class TestPages:
    """Paging by key."""

    def test_pages_give_every_conversation_once_in_rank_order(self, engine: Engine, inbox: Inbox) -> None:
        Generator().fill(engine, MADE)
        for filters in (Filters(status="all"), Filters(language="sv"), Filters(topic="topic-0"), Filters(text="mamma")):
            ranks, after = [], None
            while True:
                page = inbox.fetch_page(filters, after, 5)
                ranks += [(e.attention, e.updated_at, e.number) for e in page.entries]
                after = Place.parse(str(page.next)) if page.next else None
                if after is None:
                    break
            assert ranks == sorted(ranks, reverse=True)
            assert len(ranks) == len(set(ranks)) == len(inbox.fetch_page(filters, size=MADE).entries) > 5

    def test_the_next_one_is_the_one_after_on_the_page(self, store: ConversationStore, inbox: Inbox) -> None:
        first, second = (entry for entry in _two(store, inbox))
        assert inbox.fetch_next(Filters(), first.place) == second
        assert inbox.fetch_next(Filters(), second.place) is None

    @pytest.mark.parametrize(
        "written", ["", "1.2", "x.20260101000000000000.1", "1.2026.1", "1.20260101000000000000.-1"]
    )
    def test_a_forged_place_is_none(self, written: str) -> None:
        with pytest.raises(ValueError):
            Place.parse(written)


def _two(store: ConversationStore, inbox: Inbox) -> tuple:  # type: ignore[type-arg]
    converse(store, "ett")
    converse(store, "två", outcome="between")
    return inbox.fetch_page().entries


class TestGenerator:
    """Conversations in bulk."""

    def test_the_inbox_holds_what_the_stores_would_have_written(
        self, engine: Engine, inbox: Inbox, store: ConversationStore
    ) -> None:
        Generator().fill(engine, MADE)
        for before in inbox.fetch_page(Filters(status="all"), size=5).entries:
            store.update_language(before.conversation_id, before.language)
            after = next(
                entry
                for entry in inbox.fetch_page(Filters(status="all"), size=5).entries
                if entry.conversation_id == before.conversation_id
            )
            assert after == before
        begun = converse(store, "en ny")
        assert ids(inbox, text="ny") == [begun]

    def test_somebodys_own_conversations_are_not_mixed_with_made_ones(
        self, engine: Engine, store: ConversationStore
    ) -> None:
        store.insert_conversation("sv")
        with pytest.raises(DatabaseNotEmpty):
            Generator().fill(engine, MADE)


def test_the_index_is_the_databases_own(engine: Engine) -> None:
    with engine.connect() as connection:
        names = "sqlite_master WHERE name" if engine.dialect.name == "sqlite" else "pg_indexes WHERE indexname"
        assert connection.execute(text(f"SELECT count(*) FROM {names} = '{INDEX_OBJECTS}'")).scalar() == 1
