"""`lotsi train`: what is wrong is listed whole before anything is trained. No test here trains."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from checkout import broken_places, copy_checkout
from processes import PROJECT, Process

from bot.training.train import MODELS_FOLDER, find_trained, fingerprint_inputs, is_up_to_date

KINDS = [
    *("wrong language", "duplicate", "unknown topic", "broken YAML", "too few examples", "examples missing"),
    "knowledge",
]


def test_data_without_a_problem_is_said_to_have_none(invoke) -> None:
    result = invoke("train", "--check")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "The training data has no problems." in result.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_a_problem_is_listed_with_its_place(check_started, broken_checkout, kind: str) -> None:
    listed = check_started.wait().errors.decode().splitlines()
    expected = broken_places(broken_checkout)[kind]
    assert [line for line in listed if line.startswith(expected)], "\n".join(listed)


def test_every_kind_of_problem_is_tried(broken_checkout) -> None:
    assert set(KINDS) == set(broken_places(broken_checkout))


def test_problems_are_lines_of_a_path_and_a_text_and_then_their_number(check_started) -> None:
    *listed, last = check_started.wait().errors.decode().splitlines()
    assert [line for line in listed if not re.match(r"^[\w./-]+(:\d+)?: \S", line)] == []
    assert last == f"lotsi: {len(listed)} problems; nothing was trained"


def test_a_check_with_problems_ends_with_1_and_prints_nothing(check_started) -> None:
    result = check_started.wait()
    assert (result.status, result.output) == (1, b"")


def test_nothing_is_trained_on_data_with_problems(train_started, check_started, broken_checkout) -> None:
    result = train_started.wait()
    assert (result.status, result.output) == (1, b"")
    assert [path.name for path in (broken_checkout.path / "bot" / "models").iterdir()] == ["README.md"]
    for problem in check_started.wait().errors.splitlines():
        assert problem in result.errors


def test_an_up_to_date_model_is_not_trained_again(invoke, model_path: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in MODELS_FOLDER.iterdir()}
    result = invoke("train", "--if-changed")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"{model_path.name} is up to date.\n")
    assert {path.name: path.stat().st_mtime_ns for path in MODELS_FOLDER.iterdir()} == before


def test_a_model_is_up_to_date_if_it_was_trained_from_the_same_data(model_path: Path) -> None:
    assert is_up_to_date(model_path)


@pytest.mark.parametrize("note", [None, "", "[]", "null", "{}", '{"fingerprint": "another"}'])
def test_a_model_without_a_note_of_its_data_is_not_up_to_date(tmp_path: Path, note: str | None) -> None:
    archive = tmp_path / "lotsi-1.tar.gz"
    archive.touch()
    if note is not None:
        (tmp_path / "lotsi-1.json").write_text(note, encoding="utf-8")
    assert not is_up_to_date(archive)


def test_a_note_without_its_archive_is_no_model(tmp_path: Path) -> None:
    note = {"path": "lotsi-1.tar.gz", "fingerprint": fingerprint_inputs(), "topics": 1, "seconds": 1.0}
    (tmp_path / "lotsi-1.json").write_text(json.dumps(note), encoding="utf-8")
    assert find_trained(tmp_path) is None
    (tmp_path / "lotsi-1.tar.gz").touch()
    assert find_trained(tmp_path) is not None


def test_an_installed_package_says_that_training_needs_a_checkout(tmp_path: Path) -> None:
    installed = copy_checkout(PROJECT, tmp_path / "installed")
    (installed.path / "config.yml").unlink()
    with Process(tmp_path, "train", project=installed.path) as process:
        result = process.wait()
    assert (result.status, result.output) == (1, b"")
    assert result.errors.startswith(b"lotsi: training needs a checkout of Lotsi")
