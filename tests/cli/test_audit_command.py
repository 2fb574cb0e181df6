"""`lotsi audit`: verify and show."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from cli.state import Staff, open_staff
from web.settings import Settings


@pytest.fixture
def staff(tmp_path) -> Staff:
    """A log of three entries."""
    opened = open_staff(Settings(data=str(tmp_path)))
    desk = opened.users.insert("desk", "Rådgivare Ett", ["counsellor"])
    opened.audit.append("cli:root", "user.added", "user", desk.id, {"roles": ["counsellor"]})
    opened.audit.append(desk.id, "conversation.read", "conversation", "c1")
    opened.audit.append(desk.id, "conversation.read", "conversation", "c2")
    return opened


def tamper(folder: Path, statement: str) -> None:
    connection = sqlite3.connect(folder / "conversations.db")
    for event in ("update", "delete"):
        connection.execute(f"DROP TRIGGER IF EXISTS audit_entry_no_{event}")
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_whole_log_gives_its_head(invoke, staff, tmp_path):
    result = invoke("audit", "verify", "--data", tmp_path)
    assert (result.exit_code, result.stdout.strip()) == (0, str(staff.audit.verify()))
    assert result.stderr == "3 entries, none of them changed\n"


def test_an_empty_log_is_whole(invoke, tmp_path):
    result = invoke("audit", "verify", "--data", tmp_path)
    assert (result.exit_code, result.stdout) == (0, f"0:{'0' * 64}\n")


def test_a_changed_log_ends_with_1_and_says_where(invoke, staff, tmp_path):
    tamper(tmp_path, "UPDATE audit_entry SET actor = 'nobody' WHERE position = 2")
    result = invoke("audit", "verify", "--data", tmp_path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "lotsi: the audit log is broken: entry 2 is not what was written\n"


def test_a_tail_that_was_cut_off_shows_against_a_noted_head(invoke, staff, tmp_path):
    head = invoke("audit", "verify", "--data", tmp_path).stdout.strip()
    assert invoke("audit", "verify", "--head", head, "--data", tmp_path).exit_code == 0
    tamper(tmp_path, "DELETE FROM audit_entry WHERE position = 3")
    assert invoke("audit", "verify", "--data", tmp_path).exit_code == 0
    result = invoke("audit", "verify", "--head", head, "--data", tmp_path)
    assert (result.exit_code, "the log ends at 2" in result.stderr) == (1, True)


def test_what_is_no_head_ends_with_2(invoke, tmp_path):
    result = invoke("audit", "verify", "--head", "yesterday", "--data", tmp_path)
    assert (result.exit_code, "a head is written" in result.stderr) == (2, True)


def test_entries_are_shown_with_names_newest_last(invoke, staff, tmp_path):
    lines = invoke("audit", "show", "--data", tmp_path).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["1", "2", "3"]
    assert lines[0].endswith('cli:root  user.added  user desk  roles=["counsellor"]')
    assert lines[2].endswith("desk  conversation.read  conversation c2")


def test_entries_are_filtered(invoke, staff, tmp_path):
    def shown(*options: str) -> list[str]:
        lines = invoke("audit", "show", *options, "--data", tmp_path).stdout.splitlines()
        return [line.split()[0] for line in lines]

    assert shown("--limit", "1") == ["3"]
    assert shown("--user", "desk") == ["2", "3"]
    assert shown("--object", "conversation") == ["2", "3"]
    assert shown("--object", "conversation/c1") == ["2"]
    assert shown("--object", "message") == []


def test_a_user_who_does_not_exist_is_named(invoke, staff, tmp_path):
    result = invoke("audit", "show", "--user", "nobody", "--data", tmp_path)
    assert (result.exit_code, result.stderr) == (1, "lotsi: there is no user 'nobody'\n")


def test_programs_get_json_lines_that_prove_the_chain(invoke, staff, tmp_path):
    lines = invoke("audit", "show", "--json", "--data", tmp_path).stdout.splitlines()
    entries = [json.loads(line) for line in lines]
    assert [entry["previous_hash"] for entry in entries[1:]] == [entry["hash"] for entry in entries[:-1]]
