"""What is measured on was never trained on: neither the same words nor nearly the same.

Near means that two utterances share nearly all their runs of three letters, in whatever order the words stand.
"""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest
import yaml

from bot.importer import DATA_FOLDER, PROJECT_FOLDER, VALIDATION_FOLDER
from bot.training.danger_bars import SENTENCES_FOLDER
from bot.training.examples import Example, read_examples
from bot.training.twins import find_twins

HELD_OUT = PROJECT_FOLDER / "tests" / "nlu"
SAFETY = PROJECT_FOLDER / "tests" / "safety_held_out"
THIRD_ROUND = PROJECT_FOLDER / "tests" / "third_round"
FOURTH_ROUND = PROJECT_FOLDER / "tests" / "fourth_round"
"""Written when the others had been looked at too often to be called blind."""
ROUNDS = (THIRD_ROUND, FOURTH_ROUND)
MINIMAL_PAIRS = PROJECT_FOLDER / "tests" / "minimal_pairs" / "safety_held_out"


def read(folder: Path) -> list[Example]:
    examples, problems = read_examples(folder)
    assert problems == []
    return examples


@pytest.fixture(scope="module")
def trained_on() -> list[str]:
    return [example.text for example in read(DATA_FOLDER / "nlu")]


def test_twins_are_found_in_any_order_and_spelling():
    assert find_twins(["Mikä OmaSoite on?", "tandläkare"], ["mika on omasoite", "läkare"]) == [
        ("Mikä OmaSoite on?", "mika on omasoite")
    ]


@pytest.mark.parametrize(
    "folder",
    [HELD_OUT, *(folder / "nlu" for folder in ROUNDS), VALIDATION_FOLDER],
    ids=["held-out", "third round", "fourth round", "validation"],
)
def test_no_training_example_stands_in(folder, trained_on):
    assert find_twins([example.text for example in read(folder)], trained_on) == []


def test_no_validation_utterance_is_held_out():
    held_out = [example.text for folder in (HELD_OUT, *(item / "nlu" for item in ROUNDS)) for example in read(folder)]
    assert find_twins([example.text for example in read(VALIDATION_FOLDER)], held_out) == []


def read_sentences(folder: Path, language: str) -> list[str]:
    content = yaml.safe_load((folder / f"{language}.yml").read_text(encoding="utf-8"))
    return [*chain.from_iterable(content["fires"].values()), *content["harmless"]]


@pytest.mark.parametrize("language", ["sv", "fi"])
@pytest.mark.parametrize(
    "folder",
    [SAFETY, *(folder / "safety_held_out" for folder in ROUNDS), MINIMAL_PAIRS, SENTENCES_FOLDER],
    ids=["held-out", "third round", "fourth round", "minimal pairs", "validation"],
)
def test_no_sentence_of_danger_and_none_like_it_is_trained_on(folder, language, trained_on):
    assert find_twins(read_sentences(folder, language), trained_on) == []


@pytest.mark.parametrize("language", ["sv", "fi"])
def test_a_minimal_pair_is_a_danger_and_a_harmless_sentence(language):
    content = yaml.safe_load((MINIMAL_PAIRS / f"{language}.yml").read_text(encoding="utf-8"))
    dangers = [*chain.from_iterable(content["fires"].values())]
    assert len(dangers) == len(content["harmless"]) == len({*dangers, *content["harmless"]}) / 2


@pytest.mark.parametrize("language", ["sv", "fi"])
def test_no_sentence_for_validation_is_held_out(language):
    folders = (SAFETY, *(folder / "safety_held_out" for folder in ROUNDS), MINIMAL_PAIRS)
    held_out = [text for folder in folders for text in read_sentences(folder, language)]
    assert find_twins(read_sentences(SENTENCES_FOLDER, language), held_out) == []


@pytest.mark.parametrize("language", ["sv", "fi"])
def test_every_trained_intent_has_at_least_six_held_out_utterances(language):
    """Six a topic; a yes or a goodbye has hardly six forms that are no training example."""
    counts: dict[str, int] = {}
    for example in read(HELD_OUT):
        if example.language == language:
            counts[example.intent] = counts.get(example.intent, 0) + 1
    trained = {example.intent for example in read(DATA_FOLDER / "nlu") if not example.intent.startswith("danger_")}
    assert {intent for intent in trained if counts.get(intent, 0) < 4} == set()
    small_talk = {"greet", "thanks", "goodbye", "affirm", "deny"}
    assert {intent for intent in trained - small_talk if counts[intent] < 6} == set()
