"""`lotsi benchmark turn`: figures that a program can read."""

from __future__ import annotations

import json
import os
import platform


def test_the_figures_are_one_line_of_json(invoke, data, model_path) -> None:
    result = invoke("benchmark", "turn", "--turns", "9", "--json", "--data", data, LOTSI_MODEL=str(model_path))
    assert (result.exit_code, result.stdout.count("\n")) == (0, 1)
    figures = json.loads(result.stdout)
    assert list(figures) == [
        "start_up_s",
        "turn_p50_ms",
        "turn_p95_ms",
        "understanding_p50_ms",
        "resident_memory_mb",
        "turns",
        "cores",
        "python",
    ]
    assert (figures["turns"], figures["cores"], figures["python"]) == (9, os.cpu_count(), platform.python_version())
    assert figures["start_up_s"] > 0
    assert 0 < figures["turn_p50_ms"] <= figures["turn_p95_ms"]
    assert figures["understanding_p50_ms"] > 0
    assert figures["resident_memory_mb"] > 100


def test_too_few_turns_for_a_percentile_are_refused(invoke) -> None:
    result = invoke("benchmark", "turn", "--turns", "1")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--turns" in result.stderr


def test_a_missing_model_is_named(invoke, tmp_path) -> None:
    result = invoke("benchmark", "turn", "--data", tmp_path, LOTSI_MODEL=str(tmp_path / "none"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "there is no trained model" in result.stderr
