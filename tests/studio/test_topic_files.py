"""Drafts as files for git and back: clean, whole, and the same drafts again."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import copy_checkout
from ferry import TOPIC, make_ferry
from sqlalchemy import Engine

from bot.importer import PROJECT_FOLDER
from knowledge.check import check_folder
from knowledge.engine import open_engine, sqlite_url
from studio.changes import rename_topic
from studio.errors import UploadRefused
from studio.files import export_topics
from studio.imports import import_topics
from studio.services import ServiceStore
from studio.topics import TopicStore

ADMIN = "0" * 32


@pytest.fixture
def changed(one_store: TopicStore) -> TopicStore:
    """A new topic, an edited one, a renamed one, a retired one."""
    one_store.add(TOPIC, make_ferry(group="families", valid_from="2026-05-01", review_by="2027-05-01"), ADMIN)
    content = one_store.fetch("rescue_services").content.with_side("fi", answer="Uusi.").with_side("sv", answer="Ny.")
    examples = content.sides["sv"].examples[:-1]
    one_store.save("rescue_services", content.with_side("sv", examples=examples), 0, ADMIN)
    rename_topic(one_store, "family_centre", "family_house", 0, ADMIN)
    one_store.retire("vision", 0, ADMIN)
    return one_store


@pytest.fixture
def other(sqlite_template: Path, tmp_path: Path) -> Engine:
    shutil.copy(sqlite_template, tmp_path / "other.db")
    return open_engine(sqlite_url(tmp_path / "other.db"))


def test_without_drafts_nothing_is_written(one_store: TopicStore, tmp_path: Path) -> None:
    assert export_topics(one_store, tmp_path / "out").files == ()


def test_what_was_exported_gives_the_same_drafts_again(changed: TopicStore, other: Engine, tmp_path: Path) -> None:
    export_topics(changed, tmp_path / "out")
    again = TopicStore(other)
    done = import_topics(again, tmp_path / "out", ADMIN)
    assert (done.added, done.edited) == (("family_house", TOPIC), ("rescue_services",))
    assert done.retired == ("family_centre", "vision")
    first, second = changed.fetch_all(), again.fetch_all()
    assert set(first) == set(second)
    assert {id for id in first if first[id].content != second[id].content} <= _related_to_gone(first)
    assert {id: topic.state for id, topic in first.items()} == {id: topic.state for id, topic in second.items()}


def _related_to_gone(topics: dict) -> set[str]:  # type: ignore[type-arg]
    gone = {id for id, topic in topics.items() if topic.state == "retired"}
    return {id for id, topic in topics.items() if gone & set(topic.content.related)}


def edit_record(store: TopicStore, id: str = "counselling") -> ServiceStore:
    services = ServiceStore(store.engine)
    record = services.fetch(id).record
    hours = [{"days": ["mon"], "from": "08:00", "to": "16:00", "valid_from": "2026-12-01"}]
    first, *others = record["channels"]
    changed = {
        **record,
        "review": "2027-01-01",
        "channels": [{**first, "number": "06 826 4500", "hours": hours}, *others],
    }
    services.save(id, changed, 0, ADMIN)
    return services


def test_service_records_that_were_exported_are_taken_back(
    one_store: TopicStore, other: Engine, tmp_path: Path
) -> None:
    services = edit_record(one_store)
    done = export_topics(one_store, tmp_path / "out")
    assert [path.as_posix() for path in done.files] == ["knowledge/services/counselling.yml"]
    again = import_topics(TopicStore(other), tmp_path / "out", ADMIN)
    assert (again.added, again.edited, again.retired, again.services) == ((), (), (), ("counselling",))
    assert ServiceStore(other).fetch("counselling").record == services.fetch("counselling").record
    assert import_topics(TopicStore(other), tmp_path / "out", ADMIN).services == ()


def test_a_record_of_a_renamed_topic_follows_it_by_itself(one_store: TopicStore, other: Engine, tmp_path: Path) -> None:
    rename_topic(one_store, "family_centre", "family_house", 0, ADMIN)
    edit_record(one_store, "family_centre")
    export_topics(one_store, tmp_path / "out")
    import_topics(TopicStore(other), tmp_path / "out", ADMIN)
    found = [ServiceStore(engine).fetch("family_centre").record for engine in (one_store.engine, other)]
    assert found[0] == found[1]


def test_changed_examples_alone_are_taken_back(one_store: TopicStore, other: Engine, tmp_path: Path) -> None:
    content = one_store.fetch("vision").content
    one_store.save("vision", content.with_side("sv", examples=(*content.sides["sv"].examples, "sikta långt")), 0, ADMIN)
    done = export_topics(one_store, tmp_path / "out")
    assert [path.parts[:3] for path in done.files] == [("bot", "data", "nlu")]
    again = TopicStore(other)
    assert import_topics(again, tmp_path / "out", ADMIN).edited == ("vision",)
    assert again.fetch("vision").content == one_store.fetch("vision").content


def test_a_service_that_nobody_knows_is_refused_and_nothing_is_taken(
    changed: TopicStore, other: Engine, tmp_path: Path
) -> None:
    edit_record(changed)
    export_topics(changed, tmp_path / "out")
    folder = tmp_path / "out" / "knowledge" / "services"
    text = (folder / "counselling.yml").read_text(encoding="utf-8")
    text = text.replace("id: counselling\n", "id: unicorns\n", 1).replace("id: counselling_", "id: unicorns_")
    (folder / "unicorns.yml").write_text(text, encoding="utf-8")
    with pytest.raises(UploadRefused, match="there is no service 'unicorns'"):
        import_topics(TopicStore(other), tmp_path / "out", ADMIN)
    assert all(topic.version == 0 for topic in TopicStore(other).fetch_all().values())
    assert all(draft.version == 0 for draft in ServiceStore(other).fetch_all().values())


def test_importing_twice_changes_nothing(changed: TopicStore, other: Engine, tmp_path: Path) -> None:
    export_topics(changed, tmp_path / "out")
    import_topics(TopicStore(other), tmp_path / "out", ADMIN)
    done = import_topics(TopicStore(other), tmp_path / "out", ADMIN)
    assert (done.added, done.edited, done.retired) == ((), (), ())


def test_a_checkout_with_the_exported_files_has_no_problem(changed: TopicStore, tmp_path: Path) -> None:
    checkout = copy_checkout(PROJECT_FOLDER, tmp_path / "checkout").path
    export_topics(changed, checkout)
    assert list(map(str, check_folder(checkout / "knowledge", checkout / "bot" / "data" / "nlu"))) == []
    command = [sys.executable, "-m", "cli.main", "train", "--check"]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    assert (done.returncode, "no problems" in done.stderr) == (0, True), done.stderr[-2000:]


def test_a_file_is_changed_where_its_topic_stands_and_nowhere_else(one_store: TopicStore, tmp_path: Path) -> None:
    content = one_store.fetch("family_centre").content
    one_store.save("family_centre", content.with_side("sv", answer="Ny rad."), 0, ADMIN)
    done = export_topics(one_store, tmp_path / "out")
    (path,) = done.files
    assert path.name == "health-and-social-centre.sv.md"
    old = (PROJECT_FOLDER / path).read_text(encoding="utf-8").splitlines()
    new = (tmp_path / "out" / path).read_text(encoding="utf-8").splitlines()
    assert [line for line in new if line not in old] == ["Ny rad."]


def test_an_unfinished_draft_is_not_exported(one_store: TopicStore, tmp_path: Path) -> None:
    one_store.add(TOPIC, make_ferry(published=""), ADMIN)
    done = export_topics(one_store, tmp_path / "out")
    assert (done.files, set(done.left_out)) == ((), {TOPIC})


def test_a_folder_that_is_none_of_ours_is_refused(one_store: TopicStore, tmp_path: Path) -> None:
    with pytest.raises(UploadRefused, match="knowledge/documents"):
        import_topics(one_store, tmp_path, ADMIN)


def test_files_with_a_problem_are_refused_whole(changed: TopicStore, other: Engine, tmp_path: Path) -> None:
    export_topics(changed, tmp_path / "out")
    path = tmp_path / "out" / "knowledge" / "documents" / "ferry-timetable.sv.md"
    path.write_text(path.read_text(encoding="utf-8").replace("published", "publicerad"), encoding="utf-8")
    with pytest.raises(UploadRefused, match="the source lacks published"):
        import_topics(TopicStore(other), tmp_path / "out", ADMIN)
    assert all(topic.version == 0 for topic in TopicStore(other).fetch_all().values())
