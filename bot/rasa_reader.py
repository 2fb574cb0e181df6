"""Reads Rasa's NLU files with libyaml: Rasa's own reader reads each several times and takes ten times as long."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from rasa.shared.nlu.training_data.training_data import TrainingData

from knowledge.yaml_text import parse_yaml

_KEY = re.compile(r"^(\w+):", re.MULTILINE)
_SUFFIXES = (".yml", ".yaml")


class NluReader(RasaYAMLReader):
    """Rasa's reader without its check of the schema; what is no plain NLU file goes to Rasa, which says why."""

    def reads(self, string: str, **kwargs: Any) -> TrainingData:
        """Return the examples, synonyms, patterns and lookup tables of a file's text.

        Raises:
            YamlException: The text is no YAML or no training data (Rasa's).
        """
        items = _read_items(string)
        if items is None:
            return super().reads(string, **kwargs)
        self._parse_nlu(items)
        return TrainingData(self.training_examples, self.entity_synonyms, self.regex_features, self.lookup_tables)


def split_files(paths: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the plain NLU files among files and folders, and everything else.

    Rasa parses a file once for each kind of file that there is, to tell which it is; a look at its keys is enough.
    """
    files = [file for path in map(Path, paths) for file in (sorted(path.rglob("*")) if path.is_dir() else [path])]
    written = [file for file in files if file.is_file() and file.suffix in _SUFFIXES]
    plain = [file for file in written if _is_plain(file.read_text(encoding="utf-8", errors="replace"))]
    return [str(file) for file in plain], [str(file) for file in files if file.is_file() and file not in plain]


def _is_plain(text: str) -> bool:
    keys = set(_KEY.findall(text))
    return "nlu" in keys and keys <= {"version", "nlu"}


def _read_items(text: str) -> list[Any] | None:
    """Return the items under `nlu`, or None where Rasa is to look at the text itself."""
    try:
        content = parse_yaml(text) if _is_plain(text) else None
    except yaml.YAMLError:
        return None
    items = content.get("nlu") if isinstance(content, dict) else None
    return items if isinstance(items, list) and all(isinstance(item, dict) for item in items) else None
