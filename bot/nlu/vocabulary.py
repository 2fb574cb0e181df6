"""Synonyms and lookup tables of the training data as features: words that belong together get a common term.

They stand in `bot/data/nlu/{sv,fi}/_common.yml`, in Rasa's own format.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from typing import Any

from knowledge.lemmas import fold


class Vocabulary:
    """From a word, a lemma or a pair of neighbouring words to the group that it belongs to."""

    def __init__(self, groups: Mapping[str, str]) -> None:
        """Take up the groups.

        Args:
            groups: The group's name by its words; a group's name is a word of it too.
        """
        self._groups = {fold(word): fold(name) for word, name in groups.items()}
        self._groups.update({name: name for name in list(self._groups.values())})

    @classmethod
    def from_training_data(cls, synonyms: Mapping[str, str], lookup_tables: Sequence[Mapping[str, Any]]) -> Vocabulary:
        """Return the vocabulary of Rasa's training data (`entity_synonyms`, `lookup_tables`)."""
        looked_up = {str(word): str(table["name"]) for table in lookup_tables for word in table["elements"]}
        return cls({**looked_up, **synonyms})

    def describe(self) -> str:
        """Return a text that is the same for the same groups, and for no others."""
        return json.dumps(self._groups, sort_keys=True)

    def find_groups(self, words: Sequence[str], lemmas: Sequence[str]) -> list[str]:
        """Return the groups of an utterance's words, lemmas and pairs of words, each once, in their order."""
        singles = itertools.chain(words, lemmas, (f"{first} {second}" for first, second in itertools.pairwise(words)))
        return list(dict.fromkeys(group for word in singles if (group := self._groups.get(fold(word)))))
