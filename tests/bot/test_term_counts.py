"""Counts that are kept give what scikit-learn gives on all texts, whatever came and went since."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu import term_counts
from bot.nlu.term_counts import TermCounts, hash_texts

TEXTS = (
    "var ligger jouren",
    "jouren i Karleby",
    "mikä on päivystys",
    "päivystyksen numero",
    "vad kostar det",
    "vad vad vad",
)
NEW = ("paljonko se maksaa", "vad kostar jouren", "åäö")


def characters() -> TfidfVectorizer:
    return TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=2, dtype=np.float32)


class Desk:
    """Counts texts with one cache, and notes which were taken apart."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.counted: list[str] = []

    def compare(self, texts: Sequence[str], made_by: str = "so", vectorizer: TfidfVectorizer | None = None) -> None:
        """Count texts, and hold the outcome against scikit-learn's own."""
        self.counted.clear()

        def take(rows: NDArray[np.intp]) -> list[str]:
            self.counted += [texts[row] for row in rows]
            return [texts[row] for row in rows]

        counts = TermCounts("some", made_by, self.folder)
        packed, rows = counts.fit_transform(vectorizer or characters(), hash_texts(texts), take)
        wanted = vectorizer or characters()
        expected = wanted.fit_transform(texts)
        got = packed.unpack()
        assert got.vocabulary_ == wanted.vocabulary_
        assert np.array_equal(got.idf_, wanted.idf_)
        assert (rows.toarray() == expected.toarray()).all()
        assert got.transform(NEW).toarray() == pytest.approx(wanted.transform(NEW).toarray())


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(term_counts, "_WORTH_KEEPING", 3)
    return Desk(tmp_path)


def test_without_a_cache_all_texts_are_counted(desk: Desk) -> None:
    desk.compare(TEXTS)
    assert sorted(desk.counted) == sorted(TEXTS)


def test_the_same_texts_are_not_counted_again(desk: Desk) -> None:
    desk.compare(TEXTS)
    desk.compare(TEXTS[::-1])
    assert desk.counted == []


def test_new_texts_alone_are_counted(desk: Desk) -> None:
    desk.compare(TEXTS)
    desk.compare((NEW[0], *TEXTS, *NEW[1:]))
    assert sorted(desk.counted) == sorted(NEW)


def test_terms_of_texts_that_are_gone_are_gone(desk: Desk) -> None:
    desk.compare((*TEXTS, *NEW))
    desk.compare(TEXTS[:4])
    assert desk.counted == []
    desk.compare((*TEXTS, *NEW))
    assert sorted(desk.counted) == sorted((*TEXTS[4:], *NEW))


def test_a_text_that_stands_twice_counts_twice(desk: Desk) -> None:
    desk.compare(("bara en", *TEXTS))
    desk.compare(("bara en", *TEXTS, "bara en", TEXTS[0]))
    assert desk.counted == []


def test_what_was_made_otherwise_is_counted_again(desk: Desk) -> None:
    desk.compare(TEXTS)
    desk.compare(TEXTS, "otherwise")
    assert sorted(desk.counted) == sorted(TEXTS)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"\x93NUMPY"])
def test_a_damaged_file_counts_as_empty(desk: Desk, content: bytes) -> None:
    desk.compare(TEXTS)
    (desk.folder / "terms-some.npz").write_bytes(content)
    desk.compare(TEXTS)
    assert sorted(desk.counted) == sorted(TEXTS)
    desk.compare(TEXTS)
    assert desk.counted == []


def test_few_texts_leave_no_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(term_counts, "_WORTH_KEEPING", 100)
    desk.compare(TEXTS)
    assert list(desk.folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_borne(desk: Desk) -> None:
    (desk.folder / "file").write_text("no folder")
    desk.folder /= "file"
    desk.compare(TEXTS)


def test_texts_without_any_frequent_term_give_empty_rows(desk: Desk) -> None:
    packed, rows = TermCounts("some", "so", desk.folder).fit_transform(
        characters(), hash_texts(["ab", "cd", "ef"]), lambda found: [["ab", "cd", "ef"][row] for row in found]
    )
    assert (rows.shape[0], rows.nnz) == (3, 0)
    assert packed.unpack().transform(["ab"]).nnz == 0


def test_texts_without_any_term_give_empty_rows(desk: Desk) -> None:
    _, rows = TermCounts("some", "so", desk.folder).fit_transform(
        TfidfVectorizer(analyzer=list, min_df=2), hash_texts(["", "", ""]), lambda found: [[] for _ in found]
    )
    assert (rows.shape[0], rows.nnz) == (3, 0)
