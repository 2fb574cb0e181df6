"""The table of paragraphs and topics: every paragraph of every source, and the document in `docs/` up to date."""

from __future__ import annotations

from pathlib import Path

from small_folder import SmallFolder
from typer.testing import CliRunner

from cli.knowledge import app
from knowledge.build import KNOWLEDGE_FOLDER, read_topics
from knowledge.coverage import render_coverage
from knowledge.reader import read_documents

DOCUMENT = KNOWLEDGE_FOLDER.parent / "docs" / "coverage.md"


def test_each_paragraph_names_its_topics_or_is_furniture(small_folder: SmallFolder) -> None:
    small_folder.edit_twins("county", '"2023-05"', '"2023-05", file: a.txt, paragraphs: 3, furniture: [2]')
    small_folder.edit_twins("county", "facts: {municipalities: 8}", "paragraphs: [1]")
    small_folder.edit_twins("county", "services: [counselling]", "paragraphs: [1, 3]")
    table = render_coverage(small_folder.path)
    assert table.endswith(
        "\n## a.txt\n\nDocument `county`.\n\n| paragraph | topics |\n|---|---|\n"
        "| 1 | `municipalities`, `counselling` |\n| 2 | page furniture |\n| 3 | `counselling` |\n"
    )


def test_a_document_without_a_source_file_is_not_in_the_table(small_folder: SmallFolder) -> None:
    assert "##" not in render_coverage(small_folder.path)


def test_the_table_knows_the_five_source_files_and_only_topics_that_exist() -> None:
    table = render_coverage()
    files = {
        document.source_file
        for document in read_documents(KNOWLEDGE_FOLDER / "documents")[0]
        if document.source_file is not None
    }
    assert [line[3:] for line in table.splitlines() if line.startswith("## ")] == sorted(files)
    assert len(files) == 5
    named = {part for line in table.splitlines() if line.startswith("| ") for part in line.split("`")[1::2]}
    assert named
    assert named <= set(read_topics())


def test_every_paragraph_of_every_source_file_is_in_the_table() -> None:
    table = render_coverage()
    for document in read_documents(KNOWLEDGE_FOLDER / "documents")[0]:
        if document.source_file is None or document.language != "sv":
            continue
        part = table.split(f"## {document.source_file}")[1].split("\n## ")[0]
        numbers = [int(line.split("|")[1]) for line in part.splitlines() if line.startswith("| ") and line[2].isdigit()]
        assert numbers == list(range(1, document.paragraph_count + 1))
        furniture = [int(line.split("|")[1]) for line in part.splitlines() if line.endswith("| page furniture |")]
        assert furniture == sorted(document.furniture)


def test_the_command_writes_the_table(tmp_path: Path) -> None:
    written = tmp_path / "coverage.md"
    assert CliRunner().invoke(app, ["coverage", "--write", str(written)]).exit_code == 0
    assert written.read_text(encoding="utf-8") == render_coverage()
    assert CliRunner().invoke(app, ["coverage"]).stdout == render_coverage()


def test_the_table_in_the_documentation_is_up_to_date() -> None:
    assert DOCUMENT.is_file(), "write it: lotsi knowledge coverage --write docs/coverage.md"
    assert DOCUMENT.read_text(encoding="utf-8") == render_coverage()
