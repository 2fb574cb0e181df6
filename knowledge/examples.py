"""Counts training examples by topic; the knowledge check asks that each topic has some in both languages.

Only counts: what the examples mean is the bot's affair (`bot.training.validate`).
"""

from __future__ import annotations

from pathlib import Path

import yaml

from knowledge.errors import Problem
from knowledge.yaml_text import parse_yaml


def count_examples(folder: Path) -> tuple[dict[str, int], list[Problem]]:
    """Count the examples of each intent in the training files of one language.

    Args:
        folder: Holds Rasa training files (`*.yml`) of one language.

    Returns:
        The number of examples by intent, and the files that could not be read.
    """
    counts: dict[str, int] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yml")):
        name = f"{folder.parent.name}/{folder.name}/{path.name}"
        try:
            content = parse_yaml(path.read_text(encoding="utf-8"))
            for block in (content or {}).get("nlu") or []:
                lines = str(block.get("examples") or "").splitlines()
                if "intent" in block:
                    number = sum(line.lstrip().startswith("- ") for line in lines)
                    counts[block["intent"]] = counts.get(block["intent"], 0) + number
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else None
            problems.append(Problem(name, f"is not valid YAML: {getattr(error, 'problem', error)}", line))
        except (UnicodeDecodeError, AttributeError) as error:
            problems.append(Problem(name, f"is no Rasa training file: {error}"))
    return counts, problems
