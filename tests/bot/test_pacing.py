"""A thread that loads a model rests again and again; any other never does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.loading import stand_back
from bot.nlu import pacing, packing


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The rests that were taken; each look at the clock finds it a millisecond later."""
    taken: list[float] = []
    now = iter(range(10**9))
    monkeypatch.setattr(pacing.time, "perf_counter", lambda: next(now) / 1000)
    monkeypatch.setattr(pacing.time, "sleep", taken.append)
    return taken


def test_a_thread_that_stands_back_rests_after_some_work(rests: list[float]) -> None:
    with ThreadPoolExecutor(1, initializer=stand_back) as pool:
        pool.submit(lambda: [pacing.rest_at_times() for _ in range(100)]).result()
    assert 10 < len(rests) < 60
    assert set(rests) == {pacing._REST}


def test_another_thread_never_rests(rests: list[float]) -> None:
    with ThreadPoolExecutor(1, initializer=stand_back) as pool:
        pool.submit(pacing.rest_at_times).result()
        for _ in range(100):
            pacing.rest_at_times()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: [pacing.rest_at_times() for _ in range(100)]).result()
    assert rests == []


def test_what_is_unpacked_is_the_same_with_rests(rests: list[float], tmp_path: Path) -> None:
    value = {"names": [f"name {number}" for number in range(10_000)], "numbers": list(range(10_000))}
    packing.store(value, tmp_path / "value.joblib")
    with ThreadPoolExecutor(1, initializer=stand_back) as pool:
        assert pool.submit(packing.load, tmp_path / "value.joblib").result() == value
    assert rests
