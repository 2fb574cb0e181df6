"""The language of a message: Swedish or Finnish, with the conversation so far as prior; others only recognised."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.importer import DATA_FOLDER
from bot.nlu.detection import Detection, LanguageScorer, detect_language
from bot.nlu.keys import DETECTED, LANGUAGE
from bot.nlu.language import LanguageIdentifier
from bot.training.examples import Example, read_examples
from knowledge.languages import Language

SWEDISH = [
    "Vart ska jag ringa om mamma inte klarar sig hemma?",
    "hur får man tid till tandläkaren",
    "Ja bor i Nedervetil å undrar var närmaste hälsostation finns",
]
FINNISH = [
    "Mihin soitan, kun äiti ei enää pärjää kotona?",
    "miten saan ajan hammaslääkärille",
    "mist mä saan apua ku ei jaksa enää",
]
ENGLISH = "What services do you offer for elderly people?"
SCRIPTS = [("Как записаться к врачу?", "ru"), ("أين الطبيب", "ar"), ("医生在哪里", "zh"), ("병원이 어디예요", "ko")]


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    return read_examples(DATA_FOLDER / "nlu")[0]


@pytest.fixture(scope="module")
def scorer(examples: list[Example]) -> LanguageScorer:
    """What the project's own examples teach."""
    return LanguageScorer().fit([item.text for item in examples], [item.language for item in examples])


@pytest.mark.parametrize("text", SWEDISH)
@pytest.mark.parametrize("prior", [None, "sv", "fi"])
def test_a_swedish_sentence_is_swedish_whatever_was_spoken_before(scorer, text, prior):
    assert detect_language(text, prior).language == "sv"
    assert detect_language(text, prior, scorer=scorer).language == "sv"


@pytest.mark.parametrize("text", FINNISH)
@pytest.mark.parametrize("prior", [None, "sv", "fi"])
def test_a_finnish_sentence_is_finnish_whatever_was_spoken_before(scorer, text, prior):
    assert detect_language(text, prior).language == "fi"
    assert detect_language(text, prior, scorer=scorer).language == "fi"


def test_the_examples_teach_what_lingua_does_not_know(scorer):
    """A Swedish service name within a Finnish question, as bilingual residents write."""
    text = "voiko rådgivningeniin soittaa suomeksi"
    assert detect_language(text, "sv", scorer=scorer).language == "fi"
    assert scorer.log_odds("jag vill boka tid") > 0 > scorer.log_odds("haluan varata ajan")


def test_nearly_every_example_is_read_in_its_own_language_on_a_page_in_the_other(scorer, examples):
    other: dict[Language, Language] = {"sv": "fi", "fi": "sv"}
    sentences = [item for item in examples[::7] if len(item.text.split()) >= 4]
    wrong = [
        item.text
        for item in sentences
        if detect_language(item.text, other[item.language], scorer=scorer).language != item.language
    ]
    assert len(wrong) <= 0.03 * len(sentences), wrong


@pytest.mark.parametrize("text", ["", " ", "112", "😀😀", "?!", "a b c", "09 2525 0111"])
@pytest.mark.parametrize("prior", ["sv", "fi"])
def test_a_text_without_words_keeps_the_language_of_the_conversation(scorer, text, prior):
    assert detect_language(text, prior, scorer=scorer) == Detection(prior, prior)


def test_without_prior_and_words_the_default_holds():
    assert detect_language("112", None, default="fi").language == "fi"


def test_letter_case_and_punctuation_make_no_difference(scorer):
    plain = detect_language("mihin soitan kun tarvitsen apua", None, scorer=scorer)
    assert detect_language("MIHIN SOITAN, KUN TARVITSEN APUA?!", None, scorer=scorer) == plain


@pytest.mark.parametrize(("text", "code"), SCRIPTS)
@pytest.mark.parametrize("prior", ["sv", "fi"])
def test_another_script_is_recognised_and_answered_in_the_language_of_the_conversation(text, code, prior):
    assert detect_language(text, prior) == Detection(prior, code)


def test_a_foreign_name_within_a_finnish_sentence_leaves_it_finnish():
    assert detect_language("Vaimoni Наталья tarvitsee ajan lääkärille", None).detected == "fi"


@pytest.mark.parametrize("prior", ["sv", "fi"])
def test_english_is_recognised_and_answered_in_the_language_of_the_conversation(scorer, prior):
    assert detect_language(ENGLISH, prior, scorer=scorer) == Detection(prior, "en")


def test_two_english_words_are_no_foreign_language():
    assert detect_language("help please", "fi").detected in ("sv", "fi")


def test_more_weight_on_the_prior_holds_a_short_text_longer():
    assert detect_language("jag vill", "fi", prior_weight=1.0).language == "sv"
    assert detect_language("jag vill", "fi", prior_weight=1e9).language == "fi"


class Component:
    """The component around it, with a storage of its own."""

    def __init__(self, folder: Path) -> None:
        self.storage = LocalModelStorage.create(folder)
        self.resource = Resource("language")
        self.context = ExecutionContext(GraphSchema({}), model_id="test")

    def create(self, **config: object) -> LanguageIdentifier:
        options = {**LanguageIdentifier.get_default_config(), **config}
        return LanguageIdentifier.create(options, self.storage, self.resource, self.context)

    def load(self) -> LanguageIdentifier:
        options = LanguageIdentifier.get_default_config()
        return LanguageIdentifier.load(options, self.storage, self.resource, self.context)


@pytest.fixture
def component(tmp_path: Path) -> Component:
    return Component(tmp_path)


def read(identifier: LanguageIdentifier, text: str, **metadata: object) -> Message:
    message = Message({TEXT: text, "metadata": metadata})
    identifier.process([message])
    return message


def test_defaults():
    assert LanguageIdentifier.get_default_config() == {
        "prior_weight": 4.0,
        "foreign_bars": {"en": 0.6, "et": 0.6, "nb": 0.8, "da": 0.8},
        "foreign_words": 4,
    }


def test_it_writes_language_detected_language_and_the_entity_of_the_slot(component):
    message = read(component.create(), ENGLISH, language="fi")
    assert (message.get(LANGUAGE), message.get(DETECTED)) == ("fi", "en")
    (entity,) = message.get(ENTITIES)
    assert (entity["entity"], entity["value"]) == ("language", "fi")


def test_what_it_writes_reaches_the_tracker(component):
    message = read(component.create(), "hej på dig")
    assert {LANGUAGE, DETECTED, ENTITIES, INTENT} <= set(message.as_dict(only_output_properties=True))


def test_entities_of_other_components_stay(component):
    message = Message({TEXT: "hej på dig", ENTITIES: [{"entity": "town", "value": "Vetil"}]})
    component.create().process([message])
    assert [entity["entity"] for entity in message.get(ENTITIES)] == ["town", "language"]


@pytest.mark.parametrize("prior", [None, "xx", "", 5, {"a": 1}])
def test_an_unusable_prior_is_none(component, prior):
    assert read(component.create(), "mihin soitan kun tarvitsen apua", language=prior).get(LANGUAGE) == "fi"


def test_a_training_example_has_the_language_of_its_file(component):
    stated = Message({TEXT: "mihin soitan kun tarvitsen apua", INTENT: "x", "metadata": {"language": "sv"}})
    unstated = Message({TEXT: "mihin soitan kun tarvitsen apua", INTENT: "x"})
    component.create().process_training_data(TrainingData([stated, unstated]))
    assert (stated.get(LANGUAGE), unstated.get(LANGUAGE)) == ("sv", "fi")


def test_the_bar_for_foreign_languages_can_be_raised(component):
    assert read(component.create(foreign_bars={}), ENGLISH, language="fi").get(DETECTED) in ("sv", "fi")


@pytest.mark.parametrize("text", ["Soite", "Kannus", "OmaSoite", "Toholampi?", "info", "taxi", "soite info"])
@pytest.mark.parametrize("prior", ["sv", "fi"])
def test_names_and_loans_keep_the_conversations_language(component, examples, text, prior):
    messages = [
        Message({TEXT: item.text, INTENT: item.intent, "metadata": {"language": item.language}})
        for item in examples[::20]
    ]
    names = {"name": "name", "elements": ["Soite", "Kannus", "OmaSoite", "Toholampi", "info", "taxi"]}
    trained = component.create()
    trained.train(TrainingData(messages, lookup_tables=[names]))
    assert read(trained, text, language=prior).get(LANGUAGE) == prior
    assert read(trained, "tandläkare", language="fi").get(LANGUAGE) == "sv"


@pytest.mark.parametrize(
    "text",
    [
        "what is soite and where can I find help",
        "where is the hospital",
        "can you help me please",
        "hello, do you speak English?",
        "jeg har brug for en læge",
        "kuidas ma saan arsti juurde aja",
    ],
)
@pytest.mark.parametrize("prior", ["sv", "fi"])
def test_a_short_foreign_question_is_known_as_such(component, text, prior):
    assert read(component.create(), text, language=prior).get(DETECTED) not in ("sv", "fi")


def test_what_it_learnt_is_in_the_model_archive(component, examples):
    words = [
        Message({TEXT: item.text, INTENT: item.intent, "metadata": {"language": item.language}})
        for item in examples[::20]
    ]
    trained = component.create()
    trained.train(TrainingData(words))
    untrained, loaded = component.create(), component.load()
    short = [item.text for item in examples[::9] if len(item.text.split()) < 3]
    assert [read(loaded, text).get(LANGUAGE) for text in short] == [read(trained, text).get(LANGUAGE) for text in short]
    assert [read(loaded, text).get(LANGUAGE) for text in short] != [
        read(untrained, text).get(LANGUAGE) for text in short
    ]


@pytest.mark.parametrize("languages", [[], ["sv"], [None, None]])
def test_without_examples_in_both_languages_lingua_stands_alone(component, languages):
    """As with `rasa train nlu --nlu one_file.yml`."""
    data = TrainingData([Message({TEXT: "hej", INTENT: "greet", "metadata": {"language": item}}) for item in languages])
    component.create().train(data)
    assert read(component.load(), "mihin soitan kun tarvitsen apua").get(LANGUAGE) == "fi"
