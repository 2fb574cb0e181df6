"""The intent classifier itself, apart from Rasa: linear machines on words and characters, pooled with embeddings.

Support vector machines see the words; a linear model over sentence embeddings understands words that no example has;
a logarithmic pool of both, fitted on utterances that neither was trained on, gives the confidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedShuffleSplit

from bot.nlu.calibration import fit_factors, to_probabilities
from bot.nlu.earlier import MachineCache
from bot.nlu.embedding import CachedEmbedder, Embedder
from bot.nlu.features import TextFeatures, Utterance, to_keys
from bot.nlu.machines import LinearMachines
from bot.nlu.processes import run_beside
from bot.nlu.semantics import SemanticModel, choose_rows, fit_from_last, fit_from_nothing, order_by_hash
from bot.nlu.term_counts import hash_texts
from bot.nlu.vocabulary import Vocabulary
from knowledge.cache import describe_making

_WORTH_KEEPING = 8_000
"""Examples from which machines are kept for the next training."""
_CODE = ("bot/nlu/machines.py", "bot/nlu/earlier.py")
"""What a machine depends on besides the examples."""
_WORTH_A_PROCESS = 1_500
"""Vectors from which a model over embeddings is worth training in another process."""


@dataclass(frozen=True)
class Options:
    """What the classifier can be told; the defaults were chosen on `bot/validation` (docs/understanding.md).

    Attributes:
        penalty: The machines' `C`; larger follows the examples more closely.
        tolerance: How closely the machines are trained; a finer one changes nothing but the time.
        char_ngrams: Shortest and longest character n-gram.
        char_weight, word_weight, pair_weight: What characters, words and pairs of lemmas are multiplied by.
        embedding_penalty: `C` of the model over embeddings.
        embedding_examples: How many examples of an intent and language are embedded in any case; each costs time.
        validation_examples: How many utterances the confidence is fitted on at the most.
        validation_share: Share of the examples held out for that where no validation utterances are given.
        seed: Of every choice made by chance.
    """

    penalty: float = 1.0
    tolerance: float = 0.01
    char_ngrams: tuple[int, int] = (1, 4)
    char_weight: float = 1.0
    word_weight: float = 0.6
    pair_weight: float = 0.5
    embedding_penalty: float = 10.0
    embedding_examples: int = 15
    validation_examples: int = 400
    validation_share: float = 0.2
    seed: int = 20


@dataclass(frozen=True)
class Examples:
    """Utterances with their intents.

    Attributes:
        utterances: What the features are made of.
        intents: Shape (examples,).
        languages: Of each utterance.
        weights: Shape (examples,); 1 for a written example, less for a variant of one.
        origins: The written example that each is, or is a variant of.
    """

    utterances: Sequence[Utterance]
    intents: NDArray[Any]
    languages: Sequence[str]
    weights: NDArray[Any]
    origins: Sequence[str]

    def take(self, rows: NDArray[Any]) -> Examples:
        """Return the examples at `rows`."""
        return Examples(
            [self.utterances[row] for row in rows],
            self.intents[rows],
            [self.languages[row] for row in rows],
            self.weights[rows],
            [self.origins[row] for row in rows],
        )


@dataclass(frozen=True)
class Reading:
    """What the models say of some utterances.

    Attributes:
        margins: Of the machines on words, and of the model over embeddings where there is one; each of shape
            (utterances, intents).
        vectors: The embeddings, shape (utterances, dimensions); None without an embedding.
    """

    margins: tuple[NDArray[Any], ...]
    vectors: NDArray[np.float32] | None = None


class IntentModel:
    """Learns intents from examples and gives each utterance a calibrated probability an intent."""

    def __init__(
        self, options: Options | None = None, vocabulary: Vocabulary | None = None, keep: bool = False
    ) -> None:
        """Set up an untrained model.

        Args:
            options: The defaults if left out.
            vocabulary: Gives synonyms a common feature.
            keep: Whether what is learnt is kept for the next training, and what the last one kept used. Not where a
                model must not know what another one has seen.
        """
        self._keep = keep
        self._options = options or Options()
        self._vocabulary = vocabulary
        self.classes: NDArray[Any] = np.array([], dtype=str)
        self._features: TextFeatures | None = None
        self._machines: LinearMachines | None = None
        self._semantics: SemanticModel | None = None
        self._factors: tuple[float, ...] = ()

    @property
    def uses_embedding(self) -> bool:
        """Whether `probabilities` needs an embedder."""
        return self._semantics is not None

    def fit(
        self, examples: Examples, validation: Examples | None = None, embedder: Embedder | None = None
    ) -> IntentModel:
        """Learn from examples.

        Args:
            examples: At least two intents.
            validation: Utterances that the confidence is fitted on, none of them among the examples. If left out, a
                share of the examples is held out for it, and the whole is trained once more with all.
            embedder: Turns texts into vectors; without one the machines stand alone.

        Raises:
            ValueError: There are fewer than two intents.
        """
        if len(np.unique(examples.intents)) < 2:
            raise ValueError("a classifier needs examples of at least two intents")
        cached = CachedEmbedder(embedder) if embedder is not None else None
        if validation is None or not len(validation.intents):
            kept, validation = self._hold_out(examples)
            if len(validation.intents):
                self._fit_models(kept, cached, keep=False)
                self._factors = self._fit_factors(validation, cached)
            self._fit_models(examples, cached, self._keep)
        else:
            self._fit_models(examples, cached, self._keep)
            self._factors = self._fit_factors(validation, cached)
        if not self._factors:
            self._factors = (1.0,) * (1 + self.uses_embedding)
        return self

    def _fit_models(self, examples: Examples, embedder: Embedder | None, keep: bool) -> None:
        options = self._options
        self.classes = np.unique(examples.intents)
        self._features = TextFeatures(
            options.char_ngrams,
            options.char_weight,
            options.word_weight,
            options.pair_weight,
            self._vocabulary,
            keep,
        )
        semantics = None
        if embedder is not None:
            chosen = examples.take(self.choose_embedded(examples))
            vectors = embedder.embed([item.text for item in chosen.utterances])
            large = len(vectors) > _WORTH_A_PROCESS
            fit = fit_from_last if large and keep else fit_from_nothing
            semantics = run_beside(large, fit, options.embedding_penalty, vectors, chosen.intents)
        matrix = self._features.fit_transform(examples.utterances)
        self._machines = LinearMachines(options.penalty, options.tolerance, options.seed)
        self._fit_machines(self._machines, self._features, matrix, examples, keep)
        self._semantics = semantics.result() if semantics is not None else None

    def _fit_machines(
        self, machines: LinearMachines, features: TextFeatures, matrix: Any, examples: Examples, keep: bool
    ) -> None:
        """Train the machines; of many examples with what the last training found, if that is wanted."""
        if not keep or len(examples.intents) < _WORTH_KEEPING:
            machines.fit(matrix, examples.intents, examples.weights)
            return
        contents = zip(to_keys(examples.utterances), examples.intents, examples.weights, strict=True)
        keys = hash_texts(f"{key} {intent} {weight}" for key, intent, weight in contents)
        terms = features.terms()
        cache = MachineCache(describe_making(_CODE, ("scikit-learn",), **asdict(self._options)))
        borders = machines.fit(matrix, examples.intents, examples.weights, cache.find(keys, terms))
        cache.keep(keys, terms, machines.weights, machines.offsets, borders)

    def choose_embedded(self, examples: Examples) -> NDArray[Any]:
        """Return the rows of the examples that the model over embeddings learns from."""
        rows = np.flatnonzero(examples.weights == 1.0)
        written = examples.take(rows)
        texts = [item.text for item in written.utterances]
        chosen = choose_rows(texts, written.intents.tolist(), written.languages, self._options.embedding_examples)
        return np.asarray(rows[chosen])

    def _hold_out(self, examples: Examples) -> tuple[Examples, Examples]:
        """Return the examples without a share of the written ones (and their variants), and that share."""
        written = np.flatnonzero(examples.weights == 1.0)
        counts = np.unique(examples.intents[written], return_counts=True)[1]
        nothing = examples.take(np.array([], dtype=int))
        if counts.min() < 5:
            return examples, nothing
        splitter = StratifiedShuffleSplit(
            1,
            test_size=max(self._options.validation_share, len(counts) / len(written)),
            random_state=self._options.seed,
        )
        held = written[next(splitter.split(written, examples.intents[written]))[1]]
        origins = np.array(examples.origins)
        return examples.take(np.flatnonzero(~np.isin(origins, origins[held]))), examples.take(held)

    def _fit_factors(self, validation: Examples, embedder: Embedder | None) -> tuple[float, ...]:
        usable = np.flatnonzero(np.isin(validation.intents, self.classes))
        if not len(usable):
            return ()
        order = order_by_hash([validation.utterances[row].text for row in usable])
        some = validation.take(usable[order[: self._options.validation_examples]])
        return fit_factors(self.read(some.utterances, embedder).margins, np.searchsorted(self.classes, some.intents))

    def read(self, utterances: Sequence[Utterance], embedder: Embedder | None = None) -> Reading:
        """Return what the models say of some utterances.

        Args:
            utterances: At least one.
            embedder: The one that the model was trained with; without it the machines alone speak.
        """
        if self._features is None or self._machines is None:
            raise ValueError("the model is not trained")
        words = self._machines.margins(self._features.transform(utterances))
        if self._semantics is None or embedder is None:
            return Reading((words,))
        vectors = embedder.embed([item.text or " " for item in utterances])
        return Reading((words, self._semantics.logits(vectors)), vectors)

    def probabilities(self, reading: Reading) -> NDArray[Any]:
        """Return shape (utterances, intents), the columns in the order of `classes`."""
        return to_probabilities(reading.margins, self._factors[: len(reading.margins)])
