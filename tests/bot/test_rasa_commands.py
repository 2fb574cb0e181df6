"""Rasa's own commands work on the checkout as in any Rasa project. All run at once: each imports TensorFlow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.importer import PROJECT_FOLDER

NLU = """version: "3.1"
nlu:
- intent: counselling
  examples: |
    - palveluohjaus
    - rådgivning
    - mistä saan neuvoja
    - vem ger mig råd
- intent: oral_health
  examples: |
    - tandläkartid
    - hammaslääkäriaika
    - tid till tandläkaren
    - aika hammaslääkärille
"""
QUESTION = "Mist mä saan apua ku äiti ei pärjää kotona"


class Command:
    """A `rasa` command that runs beside the others."""

    def __init__(self, folder: Path, *arguments: str, typed: str = "") -> None:
        self.log = folder / f"{'-'.join(arguments[:2])}.log"
        self.arguments = arguments
        given = folder / "typed.txt"
        given.write_text(typed, encoding="utf-8")
        environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
        with self.log.open("wb") as log, given.open("rb") as stdin:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "rasa", *arguments],
                cwd=PROJECT_FOLDER,
                env={**environment, "PYTHONPATH": str(PROJECT_FOLDER)},
                stdin=stdin,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait(self) -> str:
        """Return all that the command wrote; fail if it did not end with 0."""
        status = self._process.wait(timeout=240)
        text = self.log.read_text(encoding="utf-8", errors="replace")
        assert status == 0, f"rasa {' '.join(self.arguments)} ended with {status}:\n{text[-3000:]}"
        return text

    def stop(self) -> None:
        """End the command if a test failed before it did."""
        if self._process.poll() is None:
            self._process.terminate()
        self._process.wait(timeout=30)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rasa")
    (folder / "nlu.yml").write_text(NLU, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def commands(folder: Path, model_path: Path) -> Iterator[dict[str, Command]]:
    """All commands, started together."""
    nlu, model = str(folder / "nlu.yml"), str(model_path)
    running = {
        "validate": Command(folder, "data", "validate"),
        "test": Command(folder, "test", "nlu", "--nlu", nlu, "--model", model, "--out", str(folder / "results")),
        "train": Command(
            *(folder, "train", "nlu", "--nlu", nlu, "--out", str(folder / "models"), "--fixed-model-name", "small")
        ),
        "shell": Command(folder, "shell", "nlu", "--model", model, typed=f"{QUESTION}\n"),
    }
    yield running
    for command in running.values():
        command.stop()


def test_shell_nlu_understands_a_typed_line(commands):
    parsed = find_json(commands["shell"].wait())
    assert (parsed["text"], parsed["language"]) == (QUESTION, "fi")
    assert parsed["intent"]["name"] == "help_for_relative"


def find_json(text: str) -> Any:
    """Return the JSON object that stands in the shell's output."""
    start = text.index("\n{\n") + 1
    return json.JSONDecoder().raw_decode(text[start:])[0]


def test_train_nlu_makes_a_model_from_a_file_of_its_own(commands, folder):
    commands["train"].wait()
    assert (folder / "models" / "small.tar.gz").stat().st_size > 10_000


def test_test_nlu_measures_the_trained_model(commands, folder):
    commands["test"].wait()
    report = json.loads((folder / "results" / "intent_report.json").read_text(encoding="utf-8"))
    assert report["counselling"]["support"] == report["oral_health"]["support"] == 4
    assert report["weighted avg"]["recall"] >= 0.75


def test_data_validate_finds_no_problem(commands):
    text = commands["validate"].wait()
    assert "No story structure conflicts found" in text
    assert "does not have" not in text
    assert "not listed in the domain" not in text
