"""Who may import whom, how long a module may be, and that each says what belongs in it (DESIGN.md)."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
ROOMS = ("bot", "knowledge", "conversations", "studio", "web", "cli")
PATHS = sorted(path.relative_to(PROJECT) for room in ROOMS for path in (PROJECT / room).rglob("*.py"))
LINES = 400


@dataclass(frozen=True)
class Import:
    """One import: from which module, of which, and where it stands."""

    importer: str
    imported: str
    place: str


def _name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _parse(path: Path) -> ast.Module:
    return ast.parse((PROJECT / path).read_text(encoding="utf-8"), filename=str(path))


def _imported_names(path: Path, node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    package = _name(path).split(".") if path.name == "__init__.py" else _name(path).split(".")[:-1]
    base = package[: len(package) - node.level + 1] if node.level else []
    module = ".".join([*base, *([node.module] if node.module else [])])
    submodules = [f"{module}.{alias.name}" for alias in node.names if f"{module}.{alias.name}" in MODULES]
    return [module, *submodules]


MODULES = {_name(path) for path in PATHS}
IMPORTS = [
    Import(_name(path), imported, f"{path}:{getattr(node, 'lineno', 0)}")
    for path in PATHS
    for node in ast.walk(_parse(path))
    for imported in _imported_names(path, node)
]


def _lies_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _broken(rule: Callable[[Import], bool]) -> list[str]:
    return [f"{item.place}: {item.importer} imports {item.imported}" for item in IMPORTS if rule(item)]


def test_imports_of_every_room_are_seen() -> None:
    assert {item.importer.split(".")[0] for item in IMPORTS} == set(ROOMS)
    assert ("bot.assistant", "knowledge.store") in {(item.importer, item.imported) for item in IMPORTS}


@pytest.mark.parametrize("room", ["knowledge", "conversations"])
@pytest.mark.parametrize("other", ["bot", "web"])
def test_knowledge_and_conversations_import_neither_bot_nor_web(room: str, other: str) -> None:
    assert _broken(lambda item: _lies_in(item.importer, room) and _lies_in(item.imported, other)) == []


@pytest.mark.parametrize("other", ["web", "cli"])
def test_the_studio_knows_neither_web_nor_command_line(other: str) -> None:
    assert _broken(lambda item: _lies_in(item.importer, "studio") and _lies_in(item.imported, other)) == []


@pytest.mark.parametrize("room", ["bot", "knowledge", "conversations"])
def test_nothing_below_the_studio_imports_it(room: str) -> None:
    assert _broken(lambda item: _lies_in(item.importer, room) and _lies_in(item.imported, "studio")) == []


@pytest.mark.parametrize("library", ["rasa", "rasa_sdk"])
def test_only_the_bot_imports_rasa(library: str) -> None:
    assert _broken(lambda item: _lies_in(item.imported, library) and not _lies_in(item.importer, "bot")) == []


def test_web_reaches_the_bot_through_the_assistant_alone() -> None:
    def _goes_round(item: Import) -> bool:
        to_bot = _lies_in(item.imported, "bot") and item.imported not in ("bot", "bot.assistant")
        return _lies_in(item.importer, "web") and to_bot

    assert _broken(_goes_round) == []


def test_nothing_imports_the_command_line() -> None:
    assert _broken(lambda item: _lies_in(item.imported, "cli") and not _lies_in(item.importer, "cli")) == []


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_a_module_says_what_belongs_in_it(path: Path) -> None:
    assert ast.get_docstring(_parse(path))


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_a_module_is_short(path: Path) -> None:
    assert len((PROJECT / path).read_text(encoding="utf-8").splitlines()) < LINES
