"""Reads sentences of danger and harmless ones: those that triggers are reviewed with, and blind ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from knowledge.languages import LANGUAGES, Language
from knowledge.yaml_text import parse_yaml

_NO_DANGER = "medical_advice"


class SentencesInvalid(ValueError):
    """A file of sentences is not of its form; says which and why."""


@dataclass(frozen=True)
class SafetySentence:
    """One sentence; `kind` is that of its danger, None for an ordinary one."""

    text: str
    language: Language
    kind: str | None


def read_reviewed(folder: Path) -> list[SafetySentence]:
    """Read `<language>/<kind>.yml`: `fires` and `harmless`, a list each. Requests for medical advice are no danger.

    Raises:
        SentencesInvalid: A file is not of that form.
    """
    sentences = []
    for language in LANGUAGES:
        for path in sorted((folder / language).glob("*.yml")):
            if path.stem == _NO_DANGER:
                continue
            content = _read(path)
            sentences += list(_to_sentences(path, content.get("fires"), language, path.stem))
            sentences += list(_to_sentences(path, content.get("harmless"), language, None))
    return sentences


def read_held_out(folder: Path) -> list[SafetySentence]:
    """Read `<language>.yml`: under `fires` a list for each kind of danger, and the list `harmless`.

    Raises:
        SentencesInvalid: A file is not of that form.
    """
    sentences = []
    for language in LANGUAGES:
        path = folder / f"{language}.yml"
        if not path.exists():
            continue
        content = _read(path)
        fires = content.get("fires") or {}
        if not isinstance(fires, dict):
            raise SentencesInvalid(f"{path}: 'fires' needs a list of sentences under each kind of danger")
        for kind, texts in fires.items():
            sentences += list(_to_sentences(path, texts, language, str(kind)))
        sentences += list(_to_sentences(path, content.get("harmless"), language, None))
    return sentences


def _read(path: Path) -> dict[str, Any]:
    try:
        content = parse_yaml(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SentencesInvalid(f"{path}: is not valid YAML: {error}") from error
    if not isinstance(content, dict):
        raise SentencesInvalid(f"{path}: holds no 'fires' and 'harmless'")
    return content


def _to_sentences(path: Path, texts: Any, language: Language, kind: str | None) -> Iterator[SafetySentence]:
    if not isinstance(texts, list | None):
        raise SentencesInvalid(f"{path}: the sentences of '{kind or 'harmless'}' must be a list")
    for text in texts or ():
        yield SafetySentence(str(text), language, kind)
