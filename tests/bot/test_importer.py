"""Adding a topic touches two documents and two example files: intent, rule and answer follow."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from rasa.shared.core.constants import RULE_SNIPPET_ACTION_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.training_data.structures import RuleStep, StoryStep
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.constants import INTENT, TEXT

from bot.importer import ANSWER_ACTION, DATA_FOLDER, PROJECT_FOLDER, KnowledgeImporter
from bot.nlu.examples import is_augmented, is_near_danger, is_sentence, is_validation, origin
from bot.nlu.keys import AUGMENTED, DANGEROUS
from bot.training.validate import check_training_data
from knowledge.build import KNOWLEDGE_FOLDER, build_knowledge, read_topics
from knowledge.check import check_folder
from knowledge.engine import open_engine, sqlite_url
from knowledge.store import Knowledge

TOPIC = "ferry_timetable"
DOCUMENTS = {
    "sv": ("När går färjan?", "Färjan till Tankar går klockan tio varje dag om sommaren."),
    "fi": ("Milloin lautta lähtee?", "Lautta Tankariin lähtee kesällä joka päivä kello kymmenen."),
}
DOCUMENT = """---
id: ferry
language: {language}
source: {{title: "Tankar 2026", publisher: "Soite", language: {language}, published: "2026-05"}}
valid: {{from: 2026-05-01}}
---

# Tankar

## {title} {{#{topic}}}
related: [counselling]

{answer}
"""
EXAMPLES = {
    "sv": ["när går färjan", "färjans tidtabell", "hur kommer jag till Tankar"],
    "fi": ["milloin lautta lähtee", "lautan aikataulu", "miten pääsen Tankariin"],
}


class Project:
    """A copy of the project's data and knowledge, and what Rasa imports from it."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.knowledge = folder / "knowledge"
        shutil.copytree(DATA_FOLDER, self.data)
        for name in ("documents", "services"):
            shutil.copytree(KNOWLEDGE_FOLDER / name, self.knowledge / name)

    def add_topic(self) -> None:
        for language, (title, answer) in DOCUMENTS.items():
            document = DOCUMENT.format(language=language, title=title, answer=answer, topic=TOPIC)
            (self.knowledge / "documents" / f"ferry.{language}.md").write_text(document, encoding="utf-8")
            words = [f"{start}{example}" for start in ("", "hej ", "öh ", "nå ") for example in EXAMPLES[language]]
            lines = [f"# language: {language}", 'version: "3.1"', "nlu:", f"- intent: {TOPIC}", "  examples: |"]
            text = "\n".join([*lines, *(f"    - {word}" for word in words)]) + "\n"
            (self.data / "nlu" / language / "ferry.yml").write_text(text, encoding="utf-8")

    def make_importer(self) -> KnowledgeImporter:
        return KnowledgeImporter(
            config_file=str(PROJECT_FOLDER / "config.yml"),
            domain_path=str(PROJECT_FOLDER / "domain.yml"),
            training_data_paths=[str(self.data)],
            knowledge=str(self.knowledge),
        )


def answer_rules(importer: TrainingDataImporter) -> dict[str, StoryStep]:
    """Return the rules whose only action is the answer, by their intent."""
    found = {}
    for step in importer.get_stories().story_steps:
        actions = [event.action_name for event in step.events if isinstance(event, ActionExecuted)]
        intents = [event.intent["name"] for event in step.events if isinstance(event, UserUttered)]
        if ANSWER_ACTION in actions:
            assert actions == [RULE_SNIPPET_ACTION_NAME, ANSWER_ACTION]
            found[intents[0]] = step
    return found


@pytest.fixture(scope="module")
def plain() -> TrainingDataImporter:
    """The project as Rasa's own commands load it: without a data path of its own."""
    return KnowledgeImporter(str(PROJECT_FOLDER / "config.yml"), str(PROJECT_FOLDER / "domain.yml"), ["data"])


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("project"))
    project.add_topic()
    return project


def test_every_topic_is_an_intent_without_entities(plain):
    domain = plain.get_domain()
    assert set(read_topics()) <= set(domain.intents)
    assert all(domain.intent_properties[topic]["used_entities"] == [] for topic in read_topics())


def test_every_topic_has_one_rule_that_answers_it(plain):
    rules = answer_rules(plain)
    assert set(rules) == set(read_topics())
    assert all(isinstance(step, RuleStep) for step in rules.values())


def test_every_intent_that_is_no_topic_has_a_rule_of_its_own(plain):
    handled = {
        event.intent["name"]
        for step in plain.get_stories().story_steps
        for event in step.events
        if isinstance(event, UserUttered)
    }
    assert handled == set(plain.get_domain().intents) - {
        *("back", "restart", "session_start"),
    }


def test_without_a_data_path_that_exists_the_bots_own_data_is_read(plain):
    assert {message.get(INTENT) for message in plain.get_nlu_data().intent_examples} >= set(read_topics())


def test_every_example_has_the_language_of_its_folder(plain):
    by_text = {message.get(TEXT): message.get("metadata") for message in plain.get_nlu_data().intent_examples}
    assert {metadata["language"] for metadata in by_text.values()} == {"sv", "fi"}
    assert by_text["palveluohjaus"]["language"] == "fi"


def test_without_a_seed_there_are_the_written_examples_alone(plain):
    assert not [item for item in plain.get_nlu_data().intent_examples if item.get("metadata").get(AUGMENTED)]


def test_with_a_seed_variants_are_added_that_are_marked_and_always_the_same(tmp_path):
    """Variants exist while training; they never lie in the files."""
    for language, examples in EXAMPLES.items():
        path = tmp_path / "nlu" / language / "ferry.yml"
        path.parent.mkdir(parents=True)
        lines = [f"# language: {language}", 'version: "3.1"', "nlu:", f"- intent: {TOPIC}", "  examples: |"]
        path.write_text("\n".join([*lines, *(f"    - {example}" for example in examples)]) + "\n", encoding="utf-8")

    def read(seed: int) -> list[tuple[str, str | None]]:
        importer = KnowledgeImporter(training_data_paths=str(tmp_path), augmentation_seed=seed, augmentation_share=1.0)
        found = importer.get_nlu_data().intent_examples
        assert {message.get(INTENT) for message in found} == {TOPIC}
        return [(message.get(TEXT), message.get("metadata").get(AUGMENTED)) for message in found]

    written = {example for examples in EXAMPLES.values() for example in examples}
    variants = {text: origin for text, origin in read(1) if origin}
    assert {text for text, origin in read(1) if not origin} == written
    assert variants
    assert set(variants.values()) <= written
    assert not set(variants) & written
    assert read(1) == read(1)
    assert read(1) != read(2)


def test_a_share_of_the_examples_gets_a_variant():
    few, all_ = (
        KnowledgeImporter(augmentation_seed=1, augmentation_share=share).get_nlu_data().intent_examples
        for share in (0.2, 1.0)
    )
    made = [sum(is_augmented(message) for message in messages) for messages in (few, all_)]
    assert 0.15 * made[1] < made[0] < 0.25 * made[1]


def test_validation_utterances_are_marked_and_never_become_examples():
    plain = {message.get(TEXT) for message in KnowledgeImporter().get_nlu_data().intent_examples}
    found = KnowledgeImporter(augmentation_seed=1, validation=True).get_nlu_data().intent_examples
    marked = {message.get(TEXT) for message in found if is_validation(message)}
    assert marked
    assert not marked & plain
    assert not [message for message in found if is_validation(message) and is_augmented(message)]
    assert {origin(message) for message in found if not is_validation(message)} == plain


def test_validation_sentences_say_whether_they_are_dangers():
    found = KnowledgeImporter(validation=True).get_nlu_data().intent_examples
    sentences = [message for message in found if is_sentence(message)]
    assert all(is_validation(message) for message in sentences)
    for language in ("sv", "fi"):
        kinds = {
            (message.get("metadata")[DANGEROUS], message.get(INTENT).startswith("danger_"))
            for message in sentences
            if message.get("metadata")["language"] == language
        }
        assert kinds == {(True, True), (False, False)}


def test_harmless_examples_in_the_words_of_danger_are_known_by_their_file():
    found = KnowledgeImporter(augmentation_seed=1).get_nlu_data().intent_examples
    near = [message for message in found if is_near_danger(message)]
    assert {message.get("metadata")["language"] for message in near} == {"sv", "fi"}
    assert not [message for message in near if is_augmented(message) or message.get(INTENT).startswith("danger_")]


def test_a_file_outside_the_language_folders_has_no_language(tmp_path):
    path = tmp_path / "nlu.yml"
    path.write_text('version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - hej\n', encoding="utf-8")
    (message,) = KnowledgeImporter(training_data_paths=str(path)).get_nlu_data().intent_examples
    assert message.get("metadata")["language"] is None


def test_the_extended_project_has_no_problem(extended):
    assert check_folder(extended.knowledge, extended.data / "nlu") == []
    intents = read_topics(extended.knowledge)
    others = [name for name in Domain.load(str(PROJECT_FOLDER / "domain.yml")).intents if name not in intents]
    assert check_training_data(extended.data / "nlu", list(intents), others) == []


def test_a_new_topic_becomes_an_intent_with_examples_in_both_languages(extended):
    importer = extended.make_importer()
    assert TOPIC in importer.get_domain().intents
    found = [message for message in importer.get_nlu_data().intent_examples if message.get(INTENT) == TOPIC]
    languages = {message.get(TEXT): message.get("metadata")["language"] for message in found}
    assert languages["färjans tidtabell"] == "sv"
    assert languages["lautan aikataulu"] == "fi"


def test_a_new_topic_becomes_a_rule_and_nothing_else_changes(extended, plain):
    rules = answer_rules(extended.make_importer())
    assert set(rules) - set(answer_rules(plain)) == {TOPIC}
    assert ANSWER_ACTION in extended.make_importer().get_domain().action_names_or_texts


@pytest.mark.parametrize("language", ["sv", "fi"])
def test_a_new_topic_becomes_an_answer_with_source_and_date(extended, tmp_path, language):
    engine = open_engine(sqlite_url(tmp_path / "knowledge.db"))
    build_knowledge(engine, extended.knowledge)
    answer = Knowledge(engine).fetch_answer(TOPIC, language)
    engine.dispose()
    assert answer is not None
    assert (answer.title, answer.lead) == DOCUMENTS[language]
    assert (answer.source.title, answer.source.published) == ("Tankar 2026", "2026-05")


def test_without_the_topic_none_of_it_is_there(plain):
    assert TOPIC not in plain.get_domain().intents
    assert TOPIC not in answer_rules(plain)


def test_a_new_example_changes_no_other_variant(tmp_path):
    folder = tmp_path / "nlu" / "sv"
    folder.mkdir(parents=True)
    texts = [f"jag vill boka en tandläkartid klockan {number}" for number in range(40)]

    def read(examples: list[str]) -> dict[str, str]:
        head = ['version: "3.1"', "nlu:", "- intent: oral_health", "  examples: |"]
        lines = [*head, *(f"    - {text}" for text in examples)]
        (folder / "health.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        found = KnowledgeImporter(training_data_paths=str(tmp_path), augmentation_seed=1).get_nlu_data()
        return {origin(item): item.get(TEXT) for item in found.training_examples if is_augmented(item)}

    before = read(texts)
    after = read(["när har tandläkaren öppet i dag", *texts])
    assert before
    assert {text: after.get(text) for text in before} == before
