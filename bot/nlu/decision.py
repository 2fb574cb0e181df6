"""Rasa component: from a ranking to a decision. The last component of the pipeline.

Danger comes before everything: a trigger's, or the detector's where no trigger knows the words. Where the detector is
not sure enough for that, the answer begins with a word of caution. Then a request for
medical advice; then a language that is not served; then the two-stage fallback: sure → the topic, between → a
clarifying question with readable topics, unsure → search over the sections.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.danger import DANGER_PREFIX
from bot.nlu.keys import DANGER, DECISION, DETECTED, LANGUAGE, SAFETY
from knowledge.languages import as_language

FALLBACK = "nlu_fallback"
CLARIFY = "clarify"
FOREIGN = "foreign_language"
MEDICAL_ADVICE = "medical_advice"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class FallbackDecision(GraphComponent):
    """Turns the classifier's ranking into the intent that the rules act on."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options with their defaults."""
        return {
            # confidence from which the first intent is acted on, by language
            "sure": {"sv": 0.5, "fi": 0.5},
            # confidence from which an intent is worth a clarifying question, by language
            "possible": {"sv": 0.2, "fi": 0.2},
            # probability of danger from which the likeliest one is met, by language
            "danger": {"sv": 0.7, "fi": 0.7},
            # probability of danger from which the answer begins with a word of caution, by language
            "caution": {"sv": 0.35, "fi": 0.35},
            # how many topics a clarifying question shows at the most
            "choices": 3,
            # a choice must have at least this share of the first one's confidence
            "choice_share": 0.25,
            # intents that are never offered as a choice: what the bot says about itself needs no question
            "never_offered": [],
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
    ) -> FallbackDecision:
        """Make the component (Rasa's constructor)."""
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        """Decide each message's intent; the classifier's own word stays readable under `decision`."""
        for message in messages:
            self._decide(message)
        return messages

    def _decide(self, message: Message) -> None:
        ranking = message.get(INTENT_RANKING_KEY) or []
        first: dict[str, Any] = ranking[0] if ranking else {"name": None, "confidence": 0.0}
        safety = message.get(SAFETY)
        danger = self._reaches(message, "danger")
        candidates: list[str] = []
        if danger and (safety is None or safety["intent"] == MEDICAL_ADVICE):
            outcome, name, confidence = "safety", *danger
        elif safety:
            outcome, name, confidence = "safety", safety["intent"], 1.0
        elif not any(char.isalnum() for char in message.get(TEXT) or ""):
            outcome, name, confidence = "unsure", FALLBACK, 1.0
        elif as_language(message.get(DETECTED)) is None:
            outcome, name, confidence = "foreign", FOREIGN, 1.0
        else:
            outcome, name, candidates = self._by_confidence(ranking, str(message.get(LANGUAGE)))
            confidence = float(first["confidence"])
        message.set(INTENT, {"name": name, "confidence": confidence}, add_to_output=True)
        decision = {
            "outcome": outcome,
            "predicted": first["name"],
            "confidence": float(first["confidence"]),
            "candidates": candidates,
            "caution": outcome != "safety" and self._reaches(message, "caution") is not None,
        }
        message.set(DECISION, decision, add_to_output=True)

    def _reaches(self, message: Message, bar: str) -> tuple[str, float] | None:
        """Return the likeliest danger with the probability of any, if that reaches a bar of its language."""
        found = message.get(DANGER)
        if not found or found["probability"] < self._config[bar].get(str(message.get(LANGUAGE)), 1.1):
            return None
        return found["intent"], found["probability"]

    def _by_confidence(self, ranking: list[dict[str, Any]], language: str) -> tuple[str, str, list[str]]:
        if not ranking:
            return "unsure", FALLBACK, []
        first = ranking[0]
        if first["confidence"] >= self._config["sure"][language] and not first["name"].startswith(DANGER_PREFIX):
            return "sure", first["name"], []
        bar = max(self._config["choice_share"] * first["confidence"], 0.05)
        candidates = [
            item["name"]
            for item in ranking
            if item["confidence"] >= bar
            and item["name"] not in self._config["never_offered"]
            and not item["name"].startswith(DANGER_PREFIX)
        ][: self._config["choices"]]
        if first["confidence"] >= self._config["possible"][language] and candidates:
            return "between", CLARIFY, candidates
        return "unsure", FALLBACK, candidates
