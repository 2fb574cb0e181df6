"""Problems of the training data are found all at once, each with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.importer import DATA_FOLDER, PROJECT_FOLDER
from bot.training.examples import read_examples
from bot.training.validate import MINIMUM_EXAMPLES, TrainingDataInvalid, check_training_data, fold_example
from knowledge.build import read_topics
from knowledge.errors import Problem

WORDS = [f"{first} {second}" for first in ("ett", "två", "tre", "fyra", "fem") for second in ("hus", "barn")]
SANAT = [f"{first} {second}" for first in ("yksi", "kaksi", "kolme", "neljä", "viisi") for second in ("talo", "lapsi")]


class Data:
    """A folder of training data that begins without a problem."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "nlu"
        self.write("sv", "sv", {"counselling": WORDS})
        self.write("fi", "fi", {"counselling": SANAT})

    def write(self, folder: str, language: str | None, intents: dict[str, list[str]], name: str = "group.yml") -> None:
        lines = [f"# language: {language}"] if language else []
        lines += ['version: "3.1"', "nlu:"]
        for intent, examples in intents.items():
            lines += [f"- intent: {intent}", "  examples: |", *(f"    - {example}" for example in examples)]
        self.put(f"{folder}/{name}", "\n".join(lines).encode() + b"\n")

    def put(self, path: str, content: bytes) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)

    def check(self, *other: str) -> list[Problem]:
        return check_training_data(self.folder, ["counselling"], other)

    def texts(self, *other: str) -> list[str]:
        return [str(problem) for problem in self.check(*other)]


@pytest.fixture
def data(tmp_path: Path) -> Data:
    return Data(tmp_path)


def test_the_projects_own_training_data_has_no_problem():
    domain = yaml.safe_load((PROJECT_FOLDER / "domain.yml").read_text(encoding="utf-8"))
    intents = [next(iter(item)) for item in domain["intents"]]
    assert check_training_data(DATA_FOLDER / "nlu", list(read_topics()), intents) == []


def test_good_data_has_no_problem(data):
    assert len(WORDS) == len(SANAT) == MINIMUM_EXAMPLES
    assert data.check() == []


def test_examples_are_read_with_intent_language_and_place(data):
    examples, problems = read_examples(data.folder)
    assert problems == []
    assert len(examples) == len(WORDS) + len(SANAT)
    first = examples[0]
    assert (first.text, first.intent, first.language) == ("ett hus", "counselling", "sv")
    assert (first.path, first.line) == ("nlu/sv/group.yml", 6)


def test_an_unknown_intent_is_named_once_a_file(data):
    data.write("sv", "sv", {"counselling": WORDS, "councelling": ["sex hus", "sju hus"]})
    (problem,) = data.texts()
    assert problem == "nlu/sv/group.yml:18: 'councelling' is neither a topic nor an intent of domain.yml"


def test_an_intent_of_the_domain_needs_no_minimum(data):
    data.write("sv", "sv", {"counselling": WORDS, "greet": ["hej"]})
    assert data.check("greet") == []


@pytest.mark.parametrize("language", ["sv", "fi"])
def test_a_topic_with_few_examples_is_named_with_its_language(data, language):
    words = {"sv": WORDS, "fi": SANAT}[language]
    data.write(language, language, {"counselling": words[1:]})
    (problem,) = data.texts()
    assert problem == f"nlu/{language}/group.yml:6: topic 'counselling' has 9 examples; write at least 10"


@pytest.mark.parametrize("language", ["sv", "fi"])
def test_a_topic_without_examples_is_named_with_its_language(data, language):
    data.write(language, language, {"greet": ["hej"]})
    (problem,) = data.check("greet")
    assert str(problem) == f"nlu/{language}: topic 'counselling' has 0 examples; write at least 10"


def test_an_example_that_stands_twice_is_named_with_both_places(data):
    data.write("sv", "sv", {"counselling": [*WORDS, "Ett hus"]})
    (problem,) = data.texts()
    assert problem == "nlu/sv/group.yml:16: 'Ett hus' stands twice, also in nlu/sv/group.yml:6"


def test_the_same_words_under_two_intents_are_a_problem_across_languages_too(data):
    data.write("fi", "fi", {"counselling": SANAT, "greet": ["ETT, hus!"]})
    (problem,) = data.texts("greet")
    assert "stands under 'greet' here and under 'counselling' in nlu/sv/group.yml:6" in problem


def test_a_form_without_dots_is_worth_its_own_example(data):
    data.write("sv", "sv", {"counselling": [*WORDS, "två barn?", "tva barn"]})
    assert data.check() == []


def test_a_file_needs_its_twin_in_the_other_language(data):
    data.write("sv", "sv", {"counselling": ["åtta hus"]}, name="more.yml")
    assert data.texts() == ["nlu/fi/more.yml: the file is missing; it is there in the other language"]


def test_a_missing_language_folder_is_a_problem(data):
    for path in (data.folder / "fi").iterdir():
        path.unlink()
    (data.folder / "fi").rmdir()
    assert "nlu/fi: the folder is missing; each language has its own" in data.texts()


@pytest.mark.parametrize(("stated", "found"), [("fi", "says 'fi'"), (None, "does not say its language")])
def test_a_file_states_the_language_of_its_folder(data, stated, found):
    data.write("sv", stated, {"counselling": WORDS})
    assert data.texts() == [f"nlu/sv/group.yml:1: {found} in its first line; write '# language: sv' or move the file"]


@pytest.mark.parametrize("example", ["[hus](x)", "hus {a}", "ett ] hus"])
def test_brackets_are_refused_because_rasa_reads_them_as_markup(data, example):
    data.write("sv", "sv", {"counselling": [*WORDS, example]})
    (problem,) = data.texts()
    assert "nlu/sv/group.yml:16" in problem
    assert "markup" in problem


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"# language: sv\nnlu: [", "is not valid YAML"),
        (b"# language: sv\n- a\n", "is no Rasa NLU file"),
        (b"# language: sv\nnlu: 5\n", "is no Rasa NLU file"),
        (b"", "is no Rasa NLU file"),
        (b"# language: sv\n\xff\xfe", "is not UTF-8 text"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_problem_and_no_crash(data, content, what):
    data.put("sv/group.yml", content)
    assert any(problem.startswith("nlu/sv/group.yml") and what in problem for problem in data.texts())


def test_all_problems_come_at_once_sorted_by_place(data):
    data.write("sv", "fi", {"counselling": [*WORDS, "ett hus"], "nobody": ["[x]"]})
    data.write("fi", "fi", {"counselling": SANAT[:3]})
    problems = data.check()
    assert len(problems) == 5
    assert problems == sorted(problems, key=lambda item: (item.path, item.line or 0, item.text))
    assert str(TrainingDataInvalid(problems)).count("\n") == 4


def test_folding_leaves_letters_and_digits():
    assert fold_example("  Två BARN, 3 st. (nästan)!") == "tva barn 3 st nastan"
