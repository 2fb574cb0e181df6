"""What is remembered of support vectors: found again by text, of use after small changes, and never in the way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.nlu.support import SupportCache

TEXTS = [f"fråga {number}" for number in range(20)]
SUPPORT = {"fees": np.array([0, 3, 7]), "vision": np.array([1, 3, 19])}


@pytest.fixture
def cache(tmp_path: Path) -> SupportCache:
    kept = SupportCache(tmp_path)
    kept.keep(TEXTS, SUPPORT)
    return kept


def as_texts(texts: list[str], rows: dict[str, np.ndarray]) -> dict[str, set[str]]:
    return {name: {texts[row] for row in found} for name, found in rows.items()}


def test_rows_are_found_again_in_another_order(cache: SupportCache) -> None:
    turned = TEXTS[::-1]
    assert as_texts(turned, cache.guess(turned)) == as_texts(TEXTS, SUPPORT)


def test_a_new_text_may_matter_to_every_intent(cache: SupportCache) -> None:
    texts = [*TEXTS, "en ny fråga"]
    assert all(20 in rows for rows in cache.guess(texts).values())


def test_too_many_new_texts_give_no_guess(cache: SupportCache) -> None:
    assert cache.guess([*TEXTS[:10], *(f"ny {number}" for number in range(10))]) == {}


def test_what_is_known_of_other_texts_stays(cache: SupportCache) -> None:
    cache.keep(["något annat"], {"fees": np.array([0]), "vision": np.array([], dtype=int)})
    assert as_texts(TEXTS, cache.guess(TEXTS)) == as_texts(TEXTS, SUPPORT)


def test_another_set_of_intents_begins_anew(cache: SupportCache) -> None:
    cache.keep(["något annat"], {"mission": np.array([0])})
    assert cache.guess(TEXTS) == {}
    assert set(cache.guess(["något annat"])) == {"mission"}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"\x93NUMPY"])
def test_a_damaged_file_counts_as_empty(cache: SupportCache, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "support.npz").write_bytes(content)
    assert cache.guess(TEXTS) == {}
    cache.keep(TEXTS, SUPPORT)
    assert set(cache.guess(TEXTS)) == set(SUPPORT)


def test_the_folder_is_made_where_there_is_none(tmp_path: Path) -> None:
    kept = SupportCache(tmp_path / "one" / "two")
    kept.keep(TEXTS, SUPPORT)
    assert set(kept.guess(TEXTS)) == set(SUPPORT)


def test_a_folder_that_cannot_be_written_to_is_borne(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    kept = SupportCache(tmp_path / "file")
    kept.keep(TEXTS, SUPPORT)
    assert kept.guess(TEXTS) == {}
