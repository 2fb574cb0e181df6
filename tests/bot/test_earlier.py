"""What is kept of machines: found again by example and by term, and never in the way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.nlu.earlier import Border, Earlier, MachineCache

KEYS = np.array([70, 10, 30, 20, 60, 40, 50, 80], dtype=np.uint64)
TERMS = ["a", "b", "c"]
WEIGHTS = np.array([[0.5, 0], [0, -1], [2, 0.25]], dtype=np.float32)
OFFSETS = np.array([-0.5, 0.75], dtype=np.float32)
BORDERS = {
    "fees": Border(np.array([0, 2]), np.array([0.5, 1.0], dtype=np.float32)),
    "vision": Border(np.array([1, 2, 7]), np.array([1.0, 0.25, -0.5], dtype=np.float32)),
}


@pytest.fixture
def cache(tmp_path: Path) -> MachineCache:
    kept = MachineCache("so", tmp_path)
    kept.keep(KEYS, TERMS, WEIGHTS, OFFSETS, BORDERS)
    return kept


def find(cache: MachineCache, keys: np.ndarray = KEYS, terms: list[str] = TERMS) -> Earlier:
    found = cache.find(keys, terms)
    assert found is not None
    return found


def by_key(found: Earlier, keys: np.ndarray) -> dict[str, dict[int, float]]:
    return {
        name: dict(zip(keys[border.rows].tolist(), border.margins.tolist(), strict=True))
        for name, border in found.borders.items()
    }


def test_the_same_examples_get_all_back(cache: MachineCache) -> None:
    found = find(cache)
    assert found.names == ("fees", "vision")
    assert np.array_equal(found.weights, WEIGHTS)
    assert np.array_equal(found.offsets, OFFSETS)
    assert by_key(found, KEYS) == {"fees": {70: 0.5, 30: 1.0}, "vision": {10: 1.0, 30: 0.25, 80: -0.5}}
    assert (len(found.strangers), found.bereft) == (0, frozenset())


def test_examples_are_found_in_another_order(cache: MachineCache) -> None:
    turned = KEYS[::-1]
    assert by_key(find(cache, turned), turned) == by_key(find(cache), KEYS)


def test_an_example_that_stands_twice_has_its_margin_twice(cache: MachineCache) -> None:
    twice = np.append(KEYS, KEYS[2])
    assert find(cache, twice).borders["fees"].rows.tolist() == [0, 2, 8]


def test_a_new_example_is_a_stranger(cache: MachineCache) -> None:
    found = find(cache, np.append(KEYS, np.uint64(15)))
    assert found.strangers.tolist() == [8]
    assert all(8 not in border.rows for border in found.borders.values())


def test_a_machine_that_rested_on_an_example_that_is_gone_is_bereft(cache: MachineCache) -> None:
    """Both borders held 30: one as what it rests on, one as what lies just beyond."""
    found = find(cache, KEYS[KEYS != 30])
    assert found.bereft == {"vision"}
    assert by_key(found, KEYS[KEYS != 30]) == {"fees": {70: 0.5}, "vision": {10: 1.0, 80: -0.5}}


def test_terms_are_found_in_another_order_and_new_ones_weigh_nothing(cache: MachineCache) -> None:
    found = find(cache, terms=["aa", "c", "b"])
    assert found.weights.tolist() == [[0, 0], [2, 0.25], [0, -1]]


def test_too_many_new_examples_find_nothing(cache: MachineCache) -> None:
    assert cache.find(np.append(KEYS, np.arange(3).astype(np.uint64)), TERMS) is None


def test_what_was_made_otherwise_counts_as_nothing(cache: MachineCache, tmp_path: Path) -> None:
    assert MachineCache("otherwise", tmp_path).find(KEYS, TERMS) is None


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"\x93NUMPY"])
def test_a_damaged_file_counts_as_nothing(cache: MachineCache, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "machines.npz").write_bytes(content)
    assert cache.find(KEYS, TERMS) is None
    cache.keep(KEYS, TERMS, WEIGHTS, OFFSETS, BORDERS)
    assert find(cache).names == ("fees", "vision")


def test_the_folder_is_made_where_there_is_none(tmp_path: Path) -> None:
    kept = MachineCache("so", tmp_path / "one" / "two")
    kept.keep(KEYS, TERMS, WEIGHTS, OFFSETS, BORDERS)
    assert find(kept).names == ("fees", "vision")


def test_a_folder_that_cannot_be_written_to_is_borne(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    kept = MachineCache("so", tmp_path / "file")
    kept.keep(KEYS, TERMS, WEIGHTS, OFFSETS, BORDERS)
    assert kept.find(KEYS, TERMS) is None
