"""`lotsi benchmark inbox`: made messages, and figures that a program can read."""

from __future__ import annotations

import json

from conversations.database import open_database
from conversations.store import ConversationStore
from knowledge.engine import sqlite_url


def test_every_page_is_timed(invoke) -> None:
    result = invoke("benchmark", "inbox", "--messages", "1000", "--runs", "20", "--json")
    assert (result.exit_code, result.stdout.count("\n")) == (0, 1)
    report = json.loads(result.stdout)
    assert (report["database"], report["messages"] >= 1000, report["runs"]) == ("sqlite", True, 20)
    assert len(report["pages"]) > 20
    for page in report["pages"]:
        assert 0 < page["p50_ms"] <= page["p95_ms"], page


def test_a_database_with_conversations_is_left_alone(invoke, tmp_path) -> None:
    url = sqlite_url(tmp_path / "own.db")
    engine = open_database(url)
    ConversationStore(engine).insert_conversation("sv")
    engine.dispose()
    result = invoke("benchmark", "inbox", "--messages", "1000", "--database-url", url)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "holds conversations already" in result.stderr
