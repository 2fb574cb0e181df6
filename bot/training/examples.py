"""Reads training and held-out files line by line, so that a problem can be named with its line."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from knowledge.errors import Problem
from knowledge.languages import LANGUAGES, Language
from knowledge.overlay import overlay_examples, overlay_intents, read_retired
from knowledge.yaml_text import parse_yaml

_INTENT = re.compile(r"^\s*-\s+intent:\s*(?P<intent>\S+)\s*$")
_EXAMPLE = re.compile(r"^\s+-\s+(?P<text>.*\S)\s*$")
_LANGUAGE = re.compile(r"^#\s*language:\s*(?P<language>\w+)\s*$")


@dataclass(frozen=True)
class Example:
    """One utterance with the intent that it stands for and the place where it is written."""

    text: str
    intent: str
    language: Language
    path: str
    line: int


def read_examples(folder: Path, overlay: Path | None = None) -> tuple[list[Example], list[Problem]]:
    """Read `sv/*.yml` and `fi/*.yml` of a folder of Rasa NLU files.

    Args:
        folder: Such as `bot/data/nlu` or `tests/nlu`.
        overlay: What is laid over it (`knowledge.overlay`): its examples of a topic take the place of the folder's.

    Returns:
        All examples in the order of files and lines, and every problem of form.
    """
    examples: list[Example] = []
    problems: list[Problem] = []
    for language in LANGUAGES:
        if not (folder / language).is_dir():
            problems.append(Problem(f"{folder.name}/{language}", "the folder is missing; each language has its own"))
        for path in sorted((folder / language).glob("*.yml")):
            found, wrong = _read_file(path, f"{folder.name}/{language}/{path.name}", language)
            examples += found
            problems += wrong
    for name in sorted(_names(folder, "sv") ^ _names(folder, "fi")):
        missing = "fi" if name in _names(folder, "sv") else "sv"
        problems.append(
            Problem(f"{folder.name}/{missing}/{name}", "the file is missing; it is there in the other language")
        )
    if overlay:
        gone = {*overlay_intents(overlay), *read_retired(overlay)}
        examples = [example for example in examples if example.intent not in gone]
        for language in LANGUAGES:
            for path in overlay_examples(overlay, language):
                found, wrong = _read_file(path, f"overlay/{language}/{path.name}", language)
                examples += found
                problems += wrong
    return examples, problems


def _names(folder: Path, language: str) -> set[str]:
    return {path.name for path in (folder / language).glob("*.yml")}


def _read_file(path: Path, name: str, language: Language) -> tuple[list[Example], list[Problem]]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return [], [Problem(name, "is not UTF-8 text; save it as UTF-8")]
    examples, problems = _read_text(text, name, language)
    return list(examples), list(problems)


@functools.lru_cache(maxsize=64)
def _read_text(text: str, name: str, language: Language) -> tuple[Sequence[Example], Sequence[Problem]]:
    """Return examples and problems of a file's text; remembered, since a training asks for each several times."""
    try:
        content = parse_yaml(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        return [], [Problem(name, f"is not valid YAML: {getattr(error, 'problem', error)}", line)]
    if not isinstance(content, dict) or not isinstance(content.get("nlu"), list):
        return [], [Problem(name, "is no Rasa NLU file; it needs 'nlu:' with a list of intents")]
    lines = text.splitlines()
    stated = _LANGUAGE.match(lines[0]) if lines else None
    problems = []
    if not stated or stated["language"] != language:
        found = f"says '{stated['language']}'" if stated else "does not say its language"
        problems.append(Problem(name, f"{found} in its first line; write '# language: {language}' or move the file", 1))
    examples = list(_examples(lines, name, language))
    problems += [
        Problem(name, "an example has brackets or braces, which Rasa reads as markup; write it without", example.line)
        for example in examples
        if any(char in example.text for char in "[]{}")
    ]
    return examples, problems


def _examples(lines: list[str], name: str, language: Language) -> Iterator[Example]:
    intent = None
    for number, line in enumerate(lines, start=1):
        heading = _INTENT.match(line)
        if heading:
            intent = heading["intent"]
            continue
        example = _EXAMPLE.match(line)
        if intent is not None and example and not line.lstrip().startswith("- intent"):
            yield Example(example["text"], intent, language, name, number)
