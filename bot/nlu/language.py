"""Rasa component: the language of each message, with the conversation's language as prior.

It writes the language on the message and, as an entity, into the slot `language` (a `from_entity` mapping), so that
intents and rules need not know languages.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import packing
from bot.nlu.detection import FOREIGN_BARS, LanguageScorer, detect_language
from bot.nlu.examples import is_written
from bot.nlu.keys import DETECTED, LANGUAGE, PRIOR
from knowledge.languages import DEFAULT_LANGUAGE, LANGUAGES, Language, as_language
from knowledge.lemmas import normalise

_FILE = "language.joblib"
_NAMES = "name"
"""The lookup table of names and loans that are the same in both languages."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=True)
class LanguageIdentifier(GraphComponent):
    """Finds the language of a message; the first component of the pipeline."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options with their defaults."""
        return {
            # how many times likelier the conversation's language is before the text is read
            "prior_weight": 4.0,
            # probability from which a text counts as written in a language that is not served
            "foreign_bars": dict(FOREIGN_BARS),
            # a text of fewer words never counts as foreign
            "foreign_words": 4,
        }

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        """Set up an untrained component.

        Args:
            config: See `get_default_config`.
            model_storage, resource: Where Rasa keeps what the component learns.
        """
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._scorer: LanguageScorer | None = None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageIdentifier:
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
    ) -> LanguageIdentifier:
        """Load a trained component from a model archive."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._scorer = packing.load(folder / _FILE)
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the two languages from the written examples whose file states theirs; from none if one lacks."""
        stated = [
            (message.get(TEXT), language)
            for message in training_data.training_examples
            if message.get(TEXT) and is_written(message) and (language := _stated_language(message))
        ]
        languages = [language for _, language in stated]
        if set(languages) == set(LANGUAGES):
            tables = [table for table in training_data.lookup_tables if table["name"] == _NAMES]
            names = [str(word) for table in tables for word in table["elements"]]
            self._scorer = LanguageScorer().fit([text for text, _ in stated], languages, names)
        with self._model_storage.write_to(self._resource) as folder:
            packing.store(self._scorer, folder / _FILE)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Write each example's language: that of its file, or the detected one where the file does not say."""
        for message in training_data.training_examples:
            text = normalise(message.get(TEXT) or "")
            language = _stated_language(message) or detect_language(text, None, scorer=self._scorer).language
            message.set(LANGUAGE, language)
            message.set(DETECTED, language)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Write language and detected language on each message, and the entity that fills the slot."""
        for message in messages:
            prior = as_language((message.get("metadata") or {}).get(PRIOR))
            detection = detect_language(
                normalise(message.get(TEXT) or ""),
                prior,
                DEFAULT_LANGUAGE,
                self._config["prior_weight"],
                self._config["foreign_bars"],
                self._config["foreign_words"],
                self._scorer,
            )
            message.set(LANGUAGE, detection.language, add_to_output=True)
            message.set(DETECTED, detection.detected, add_to_output=True)
            entity = {
                "entity": LANGUAGE,
                "value": detection.language,
                "start": 0,
                "end": 0,
                "extractor": type(self).__name__,
            }
            message.set(ENTITIES, [*(message.get(ENTITIES) or []), entity], add_to_output=True)
            message.set(INTENT, message.get(INTENT) or {"name": None, "confidence": 0.0}, add_to_output=True)
        return messages


def _stated_language(message: Message) -> Language | None:
    return as_language((message.get("metadata") or {}).get("language"))
