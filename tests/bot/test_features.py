"""From tokens to a sparse row."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from bot.nlu.features import TextFeatures, Utterance, pair_terms, word_terms

DENTIST = Utterance(
    "Hammaslääkäriin aika", ("hammaslääkäriin", "aika"), ("hammaslääkäri", "aika"), ("hammas", "lääkäri")
)
DENTIST_PLAIN = Utterance(
    "hammaslaakariin aika", ("hammaslaakariin", "aika"), ("hammaslaakari", "aika"), ("hammas", "laakari")
)
MONEY = Utterance("Vad kostar det?", ("vad", "kostar", "det"), ("vad", "kosta", "det"), ())
EMPTY = Utterance("😀", ("😀",), ("😀",), ())


def lengths(matrix: sp.csr_matrix) -> np.ndarray:
    return np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1))).ravel()


def test_words_lemmas_parts_and_pairs_are_terms():
    assert word_terms(DENTIST) == [
        *("w:hammaslaakariin", "w:aika"),
        *("l:hammaslaakari", "l:aika"),
        *("l:hammas", "l:laakari"),
        "b:hammaslaakari aika",
    ]


def test_pairs_of_lemmas_know_no_order():
    backwards = Utterance("Aika hammaslääkäriin", DENTIST.words[::-1], DENTIST.lemmas[::-1], DENTIST.parts)
    assert pair_terms(DENTIST) == pair_terms(backwards) == ["aika hammaslaakari"]
    assert pair_terms(MONEY) == ["det kosta", "det vad", "kosta vad"]
    assert pair_terms(EMPTY) == []


def test_a_long_message_has_a_bounded_number_of_pairs():
    lemmas = tuple(f"ord{number}" for number in range(2000))
    assert len(pair_terms(Utterance(" ".join(lemmas), lemmas, lemmas, ()))) == 30 * 29 // 2


def test_characters_reach_across_words():
    wide = TextFeatures((3, 3), word_weight=0.0, pair_weight=0.0).fit([DENTIST, DENTIST])
    apart = Utterance("Aika Hammaslääkäriin", DENTIST.words[::-1], DENTIST.lemmas[::-1], DENTIST.parts)
    assert (wide.transform([DENTIST]) != wide.transform([apart])).nnz > 0


def test_letters_without_dots_give_the_same_terms():
    assert word_terms(DENTIST_PLAIN) == word_terms(DENTIST)


def test_letters_without_dots_give_the_same_row():
    features = TextFeatures().fit([DENTIST, MONEY])
    assert (features.transform([DENTIST]) != features.transform([DENTIST_PLAIN])).nnz == 0


def test_a_row_is_an_utterance_and_a_column_a_term_of_either_space():
    features = TextFeatures(char_ngrams=(2, 3)).fit([DENTIST, DENTIST, MONEY, MONEY])
    matrix = features.transform([DENTIST, MONEY, EMPTY])
    assert matrix.shape[0] == 3
    assert matrix.dtype == np.float32
    assert matrix.shape[1] > len({*word_terms(DENTIST), *word_terms(MONEY)})


@pytest.mark.parametrize(("words", "chars"), [(1.0, 1.0), (2.0, 0.5), (0.0, 1.0)])
def test_each_space_weighs_what_it_is_told_to(words, chars):
    weights = {"char_weight": chars, "word_weight": words, "pair_weight": 0.0}
    features = TextFeatures((2, 3), **weights).fit([DENTIST, DENTIST, MONEY, MONEY])
    assert lengths(features.transform([DENTIST, MONEY])) == pytest.approx(np.hypot(words, chars), rel=1e-5)


def test_what_was_never_seen_is_an_empty_row():
    features = TextFeatures().fit([DENTIST, DENTIST, MONEY, MONEY])
    assert features.transform([EMPTY]).nnz == 0


def test_utterances_that_share_a_lemma_are_nearer_than_those_that_share_nothing():
    other_form = Utterance("hammaslääkärissä", ("hammaslääkärissä",), ("hammaslääkäri",), ("hammas", "lääkäri"))
    features = TextFeatures().fit([DENTIST, MONEY, other_form])
    rows = features.transform([DENTIST, other_form, MONEY])
    assert (rows[0] @ rows[1].T)[0, 0] > 1.5 * (rows[0] @ rows[2].T)[0, 0]
