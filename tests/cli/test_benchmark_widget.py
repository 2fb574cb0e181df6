"""`lotsi benchmark widget`: figures that a program can read, of a server that runs."""

from __future__ import annotations

import json
import os
import platform


def test_the_figures_are_one_line_of_json(invoke, server, chromium) -> None:
    result = invoke("benchmark", "widget", server.url, "--runs", "1", "--json")
    assert (result.exit_code, result.stdout.count("\n")) == (0, 1), result.stderr
    figures = json.loads(result.stdout)
    sizes = [figures[f"size_{name}_bytes"] for name in ("br", "gzip", "plain")]
    assert sizes == sorted(sizes)
    assert (figures["runs"], figures["cores"], figures["python"]) == (1, os.cpu_count(), platform.python_version())
    assert len(figures["devices"]) == 3
    for device in figures["devices"]:
        assert device["launcher_ms"] > 0
        assert device["field_ms"] > 0


def test_a_server_that_is_not_there_is_named(invoke) -> None:
    result = invoke("benchmark", "widget", "http://localhost:1")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "http://localhost:1/widget.js" in result.stderr
