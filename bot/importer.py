"""Adds every knowledge topic to Rasa's training data: the topic's intent and the rule that answers it.

Stands in `config.yml` under `importers` and works with Rasa's own commands. Adding a topic touches its two documents
and its two example files, nothing else. Examples are read from `nlu/<language>/<group>.yml` and carry the language of
their folder.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers import utils
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.augmentation import augment
from bot.nlu.keys import AUGMENTED
from knowledge.build import KNOWLEDGE_FOLDER, read_topics
from knowledge.languages import LANGUAGES, as_language
from knowledge.lemmas import fold

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
DATA_FOLDER = Path(__file__).resolve().parent / "data"
ANSWER_ACTION = "action_answer"


class KnowledgeImporter(RasaFileImporter):
    """Rasa's file importer, with the knowledge's topics added."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
        knowledge: str | None = None,
        augmentation_seed: int | None = None,
    ) -> None:
        """Set up the importer (Rasa's constructor).

        Args:
            config_file, domain_path, training_data_paths: As Rasa's own importer takes them; where no data path is
                given or none exists, `bot/data` is read, so that a plain `rasa train` works.
            knowledge: The folder with `documents/`; the project's own if left out.
            augmentation_seed: Adds variants of the examples (`bot.augmentation`), made with this seed; none if left
                out.
        """
        given = [training_data_paths] if isinstance(training_data_paths, str) else list(training_data_paths or [])
        existing = [path for path in given if Path(path).exists()]
        super().__init__(config_file, domain_path, existing or [str(DATA_FOLDER)])
        self._knowledge = Path(knowledge) if knowledge else KNOWLEDGE_FOLDER
        self._augmentation_seed = augmentation_seed

    def get_domain(self) -> Domain:
        """Return the domain with one intent a topic added."""
        topics: list[dict[str, Any]] = [{topic: {"use_entities": []}} for topic in self._topics()]
        return super().get_domain().merge(Domain.from_dict({"intents": topics}))

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        """Return the written rules and stories, and the answer rule of each topic."""
        rules = [
            {"rule": f"answer {topic}", "steps": [{"intent": topic}, {"action": ANSWER_ACTION}]}
            for topic in self._topics()
        ]
        reader = YAMLStoryReader(self.get_domain())
        steps = reader.read_from_parsed_yaml({"version": "3.1", "rules": rules})
        return super().get_stories(exclusion_percentage).merge(StoryGraph(steps))

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """Return all examples, each with the language of its folder in its metadata."""
        merged = TrainingData()
        for folder, files in self._files_by_language():
            data = _read_nlu(files, folder or str(language))
            for message in data.training_examples:
                message.set("metadata", {**(message.get("metadata") or {}), "language": folder})
            merged = merged.merge(data)
        if self._augmentation_seed is None:
            return merged
        return merged.merge(TrainingData(_augmented(merged.intent_examples, self._augmentation_seed)))

    def _files_by_language(self) -> Iterable[tuple[str | None, list[str]]]:
        by_language: dict[str | None, list[str]] = {}
        for path in self._nlu_files:
            folder = Path(path).parent.name
            by_language.setdefault(folder if folder in LANGUAGES else None, []).append(path)
        return sorted(by_language.items(), key=lambda item: str(item[0]))

    def _topics(self) -> list[str]:
        return list(read_topics(self._knowledge))


def _augmented(examples: list[Message], seed: int) -> list[Message]:
    """Return variants of the examples, marked as such; none has the words of an example or of another variant."""
    generator = random.Random(seed)  # noqa: S311
    seen = {fold(message.get(TEXT)) for message in examples}
    variants = []
    for message in examples:
        metadata = message.get("metadata") or {}
        language = as_language(metadata.get("language"))
        text = augment(message.get(TEXT), language, generator) if language else message.get(TEXT)
        if fold(text) not in seen:
            seen.add(fold(text))
            data = {TEXT: text, INTENT: message.get(INTENT), "metadata": {**metadata, AUGMENTED: message.get(TEXT)}}
            variants.append(Message(data=data))
    return variants


def _read_nlu(files: list[str], language: str) -> TrainingData:
    return utils.training_data_from_paths(sorted(files), language)
