"""From nothing to a live topic by command line alone: add, train, gate, ask. One model is trained."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from overlays import ANSWERS, ASKED, EXAMPLES, TOPIC
from processes import PROJECT
from small_sets import SMALL_GATE, write_small_set

PATIENCE = 1800


class Shell:
    """Runs `lotsi` in processes of their own, on one data folder."""

    def __init__(self, folder: Path, model: Path) -> None:
        self.data = folder / "data"
        self._environment = {
            **os.environ,
            **SMALL_GATE,
            "LOTSI_DATA": str(self.data),
            "LOTSI_MODEL": str(model),
            "LOTSI_EVALUATION_FOLDER": str(write_small_set(folder / "sets", ("mission",), every=60)),
        }

    def run(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "cli.main", *arguments],
            cwd=PROJECT,
            env=self._environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )

    def ask(self) -> dict[str, str]:
        """Return what residents of both languages read when they ask about the topic."""
        lines = [json.dumps({"id": code, "text": text, "language": code}) for code, text in ASKED.items()]
        answered = self.run("ask", "--jsonl", given="\n".join(lines))
        assert answered.returncode == 0, answered.stderr
        return {item["id"]: item["text"] for item in map(json.loads, answered.stdout.splitlines())}


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory, model_path: Path) -> Shell:
    return Shell(tmp_path_factory.mktemp("studio"), model_path)


def write(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_topic_is_added_trained_promoted_and_answered_in_both_languages(shell: Shell, tmp_path: Path) -> None:
    files = {
        **{f"examples-{code}": write(tmp_path, f"e.{code}", "\n".join(EXAMPLES[code])) for code in ("sv", "fi")},
        **{f"answer-{code}": write(tmp_path, f"a.{code}", ANSWERS[code][1]) for code in ("sv", "fi")},
    }
    options = [part for name, path in files.items() for part in (f"--{name}", path)]
    titles = ["--title-sv", ANSWERS["sv"][0], "--title-fi", ANSWERS["fi"][0]]
    source = ["--source", "Hjälpmedelscentralens sida", "--published", "2026-10-01"]
    added = shell.run("intents", "add", TOPIC, *titles, *options, *source)
    assert added.returncode == 0, added.stderr
    before = shell.ask()
    trained = shell.run("train", "--promote")
    assert trained.returncode == 0, trained.stderr
    name = trained.stdout.strip()
    steps = ("training LinearIntentClassifier", "held out", "trying the model out")
    assert [trained.stderr.splitlines().count(step) for step in steps] == [1, 1, 1]
    after = shell.ask()
    for code, (_, answer) in ANSWERS.items():
        assert (answer in after[code], answer in before[code]) == (True, False)
    listed = [json.loads(line) for line in shell.run("models", "list", "--json").stdout.splitlines()]
    assert [(item["name"], item["gate"]) for item in listed if item["state"] == "live"] == [(name, "passed")]
    compared = shell.run("models", "compare", listed[-1]["name"], name)
    assert (compared.returncode, "broken: " in compared.stdout) == (0, True), compared.stderr
    back = shell.run("models", "rollback")
    assert back.returncode == 0, back.stderr
    assert ANSWERS["sv"][1] not in shell.ask()["sv"]
    refused = shell.run("models", "delete", listed[-1]["name"])
    assert (refused.returncode, "is live" in refused.stderr) == (1, True)
