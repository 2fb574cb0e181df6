"""A vectoriser that was stored says what the trained one said."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu.packing import PackedVectorizer

TEXTS = ["vad kostar besöket", "mitä käynti maksaa", "besöket kostar", "maksaa maksaa", "tandläkare 😀"]
ASKED = [*TEXTS, "vad vad vad", "", "любовь", "kostar\u0301"]


@pytest.mark.parametrize("sublinear", [True, False])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_rows_are_the_same(sublinear: bool, kind: type) -> None:
    trained = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=sublinear, dtype=kind).fit(TEXTS)
    loaded = PackedVectorizer.pack(trained).unpack()
    expected, given = trained.transform(ASKED), loaded.transform(ASKED)
    assert given.shape == expected.shape
    assert given.toarray() == pytest.approx(expected.toarray(), abs=1e-7)


def test_it_can_be_stored_again() -> None:
    trained = TfidfVectorizer().fit(TEXTS)
    again = PackedVectorizer.pack(PackedVectorizer.pack(trained).unpack()).unpack()
    assert again.transform(ASKED).toarray() == pytest.approx(trained.transform(ASKED).toarray())


def test_a_term_that_could_not_be_told_apart_is_refused() -> None:
    trained = TfidfVectorizer(analyzer="char").fit(["a\0b"])
    with pytest.raises(ValueError, match="null character"):
        PackedVectorizer.pack(trained)
