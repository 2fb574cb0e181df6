"""Work beside this process gives its result or its error, wherever it is done."""

from __future__ import annotations

import os

import pytest

from bot.nlu import processes
from bot.nlu.processes import run_beside


@pytest.mark.parametrize("worthwhile", [True, False])
def test_a_result_is_handed_over(worthwhile: bool) -> None:
    assert run_beside(worthwhile, pow, 3, 4, mod=10).result() == 1


@pytest.mark.parametrize("worthwhile", [True, False])
def test_an_error_is_raised_where_the_result_is_asked_for(worthwhile: bool) -> None:
    work = run_beside(worthwhile, int, "seven")
    with pytest.raises(ValueError, match="seven"):
        work.result()


def test_only_what_is_worth_it_goes_to_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "CORES", 2)
    assert run_beside(False, os.getpid).result() == os.getpid()
    assert run_beside(True, os.getpid).result() != os.getpid()


def test_one_core_does_everything_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "CORES", 1)
    assert run_beside(True, os.getpid).result() == os.getpid()
