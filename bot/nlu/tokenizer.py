"""Rasa component: words, lemmas and compound parts by spaCy's tokenisers and simplemma, in the message's language."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.keys import LANGUAGE
from bot.nlu.token_cache import TokenCache, describe_tokenizer
from knowledge.languages import DEFAULT_LANGUAGE, Language, as_language
from knowledge.lemmas import lemmatize_word, load_tokenizer, split_compound


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class BilingualTokenizer(Tokenizer):
    """Splits a message with the tokeniser of its language; each token carries its lemma and its compound's parts.

    Rasa's own `SpacyNLP` holds one language a pipeline; this component chooses by the message.
    """

    _cache: TokenCache | None = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options with their defaults."""
        return {
            # Rasa's: whether intent names are split, at which sign, and a pattern that splits tokens further
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            # whether compounds (hammaslääkäri, tandläkartid) give their parts as well
            "compounds": True,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> BilingualTokenizer:
        """Make the component (Rasa's constructor)."""
        return cls(config)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Tokenise all examples; what an earlier training has tokenised is taken from the cache."""
        self._cache = TokenCache(describe_tokenizer(compounds=self._config["compounds"]))
        try:
            tokenised = super().process_training_data(training_data)
            self._cache.save()
        finally:
            self._cache = None
        return tokenised

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Return the tokens of one attribute of a message; punctuation and white space are no tokens."""
        text = message.get(attribute) or ""
        language = as_language(message.get(LANGUAGE)) or DEFAULT_LANGUAGE
        known = self._cache.find(language, text) if self._cache else None
        if known is not None:
            return known
        tokens = self._split(text, language)
        if self._cache:
            self._cache.add(language, text, tokens)
        return tokens

    def _split(self, text: str, language: Language) -> list[Token]:
        tokens = []
        for item in load_tokenizer(language)(text):
            if not any(char.isalnum() for char in item.text):
                continue
            lemma = lemmatize_word(item.text.lower(), language)
            parts = split_compound(lemma, language) if self._config["compounds"] else ()
            tokens.append(Token(item.text, item.idx, lemma=lemma, data={"parts": parts}))
        return tokens or [Token(text or " ", 0, lemma=text)]
