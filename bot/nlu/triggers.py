"""Safety triggers: find a message about danger, or one that asks for medical advice, before any classifier reads it.

The phrases stand in `bot/data/safety`, one file a trigger, and are written for clinicians (docs/safety-triggers.md);
their grammar is in `bot.nlu.patterns`. The phrases of all languages run on every message. `fires` is looked for
anywhere, `alone` as the whole message; then once more with the `harmless` phrases masked word by word, so that they
hide themselves and nothing else.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from bot.nlu.patterns import Phrase, PhraseIndex, WordLists, compile_phrase, find_hints, fold, mask_phrases
from knowledge.languages import LANGUAGES
from knowledge.yaml_text import parse_yaml

INTENTS: Final = (
    *("danger_life", "danger_suicide", "danger_violence", "danger_poisoning", "danger_child", "danger_fire"),
    "medical_advice",
)
LINES: Final = (
    *("emergency_number", "crisis_line", "violence_line", "poison_line", "child_youth_line"),
    *("urgent_care", "counselling"),
)
SAFETY_FOLDER: Final = Path(__file__).resolve().parents[1] / "data" / "safety"
_COMMON: Final = "_common.yml"
_TAGS: Final = (*LANGUAGES, "en")
_PARTS: Final = ("fires", "alone", "harmless")


class TriggerError(Exception):
    """The trigger files cannot be used; `problems` holds every fault as `path: problem`."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class TriggerMatch:
    """A trigger that fired: its phrase's language, the folded words found, the topics to show beside 112."""

    trigger: str
    intent: str
    language: str
    matched: str
    priority: int
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trigger:
    """One trigger file; priority 1 is the most urgent."""

    name: str
    intent: str
    priority: int
    lines: tuple[str, ...]
    fires: tuple[Phrase, ...] = field(repr=False)
    harmless: tuple[Phrase, ...] = field(repr=False)

    @functools.cached_property
    def _index(self) -> PhraseIndex:
        return PhraseIndex(self.fires)

    def find(self, folded: str, hints: frozenset[str], shared: Sequence[Phrase]) -> TriggerMatch | None:
        """Return the match of the first phrase that fires on a folded message outside of harmless ones, or None."""
        rest: str | None = None
        for phrase in self._index.find_possible(hints):
            if not phrase.find(folded, hints):
                continue
            rest = rest or mask_phrases((*shared, *self.harmless), folded, hints)
            if words := phrase.find(rest, hints):
                return TriggerMatch(self.name, self.intent, phrase.language, words, self.priority, self.lines)
        return None


@dataclass(frozen=True)
class TriggerSet:
    """All triggers, the most urgent first, and the phrases that are harmless for every one of them."""

    triggers: tuple[Trigger, ...]
    harmless: tuple[Phrase, ...] = field(repr=False)

    def match(self, text: str) -> list[TriggerMatch]:
        """Return at most one match a trigger, the most urgent first; none for an ordinary message."""
        found: dict[str, TriggerMatch] = {}
        for folded in dict.fromkeys(fold(text, keep) for keep in (2, 1)):
            hints = find_hints(folded)
            for trigger in self.triggers:
                if match := trigger.find(folded, hints, self.harmless):
                    found.setdefault(trigger.name, match)
        return sorted(found.values(), key=lambda match: (match.priority, match.trigger))


def load_triggers(folder: Path) -> TriggerSet:
    """Read and compile `_common.yml` and every trigger file of `folder`.

    Raises:
        TriggerError: Files are missing or wrong; all faults of all files are listed at once.
    """
    problems: list[str] = []
    common = _read(folder / _COMMON, problems)
    lists = _word_lists(common.pop("words", None), problems)
    shared = _phrases(common, lists, _COMMON, problems)["harmless"]
    paths = sorted(path for path in folder.glob("*.yml") if path.name != _COMMON)
    triggers = [_trigger(path, lists, problems) for path in paths]
    if not paths:
        problems.append(f"{folder.name}: holds no trigger file")
    if problems:
        raise TriggerError(problems)
    return TriggerSet(tuple(sorted(triggers, key=lambda trigger: (trigger.priority, trigger.name))), shared)


@dataclass(frozen=True)
class _Content:
    """The files of a folder; folders with the same content are the same."""

    digest: str
    folder: Path = field(compare=False)


def share_triggers(folder: Path) -> TriggerSet:
    """Return the triggers of a folder, compiled once a process for the same content: it takes a second.

    Raises:
        TriggerError: See `load_triggers`.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.yml")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return _compile(_Content(digest.hexdigest(), folder))


@functools.lru_cache(maxsize=2)
def _compile(content: _Content) -> TriggerSet:
    return load_triggers(content.folder)


def read_lines(folder: Path = SAFETY_FOLDER) -> dict[str, tuple[str, ...]]:
    """Return the topics to show beside 112, by the intent of their trigger file; files that cannot be read are left."""
    heads = [_read(path, []) for path in sorted(folder.glob("*.yml")) if path.name != _COMMON]
    return {str(head.get("intent")): tuple(map(str, head.get("lines") or ())) for head in heads}


def _read(path: Path, problems: list[str]) -> dict[str, Any]:
    try:
        data = parse_yaml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        problems.append(f"{path.name}: cannot be read: {' '.join(str(error).split())}")
        return {}
    if not isinstance(data, dict):
        problems.append(f"{path.name}: must hold keys with values")
        return {}
    return data


def _word_lists(words: object, problems: list[str]) -> dict[str, WordLists]:
    lists: dict[str, WordLists] = {}
    for tag, block in words.items() if isinstance(words, dict) else ():
        lists[tag] = {name: _texts(block, name, f"{_COMMON}: words {tag}", problems) for name in block or ()}
    return lists


def _trigger(path: Path, lists: dict[str, WordLists], problems: list[str]) -> Trigger:
    data = _read(path, problems)
    head = {key: data.pop(key, None) for key in ("trigger", "intent", "priority", "reviewed", "lines")}
    faults = _head_faults(path.stem, head)
    faults += [f"'{tag}' needs 'fires'" for tag in LANGUAGES if "fires" not in (data.get(tag) or ())]
    problems += [f"{path.name}: {fault}" for fault in faults]
    phrases = _phrases(data, lists, path.name, problems)
    lines = () if faults else tuple(head["lines"])
    fires = phrases["fires"] + phrases["alone"]
    return Trigger(path.stem, str(head["intent"]), head["priority"], lines, fires, phrases["harmless"])


def _head_faults(name: str, head: dict[str, Any]) -> list[str]:
    lines, reviewed = head["lines"], head["reviewed"]
    faults = {
        f"'trigger' must be '{name}', as the file is called": head["trigger"] != name,
        f"'intent' must be one of {', '.join(INTENTS)}": head["intent"] not in INTENTS,
        "'priority' must be a whole number from 1": type(head["priority"]) is not int or head["priority"] < 1,
        f"'lines' must be a list, out of {', '.join(LINES)}": not isinstance(lines, list)
        or any(line not in LINES for line in lines),
        "'reviewed' must be null, or hold a 'date' and a 'role'": reviewed is not None
        and not (isinstance(reviewed, dict) and set(reviewed) == {"date", "role"}),
    }
    return [fault for fault, is_so in faults.items() if is_so]


def _phrases(
    data: dict[str, Any], lists: dict[str, WordLists], name: str, problems: list[str]
) -> dict[str, tuple[Phrase, ...]]:
    """Compile the phrases of all languages of one file, by part."""
    phrases: dict[str, list[Phrase]] = {part: [] for part in _PARTS}
    for tag, block in data.items():
        if tag not in _TAGS or not isinstance(block, dict) or not set(block) <= set(_PARTS):
            problems.append(f"{name}: '{tag}' must be one of {', '.join(_TAGS)}, with {', '.join(_PARTS)} below it")
            continue
        for part in block:
            for text in _texts(block, part, f"{name}: {tag}", problems):
                try:
                    phrases[part].append(compile_phrase(text, tag, lists.get(tag, {}), alone=part == "alone"))
                except ValueError as error:
                    problems.append(f"{name}: {tag} {part} '{text}' {error}")
    return {part: tuple(found) for part, found in phrases.items()}


def _texts(block: dict[str, Any], key: str, place: str, problems: list[str]) -> list[str]:
    """Return the texts of a list; report what is none (YAML reads an unquoted `on` or `12` as something else)."""
    entries = block[key] if isinstance(block[key], list) else [block[key]]
    problems += [f"{place} {key} {entry!r} is no text; put it in quotes" for entry in entries if type(entry) is not str]
    return [entry for entry in entries if type(entry) is str]
