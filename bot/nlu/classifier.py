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
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.svm import LinearSVC

from bot.nlu.calibration import fit_temperature, to_probabilities
from bot.nlu.features import TextFeatures, Utterance
from bot.nlu.keys import AUGMENTED

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
            # how closely the machines are trained; a finer one changes nothing but the time
            "tolerance": 0.01,
            # what a variant made by `bot.augmentation` weighs beside a written example
            "augmented_weight": 0.4,
            # share of the written examples that the temperature is fitted on, by machines that have not seen them
            "calibration_share": 0.2,
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
        weights = np.array([self._config["augmented_weight"] if _is_augmented(item) else 1.0 for item in examples])
        self._features = TextFeatures(
            (self._config["char_ngrams"][0], self._config["char_ngrams"][1]),
            self._config["char_weight"],
            self._config["word_weight"],
        ).fit(utterances)
        matrix = self._features.transform(utterances)
        self._machine, self._temperature = self._fit(matrix, targets, weights, [_origin(item) for item in examples])
        with self._model_storage.write_to(self._resource) as folder:
            joblib.dump((self._features, self._machine, self._temperature), folder / _FILE, compress=1)
        return self._resource

    def _fit(
        self, matrix: Any, targets: NDArray[Any], weights: NDArray[Any], origins: list[str]
    ) -> tuple[LinearSVC, float]:
        """Train the machines and fit the temperature, side by side.

        Args:
            matrix: Shape (examples, features).
            targets: Shape (examples,); the intents.
            weights: Shape (examples,); below 1 for variants.
            origins: The written example of each row; no variant of a held-out example is trained on.
        """
        held_out = self._choose_held_out(targets, weights, origins)
        seen = ~np.isin(origins, np.array(origins)[held_out])
        jobs = [(matrix, targets, weights), (matrix[seen], targets[seen], weights[seen])]
        if len(held_out) == 0:
            jobs = jobs[:1]
        machines = joblib.Parallel(n_jobs=len(jobs), prefer="threads")(
            joblib.delayed(self._make_machine().fit)(rows, wanted, sample_weight=weight)
            for rows, wanted, weight in jobs
        )
        if len(held_out) == 0:
            return machines[0], 1.0
        margins = machines[1].decision_function(matrix[held_out])
        return machines[0], fit_temperature(margins, np.searchsorted(machines[1].classes_, targets[held_out]))

    def _make_machine(self) -> LinearSVC:
        return LinearSVC(
            C=self._config["C"], tol=self._config["tolerance"], random_state=self._config["random_state"], dual=True
        )

    def _choose_held_out(self, targets: NDArray[Any], weights: NDArray[Any], origins: list[str]) -> NDArray[Any]:
        """Return the rows that the temperature is fitted on; none where there are too few examples to spare."""
        written = np.flatnonzero(weights == 1.0)
        counts = np.unique(targets[written], return_counts=True)[1]
        if len(counts) < 3 or counts.min() < 5:
            return np.array([], dtype=int)
        splitter = StratifiedShuffleSplit(
            1, test_size=self._config["calibration_share"], random_state=self._config["random_state"]
        )
        return np.asarray(written[next(splitter.split(written, targets[written]))[1]])

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


def _is_augmented(message: Message) -> bool:
    return bool((message.get("metadata") or {}).get(AUGMENTED))


def _origin(message: Message) -> str:
    return str((message.get("metadata") or {}).get(AUGMENTED) or message.get(TEXT))
