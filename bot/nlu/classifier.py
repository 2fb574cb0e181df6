"""Rasa component: a linear intent classifier on words, lemmas and characters, with calibrated confidence."""

from __future__ import annotations

from typing import Any

import joblib
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
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from bot.nlu.calibration import fit_temperature, to_probabilities
from bot.nlu.features import TextFeatures, Utterance

_FILE = "classifier.joblib"
_RANKING_LENGTH = 10


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(GraphComponent):
    """One-against-rest support vector machines over TF-IDF features of both languages together.

    One model holds both languages: a Swedish service name in a Finnish sentence is then no stranger.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options with their defaults."""
        return {
            # the machines' penalty; larger follows the examples more closely
            "C": 1.0,
            # shortest and longest character n-gram
            "char_ngrams": [2, 5],
            # what character and word features are multiplied by
            "char_weight": 1.0,
            "word_weight": 1.0,
            # parts of the data that the temperature is fitted over; each costs one more training
            "calibration_folds": 3,
            "random_state": 20,
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
        self._features: TextFeatures | None = None
        self._machine: LinearSVC | None = None
        self._temperature = 1.0

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
        """Load a trained component from a model archive."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            state = joblib.load(folder / _FILE)
        component._features, component._machine, component._temperature = state
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from all examples that have an intent, and store what was learnt."""
        examples = [message for message in training_data.intent_examples if message.get(TEXT)]
        utterances = [to_utterance(message) for message in examples]
        targets = np.array([message.get(INTENT) for message in examples])
        self._features = TextFeatures(
            (self._config["char_ngrams"][0], self._config["char_ngrams"][1]),
            self._config["char_weight"],
            self._config["word_weight"],
        ).fit(utterances)
        matrix = self._features.transform(utterances)
        self._machine = self._make_machine().fit(matrix, targets)
        self._temperature = self._calibrate(matrix, targets)
        with self._model_storage.write_to(self._resource) as folder:
            joblib.dump((self._features, self._machine, self._temperature), folder / _FILE, compress=1)
        return self._resource

    def _make_machine(self) -> LinearSVC:
        return LinearSVC(C=self._config["C"], random_state=self._config["random_state"], dual=True)

    def _calibrate(self, matrix: Any, targets: NDArray[Any]) -> float:
        counts = np.unique(targets, return_counts=True)[1]
        folds = min(self._config["calibration_folds"], int(counts.min()))
        if folds < 2 or len(counts) < 3:
            return 1.0
        classes = np.unique(targets)
        margins = np.zeros((len(targets), len(classes)))
        splitter = StratifiedKFold(folds, shuffle=True, random_state=self._config["random_state"])
        for seen, unseen in splitter.split(matrix, targets):
            machine = self._make_machine().fit(matrix[seen], targets[seen])
            margins[unseen] = machine.decision_function(matrix[unseen])
        return fit_temperature(margins, np.searchsorted(classes, targets))

    def process(self, messages: list[Message]) -> list[Message]:
        """Write the ranking and its first intent on each message."""
        if self._features is None or self._machine is None or not messages:
            return messages
        matrix = self._features.transform([to_utterance(message) for message in messages])
        margins = np.atleast_2d(self._machine.decision_function(matrix))
        if len(self._machine.classes_) == 2:
            margins = np.hstack([-margins.T, margins.T])
        for message, row in zip(messages, to_probabilities(margins, self._temperature), strict=True):
            order = np.argsort(-row, kind="stable")[:_RANKING_LENGTH]
            ranking = [{"name": str(self._machine.classes_[i]), "confidence": float(row[i])} for i in order]
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
