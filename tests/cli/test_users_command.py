"""`lotsi users`: add, list, disable, enable, reset, roles."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from people import ANOTHER, PASSWORD
from processes import PROJECT

from cli.state import Staff, open_staff
from web.settings import Settings

Users = Callable[..., Any]


@pytest.fixture
def users(invoke, tmp_path) -> Users:
    """`users("add", "desk", password="…")` runs the command on a data folder of the test's own."""

    def run(*arguments: str, password: str | None = None) -> Any:
        given = [*arguments, "--data", tmp_path, *(["--password-stdin"] if password is not None else [])]
        return invoke("users", *given, input=None if password is None else f"{password}\n".encode())

    return run


@pytest.fixture
def staff(tmp_path) -> Staff:
    return open_staff(Settings(data=str(tmp_path)))


def test_a_user_is_added_with_the_password_from_standard_input(users, staff):
    result = users("add", "Desk", "--display-name", "Rådgivare Ett", "--language", "fi", password=PASSWORD)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "desk is added\n")
    user = staff.users.fetch_by_name("desk")
    assert (user.display_name, user.roles, user.language) == ("Rådgivare Ett", ("counsellor",), "fi")
    assert not user.must_change_password
    assert staff.users.check_password(user.id, PASSWORD)


def test_a_made_password_is_printed_once_and_must_be_changed(users, staff):
    result = users("add", "administrator", "--role", "admin", "--role", "auditor", "--generate")
    (password,) = result.stdout.splitlines()
    user = staff.users.fetch_by_name("administrator")
    assert user.roles == ("admin", "auditor")
    assert user.must_change_password
    assert staff.users.check_password(user.id, password)
    assert password not in result.stderr
    assert password not in users("list").stdout


def type_in(folder: Path, *typed: str) -> tuple[int, str]:
    """Run `users add desk` at a terminal and type; return the exit status and what the terminal showed."""
    command = [sys.executable, "-m", "cli.main", "users", "add", "desk", "--data", str(folder)]
    master, slave = pty.openpty()
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, cwd=PROJECT, start_new_session=True)
    os.close(slave)
    shown = b""
    for line in typed:
        asked = b""
        while not asked.endswith(b": "):
            asked += os.read(master, 4096)
        shown += asked
        os.write(master, f"{line}\n".encode())
    try:
        while more := os.read(master, 4096):
            shown += more
    except OSError:  # the terminal is closed
        pass
    os.close(master)
    return process.wait(timeout=60), shown.decode()


def test_the_password_is_asked_for_twice_and_not_shown(tmp_path, staff):
    status, shown = type_in(tmp_path, PASSWORD, PASSWORD)
    assert (status, PASSWORD in shown) == (0, False)
    assert staff.users.check_password(staff.users.fetch_by_name("desk").id, PASSWORD)


def test_without_a_terminal_nobody_is_asked(users, staff):
    result = users("add", "desk")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--password-stdin or --generate" in result.stderr
    assert staff.users.fetch_all() == []


@pytest.mark.parametrize(
    ("arguments", "password", "problem"),
    [
        (["add", "bo"], "kort", "the password is too easily guessed: it has fewer than 12 characters"),
        (["add", "bo"], "salasanasalasana", "it is one of the most common passwords"),
        (["add", "bo"], "", "it has fewer than 12 characters"),
        (["add", "desk"], PASSWORD, "there is a user 'desk' already"),
        (["add", "a b"], PASSWORD, "'a b' is no name"),
        (["add", "bo", "--role", "boss"], PASSWORD, "choose among counsellor, admin, auditor"),
        (["add", "bo", "--language", "en"], PASSWORD, "'en' is no language of ours; write sv or fi"),
        (["disable", "bo"], None, "there is no user 'bo'"),
        (["reset", "bo"], PASSWORD, "there is no user 'bo'"),
        (["roles", "desk", "boss"], None, "choose among counsellor, admin, auditor"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_changes(users, staff, arguments, password, problem):
    users("add", "desk", password=PASSWORD)
    before, entries = staff.users.fetch_all(), staff.audit.fetch_entries()
    result = users(*arguments, password=password)
    assert (result.exit_code, result.stdout) == (1, "")
    assert problem in result.stderr
    assert (staff.users.fetch_all(), staff.audit.fetch_entries()) == (before, entries)


def test_users_are_listed_for_people_and_for_programs(users):
    users("add", "desk", "--display-name", "Rådgivare Ett", password=PASSWORD)
    users("add", "administrator", "--role", "auditor", "--generate")
    users("disable", "administrator")
    first, second = users("list").stdout.splitlines()
    assert "disabled, must change" in first
    assert second.split()[:5] == ["desk", "Rådgivare", "Ett", "counsellor", "active"]
    listed = json.loads(users("list", "--json").stdout)
    assert [(user["name"], user["roles"], user["disabled"]) for user in listed] == [
        ("administrator", ["auditor"], True),
        ("desk", ["counsellor"], False),
    ]
    assert not any("hash" in key or "secret" in key for user in listed for key in user)


def test_a_user_is_disabled_and_enabled(users, staff):
    users("add", "desk", password=PASSWORD)
    assert users("disable", "desk").exit_code == 0
    assert staff.users.fetch_by_name("desk").disabled
    assert users("enable", "DESK").exit_code == 0
    assert not staff.users.fetch_by_name("desk").disabled


def test_a_reset_gives_another_password_and_ends_the_second_factor_if_asked(users, staff):
    users("add", "desk", password=PASSWORD)
    user = staff.users.fetch_by_name("desk")
    with staff.users.changing(user.id) as (_, row):
        row.totp_secret = "encrypted"
    users("reset", "desk", password=ANOTHER)
    user = staff.users.fetch_by_name("desk")
    assert (user.must_change_password, user.has_second_factor) == (True, True)
    assert staff.users.check_password(user.id, ANOTHER)
    users("reset", "desk", "--second-factor", "--generate")
    assert not staff.users.fetch_by_name("desk").has_second_factor


def test_a_directorys_user_has_no_password_to_reset(users, staff):
    staff.users.insert("administrator", "Administratör", ["admin"], identity=("https://id.example.fi", "administrator"))
    result = users("reset", "administrator", password=PASSWORD)
    assert result.exit_code == 1
    assert "county's directory" in result.stderr


def test_roles_are_given_all_at_once(users, staff):
    users("add", "desk", password=PASSWORD)
    assert users("roles", "desk", "auditor", "admin").stderr == "desk: admin, auditor\n"
    assert staff.users.fetch_by_name("desk").roles == ("admin", "auditor")


def test_every_change_is_recorded_without_the_password(users, staff):
    users("add", "desk", password=PASSWORD)
    users("roles", "desk", "admin")
    users("disable", "desk")
    users("enable", "desk")
    users("reset", "desk", password=ANOTHER)
    entries = staff.audit.fetch_entries()
    assert [entry.action for entry in reversed(entries)] == [
        "user.added",
        "user.roles_changed",
        "user.disabled",
        "user.enabled",
        "user.reset",
    ]
    assert all(entry.actor.startswith("cli:") for entry in entries)
    assert PASSWORD not in str(entries)
    assert ANOTHER not in str(entries)
