"""`lotsi evaluate` as a developer runs it, on small folders with the real model."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from evaluation_folders import (
    EXAMPLES,
    MISSED,
    WRONGLY_MEANT,
    write_held_out,
    write_safety,
    write_utterances,
    write_validation,
)

PROJECT = Path(__file__).resolve().parents[2]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cli.main", "evaluate", *map(str, arguments)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False)


class Run:
    """One run with every option, and the folder with what it wrote."""

    def __init__(self, folder: Path, model: Path) -> None:
        self.folder = folder
        self.result = run(
            "--model", model,
            "--data", folder / "data",
            "--held-out", write_held_out(folder / "nlu"),
            "--safety", write_safety(folder / "sentences"),
            "--validation", write_validation(folder / "validation"),
            "--examples", write_utterances(folder / "examples", EXAMPLES),
            "--thresholds",
            "--cross-validate", 2,
            "--failures",
            "--json", folder / "report.json",
            "--html", folder / "report.html",
            "--failures-doc", folder / "failures.md",
        )  # fmt: skip
        assert self.result.returncode == 0, self.result.stderr

    def read(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, model_path: Path) -> Run:
    return Run(tmp_path_factory.mktemp("evaluate"), model_path)


def test_the_bars_of_danger_are_shown_with_the_best_and_the_configured_one(ran: Run) -> None:
    output = ran.result.stdout
    assert "sv: 2 dangers, 1 ordinary sentences" in output
    assert "fi: best from 0.05, configured " in output
    bars = json.loads(ran.read("report.json"))["danger_bars"]["fi"]
    assert (bars["dangers"], bars["ordinary"], bars["rows"][0]["met"]) == (2, 1, 0.5)
    assert "Bars of danger" in ran.read("report.html")


def test_the_two_sets_of_sentences_are_reported_on_lines_of_their_own(ran: Run) -> None:
    lines = ran.result.stdout.splitlines()
    assert any(
        line.startswith("reviewed sentences: dangers met 2 of 2 (life 2/2); false alarms 0 of 2") for line in lines
    )
    assert any(
        line.startswith("held-out sentences: dangers met 2 of 4 (fire 0/2, life 2/2); false alarms 0 of 2")
        for line in lines
    )


def test_tables_folds_and_thresholds_are_printed(ran: Run, model_path: Path) -> None:
    printed = ran.result.stdout
    assert model_path.name.removesuffix(".tar.gz") in printed
    assert "right section at once" in printed
    assert "2 folds over 24 examples" in printed
    assert "sv: 12 validation utterances" in printed
    assert "fi: best from " in printed
    assert "parity gap 0.0 points" in printed


def test_failures_are_listed_on_request(ran: Run) -> None:
    for language, text in WRONGLY_MEANT.items():
        assert any(
            line.startswith(f"{language}  fees → help_button (") and line.endswith(text)
            for line in ran.result.stdout.splitlines()
        )


def test_standard_output_holds_results_and_no_progress(ran: Run) -> None:
    assert "held-out utterances" not in ran.result.stdout
    assert "\x1b" not in ran.result.stdout


def test_json_holds_all_figures(ran: Run) -> None:
    report = json.loads(ran.read("report.json"))
    assert report["languages"]["sv"]["utterances"] == 3
    assert [item["text"] for item in report["failures"]] == list(WRONGLY_MEANT.values())
    assert [item["name"] for item in report["safety"]] == ["reviewed", "held-out"]
    assert report["safety"][1]["met"] == {"count": 2, "of": 4}
    assert report["cross_validation"]["folds"] == 2
    assert set(report["cross_validation"]["languages"]["fi"]["accuracy"]) == {"mean", "deviation"}
    assert len(report["thresholds"]["fi"]["rows"]) == 13
    assert len(report["outcomes"]) == 6


def test_html_is_well_formed_and_holds_every_failure(ran: Run) -> None:
    text = "".join(ElementTree.fromstring(ran.read("report.html")).itertext())
    for failed in (*WRONGLY_MEANT.values(), *MISSED.values()):
        assert failed in text


def test_the_list_of_known_failures_holds_every_failure(ran: Run) -> None:
    document = ran.read("failures.md")
    for failed in (*WRONGLY_MEANT.values(), *MISSED.values()):
        assert failed in document


def test_a_file_in_a_folder_that_is_not_there_is_refused_before_anything_is_measured(tmp_path: Path) -> None:
    result = run("--html", tmp_path / "nowhere" / "report.html", "--model", tmp_path)
    assert result.returncode == 2
    assert "nowhere is no folder" in " ".join(result.stderr.split())


def test_one_fold_is_refused(tmp_path: Path) -> None:
    result = run("--cross-validate", 1, "--model", tmp_path)
    assert result.returncode == 2
    assert "--cross-validate" in result.stderr


def test_more_folds_than_examples_are_refused_with_the_intent_that_lacks_them(tmp_path: Path, model_path: Path) -> None:
    examples = write_utterances(tmp_path / "examples", EXAMPLES)
    result = run(
        "--model", model_path, "--data", tmp_path / "data", "--examples", examples, "--cross-validate", 9
    )  # fmt: skip
    assert result.returncode == 1
    assert "too few examples for 9 folds" in " ".join(result.stderr.split())
