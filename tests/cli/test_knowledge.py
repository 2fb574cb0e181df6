"""`lotsi knowledge`: build, check, search, coverage."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from sqlalchemy import text

from knowledge.build import KNOWLEDGE_FOLDER, fingerprint_folder, read_topics
from knowledge.engine import open_engine, sqlite_url
from knowledge.store import Knowledge

BROKEN = {
    "documents/county-today.fi.md": ("language: fi", "language: [fi", "county-today.fi.md:"),
    "documents/language-act.sv.md": ("{#own_language}", "", "language-act.sv.md:"),
    "services/oral_health.yml": ("topic: oral_health", "topic: teeth", "oral_health.yml: "),
    "services/counselling.yml": ("type: phone", "type: pigeon", "counselling.yml: "),
}
"""What is put out of order: file, text, what stands there instead, and how the problem's line begins."""


@pytest.fixture
def broken_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "knowledge"
    for name in ("documents", "services"):
        shutil.copytree(KNOWLEDGE_FOLDER / name, folder / name)
    for name, (old, new, _) in BROKEN.items():
        content = (folder / name).read_text(encoding="utf-8")
        assert old in content
        (folder / name).write_text(content.replace(old, new, 1), encoding="utf-8")
    return folder


class TestBuild:
    """`build`."""

    def test_it_builds_what_the_folder_holds_into_the_data_folder(self, invoke, tmp_path) -> None:
        result = invoke("knowledge", "build", "--data", tmp_path / "state")
        assert (result.exit_code, result.stdout) == (0, "")
        assert f"{len(read_topics())} topics" in result.stderr
        knowledge = Knowledge(sqlite_url(tmp_path / "state" / "knowledge.db"))
        assert knowledge.fetch_build_hash() == fingerprint_folder()
        knowledge.engine.dispose()

    def test_it_takes_another_database_from_the_environment(self, invoke, tmp_path) -> None:
        url = sqlite_url(tmp_path / "other.db")
        result = invoke("knowledge", "build", "--data", tmp_path / "state", LOTSI_KNOWLEDGE_URL=url)
        assert result.exit_code == 0
        assert (tmp_path / "other.db").exists()
        assert list((tmp_path / "state").iterdir()) == []

    @pytest.mark.parametrize("which", ["broken", "missing"])
    def test_a_folder_with_problems_leaves_the_database_as_it_was(self, invoke, tmp_path, broken_folder, which) -> None:
        invoke("knowledge", "build", "--data", tmp_path)
        folder = broken_folder if which == "broken" else tmp_path / "missing"
        result = invoke("knowledge", "build", "--data", tmp_path, "--folder", folder)
        assert (result.exit_code, result.stdout) == (1, "")
        assert re.search(r"lotsi: \d+ problems; the database is as it was\n$", result.stderr)
        engine = open_engine(sqlite_url(tmp_path / "knowledge.db"))
        with engine.connect() as connection:
            assert connection.execute(text("SELECT content_hash FROM knowledge_build")).scalar() == fingerprint_folder()
        engine.dispose()

    def test_a_database_that_cannot_be_used_is_named(self, invoke, tmp_path) -> None:
        (tmp_path / "knowledge.db").write_bytes(b"no database" * 1000)
        result = invoke("knowledge", "build", "--data", tmp_path)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "lotsi: cannot use the database: file is not a database" in result.stderr

    def test_a_data_folder_that_cannot_be_made_is_named(self, invoke, tmp_path) -> None:
        (tmp_path / "file").touch()
        result = invoke("knowledge", "build", "--data", tmp_path / "file")
        assert (result.exit_code, result.stdout) == (1, "")
        assert f"lotsi: cannot make the data folder {tmp_path}/file: File exists" in result.stderr


class TestCheck:
    """`check`."""

    def test_the_projects_knowledge_has_no_problem(self, invoke) -> None:
        result = invoke("knowledge", "check")
        assert (result.exit_code, result.stdout, result.stderr) == (0, "", "No problems.\n")

    def test_all_problems_are_listed_by_path_and_it_ends_with_1(self, invoke, broken_folder) -> None:
        result = invoke("knowledge", "check", "--folder", broken_folder)
        *listed, last = result.stderr.splitlines()
        assert (result.exit_code, result.stdout) == (1, "")
        assert last == f"lotsi: {len(listed)} problems"
        for _, _, beginning in BROKEN.values():
            assert any(line.startswith(beginning) for line in listed), beginning
        assert [line for line in listed if not re.match(r"^[\w./-]+(:\d+)?: \S", line)] == []

    def test_a_topic_without_examples_is_a_problem(self, invoke, tmp_path) -> None:
        result = invoke("knowledge", "check", "--examples", tmp_path)
        assert result.exit_code == 1
        assert f"lotsi: {2 * len(read_topics())} problems" in result.stderr

    def test_a_folder_that_does_not_exist_is_a_problem(self, invoke, tmp_path) -> None:
        result = invoke("knowledge", "check", "--folder", tmp_path / "missing")
        assert (result.exit_code, result.stdout) == (1, "")
        assert "documents: there is no such folder" in result.stderr


class TestSearch:
    """`search`."""

    @pytest.mark.parametrize(
        ("question", "language", "topic"),
        [("tandläkare", "sv", "oral_health"), ("hammaslääkäri", "fi", "oral_health")],
    )
    def test_the_nearest_section_comes_first_with_its_score(self, invoke, data, question, language, topic) -> None:
        result = invoke("knowledge", "search", question, "--language", language, "--limit", 3, "--data", data)
        rows = [line.split(maxsplit=2) for line in result.stdout.splitlines()]
        assert (result.exit_code, rows[0][1]) == (0, topic)
        assert [row[0] for row in rows] == sorted((row[0] for row in rows), reverse=True)
        assert all(re.fullmatch(r"[01]\.\d\d", row[0]) for row in rows)
        assert 1 <= len(rows) <= 3

    def test_where_nothing_is_near_nothing_is_printed(self, invoke, data) -> None:
        result = invoke("knowledge", "search", "qzxw", "--data", data)
        assert (result.exit_code, result.stdout) == (0, "")

    @pytest.mark.parametrize("option", [["--language", "en"], ["--limit", "0"]])
    def test_a_wrong_option_ends_with_2(self, invoke, data, option) -> None:
        result = invoke("knowledge", "search", "tandläkare", *option, "--data", data)
        assert (result.exit_code, result.stdout) == (2, "")
        assert option[1] in result.stderr


class TestCoverage:
    """`coverage`."""

    def test_it_is_printed_or_written_and_is_the_same(self, invoke, tmp_path) -> None:
        printed = invoke("knowledge", "coverage")
        written = invoke("knowledge", "coverage", "--write", tmp_path / "coverage.md")
        assert (printed.exit_code, written.exit_code, written.stdout) == (0, 0, "")
        assert (tmp_path / "coverage.md").read_text(encoding="utf-8") == printed.stdout
        assert "`municipalities`" in printed.stdout

    def test_a_file_that_cannot_be_written_is_named(self, invoke, tmp_path) -> None:
        result = invoke("knowledge", "coverage", "--write", tmp_path / "none" / "coverage.md")
        assert (result.exit_code, result.stdout) == (1, "")
        assert "No such file or directory" in result.stderr
