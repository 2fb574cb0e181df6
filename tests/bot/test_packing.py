"""A vectoriser that was stored says what the trained one said."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu import packing
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


def test_what_was_stored_is_loaded(tmp_path: Path) -> None:
    value = {"weights": np.arange(300_000, dtype=np.float16).reshape(3, -1), "names": ["yhteys", "kontakt"]}
    packing.store(value, tmp_path / "value.joblib")
    loaded = packing.load(tmp_path / "value.joblib")
    assert loaded["names"] == value["names"]
    np.testing.assert_array_equal(loaded["weights"], value["weights"])
    loaded["weights"][0, 0] = 1


def test_a_damaged_file_is_not_loaded(tmp_path: Path) -> None:
    packing.store(["yhteys"] * 1000, tmp_path / "value.joblib")
    stored = (tmp_path / "value.joblib").read_bytes()
    (tmp_path / "value.joblib").write_bytes(stored[: len(stored) // 2])
    with pytest.raises(zlib.error):
        packing.load(tmp_path / "value.joblib")
