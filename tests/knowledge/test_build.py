"""The build: deterministic, in one transaction, taken up by those who read. Everything on both databases."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from small_folder import SmallFolder, write_small_folder
from sqlalchemy import Engine, event, select

from knowledge.build import BuildReport, build_knowledge, ensure_built, fingerprint_folder, read_topics
from knowledge.engine import open_engine, sqlite_url
from knowledge.errors import KnowledgeInvalid, KnowledgeMissing
from knowledge.schema import Base, BuildRow, ChannelRow, SectionRow
from knowledge.store import Knowledge

EIGHT, NINE = "Åtta kommuner hör till området.", "Nio kommuner hör till området."


@pytest.fixture
def patient_url(database_url: str) -> str:
    """The database's URL; PostgreSQL, too, gives up waiting for a lock after five seconds instead of never."""
    return database_url + ("&options=-c%20lock_timeout%3D5000" if database_url.startswith("postgresql") else "")


@pytest.fixture
def engine(patient_url: str) -> Iterator[Engine]:
    opened = open_engine(patient_url)
    yield opened
    opened.dispose()


@pytest.fixture
def other_engine(patient_url: str) -> Iterator[Engine]:
    """Another process's way to the same database."""
    opened = open_engine(patient_url)
    yield opened
    opened.dispose()


@pytest.fixture
def nine_folder(tmp_path: Path) -> SmallFolder:
    """The small folder after a change: nine municipalities, and a hot line."""
    folder = write_small_folder(tmp_path / "nine")
    folder.edit_twins("county", "{municipalities: 8}", "{municipalities: 9}")
    folder.edit("documents/county.sv.md", EIGHT, NINE)
    folder.edit("services/counselling.yml", "06 000 0001", "06 000 0009")
    return folder


def _rows(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    with engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in Base.metadata.sorted_tables
        }


def _lead(knowledge: Knowledge) -> str:
    answer = knowledge.fetch_answer("municipalities", "sv")
    assert answer is not None
    return answer.lead


def test_a_folder_that_does_not_exist_empties_nothing(
    engine: Engine, small_folder: SmallFolder, tmp_path: Path
) -> None:
    build_knowledge(engine, small_folder.path)
    before = _rows(engine)
    with pytest.raises(KnowledgeInvalid):
        build_knowledge(engine, tmp_path / "no_such")
    assert _rows(engine) == before


def test_a_build_reports_what_it_wrote(engine: Engine, small_folder: SmallFolder) -> None:
    report = build_knowledge(engine, small_folder.path)
    assert (report.topics, report.sections, report.services) == (3, 8, 1)
    assert report.content_hash == fingerprint_folder(small_folder.path) == Knowledge(engine).fetch_build_hash()


def test_building_twice_gives_the_same_hash_and_rows(engine: Engine) -> None:
    first = build_knowledge(engine)
    rows = _rows(engine)
    assert build_knowledge(engine) == first
    assert _rows(engine) == rows
    assert len(rows["knowledge_section"]) == first.sections > 0


def test_every_database_gets_the_same_rows(tmp_path: Path, engine: Engine, small_folder: SmallFolder) -> None:
    reference = open_engine(sqlite_url(tmp_path / "reference.db"))
    assert build_knowledge(reference, small_folder.path) == build_knowledge(engine, small_folder.path)
    assert _rows(reference) == _rows(engine)
    reference.dispose()


def test_a_fingerprint_knows_names_and_contents_and_not_the_place(small_folder: SmallFolder, tmp_path: Path) -> None:
    before = fingerprint_folder(small_folder.path)
    assert fingerprint_folder(shutil.copytree(small_folder.path, tmp_path / "moved")) == before
    seen = {before}
    for name in ("documents/county.sv.md", "documents/county.fi.md", "services/counselling.yml"):
        small_folder.edit(name, "counselling", "counselling ")
        seen.add(fingerprint_folder(small_folder.path))
    (small_folder.path / "services/counselling.yml").rename(small_folder.path / "services/other.yml")
    seen.add(fingerprint_folder(small_folder.path))
    assert len(seen) == 5


def test_a_new_build_replaces_the_whole_old_content(engine: Engine, small_folder: SmallFolder) -> None:
    build_knowledge(engine)
    build_knowledge(engine, small_folder.path)
    with engine.connect() as connection:
        assert set(connection.scalars(select(SectionRow.topic))) == {"municipalities", "counselling", "old_strategy"}
        channels = connection.scalars(select(ChannelRow.id).order_by(ChannelRow.id)).all()
        assert channels == ["counselling_finnish", "counselling_swedish"]
        assert connection.scalars(select(BuildRow.id)).all() == [1]


def test_a_folder_with_problems_is_not_built_and_the_old_content_stays(
    engine: Engine, small_folder: SmallFolder
) -> None:
    build_knowledge(engine, small_folder.path)
    before = _rows(engine)
    small_folder.edit("services/counselling.yml", "type: phone", "type: pigeon")
    small_folder.edit("documents/county.sv.md", "aliases: [kommunerna]", "aliases: kommunerna")
    with pytest.raises(KnowledgeInvalid) as caught:
        build_knowledge(engine, small_folder.path)
    assert {problem.path for problem in caught.value.problems} == {"counselling.yml", "county.sv.md"}
    assert all(str(problem) in str(caught.value) for problem in caught.value.problems)
    assert _rows(engine) == before


@pytest.mark.parametrize("table", ["knowledge_section", "knowledge_channel", "knowledge_build"])
def test_a_build_that_breaks_off_leaves_the_old_content(
    engine: Engine, other_engine: Engine, small_folder: SmallFolder, nine_folder: SmallFolder, table: str
) -> None:
    build_knowledge(engine, small_folder.path)
    before, hits = _rows(engine), Knowledge(engine).search("kommuner", "sv")

    @event.listens_for(engine, "after_cursor_execute")
    def _power_cut(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(f"INSERT INTO {table}"):
            raise InterruptedError(statement)

    with pytest.raises(InterruptedError):
        build_knowledge(engine, nine_folder.path)
    assert _rows(other_engine) == before
    assert Knowledge(other_engine).search("kommuner", "sv") == hits != []


def test_a_reader_sees_the_old_content_until_the_build_ends_and_the_new_one_after_it(
    engine: Engine, other_engine: Engine, small_folder: SmallFolder, nine_folder: SmallFolder
) -> None:
    build_knowledge(engine, small_folder.path)
    reader = Knowledge(other_engine)
    seen: list[object] = []

    @event.listens_for(engine, "commit")
    def _read_before_the_commit(_connection: Any) -> None:
        hits = reader.search("rådgivning", "sv")
        seen.extend([_lead(reader), [hit.topic for hit in hits], reader.fetch_numbers(), reader.fetch_build_hash()])

    report = build_knowledge(engine, nine_folder.path)
    assert seen == [
        EIGHT,
        ["counselling"],
        ("06 000 0002", "06 000 0001"),
        fingerprint_folder(small_folder.path),
    ]
    assert _lead(reader) == NINE
    assert reader.fetch_build_hash() == report.content_hash


def test_an_open_transaction_sees_the_old_content_to_its_end(
    engine: Engine, other_engine: Engine, small_folder: SmallFolder, nine_folder: SmallFolder
) -> None:
    build_knowledge(engine, small_folder.path)
    whole = "SERIALIZABLE" if engine.dialect.name == "sqlite" else "REPEATABLE READ"
    with other_engine.connect().execution_options(isolation_level=whole) as reader:
        assert reader.scalar(select(BuildRow.content_hash)) == fingerprint_folder(small_folder.path)
        build_knowledge(engine, nine_folder.path)
        assert reader.scalar(select(BuildRow.content_hash)) == fingerprint_folder(small_folder.path)
        assert EIGHT in reader.scalars(select(SectionRow.lead)).all()
        assert "06 000 0001" in reader.scalars(select(ChannelRow.number)).all()
    assert _lead(Knowledge(other_engine)) == NINE


def test_a_running_knowledge_takes_up_a_new_build(
    engine: Engine, other_engine: Engine, small_folder: SmallFolder
) -> None:
    build_knowledge(engine, small_folder.path)
    running = Knowledge(other_engine)
    assert _lead(running) == EIGHT
    assert [hit.topic for hit in running.search("hur många kommuner", "sv")] == ["municipalities"]
    assert running.search("tandläkare", "sv") == []
    build_knowledge(engine)
    assert "Perho" in _lead(running)
    assert "oral_health" in [hit.topic for hit in running.search("tandläkare", "sv")]
    build_knowledge(engine, small_folder.path)
    assert _lead(running) == EIGHT
    assert running.search("tandläkare", "sv") == []


def test_readers_never_meet_an_error_or_half_a_build(
    engine: Engine, other_engine: Engine, small_folder: SmallFolder, nine_folder: SmallFolder
) -> None:
    build_knowledge(engine, small_folder.path)
    reader, ended = Knowledge(other_engine), threading.Event()

    def _read() -> set[tuple[str, int]]:
        seen = set()
        while not ended.is_set():
            seen.add((_lead(reader), len(reader.search("kommunernas rådgivning", "sv"))))
        return seen

    with ThreadPoolExecutor(2) as pool:
        readings = [pool.submit(_read) for _ in range(2)]
        try:
            for folder in (nine_folder, small_folder) * 4:
                build_knowledge(engine, folder.path)
        finally:
            ended.set()
        seen = set().union(*(reading.result() for reading in readings))
    assert seen <= {(EIGHT, 2), (NINE, 2)}


def test_builds_that_begin_at_once_all_end_well(patient_url: str, small_folder: SmallFolder) -> None:
    """As when several server processes start on an empty database."""
    gate = threading.Barrier(4)

    def _build() -> BuildReport:
        own = open_engine(patient_url)
        try:
            gate.wait()
            return build_knowledge(own, small_folder.path)
        finally:
            own.dispose()

    with ThreadPoolExecutor(4) as pool:
        reports = [future.result() for future in [pool.submit(_build) for _ in range(4)]]
    assert {report.content_hash for report in reports} == {fingerprint_folder(small_folder.path)}


def test_an_empty_database_says_that_nothing_is_built(engine: Engine) -> None:
    with pytest.raises(KnowledgeMissing, match="lotsi knowledge build"):
        Knowledge(engine).fetch_build_hash()


def test_knowledge_is_built_at_the_start_only_where_there_is_none(engine: Engine, small_folder: SmallFolder) -> None:
    knowledge = Knowledge(engine)
    assert ensure_built(knowledge) is True
    assert knowledge.fetch_build_hash() == fingerprint_folder()
    build_knowledge(engine, small_folder.path)
    assert ensure_built(knowledge) is False
    assert knowledge.fetch_build_hash() == fingerprint_folder(small_folder.path)


def test_topics_are_read_with_the_sections_of_all_their_documents(small_folder: SmallFolder) -> None:
    topics = read_topics(small_folder.path)
    assert {topic: [section.document for section in sections] for topic, sections in topics.items()} == {
        "municipalities": ["county", "county", "joint-authority", "joint-authority"],
        "counselling": ["county", "county"],
        "old_strategy": ["joint-authority", "joint-authority"],
    }


def test_topics_can_be_read_from_a_folder_that_has_problems(small_folder: SmallFolder) -> None:
    small_folder.write("documents/notes.md", "Nothing of ours.")
    assert set(read_topics(small_folder.path)) == {"municipalities", "counselling", "old_strategy"}
