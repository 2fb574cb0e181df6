"""Reads labelled utterances to benchmark on: MASSIVE's JSON lines, or folders of Rasa NLU files.

MASSIVE is FitzGerald et al. 2022 (arXiv:2204.08582); one file holds one locale, all its parts or one of them.
"""

from __future__ import annotations

import json
import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.training.examples import read_examples
from knowledge.errors import Problem
from knowledge.languages import LANGUAGES, Language, as_language

_FIELDS = ("locale", "intent", "utt")


class CorpusInvalid(Exception):
    """A folder cannot be benchmarked on; carries every problem at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, problems)))


@dataclass(frozen=True)
class Sample:
    """One labelled utterance.

    Attributes:
        partition: The part of the corpus that it belongs to (`train`, `dev`, `test`); empty where it states none.
    """

    text: str
    intent: str
    language: Language
    partition: str = ""


def read_corpus(folder: Path, partitions: Sequence[str] = ()) -> list[Sample]:
    """Read `*.jsonl` of a folder in MASSIVE's format or, if there are none, `sv/*.yml` and `fi/*.yml`.

    Args:
        folder: Such as MASSIVE's `data`, or `bot/data/nlu`.
        partitions: The parts that are wanted, the best first: all utterances of the first part that there is are
            returned, with those that state none. All are wanted if left out.

    Raises:
        CorpusInvalid: The folder is missing or empty, or a line is broken.
    """
    if not folder.is_dir():
        raise CorpusInvalid([Problem(str(folder), "there is no such folder")])
    files = sorted(folder.glob("*.jsonl"))
    samples, problems = _read_massive(files) if files else _read_rasa(folder)
    if not samples and not problems:
        problems = [Problem(str(folder), "holds neither *.jsonl in MASSIVE's format nor sv/*.yml and fi/*.yml")]
    if problems:
        raise CorpusInvalid(problems)
    return _of_partition(samples, partitions, folder) if partitions else samples


def _of_partition(samples: Sequence[Sample], partitions: Sequence[str], folder: Path) -> list[Sample]:
    found = {sample.partition for sample in samples}
    best = next((name for name in partitions if name in found), "")
    chosen = [sample for sample in samples if sample.partition in ("", best)]
    if not chosen:
        wanted, there = " or ".join(partitions), ", ".join(sorted(found))
        raise CorpusInvalid([Problem(str(folder), f"has no utterances of the part {wanted}, only of {there}")])
    return chosen


def _read_rasa(folder: Path) -> tuple[list[Sample], list[Problem]]:
    if not any((folder / language).is_dir() for language in LANGUAGES):
        return [], []
    examples, problems = read_examples(folder)
    return [Sample(item.text, item.intent, item.language) for item in examples], problems


def _read_massive(files: Sequence[Path]) -> tuple[list[Sample], list[Problem]]:
    samples: list[Sample] = []
    problems: list[Problem] = []
    for path in files:
        try:
            lines = path.read_text(encoding="utf-8").split("\n")
        except UnicodeDecodeError:
            problems.append(Problem(str(path), "is not UTF-8 text; save it as UTF-8"))
            continue
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            item = _read_line(line)
            if isinstance(item, Sample):
                samples.append(item)
            else:
                problems.append(Problem(str(path), item, number))
    return samples, problems


def _read_line(line: str) -> Sample | str:
    """Return the utterance of a line, or what is wrong with it."""
    try:
        fields: Any = json.loads(line)
    except json.JSONDecodeError as error:
        return f"is not valid JSON: {error.msg}"
    if not isinstance(fields, dict):
        return "is no JSON object; each line is one"
    for name in _FIELDS:
        value = fields.get(name)
        if not isinstance(value, str) or not value.strip():
            return f"'{name}' is missing or is no text"
    language = as_language(fields["locale"])
    if language is None:
        return f"the locale '{fields['locale']}' is not served; leave only files of sv-SE and fi-FI in the folder"
    return Sample(fields["utt"], fields["intent"], language, str(fields.get("partition") or ""))


def keep_languages(samples: Sequence[Sample], languages: Collection[str]) -> list[Sample]:
    """Return the utterances of some languages; of all if none is named."""
    return [sample for sample in samples if not languages or sample.language in languages]


def draw_samples(samples: Sequence[Sample], number: int, seed: int) -> list[Sample]:
    """Return `number` utterances of each intent and language, or all where there are fewer.

    Args:
        samples: The whole corpus.
        number: As in the few-shot settings of the literature, counted within a language.
        seed: The same one draws the same utterances.
    """
    shuffled = list(samples)
    random.Random(seed).shuffle(shuffled)  # noqa: S311
    counts: dict[tuple[str, str], int] = {}
    chosen = []
    for sample in shuffled:
        key = (sample.language, sample.intent)
        counts[key] = counts.get(key, 0) + 1
        if counts[key] <= number:
            chosen.append(sample)
    return chosen


def check_pair(train: Sequence[Sample], test: Sequence[Sample]) -> None:
    """Check that what is learnt can be measured.

    Raises:
        CorpusInvalid: The two have no intent in common, or there are fewer than two intents to learn.
    """
    learnt, asked = {sample.intent for sample in train}, {sample.intent for sample in test}
    if len(learnt) < 2:
        raise CorpusInvalid([Problem("training data", f"has {len(learnt)} intents; a classifier needs two or more")])
    if not learnt & asked:
        text = f"has no intent in common with the training data; '{min(asked)}' and '{min(learnt)}' are the first"
        raise CorpusInvalid([Problem("test data", text)])
