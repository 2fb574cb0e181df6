"""Checks the training data as a whole before anything is trained; all problems at once, each with its line."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from bot.training.examples import Example, read_examples
from knowledge.errors import Problem
from knowledge.languages import LANGUAGES
from knowledge.lemmas import fold

MINIMUM_EXAMPLES = 10


class TrainingDataInvalid(Exception):
    """The training data cannot be trained on; carries every problem at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, problems)))


def fold_example(text: str) -> str:
    """Return what makes two examples the same: letters and digits, without case, diacritics and punctuation."""
    return " ".join("".join(char if char.isalnum() else " " for char in fold(text)).split())


def check_training_data(
    folder: Path, topics: Collection[str], other_intents: Collection[str], overlay: Path | None = None
) -> list[Problem]:
    """Return all problems of the training data, sorted by file and line.

    Args:
        folder: `bot/data/nlu`, with `sv/` and `fi/`.
        topics: Topic ids of the knowledge; each needs examples in both languages.
        other_intents: Intents of `domain.yml` that may have examples.
        overlay: What is laid over the folder (`knowledge.overlay`).
    """
    examples, problems = read_examples(folder, overlay)
    known = {*topics, *other_intents}
    problems += [
        Problem(item.path, f"'{item.intent}' is neither a topic nor an intent of domain.yml", item.line)
        for item in _first_of_each_intent(examples)
        if item.intent not in known
    ]
    problems += _check_duplicates(examples)
    problems += _check_numbers(examples, topics, folder.name)
    return sorted(set(problems), key=lambda item: (item.path, item.line or 0, item.text))


def _first_of_each_intent(examples: Sequence[Example]) -> Iterable[Example]:
    seen: set[tuple[str, str]] = set()
    for example in examples:
        if (example.path, example.intent) not in seen:
            seen.add((example.path, example.intent))
            yield example


def _check_duplicates(examples: Sequence[Example]) -> Iterable[Problem]:
    """The same words under two intents confuse, in one language or across both; under one intent they are waste."""
    seen: dict[str, Example] = {}
    for example in examples:
        key = fold_example(example.text)
        first = seen.setdefault(key, example)
        if first is example or not key:
            continue
        where = f"{first.path}:{first.line}"
        if first.intent != example.intent:
            text = f"'{example.text}' stands under '{example.intent}' here and under '{first.intent}' in {where}"
            yield Problem(example.path, text, example.line)
        elif first.language == example.language and first.text.lower() == example.text.lower():
            yield Problem(example.path, f"'{example.text}' stands twice, also in {where}", example.line)


def _check_numbers(examples: Sequence[Example], topics: Collection[str], name: str) -> Iterable[Problem]:
    found: dict[tuple[str, str], list[Example]] = {}
    for example in examples:
        found.setdefault((example.language, example.intent), []).append(example)
    for language in LANGUAGES:
        for topic in sorted(topics):
            written = found.get((language, topic), [])
            if len(written) < MINIMUM_EXAMPLES:
                text = f"topic '{topic}' has {len(written)} examples; write at least {MINIMUM_EXAMPLES}"
                place = (written[0].path, text, written[0].line) if written else (f"{name}/{language}", text)
                yield Problem(*place)
