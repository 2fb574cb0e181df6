"""Reads the deployment file: every problem at once, each with its line, and nothing that was not written there."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import yaml

from knowledge.errors import Problem
from knowledge.languages import LANGUAGES
from web.deployment import FACTS, Deployment, Text

_FACTS = {fact.name: fact for fact in FACTS}
_FORMS = {
    "email": (re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+"), "an e-mail address"),
    "phone": (re.compile(r"\+?\d[\d ]+\d"), "a phone number of digits and spaces"),
    "url": (re.compile(r"https?://[^\s<>\"']+"), "an address that begins with https://"),
    "status": (re.compile("full|partial|none"), "full, partial or none"),
    "text": (re.compile(".+"), "a text"),
}


class DeploymentInvalid(ValueError):
    """The deployment file cannot be used; carries every problem at once."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line or 0, problem.text)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def read_deployment(path: Path) -> Deployment:
    """Return the facts of a deployment file.

    Args:
        path: A YAML file with the keys of `web.deployment.FACTS`.

    Raises:
        DeploymentInvalid: With every problem, each with path and line.
    """
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise DeploymentInvalid([Problem(str(path), f"cannot be read: {error}")]) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise DeploymentInvalid([Problem(str(path), f"is no YAML: {error.problem}", line)]) from error
    except yaml.YAMLError as error:
        raise DeploymentInvalid([Problem(str(path), f"is no YAML: {error}")]) from error
    reader = _Reader(str(path))
    values = reader.read_facts(root)
    if reader.problems:
        raise DeploymentInvalid(reader.problems)
    return Deployment(**values)


class _Reader:
    """Turns YAML nodes into facts and gathers what is wrong; a value that is wrong becomes None."""

    def __init__(self, path: str) -> None:
        self.problems: list[Problem] = []
        self._path = path

    def read_facts(self, root: yaml.Node | None) -> dict[str, Any]:
        if not isinstance(root, yaml.MappingNode):
            self._wrong(root, "the file must hold lines 'fact: value'")
            return {}
        nodes: dict[str, yaml.Node] = {}
        for key, node in root.value:
            if key.value not in _FACTS:
                self._wrong(key, f"'{key.value}' is no fact that Lotsi knows; docs/deployment.md lists them")
            elif key.value in nodes:
                self._wrong(key, f"'{key.value}' stands twice; keep one")
            else:
                nodes[key.value] = node
        for fact in FACTS:
            if fact.required and (fact.name not in nodes or _is_empty(nodes[fact.name])):
                self._wrong(nodes.get(fact.name), f"'{fact.name}' must be given: {fact.help}")
        return {
            name: None if _is_empty(node) else self._read(name, _FACTS[name].kind, node) for name, node in nodes.items()
        }

    def _wrong(self, node: yaml.Node | None, text: str) -> None:
        self.problems.append(Problem(self._path, text, node.start_mark.line + 1 if node else None))

    def _read(self, name: str, kind: str, node: yaml.Node) -> Any:
        if kind in ("text", "links"):
            return self._read_text(name, "url" if kind == "links" else "text", node)
        if kind == "texts":
            return self._read_texts(name, node)
        if kind == "date":
            return self._read_date(name, node)
        return self._read_line(name, kind, node)

    def _read_line(self, name: str, kind: str, node: yaml.Node) -> str:
        form, wanted = _FORMS[kind]
        value = " ".join(node.value.split()) if isinstance(node, yaml.ScalarNode) else ""
        if not form.fullmatch(value):
            self._wrong(node, f"'{name}' is '{value}'; write {wanted}" if value else f"'{name}' must be {wanted}")
        return value

    def _read_text(self, name: str, kind: str, node: yaml.Node) -> Text | None:
        if not isinstance(node, yaml.MappingNode):
            self._wrong(node, f"'{name}' must be given in both languages: {{sv: …, fi: …}}")
            return None
        found = {str(key.value): value for key, value in node.value if not _is_empty(value)}
        for key, _ in node.value:
            if key.value not in LANGUAGES:
                self._wrong(key, f"'{name}' has the language '{key.value}'; Lotsi has {' and '.join(LANGUAGES)}")
        for language in LANGUAGES:
            if language not in found:
                self._wrong(node, f"'{name}' lacks '{language}'; residents of both languages have a right to it")
        lines = {code: self._read_line(name, kind, found[code]) for code in LANGUAGES if code in found}
        return Text(**lines) if len(lines) == len(LANGUAGES) else None

    def _read_texts(self, name: str, node: yaml.Node) -> tuple[Text, ...] | None:
        if not isinstance(node, yaml.SequenceNode):
            self._wrong(node, f"'{name}' must be a list, each line as '- {{sv: …, fi: …}}'")
            return None
        found = [self._read_text(name, "text", item) for item in node.value]
        return tuple(text for text in found if text)

    def _read_date(self, name: str, node: yaml.Node) -> dt.date | None:
        value = self._read_line(name, "text", node)
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            self._wrong(node, f"'{name}' is '{value}'; write a day as YYYY-MM-DD")
            return None


def _is_empty(node: yaml.Node) -> bool:
    if isinstance(node, yaml.MappingNode):
        return all(_is_empty(value) for _, value in node.value)
    return isinstance(node, yaml.ScalarNode) and (node.tag.endswith(":null") or not node.value.strip())
