"""Drafts of topics: what is kept, by whom, and that nobody's change is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from ferry import EXAMPLES, TOPIC, make_ferry
from sqlalchemy import Engine

from conversations.audit import AuditLog
from studio.checkout import own_checkout
from studio.errors import DraftChanged, TopicExists, TopicNotFound, TopicRefused
from studio.topics import TopicStore

ADMIN = "0" * 32


def test_every_topic_of_the_checkout_is_there_and_published(store: TopicStore) -> None:
    topics = store.fetch_all()
    assert set(topics) == set(own_checkout().topics)
    assert {(topic.version, topic.state) for topic in topics.values()} == {(0, "published")}


def test_a_topic_of_the_checkout_is_read_as_its_files_have_it(store: TopicStore) -> None:
    content = store.fetch("counselling").content
    side = content.sides["sv"]
    assert side.title == "Vem kontaktar jag först?"
    assert side.answer.startswith("Kontakta Social- och hälsovårdstjänsternas rådgivning när")
    assert "\n\nDu får råd om tjänsterna" in side.answer
    assert (content.document, content.published, content.paragraphs) == (
        "health-and-social-centre",
        "2023-11",
        (10, 11),
    )
    assert content.facts["counselling_for_relatives"] is True
    assert len(side.examples) > 20


def test_what_is_added_is_a_draft_and_comes_back_as_it_was(store: TopicStore) -> None:
    added = store.add(TOPIC, make_ferry(), ADMIN)
    assert (added.version, added.state, added.published_version) == (1, "draft", None)
    assert store.fetch(TOPIC) == added
    assert added.content.sides["fi"].examples == EXAMPLES["fi"]
    assert added.content.document == "ferry-timetable"


def test_an_edit_of_a_topic_of_the_checkout_begins_as_a_copy(store: TopicStore) -> None:
    content = store.fetch("family_centre").content
    edited = store.save("family_centre", content.with_side("sv", title="Familjecentret"), 0, ADMIN)
    assert (edited.version, edited.state, edited.published_version) == (1, "draft", 0)
    assert edited.content.sides["fi"] == content.sides["fi"]


def test_saving_what_is_there_already_keeps_no_version(store: TopicStore) -> None:
    assert store.save("family_centre", store.fetch("family_centre").content, 0, ADMIN).version == 0
    assert [revision.version for revision in store.fetch_history("family_centre")] == [0]


def test_of_two_admins_the_second_is_told_and_nothing_is_lost(store: TopicStore) -> None:
    store.add(TOPIC, make_ferry(), ADMIN)
    first = store.save(TOPIC, make_ferry(published="2026-06"), 1, ADMIN)
    with pytest.raises(DraftChanged) as refused:
        store.save(TOPIC, make_ferry(published="2026-07"), 1, "1" * 32)
    assert (refused.value.id, refused.value.version) == (TOPIC, 2)
    assert store.fetch(TOPIC) == first


def test_of_many_who_save_at_once_one_gets_through(engine: Engine) -> None:
    TopicStore(engine).add(TOPIC, make_ferry(), ADMIN)

    def save(year: int) -> bool:
        try:
            TopicStore(engine).save(TOPIC, make_ferry(published=str(year)), 1, ADMIN)
        except DraftChanged:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(save, range(2010, 2016))) == 1
    assert TopicStore(engine).fetch(TOPIC).version == 2


def test_undoing_is_a_new_version_with_the_older_content(store: TopicStore) -> None:
    store.add(TOPIC, make_ferry(), ADMIN)
    store.save(TOPIC, make_ferry(published="2026-06"), 1, ADMIN)
    restored = store.restore(TOPIC, 1, 2, "1" * 32)
    assert (restored.version, restored.content) == (3, store.fetch_revision(TOPIC, 1).content)
    history = store.fetch_history(TOPIC)
    assert [(item.version, item.action, item.changed_by) for item in history] == [
        (3, "restored", "1" * 32),
        (2, "edited", ADMIN),
        (1, "added", ADMIN),
    ]


def test_a_topic_of_the_checkout_can_be_undone_to_its_files(store: TopicStore) -> None:
    content = store.fetch("family_centre").content
    store.save("family_centre", content.with_side("sv", title="Annat"), 0, ADMIN)
    assert store.restore("family_centre", 0, 1, ADMIN).content == content


def test_a_retired_topic_keeps_its_versions(store: TopicStore) -> None:
    retired = store.retire("vision", 0, ADMIN, "mission")
    assert (retired.state, retired.newest.successor) == ("retired", "mission")
    assert store.restore("vision", 0, 1, ADMIN).state == "draft"


@pytest.mark.parametrize("topic", ["counselling", "emergency_number"])
def test_what_lotsi_itself_relies_on_cannot_be_retired(store: TopicStore, topic: str) -> None:
    with pytest.raises(TopicRefused, match="Lotsi itself leads residents there"):
        store.retire(topic, 0, ADMIN, "mission")


def test_what_describes_a_service_needs_a_successor(store: TopicStore) -> None:
    with pytest.raises(TopicRefused, match="family_centre"):
        store.retire("family_centre", 0, ADMIN)
    assert store.retire("family_centre", 0, ADMIN, "family_counselling").state == "retired"


@pytest.mark.parametrize("successor", ["vision", "no_such"])
def test_a_successor_must_be_there(store: TopicStore, successor: str) -> None:
    with pytest.raises(TopicNotFound):
        store.retire("vision", 0, ADMIN, successor)


@pytest.mark.parametrize(
    ("id", "mended"),
    [
        ("ferry time", "ferry_time"),
        ("Färja", "farja"),
        ("fеrry", "ferry"),
        ("1ferry", "topic_1ferry"),
        ("ferry-time", "ferry_time"),
        ("", "topic"),
        ("a" * 80, "a" * 64),
    ],
)
def test_an_id_that_cannot_be_one_is_refused_with_what_would_do(store: TopicStore, id: str, mended: str) -> None:
    with pytest.raises(TopicRefused) as refused:
        store.add(id, make_ferry(), ADMIN)
    assert f"'{mended}'" in str(refused.value)
    assert id not in store.fetch_all()


@pytest.mark.parametrize("id", ["danger_life", "utter_x", "action_answer", "out_of_scope", "greet", "restart", "Greet"])
def test_names_that_lotsi_uses_itself_are_refused(store: TopicStore, id: str) -> None:
    with pytest.raises(TopicRefused, match="Lotsi itself uses"):
        store.add(id, make_ferry(), ADMIN)


def test_look_alikes_are_named_by_their_letters(store: TopicStore) -> None:
    with pytest.raises(TopicRefused, match="CYRILLIC SMALL LETTER IE"):
        store.add("fеrry", make_ferry(), ADMIN)


@pytest.mark.parametrize("id", ["family_centre", TOPIC])
def test_an_id_is_taken_once(store: TopicStore, id: str) -> None:
    store.add(TOPIC, make_ferry(), ADMIN)
    with pytest.raises(TopicExists):
        store.add(id, make_ferry(), ADMIN)


def test_personal_data_is_masked_on_its_way_in_whatever_was_checked(store: TopicStore) -> None:
    content = make_ferry().with_side("sv", examples=("ring 040 123 4567", "0401", "234567", "färjan"))
    added = store.add(TOPIC, content, ADMIN, "call 040 123 4567")
    assert added.content.sides["sv"].examples == ("ring [phone]", "0401", "234567", "färjan")
    assert added.newest.note == "call [phone]"


def test_every_change_is_in_the_audit_log_without_anybodys_words(store: TopicStore) -> None:
    store.add(TOPIC, make_ferry(), ADMIN)
    store.save(TOPIC, make_ferry(published="2026-06"), 1, ADMIN)
    store.retire(TOPIC, 2, ADMIN)
    entries = AuditLog(store.engine).fetch_entries(object_kind="topic")
    assert [(entry.action, entry.object_id, entry.actor) for entry in entries] == [
        ("topic.retired", TOPIC, ADMIN),
        ("topic.edited", TOPIC, ADMIN),
        ("topic.added", TOPIC, ADMIN),
    ]
    assert dict(entries[0].details) == {"version": 3}


def test_a_refused_change_leaves_no_trace(store: TopicStore) -> None:
    with pytest.raises(TopicNotFound):
        store.save("no_such", make_ferry(), 0, ADMIN)
    assert AuditLog(store.engine).fetch_entries() == []


def test_control_characters_and_white_space_are_tidied(store: TopicStore) -> None:
    content = make_ferry().with_side(
        "sv", examples=("  när \t går\u200b färjan ", "när går färjan", "NÄR GÅR FÄRJAN", "\0")
    )
    assert store.add(TOPIC, content, ADMIN).content.sides["sv"].examples == ("när går färjan",)
