"""`lotsi intents`: topics by command line alone; what is wrong is named at once, and nothing is half done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ferry import ANSWERS, EXAMPLES, TITLES, TOPIC

from conversations.audit import AuditLog
from conversations.database import open_database
from knowledge.engine import sqlite_url


@pytest.fixture
def given(tmp_path: Path) -> dict[str, Any]:
    """What `add` wants, as files."""
    for language in ("sv", "fi"):
        (tmp_path / f"examples.{language}.txt").write_text("\n".join(EXAMPLES[language]) + "\n", encoding="utf-8")
        (tmp_path / f"answer.{language}.md").write_text(ANSWERS[language], encoding="utf-8")
    named = {"source": "Tankar 2026", "published": "2026-05", "data": tmp_path / "data"}
    for language in ("sv", "fi"):
        named[f"title-{language}"] = TITLES[language]
        named[f"examples-{language}"] = tmp_path / f"examples.{language}.txt"
        named[f"answer-{language}"] = tmp_path / f"answer.{language}.md"
    return named


def options(given: dict[str, Any], **changed: Any) -> list[object]:
    values = {**given, **{name.replace("_", "-"): value for name, value in changed.items()}}
    return [item for name, value in values.items() for item in (f"--{name}", value)]


def test_a_topic_is_added_listed_shown_renamed_and_retired(invoke, given) -> None:
    data = given["data"]
    added = invoke("intents", "add", TOPIC, *options(given))
    assert added.exit_code == 0, added.stderr
    assert "lotsi train --promote" in " ".join(added.stderr.split())
    listed = invoke("intents", "list", "--data", data, "--state", "draft", "--json")
    assert json.loads(listed.stdout) == [
        {
            "id": TOPIC,
            "state": "draft",
            "version": 1,
            "published_version": None,
            "titles": TITLES,
            "examples": {"sv": 10, "fi": 10},
        }
    ]
    shown = invoke("intents", "show", TOPIC, "--data", data)
    assert all(text in shown.stdout for text in (*TITLES.values(), *ANSWERS.values(), *EXAMPLES["fi"], "Tankar 2026"))
    assert invoke("intents", "rename", TOPIC, "ferry", "--data", data).exit_code == 0
    assert invoke("intents", "retire", "ferry", "--yes", "--data", data).exit_code == 0
    retired = invoke("intents", "list", "--data", data, "--state", "retired")
    assert [line.split()[0] for line in retired.stdout.splitlines()] == ["ferry", TOPIC]
    history = invoke("intents", "show", "ferry", "--history", "--data", data).stdout
    assert [line.split()[3] for line in history.splitlines()] == ["retired", "renamed"]
    actions = [entry.action for entry in AuditLog(open_database(sqlite_url(data / "conversations.db"))).fetch_entries()]
    assert actions == ["topic.retired", "topic.renamed", "topic.renamed", "topic.added"]


def test_all_that_is_wrong_is_named_at_once_and_nothing_is_added(invoke, given, tmp_path) -> None:
    (tmp_path / "bad.txt").write_text("ring 040 123 4567\nfamiljecentret\n", encoding="utf-8")
    changed = {"title_fi": " ", "examples_sv": tmp_path / "bad.txt", "published": "i maj"}
    result = invoke("intents", "add", "fеrry time", *options(given, **changed))
    assert result.exit_code == 1
    for what in (
        "CYRILLIC SMALL LETTER IE",
        "title_fi: the title is missing",
        "personal data (phone)",
        "stands under 'family_centre' already",
        "2 examples are too few",
        "published: 'i maj' is no date",
        "nothing was changed",
    ):
        assert what in result.stderr
    assert "4567" not in result.stderr
    assert invoke("intents", "list", "--data", given["data"], "--state", "draft").stdout == ""


@pytest.mark.parametrize("name", ["missing.txt", "latin.md"])
def test_a_file_that_cannot_be_read_is_named(invoke, given, tmp_path, name) -> None:
    (tmp_path / "latin.md").write_bytes("Färjan".encode("latin-1"))
    result = invoke("intents", "add", TOPIC, *options(given, answer_sv=tmp_path / name))
    assert result.exit_code == 1
    assert name in result.stderr.replace("\n", "")


def test_an_id_is_taken_once(invoke, given) -> None:
    assert invoke("intents", "add", TOPIC, *options(given)).exit_code == 0
    again = invoke("intents", "add", TOPIC, *options(given))
    assert (again.exit_code, "already" in again.stderr) == (1, True)


def test_a_topic_that_is_not_there_is_named(invoke, data) -> None:
    result = invoke("intents", "show", "no_such", "--data", data)
    assert (result.exit_code, result.stderr.strip()) == (1, "lotsi: there is no topic 'no_such'")


def test_what_is_exported_can_be_imported_elsewhere(invoke, given, tmp_path) -> None:
    invoke("intents", "add", TOPIC, *options(given))
    exported = invoke("intents", "export", tmp_path / "out", "--data", given["data"])
    assert exported.stdout.split() == [
        "bot/data/nlu/fi/studio.yml",
        "bot/data/nlu/sv/studio.yml",
        "knowledge/documents/ferry-timetable.fi.md",
        "knowledge/documents/ferry-timetable.sv.md",
    ]
    imported = invoke("intents", "import", tmp_path / "out", "--data", tmp_path / "other")
    assert imported.stdout.split() == ["added", TOPIC]
    contents = [
        json.loads(invoke("intents", "show", TOPIC, "--json", "--data", folder).stdout)["content"]
        for folder in (given["data"], tmp_path / "other")
    ]
    assert contents[0] == contents[1]


def test_a_changed_answer_is_published_and_built_without_training(invoke, given, tmp_path) -> None:
    data = given["data"]
    out = tmp_path / "out"
    invoke("intents", "export", out, "--data", data)
    for language in ("sv", "fi"):
        name = f"knowledge/documents/county-strategy.{language}.md"
        text = (Path(__file__).parents[2] / name).read_text(encoding="utf-8")
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(text.replace("{#vision}", "NY {#vision}"), encoding="utf-8")
    assert invoke("intents", "import", out, "--data", data).stdout.split() == ["edited", "vision"]
    assert "1 topics published: vision" in invoke("intents", "publish", "--data", data).stderr
    assert invoke("knowledge", "build", "--data", data).exit_code == 0
    assert "NY" in invoke("knowledge", "search", "vision", "--data", data).stdout
