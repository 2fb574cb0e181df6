"""The overlay: what drafts give to training and to the build, and what they do not."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ferry import ANSWERS, EXAMPLES, TOPIC, make_ferry
from sqlalchemy import Engine

from bot.importer import DATA_FOLDER, PROJECT_FOLDER
from bot.training.examples import read_examples
from bot.training.validate import check_training_data
from knowledge.build import KNOWLEDGE_FOLDER, build_knowledge, fingerprint_folder, read_topics
from knowledge.check import check_folder
from knowledge.engine import open_engine, sqlite_url
from knowledge.overlay import read_retired
from knowledge.store import Knowledge
from studio.changes import rename_topic
from studio.overlay import write_overlay
from studio.topics import TopicStore

ADMIN = "0" * 32


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def problems(overlay: Path) -> list[str]:
    domain = yaml.safe_load((PROJECT_FOLDER / "domain.yml").read_text(encoding="utf-8"))
    intents = [str(next(iter(item))) for item in domain["intents"]]
    topics = list(read_topics(overlay=overlay))
    found = check_folder(KNOWLEDGE_FOLDER, DATA_FOLDER / "nlu", overlay)
    return [*map(str, found), *map(str, check_training_data(DATA_FOLDER / "nlu", topics, intents, overlay))]


def test_no_draft_gives_an_overlay_that_changes_nothing(store: TopicStore, tmp_path: Path) -> None:
    written = write_overlay(store.engine, tmp_path / "overlay")
    assert (written.fingerprint, written.topics, dict(written.retired)) == ("", (), {})
    assert fingerprint_folder(overlay=tmp_path / "overlay") == fingerprint_folder()


def test_the_same_drafts_give_the_same_files(engine: Engine, tmp_path: Path) -> None:
    store = TopicStore(engine)
    store.add(TOPIC, make_ferry(), ADMIN)
    store.save("vision", store.fetch("vision").content.with_side("sv", title="Visionen"), 0, ADMIN)
    first = write_overlay(engine, tmp_path / "one")
    assert first == write_overlay(engine, tmp_path / "two")
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_a_new_topic_fits_in_without_a_problem(one_store: TopicStore, tmp_path: Path) -> None:
    one_store.add(TOPIC, make_ferry(), ADMIN)
    overlay = tmp_path / "overlay"
    assert write_overlay(one_store.engine, overlay).topics == (TOPIC,)
    assert problems(overlay) == []
    examples, _ = read_examples(DATA_FOLDER / "nlu", overlay)
    assert {item.text for item in examples if item.intent == TOPIC} == {*EXAMPLES["sv"], *EXAMPLES["fi"]}


def test_a_new_topic_answers_in_both_languages_once_it_is_built(one_store: TopicStore, tmp_path: Path) -> None:
    one_store.add(TOPIC, make_ferry(), ADMIN)
    write_overlay(one_store.engine, tmp_path / "overlay")
    engine = open_engine(sqlite_url(tmp_path / "knowledge.db"))
    build_knowledge(engine, overlay=tmp_path / "overlay")
    for language in ("sv", "fi"):
        answer = Knowledge(engine).fetch_answer(TOPIC, language)  # type: ignore[arg-type]
        assert answer is not None
        assert f"{answer.lead}\n\n{answer.details}" == ANSWERS[language]
        assert (answer.source.title, answer.source.published) == ("Tankar 2026", "2026-05")


def test_a_changed_answer_takes_the_place_of_the_old_one_and_needs_no_training(
    one_store: TopicStore, tmp_path: Path
) -> None:
    content = one_store.fetch("family_centre").content
    edited = content.with_side("sv", answer="Nytt svar.").with_side("fi", answer="Uusi vastaus.")
    one_store.save("family_centre", edited, 0, ADMIN)
    overlay = tmp_path / "overlay"
    assert write_overlay(one_store.engine, overlay).fingerprint == ""
    sections = {section.language: section for section in read_topics(overlay=overlay)["family_centre"]}
    assert {language: section.lead for language, section in sections.items()} == {
        "sv": "Nytt svar.",
        "fi": "Uusi vastaus.",
    }
    assert problems(overlay) == []


def test_changed_examples_take_the_place_of_the_old_ones(one_store: TopicStore, tmp_path: Path) -> None:
    content = one_store.fetch("family_centre").content
    kept = content.sides["sv"].examples[:15]
    one_store.save("family_centre", content.with_side("sv", examples=kept), 0, ADMIN)
    overlay = tmp_path / "overlay"
    assert write_overlay(one_store.engine, overlay).fingerprint
    examples, _ = read_examples(DATA_FOLDER / "nlu", overlay)
    found = [item.text for item in examples if (item.intent, item.language) == ("family_centre", "sv")]
    assert sorted(found) == sorted(kept)


def test_what_is_harmless_in_a_dangers_words_stays_marked_as_such(one_store: TopicStore, tmp_path: Path) -> None:
    """The detector of danger knows those examples by the file that they stand in."""
    content = one_store.fetch("rescue_services").content
    one_store.save("rescue_services", content.with_side("sv", examples=content.sides["sv"].examples[1:]), 0, ADMIN)
    write_overlay(one_store.engine, tmp_path / "overlay")
    before, _ = read_examples(DATA_FOLDER / "nlu")
    after, _ = read_examples(DATA_FOLDER / "nlu", tmp_path / "overlay")
    near = [{item.text for item in found if item.path.endswith("near_danger.yml")} for found in (before, after)]
    assert near[0] - near[1] <= {content.sides["sv"].examples[0]}


def test_a_retired_topic_leaves_no_gap(one_store: TopicStore, tmp_path: Path) -> None:
    one_store.retire("vision", 0, ADMIN)
    overlay = tmp_path / "overlay"
    assert dict(write_overlay(one_store.engine, overlay).retired) == {"vision": None}
    assert "vision" not in read_topics(overlay=overlay)
    assert problems(overlay) == []


def test_what_leads_to_a_renamed_topic_leads_to_its_new_name(one_store: TopicStore, tmp_path: Path) -> None:
    rename_topic(one_store, "family_centre", "family_house", 0, ADMIN)
    rename_topic(one_store, "family_house", "house_of_families", 1, ADMIN)
    overlay = tmp_path / "overlay"
    write_overlay(one_store.engine, overlay)
    assert read_retired(overlay)["family_centre"] == "house_of_families"
    related = {target for found in read_topics(overlay=overlay).values() for item in found for target in item.related}
    assert "house_of_families" in related
    assert not related & {"family_centre", "family_house"}
    assert problems(overlay) == []


def test_a_draft_that_is_not_complete_is_left_out_with_its_reasons(one_store: TopicStore, tmp_path: Path) -> None:
    one_store.add(TOPIC, make_ferry().with_side("fi", answer=""), ADMIN)
    written = write_overlay(one_store.engine, tmp_path / "overlay")
    assert written.topics == ()
    assert written.left_out == {TOPIC: ("answer_fi: the answer is missing; write one to four sentences",)}


def test_examples_that_two_drafts_claim_do_not_reach_training(one_store: TopicStore, tmp_path: Path) -> None:
    one_store.add("ferry", make_ferry(), ADMIN)
    one_store.add(TOPIC, make_ferry(), ADMIN)
    written = write_overlay(one_store.engine, tmp_path / "overlay")
    assert written.topics == ("ferry",)
    assert "stands under 'ferry' already" in written.left_out[TOPIC][0]
    assert problems(tmp_path / "overlay") == []


@pytest.mark.parametrize("examples", [(), ("a: b", "# c", "- d", "'e'", '"f"', "g | h", "%i", "&j", "*k", "!l", "m?")])
def test_whatever_stands_in_an_example_comes_back_as_it_was(
    one_store: TopicStore, tmp_path: Path, examples: tuple[str, ...]
) -> None:
    one_store.add(TOPIC, make_ferry().with_side("sv", examples=(*EXAMPLES["sv"], *examples)), ADMIN)
    write_overlay(one_store.engine, tmp_path / "overlay")
    found, _ = read_examples(DATA_FOLDER / "nlu", tmp_path / "overlay")
    texts = [item.text for item in found if (item.intent, item.language) == (TOPIC, "sv")]
    assert texts == [*EXAMPLES["sv"], *examples]


@pytest.mark.parametrize("word", ["a: b", "x, y", "[z]", "'q'", '"r"', "yes", "12", "# s", "å ä"])
def test_whatever_stands_in_an_alias_or_title_comes_back_as_it_was(
    one_store: TopicStore, tmp_path: Path, word: str
) -> None:
    aliases = () if word == "[z]" else (word,)
    content = make_ferry().with_side("sv", aliases=aliases, source_title=f"Om {word}")
    one_store.add(TOPIC, content, ADMIN)
    write_overlay(one_store.engine, tmp_path / "overlay")
    section = next(item for item in read_topics(overlay=tmp_path / "overlay")[TOPIC] if item.language == "sv")
    assert (section.aliases, section.source.title) == (aliases, f"Om {word}")
