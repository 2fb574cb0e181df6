"""Cross-validation of the intent classifier over the training examples, without Rasa's archive.

Trained as in the pipeline of `config.yml`: the same examples, variants, options, embedding and utterances for the
confidence. A variant of a held example is never trained on, nor is an example with the same words in the other
language. What is known here and not in a conversation is the language of the utterance: that of its file.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.importer import DATA_FOLDER, PROJECT_FOLDER, KnowledgeImporter
from bot.nlu.calibration import expected_calibration_error
from bot.nlu.classifier import LinearIntentClassifier, to_utterance
from bot.nlu.embedding import CachedEmbedder, Embedder, load_embedder
from bot.nlu.examples import is_augmented, is_sentence, is_validation, origin
from bot.nlu.intent_model import Examples, IntentModel, Options
from bot.nlu.keys import LANGUAGE
from bot.nlu.tokenizer import BilingualTokenizer
from bot.training.outcomes import Progress
from bot.training.scores import macro_f1
from bot.training.validate import fold_example
from knowledge.languages import LANGUAGES

SEED = 20
CONFIG_FILE = PROJECT_FOLDER / "config.yml"


@dataclass(frozen=True)
class Spread:
    """Mean and sample standard deviation over the folds."""

    mean: float
    deviation: float


@dataclass(frozen=True)
class FoldScores:
    """Figures of one language in one fold."""

    examples: int
    accuracy: float
    macro_f1: float
    calibration_error: float


@dataclass(frozen=True)
class CrossValidatedScores:
    """Figures of one language over all folds."""

    accuracy: Spread
    macro_f1: Spread
    calibration_error: Spread


@dataclass(frozen=True)
class CrossValidation:
    """What a cross-validation found.

    Attributes:
        examples: Written examples; each is held out once.
        by_fold: For each fold, the figures by language.
    """

    folds: int
    examples: int
    seed: int
    languages: dict[str, CrossValidatedScores]
    by_fold: tuple[dict[str, FoldScores], ...]


@dataclass(frozen=True)
class Fold:
    """Rows of the examples: what is trained on, variants among it, and what is held out."""

    train: NDArray[Any]
    held: NDArray[Any]


def cross_validate(
    folds: int,
    folder: Path = DATA_FOLDER / "nlu",
    config: Path = CONFIG_FILE,
    seed: int = SEED,
    progress: Progress | None = None,
) -> CrossValidation:
    """Train and measure the classifier once for each fold.

    Args:
        folds: How many, two at the least.
        folder: Training examples, with `sv/` and `fi/`.
        config: Rasa's configuration, for the classifier's options and the importer's.
        seed: Of the division into folds.
        progress: Told after each fold.

    Raises:
        ValueError: There are too few examples for so many folds.
        EmbeddingUnavailable: The embedding of the configuration cannot be used here.
    """
    written = yaml.safe_load(config.read_text(encoding="utf-8"))
    settings = _component(written, LinearIntentClassifier)
    examples, validation = _read(folder, config, written, settings)
    divided = divide(examples, folds, seed)
    options = Options(**{field.name: settings[field.name] for field in dataclasses.fields(Options)})
    loaded = load_embedder(settings["embedding"])
    embedder = CachedEmbedder(loaded) if loaded is not None else None
    scores = []
    for number, fold in enumerate(divided, start=1):
        model = IntentModel(options).fit(examples.take(fold.train), validation, loaded)
        scores.append(_score(model, examples.take(fold.held), embedder))
        if progress:
            progress(number, folds)
    return summarise(scores, sum(len(fold.held) for fold in divided), seed)


def _component(written: dict[str, Any], component: type[Any]) -> dict[str, Any]:
    """Return a component's options as configured, over its defaults."""
    name = f"{component.__module__}.{component.__name__}"
    configured: dict[str, Any] = next((item for item in written["pipeline"] if item["name"] == name), {})
    settings: dict[str, Any] = {**component.get_default_config(), **configured}
    return {key: tuple(value) if isinstance(value, list) else value for key, value in settings.items()}


def _read(
    folder: Path, config: Path, written: dict[str, Any], settings: dict[str, Any]
) -> tuple[Examples, Examples | None]:
    """Return all examples with their variants, and the utterances that the confidence is fitted on."""
    name = f"{KnowledgeImporter.__module__}.{KnowledgeImporter.__name__}"
    given: dict[str, Any] = next((dict(item) for item in written["importers"] if item["name"] == name), {})
    given.pop("name", None)
    importer = KnowledgeImporter(str(config), training_data_paths=[str(folder)], **given)
    messages = [message for message in importer.get_nlu_data().training_examples if message.get(INTENT)]
    examples = [message for message in messages if not is_validation(message)]
    intents = {message.get(INTENT) for message in examples}
    known = {fold_example(message.get(TEXT)) for message in examples}
    validation = [
        message
        for message in messages
        if is_validation(message)
        and not is_sentence(message)
        and message.get(INTENT) in intents
        and fold_example(message.get(TEXT)) not in known
    ]
    for message in [*examples, *validation]:
        message.set(LANGUAGE, (message.get("metadata") or {}).get("language"))
    tokenizer = BilingualTokenizer(_component(written, BilingualTokenizer))
    tokenizer.process([*examples, *validation])
    lesser = settings["augmented_weight"]
    return _to_examples(examples, lesser), _to_examples(validation, lesser) if validation else None


def _to_examples(messages: Sequence[Message], lesser: float) -> Examples:
    return Examples(
        utterances=[to_utterance(message) for message in messages],
        intents=np.array([message.get(INTENT) for message in messages], dtype=str),
        languages=[str(message.get(LANGUAGE)) for message in messages],
        weights=np.array([lesser if is_augmented(message) else 1.0 for message in messages]),
        origins=[origin(message) for message in messages],
    )


def divide(examples: Examples, folds: int, seed: int = SEED) -> tuple[Fold, ...]:
    """Divide examples into folds, stratified by intent and language.

    Only written examples are held out. Whatever has the same words but for case, diacritics and punctuation, or is a
    variant of such an example, stays on the same side.

    Args:
        examples: Written ones and their variants; the words of a written one are its own origin.
        folds: How many.
        seed: The same one divides in the same way.

    Raises:
        ValueError: Fewer than two folds, or an intent with fewer examples in a language than folds.
    """
    own = zip(examples.utterances, examples.origins, strict=True)
    written = np.array([row for row, (utterance, text) in enumerate(own) if utterance.text == text], dtype=int)
    strata = np.array([f"{examples.intents[row]} in {examples.languages[row]}" for row in written])
    names, counts = np.unique(strata, return_counts=True)
    if folds < 2:
        raise ValueError(f"{folds} folds are too few; cross-validation needs two or more")
    if not len(counts) or counts.min() < folds:
        least = f"{names[counts.argmin()]} has {counts.min()}" if len(counts) else "there are none"
        raise ValueError(f"too few examples for {folds} folds: {least}; choose fewer folds")
    keys = np.array([fold_example(text) for text in examples.origins])
    dealt = _deal(keys[written], strata, folds, np.random.default_rng(seed))
    numbers = np.array([dealt[key] for key in keys])
    return tuple(
        Fold(np.flatnonzero(numbers != number), written[numbers[written] == number]) for number in range(folds)
    )


def _deal(keys: NDArray[Any], strata: NDArray[Any], folds: int, generator: np.random.Generator) -> dict[str, int]:
    """Return the fold of each key: by chance, yet as many of each stratum in one fold as in another.

    scikit-learn's StratifiedGroupKFold keeps groups together too, but leaves small strata out of some folds.
    """
    fold_of: dict[str, int] = {}
    sizes = np.zeros(folds, dtype=int)
    for stratum in np.unique(strata):
        here = keys[strata == stratum]
        counts = np.bincount([fold_of[key] for key in here if key in fold_of], minlength=folds)
        for key in generator.permutation(here):
            if key not in fold_of:
                number = int(np.lexsort((sizes, counts))[0])
                fold_of[key] = number
                counts[number] += 1
                sizes[number] += 1
    return fold_of


def _score(model: IntentModel, held: Examples, embedder: Embedder | None) -> dict[str, FoldScores]:
    chances = model.probabilities(model.read(held.utterances, embedder))
    predicted = model.classes[chances.argmax(axis=1)]
    return score_fold(held.intents, predicted, chances.max(axis=1), held.languages)


def score_fold(
    intents: NDArray[Any], predicted: NDArray[Any], confidence: NDArray[Any], languages: Sequence[str]
) -> dict[str, FoldScores]:
    """Return the figures of one fold by language; all arguments of shape (held examples,)."""
    scores = {}
    for language in LANGUAGES:
        rows = np.flatnonzero(np.array(languages) == language)
        correct = predicted[rows] == intents[rows]
        scores[str(language)] = FoldScores(
            len(rows),
            float(correct.mean()),
            macro_f1(intents[rows].tolist(), predicted[rows].tolist()),
            expected_calibration_error(confidence[rows], correct.astype(float)),
        )
    return scores


def summarise(scores: Sequence[dict[str, FoldScores]], examples: int, seed: int = SEED) -> CrossValidation:
    """Return mean and standard deviation of the folds' figures, by language."""

    def spread(language: str, key: str) -> Spread:
        values = [getattr(fold[language], key) for fold in scores]
        return Spread(float(np.mean(values)), float(np.std(values, ddof=1)))

    languages = {
        str(language): CrossValidatedScores(
            spread(language, "accuracy"), spread(language, "macro_f1"), spread(language, "calibration_error")
        )
        for language in LANGUAGES
    }
    return CrossValidation(len(scores), examples, seed, languages, tuple(scores))
