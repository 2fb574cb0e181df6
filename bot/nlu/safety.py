"""Rasa component: deterministic safety triggers, before any classifier.

The triggers are data (`bot/data/safety`), reviewable by a clinician; how they are matched stands in
`bot.nlu.triggers`. What fires is written on the message; `bot.nlu.decision` lets it overrule the classifier. The
trigger data that a model was trained with goes into its archive, so that a model always has its triggers.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.keys import SAFETY
from bot.nlu.triggers import SAFETY_FOLDER, TriggerSet, load_triggers, share_triggers


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SafetyTriggers(GraphComponent):
    """Finds words of danger, and requests for medical advice, in every message."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options with their defaults."""
        return {
            # folder with the trigger files; the project's own if null
            "folder": None,
        }

    def __init__(self, triggers: TriggerSet | None, folder: Path, storage: ModelStorage, resource: Resource) -> None:
        """Set up the component.

        Args:
            triggers: Loaded triggers; None before training.
            folder: Where training takes the trigger files from.
            storage, resource: Where Rasa keeps what the component learns.
        """
        self._triggers = triggers
        self._folder = folder
        self._storage = storage
        self._resource = resource

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SafetyTriggers:
        """Make the component before training (Rasa's constructor)."""
        return cls(None, Path(config["folder"] or SAFETY_FOLDER), model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SafetyTriggers:
        """Load the triggers from a model archive."""
        with model_storage.read_from(resource) as folder:
            triggers = share_triggers(folder)
        return cls(triggers, folder, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Check the trigger files and keep a copy of them in the model.

        Raises:
            TriggerError: With all problems of the files at once.
        """
        self._triggers = load_triggers(self._folder)
        with self._storage.write_to(self._resource) as folder:
            for path in sorted(self._folder.glob("*.yml")):
                shutil.copyfile(path, folder / path.name)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave the training examples alone: the classifier learns them all."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Write the most urgent trigger that fires on each message, with the lines of all that fire."""
        for message in messages:
            matches = self._triggers.match(message.get(TEXT) or "") if self._triggers else []
            if matches:
                first = matches[0]
                dangers = [match for match in matches if match.intent != "medical_advice"] or matches
                lines = dict.fromkeys(line for match in dangers for line in match.lines)
                message.set(
                    SAFETY,
                    {
                        "trigger": first.trigger,
                        "intent": first.intent,
                        "matched": first.matched,
                        "lines": list(lines),
                    },
                    add_to_output=True,
                )
        return messages
