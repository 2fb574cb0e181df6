"""Words, lemmas and index terms of both languages."""

from __future__ import annotations

import pytest

from knowledge.languages import LANGUAGES, Language, as_language
from knowledge.lemmas import fold, index_terms, lemmatize, lemmatize_word, normalise, split_compound, tokenize


@pytest.mark.parametrize(
    ("value", "language"),
    [("sv", "sv"), ("FI", "fi"), ("sv-FI", "sv"), ("fi-FI", "fi"), ("en", None), ("", None), (None, None), (3, None)],
)
def test_a_language_tag_is_read_as_a_language_that_is_served(value: object, language: Language | None) -> None:
    assert as_language(value) == language


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("a\u0308ldre", "äldre"),
        ("  två \t\n ord ", "två ord"),
        ("non\u00a0breaking", "non breaking"),
        ("bell\x07 and\u2028line", "bell and line"),
        ("\ufeffbegins", "begins"),
        ("", ""),
    ],
)
def test_text_is_brought_into_one_form(text: str, normal: str) -> None:
    assert normalise(text) == normal


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("Vart ska jag ringa?", "sv", ["vart", "ska", "jag", "ringa"]),
        ("Mihin soitan, kun on kiire?!", "fi", ["mihin", "soitan", "kun", "on", "kiire"]),
        ("Hjälp-knappen", "sv", ["hjälp-knappen"]),
        ("?! … 😀", "fi", []),
        ("", "sv", []),
    ],
)
def test_words_are_lower_case_and_without_punctuation(text: str, language: Language, words: list[str]) -> None:
    assert tokenize(text, language) == words


@pytest.mark.parametrize(
    ("word", "language", "lemma"),
    [
        ("kommunerna", "sv", "kommun"),
        ("tandläkaren", "sv", "tandläkare"),
        ("terveysasemalle", "fi", "terveysasema"),
        ("lääkärille", "fi", "lääkäri"),
        ("qzxw", "fi", "qzxw"),
        ("qzxw", "sv", "qzxw"),
    ],
)
def test_an_inflected_word_has_its_dictionary_form(word: str, language: Language, lemma: str) -> None:
    assert lemmatize_word(word, language) == lemma


def test_lemmas_keep_the_order_of_the_words() -> None:
    assert lemmatize("Kommunerna, tandläkaren!", "sv") == ["kommun", "tandläkare"]


@pytest.mark.parametrize(
    ("word", "language", "parts"),
    [
        ("hammaslääkäri", "fi", ("hammas", "lääkäri")),
        ("keskussairaala", "fi", ("keskus", "sairaala")),
        ("familjecenter", "sv", ("familj", "center")),
        ("hälsostation", "sv", ("hälsa", "station")),
    ],
)
def test_a_compound_is_known_by_its_parts(word: str, language: Language, parts: tuple[str, str]) -> None:
    assert split_compound(word, language) == parts


@pytest.mark.parametrize("word", ["tand", "soite.fi", "qzxwqzxwqzxw", "", "116117116117"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_no_compound_has_no_parts(word: str, language: Language) -> None:
    assert split_compound(word, language) == ()


def test_folding_drops_the_dots_that_residents_drop() -> None:
    assert fold("ÅÄÖ åäö É") == "aao aao e"


@pytest.mark.parametrize(
    ("text", "asked", "language"),
    [
        ("Hälsostationen har öppet", "halsostation", "sv"),
        ("Hälsostationen har öppet", "hälsostationer", "sv"),
        ("Tandläkaren", "läkare", "sv"),
        ("Terveysasemalla", "terveysasema", "fi"),
        ("Hammaslääkärille", "lääkäri", "fi"),
        ("Hammaslääkärille", "hammaslaakari", "fi"),
    ],
)
def test_a_text_is_found_under_another_form_of_its_words(text: str, asked: str, language: Language) -> None:
    assert set(index_terms(text, language)) & set(index_terms(asked, language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_index_terms_are_folded_and_lower_case(language: Language) -> None:
    terms = index_terms("ÄLDRE Människor, ÖPPET hus – Ikäihmisten PALVELUT", language)
    assert terms == [fold(term) for term in terms]
    assert all(term and not any(char.isspace() for char in term) for term in terms)
