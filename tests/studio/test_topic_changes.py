"""Rename, merge, split: several topics at once, all of it or nothing."""

from __future__ import annotations

import pytest
from ferry import EXAMPLES, TOPIC, make_ferry

from studio.changes import merge_topics, move_examples, rename_topic
from studio.errors import DraftChanged, TopicExists, TopicNotFound, TopicRefused
from studio.topics import TopicStore

ADMIN = "0" * 32


def test_a_renamed_topic_leads_from_the_old_id_to_the_new_one(store: TopicStore) -> None:
    content = store.fetch("family_centre").content
    renamed = rename_topic(store, "family_centre", "family_house", 0, ADMIN)
    old = store.fetch("family_centre")
    assert renamed.content == content
    assert (old.state, old.newest.successor, old.newest.action) == ("retired", "family_house", "renamed")


@pytest.mark.parametrize(("new", "error"), [("vision", TopicExists), ("Family House", TopicRefused)])
def test_a_rename_that_is_refused_changes_nothing(store: TopicStore, new: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        rename_topic(store, "family_centre", new, 0, ADMIN)
    assert store.fetch("family_centre").version == 0


def test_what_lotsi_relies_on_keeps_its_name_and_no_twin_stays_behind(store: TopicStore) -> None:
    with pytest.raises(TopicRefused):
        rename_topic(store, "counselling", "advice", 0, ADMIN)
    assert "advice" not in store.fetch_all()


def test_a_merged_topic_gives_its_examples_and_its_place(store: TopicStore) -> None:
    store.add(TOPIC, make_ferry(), ADMIN)
    before = store.fetch("vision").content.sides["sv"].examples
    merged = merge_topics(store, TOPIC, "vision", (1, 0), ADMIN)
    assert merged.content.sides["sv"].examples == (*before, *EXAMPLES["sv"])
    assert "När går färjan?" in merged.content.sides["sv"].aliases
    assert store.fetch(TOPIC).newest.successor == "vision"


def test_a_merge_with_an_older_version_of_either_changes_nothing(store: TopicStore) -> None:
    store.add(TOPIC, make_ferry(), ADMIN)
    with pytest.raises(DraftChanged):
        merge_topics(store, TOPIC, "vision", (1, 7), ADMIN)
    assert store.fetch(TOPIC).state == "draft"


def test_a_split_moves_examples_to_a_new_topic_whose_answer_is_to_be_written(store: TopicStore) -> None:
    store.add(TOPIC, make_ferry(), ADMIN)
    chosen = {"sv": EXAMPLES["sv"][5:6], "fi": EXAMPLES["fi"][5:6]}
    titles = {"sv": "Vad kostar färjan?", "fi": "Mitä lautta maksaa?"}
    new = move_examples(store, TOPIC, "ferry_price", chosen, 1, ADMIN, titles)
    assert {language: side.examples for language, side in new.content.sides.items()} == chosen
    assert (new.content.sides["sv"].title, new.content.sides["sv"].answer) == ("Vad kostar färjan?", "")
    assert chosen["sv"][0] not in store.fetch(TOPIC).content.sides["sv"].examples


def test_examples_can_be_moved_to_a_topic_that_there_is(store: TopicStore) -> None:
    store.add(TOPIC, make_ferry(), ADMIN)
    moved = move_examples(store, TOPIC, "vision", {"fi": EXAMPLES["fi"][:2]}, 1, ADMIN)
    assert moved.content.sides["fi"].examples[-2:] == EXAMPLES["fi"][:2]
    assert store.fetch(TOPIC).content.sides["fi"].examples == EXAMPLES["fi"][2:]


def test_a_retired_topic_is_not_brought_back_by_what_is_done_to_another(store: TopicStore) -> None:
    store.add(TOPIC, make_ferry(), ADMIN)
    store.retire("vision", 0, ADMIN)
    with pytest.raises(TopicNotFound):
        merge_topics(store, TOPIC, "vision", (1, 1), ADMIN)
    with pytest.raises(TopicNotFound):
        move_examples(store, TOPIC, "vision", {"fi": EXAMPLES["fi"][:2]}, 1, ADMIN)
    with pytest.raises(TopicNotFound):
        rename_topic(store, "vision", "sight", 1, ADMIN)
    assert (store.fetch(TOPIC).version, store.fetch("vision").state) == (1, "retired")
