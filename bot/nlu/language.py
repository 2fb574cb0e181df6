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

from bot.nlu.detection import detect_language
from bot.nlu.keys import DETECTED, LANGUAGE, PRIOR
from knowledge.languages import DEFAULT_LANGUAGE, as_language
from knowledge.lemmas import normalise


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class LanguageIdentifier(GraphComponent):
    """Finds the language of a message; the first component of the pipeline."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options with their defaults."""
        return {
            # how many times likelier the conversation's language is before the text is read
            "prior_weight": 4.0,
            # probability from which a text counts as written in a language that is not served
            "foreign_bar": 0.9,
            # a text of fewer words never counts as foreign
            "foreign_words": 3,
        }

    def __init__(self, config: dict[str, Any]) -> None:
        """Keep the options.

        Args:
            config: See `get_default_config`.
        """
        self._config = config

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageIdentifier:
        """Make the component (Rasa's constructor)."""
        return cls(config)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Write each example's language: that of its file, or the detected one where the file does not say."""
        for message in training_data.training_examples:
            stated = as_language((message.get("metadata") or {}).get("language"))
            text = normalise(message.get(TEXT) or "")
            language = stated or detect_language(text, None).language
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
                self._config["foreign_bar"],
                self._config["foreign_words"],
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
