"""What a wheel holds: every file that the code reads, so that an installed Lotsi answers as the checkout does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
ROOMS = ("bot", "knowledge", "conversations", "studio", "web", "cli")
LEFT_OUT = {
    "bot/models/": "a model is given to an installed Lotsi by --model",
    "bot/validation/": "read in training, which needs a checkout",
    "conversations/migrations/script.py.mako": "read when a developer writes a migration",
    "knowledge/services/README.md": "read by people",
}
_LIST = """
import json
from setuptools.dist import Distribution

distribution = Distribution({"script_name": "setup.py"})
distribution.parse_config_files()
distribution.include_package_data = False  # otherwise setuptools writes into the checkout
command = distribution.get_command_obj("build_py")
command.ensure_finalized()
modules = [path for _, _, path in command.find_all_modules()]
data = [f"{folder}/{name}" for _, folder, _, names in command.data_files for name in names]
print(json.dumps(modules + data))
"""


@pytest.fixture(scope="module")
def packaged() -> set[str]:
    """The files that setuptools would put into a wheel."""
    command = [sys.executable, "-W", "ignore", "-c", _LIST]
    listed = subprocess.run(command, cwd=PROJECT, capture_output=True, check=True, text=True)
    return {Path(name).as_posix() for name in json.loads(listed.stdout.splitlines()[-1])}


def _files() -> set[str]:
    """All files of the rooms but what Python puts there."""
    found = (path.relative_to(PROJECT) for room in ROOMS for path in (PROJECT / room).rglob("*") if path.is_file())
    return {path.as_posix() for path in found if "__pycache__" not in path.parts}


def test_a_wheel_holds_every_file_of_the_rooms(packaged: set[str]) -> None:
    missing = _files() - packaged
    assert [name for name in missing if not name.startswith(tuple(LEFT_OUT))] == []


def test_whatever_is_left_out_is_there(packaged: set[str]) -> None:
    missing = _files() - packaged
    assert [name for name in LEFT_OUT if not any(found.startswith(name) for found in missing)] == []


def test_a_wheel_holds_nothing_else(packaged: set[str]) -> None:
    assert packaged - _files() == set()
