"""Words, lemmas and compound parts, by the language of the message."""

from __future__ import annotations

import pytest
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.keys import LANGUAGE
from bot.nlu.tokenizer import BilingualTokenizer


def tokenize(text: str, language: str | None, **config: object) -> list[Token]:
    tokenizer = BilingualTokenizer({**BilingualTokenizer.get_default_config(), **config})
    message = Message({TEXT: text, LANGUAGE: language})
    tokenizer.process([message])
    return message.get(TOKENS_NAMES[TEXT])


def test_defaults():
    assert BilingualTokenizer.get_default_config() == {
        "intent_tokenization_flag": False,
        "intent_split_symbol": "_",
        "token_pattern": None,
        "compounds": True,
    }


@pytest.mark.parametrize(
    ("text", "language", "lemmas"),
    [
        ("Lapsilla on ajat hammaslääkärille", "fi", ["lapsi", "olla", "aika", "hammaslääkäri"]),
        ("Barnen har tider hos tandläkaren", "sv", ["barn", "ha", "tid", "hos", "tandläkare"]),
    ],
)
def test_a_word_gets_the_lemma_of_the_language_of_its_message(text, language, lemmas):
    assert [token.lemma for token in tokenize(text, language)] == lemmas


def test_the_same_word_has_another_lemma_in_the_other_language():
    assert tokenize("kunnat", "fi")[0].lemma == "kunta"
    assert tokenize("kunnat", "sv")[0].lemma != "kunta"


def test_a_message_without_language_is_read_in_the_default_language():
    assert tokenize("tandläkaren", None)[0].lemma == "tandläkare"


@pytest.mark.parametrize("language", ["sv", "fi"])
def test_tokens_stand_where_they_are_written_and_punctuation_is_none(language):
    text = "Hej, (moi)!  112 ?"
    tokens = tokenize(text, language)
    assert [token.text for token in tokens] == ["Hej", "moi", "112"]
    assert all(text[token.start : token.end] == token.text for token in tokens)


@pytest.mark.parametrize(
    ("word", "language", "parts"),
    [("hammaslääkäriin", "fi", ("hammas", "lääkäri")), ("familjecentret", "sv", ("familj", "center"))],
)
def test_a_compound_gives_its_parts(word, language, parts):
    assert tokenize(word, language)[0].get("parts") == parts


def test_compounds_can_be_left_whole():
    assert tokenize("hammaslääkäriin", "fi", compounds=False)[0].get("parts") == ()


@pytest.mark.parametrize("text", ["", " ", "😀", "?!…", "\u0301"])
def test_a_text_without_words_is_one_token(text):
    """Rasa's policies cannot take a message without tokens."""
    (token,) = tokenize(text, "fi")
    assert token.text == (text or " ")


def test_intents_are_not_split():
    tokenizer = BilingualTokenizer(BilingualTokenizer.get_default_config())
    message = Message({TEXT: "hej", INTENT: "what_can_you_do", LANGUAGE: "sv"})
    tokens = tokenizer._split_name(message, INTENT)
    assert [token.text for token in tokens] == ["what_can_you_do"]
