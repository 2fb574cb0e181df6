"""Adds every knowledge topic to Rasa's training data: the topic's intent and the rule that answers it.

Stands in `config.yml` under `importers` and works with Rasa's own commands. Adding a topic touches its two documents
and its two example files, nothing else. Examples are read from `nlu/<language>/<group>.yml` and carry the language of
their folder. What admins have changed comes as an overlay (`knowledge.overlay`) and is merged in.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.io import get_text_hash

from bot.augmentation import augment
from bot.nlu.danger import DANGER_PREFIX
from bot.nlu.keys import AUGMENTED, DANGEROUS, GROUP, VALIDATION
from bot.rasa_reader import NluReader, split_files
from bot.sentences import read_held_out
from knowledge.build import KNOWLEDGE_FOLDER, read_topics
from knowledge.languages import LANGUAGES, as_language
from knowledge.lemmas import fold
from knowledge.overlay import overlay_examples, overlay_intents, read_retired

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
DATA_FOLDER = Path(__file__).resolve().parent / "data"
VALIDATION_FOLDER = Path(__file__).resolve().parent / "validation"
ANSWER_ACTION = "action_answer"
OVERLAY_VARIABLE = "LOTSI_OVERLAY"
"""Environment variable with the folder of admins' changes, where the importer's configuration names none."""


class KnowledgeImporter(RasaFileImporter):
    """Rasa's file importer, with the knowledge's topics added."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
        knowledge: str | None = None,
        augmentation_seed: int | None = None,
        augmentation_share: float = 0.5,
        validation: bool = False,
        overlay: str | None = None,
    ) -> None:
        """Set up the importer (Rasa's constructor).

        Args:
            config_file, domain_path, training_data_paths: As Rasa's own importer takes them; where no data path is
                given or none exists, `bot/data` is read, so that a plain `rasa train` works.
            knowledge: The folder with `documents/`; the project's own if left out.
            augmentation_seed: Adds variants of the examples (`bot.augmentation`), made with this seed; none if left
                out.
            augmentation_share: How large a part of the examples gets a variant.
            validation: Whether the utterances of `bot/validation` are added, marked as such; our classifier fits its
                confidence on them. Rasa's own classifiers would train on them.
            overlay: The folder of admins' changes; that of the environment's `LOTSI_OVERLAY` if left out, else none.
        """
        given = [training_data_paths] if isinstance(training_data_paths, str) else list(training_data_paths or [])
        existing = [path for path in given if Path(path).exists()]
        examples, others = split_files(existing or [str(DATA_FOLDER)])
        super().__init__(config_file, domain_path, others)
        self._nlu_files: list[str] = [*examples, *self._nlu_files]
        self._knowledge = Path(knowledge) if knowledge else KNOWLEDGE_FOLDER
        self._augmentation_seed = augmentation_seed
        self._augmentation_share = augmentation_share
        self._validation = validation
        named = overlay or os.environ.get(OVERLAY_VARIABLE)
        self._overlay = Path(named) if named else None
        self._nlu_data: TrainingData | None = None
        self._domain: Domain | None = None

    def get_domain(self) -> Domain:
        """Return the domain with one intent a topic added; read once, as Rasa's own importers do."""
        if self._domain is None:
            topics: list[dict[str, Any]] = [{topic: {"use_entities": []}} for topic in self._topics()]
            self._domain = super().get_domain().merge(Domain.from_dict({"intents": topics}))
        return self._domain

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
        """Return all examples, each with the language of its folder in its metadata; read once."""
        if self._nlu_data is None:
            self._nlu_data = self._read_nlu_data(language)
        return self._nlu_data

    def _read_nlu_data(self, language: str | None) -> TrainingData:
        data = _read_nlu(self._nlu_files, str(language))
        gone = {*overlay_intents(self._overlay), *read_retired(self._overlay)}
        examples = [message for message in data.training_examples if message.get(INTENT) not in gone]
        changed = [str(path) for name in LANGUAGES for path in overlay_examples(self._overlay, name)]
        examples += _read_nlu(changed, str(language)).training_examples
        if self._augmentation_seed is not None:
            examples += _augmented(examples, self._augmentation_seed, self._augmentation_share)
        if self._validation:
            files = [str(path) for language in LANGUAGES for path in (VALIDATION_FOLDER / language).glob("*.yml")]
            examples += self._still_meant(_read_nlu(files, str(language), {VALIDATION: True}).training_examples)
            examples += _read_sentences(VALIDATION_FOLDER / "safety")
        data.training_examples = [_Example(message.data) for message in examples]
        return data

    def _still_meant(self, messages: list[Message]) -> list[Message]:
        """Give utterances of a retired topic to the one that has taken its place; drop those that have none."""
        retired = read_retired(self._overlay)
        for message in messages:
            message.set(INTENT, retired.get(message.get(INTENT), message.get(INTENT)))
        return [message for message in messages if message.get(INTENT) is not None]

    def _topics(self) -> list[str]:
        return list(read_topics(self._knowledge, self._overlay))


class _Example(Message):
    """A message that is quick to hash, and is handed on where Rasa would copy it: Rasa does both often, with all."""

    def __hash__(self) -> int:
        return hash((self.get(TEXT), self.get(INTENT)))

    def __deepcopy__(self, memo: dict[int, Any]) -> _Example:
        return self

    def fingerprint(self) -> str:
        """Return a hash of the content; Rasa's own hashes each token by itself, which takes ten times as long."""
        return str(get_text_hash(json.dumps(self.data, sort_keys=True, default=vars)))


def _augmented(examples: list[Message], seed: int, share: float) -> list[Message]:
    """Return variants of some examples, marked as such; none has the words of an example or of another variant.

    Chance depends on the seed and on each example alone: a new example changes no other's variant.
    """
    seen = {fold(message.get(TEXT)) for message in examples}
    variants = []
    for message in examples:
        metadata = message.get("metadata") or {}
        language = as_language(metadata.get("language"))
        generator = random.Random(f"{seed} {language} {message.get(TEXT)}")  # noqa: S311
        if language is None or generator.random() >= share:
            continue
        text = augment(message.get(TEXT), language, generator)
        if fold(text) not in seen:
            seen.add(fold(text))
            data = {TEXT: text, INTENT: message.get(INTENT), "metadata": {**metadata, AUGMENTED: message.get(TEXT)}}
            variants.append(Message(data=data))
    return variants


def _read_nlu(files: Iterable[str], default: str, mark: Mapping[str, Any] = MappingProxyType({})) -> TrainingData:
    """Read Rasa NLU files; each message gets the language of its folder and `mark` into its metadata."""
    merged = TrainingData()
    for path in sorted(files):
        folder = Path(path).parent.name
        name = folder if folder in LANGUAGES else None
        data = NluReader().read(path, language=name or default)
        for message in data.training_examples:
            note = {"language": name, GROUP: Path(path).stem, **mark}
            message.set("metadata", {**(message.get("metadata") or {}), **note})
        merged.training_examples += data.training_examples
        merged.entity_synonyms.update(data.entity_synonyms)
        merged.lookup_tables += data.lookup_tables
        merged.regex_features += data.regex_features
    return merged


def _read_sentences(folder: Path) -> list[Message]:
    """Return the dangers and the harmless sentences of a folder, marked as such.

    Rasa wants an intent on each: a danger's is its kind's; a harmless one's is never looked at.
    """
    return [
        Message(
            data={
                TEXT: sentence.text,
                INTENT: f"{DANGER_PREFIX}{sentence.kind}" if sentence.kind else "out_of_scope",
                "metadata": {"language": sentence.language, VALIDATION: True, DANGEROUS: sentence.kind is not None},
            }
        )
        for sentence in read_held_out(folder)
    ]
