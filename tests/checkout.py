"""A copy of the checkout that a test may spoil; commands that are run in it read nothing of the real one."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

_ROOMS = ("bot", "knowledge", "conversations", "studio", "web", "cli")
_FILES = ("config.yml", "domain.yml", "endpoints.yml", "requirements.lock")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.tar.gz", "*.json")


@dataclass(frozen=True)
class Checkout:
    """The copy."""

    path: Path

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace the first occurrence of a piece of a file's text; the piece must be there."""
        text = self.read(name)
        assert old in text, f"{name} has no {old!r}"
        (self.path / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    def append(self, name: str, text: str) -> int:
        """Add text at a file's end; return the number of its first line."""
        before = self.read(name)
        assert before.endswith("\n")
        (self.path / name).write_text(before + text, encoding="utf-8")
        return before.count("\n") + 1

    def read(self, name: str) -> str:
        """Return a file's text."""
        return (self.path / name).read_text(encoding="utf-8")

    def line(self, name: str, text: str) -> int:
        """Return the number of a file's first line that has the text."""
        return next(number for number, line in enumerate(self.read(name).splitlines(), start=1) if text in line)

    def files(self) -> set[str]:
        """Return the names of all files; what Python compiles is left out."""
        return {
            path.relative_to(self.path).as_posix()
            for path in self.path.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }


def copy_checkout(source: Path, target: Path) -> Checkout:
    """Copy code, data and knowledge; trained models are left out.

    Args:
        source: The checkout.
        target: A folder that does not exist yet.
    """
    for room in _ROOMS:
        shutil.copytree(source / room, target / room, ignore=_LEFT_OUT)
    for name in _FILES:
        shutil.copy(source / name, target / name)
    return Checkout(target)


def break_training_data(checkout: Checkout) -> None:
    """Put one problem of each kind into the training data, and one into the knowledge; `problems` names them."""
    checkout.edit("bot/data/nlu/sv/health.yml", "# language: sv", "# language: fi")
    checkout.append("bot/data/nlu/sv/smalltalk.yml", "- intent: greet\n  examples: |\n    - hälsostation\n")
    checkout.append("bot/data/nlu/fi/families.yml", "- intent: unicorns\n  examples: |\n    - yksisarvinen\n")
    checkout.edit("bot/data/nlu/fi/strategy.yml", "- intent: mission", "- intent: [mission")
    lines = checkout.read("bot/data/nlu/sv/organisation.yml").splitlines(keepends=True)
    second = next(number for number, line in enumerate(lines) if number > 3 and line.startswith("- intent:"))
    kept = "".join([*lines[:8], *lines[second:]])
    (checkout.path / "bot/data/nlu/sv/organisation.yml").write_text(kept, encoding="utf-8")
    checkout.edit("knowledge/services/counselling.yml", "\nsource: ", "\nsources: ")


def broken_places(checkout: Checkout) -> dict[str, str]:
    """Return how the line of each problem that `break_training_data` made must begin, by the problem's kind."""
    nlu = "bot/data/nlu"
    first = checkout.line(f"{nlu}/sv/health.yml", "    - hälsostation")
    again = checkout.line(f"{nlu}/sv/smalltalk.yml", "    - hälsostation")
    unicorn = checkout.line(f"{nlu}/fi/families.yml", "    - yksisarvinen")
    topic = checkout.read(f"{nlu}/sv/organisation.yml").splitlines()[3].removeprefix("- intent: ")
    return {
        "wrong language": "nlu/sv/health.yml:1: says 'fi' in its first line; write '# language: sv'",
        "duplicate": f"nlu/sv/smalltalk.yml:{again}: 'hälsostation' stands under 'greet' here and under "
        f"'health_station' in nlu/sv/health.yml:{first}",
        "unknown topic": f"nlu/fi/families.yml:{unicorn}: 'unicorns' is neither a topic nor an intent of domain.yml",
        "broken YAML": "nlu/fi/strategy.yml:5: is not valid YAML: ",
        "too few examples": f"nlu/sv/organisation.yml:6: topic '{topic}' has 3 examples; write at least 10",
        "examples missing": "nlu/fi: topic 'mission' has 0 examples; write at least 10",
        "knowledge": "counselling.yml: lacks 'source'; write source: ",
    }
