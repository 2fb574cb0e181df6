"""Machines trained on the examples that matter say what machines trained on all of them say."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.svm import LinearSVC

from bot.nlu import machines
from bot.nlu.earlier import Border, Earlier
from bot.nlu.machines import LinearMachines

NAMES = ("aa", "bb", "cc", "dd")
COUNT, FEATURES = 1_200, 60


def make_examples() -> tuple[sp.csr_matrix, NDArray[np.str_], NDArray[np.float64]]:
    """Return examples of four intents that overlap a little, as those of neighbouring topics do."""
    chance = np.random.default_rng(7)
    targets = chance.choice(NAMES, COUNT, p=(0.4, 0.3, 0.2, 0.1))
    rows = chance.random((COUNT, FEATURES)) * (chance.random((COUNT, FEATURES)) < 0.2)
    for number, name in enumerate(NAMES):
        rows[targets == name, number * 10 : number * 10 + 10] += chance.random(10) * 0.6
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return sp.csr_matrix(rows), targets, np.where(chance.random(COUNT) < 0.2, 0.4, 1.0)


MATRIX, TARGETS, WEIGHTS = make_examples()


def margins_of_all() -> NDArray[np.float64]:
    """Return what machines say that were trained on all examples at once."""
    columns = []
    for name in NAMES:
        machine = LinearSVC(C=1.0, tol=1e-4, random_state=20, dual=True, max_iter=10_000)
        machine.fit(MATRIX, name == TARGETS, sample_weight=WEIGHTS)
        columns.append(machine.decision_function(MATRIX))
    return np.stack(columns, axis=1)


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machines, "_WORTH_A_CHOICE", 100)
    monkeypatch.setattr(machines, "_SAMPLE", 150)
    monkeypatch.setattr(machines, "_MOST_AT_ONCE", 80)


def test_the_working_set_gives_what_all_examples_give() -> None:
    trained = LinearMachines(1.0, 1e-4, 20)
    trained.fit(MATRIX, TARGETS, WEIGHTS)
    # As far as half precision and the bar of what counts as wrong (0.5 %) go.
    assert trained.margins(MATRIX) == pytest.approx(margins_of_all(), abs=0.01)


def test_few_examples_are_learnt_from_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machines, "_WORTH_A_CHOICE", COUNT)
    trained = LinearMachines(1.0, 1e-4, 20)
    borders = trained.fit(MATRIX, TARGETS, WEIGHTS)
    assert trained.margins(MATRIX) == pytest.approx(margins_of_all(), abs=0.005)
    assert set(borders) == set(NAMES)


def earlier_of(trained: LinearMachines, borders: dict[str, Border], rows: NDArray[np.intp] | None = None) -> Earlier:
    """Return what a training says of all examples; of those at `rows` alone if it had no others."""
    had = np.arange(COUNT) if rows is None else rows
    found = {name: Border(had[border.rows], border.margins) for name, border in borders.items()}
    strangers = np.setdiff1d(np.arange(COUNT), had)
    return Earlier(tuple(borders), trained.weights, trained.offsets, found, frozenset(), strangers)


@pytest.fixture
def solved(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The intents whose machines are trained from here on, each as often as it is."""
    names: list[str] = []
    solve = machines._Problem.solve

    def noted(problem: machines._Problem, name: str, *args: Any) -> tuple[NDArray[Any], float]:
        names.append(name)
        return solve(problem, name, *args)

    monkeypatch.setattr(machines._Problem, "solve", noted)
    return names


def test_machines_that_the_same_examples_would_give_again_are_kept(solved: list[str]) -> None:
    first, second = LinearMachines(1.0, 1e-4, 20), LinearMachines(1.0, 1e-4, 20)
    borders = first.fit(MATRIX, TARGETS, WEIGHTS)
    assert set(solved) == set(NAMES)
    solved.clear()
    again = second.fit(MATRIX, TARGETS, WEIGHTS, earlier_of(first, borders))
    assert solved == []
    assert np.array_equal(second.margins(MATRIX), first.margins(MATRIX))
    assert all(np.array_equal(again[name].margins, borders[name].margins) for name in NAMES)


def test_new_examples_train_the_machines_that_they_change(solved: list[str]) -> None:
    """Of ten new ones, all of one intent, each lies behind its own border and beyond those of some others."""
    new = np.flatnonzero(TARGETS == "dd")[:10]
    had = np.setdiff1d(np.arange(COUNT), new)
    first, second = LinearMachines(1.0, 1e-4, 20), LinearMachines(1.0, 1e-4, 20)
    borders = first.fit(MATRIX[had], TARGETS[had], WEIGHTS[had])
    solved.clear()
    second.fit(MATRIX, TARGETS, WEIGHTS, earlier_of(first, borders, had))
    assert "dd" in solved
    assert second.margins(MATRIX) == pytest.approx(margins_of_all(), abs=0.03)


@pytest.mark.parametrize("wrong", ["weights", "border", "nothing of it", "bereft", "of strangers"])
def test_what_does_not_fit_these_examples_is_trained_anew(wrong: str) -> None:
    first = LinearMachines(1.0, 1e-4, 20)
    right = earlier_of(first, first.fit(MATRIX, TARGETS, WEIGHTS))
    nothing = Border(np.array([], dtype=int), np.array([], dtype=np.float32))
    elsewhere = {name: Border(border.rows, border.margins + 0.1) for name, border in right.borders.items()}
    earlier = {
        "weights": replace(right, weights=right.weights[::-1]),
        "border": replace(right, borders=elsewhere),
        "nothing of it": replace(right, borders=dict.fromkeys(NAMES, nothing)),
        "bereft": replace(right, weights=right.weights * 1.001, bereft=frozenset(NAMES)),
        "of strangers": replace(right, names=("zz",), weights=right.weights[:, :1], borders={"zz": nothing}),
    }[wrong]
    trained = LinearMachines(1.0, 1e-4, 20)
    trained.fit(MATRIX, TARGETS, WEIGHTS, earlier)
    assert trained.margins(MATRIX) == pytest.approx(margins_of_all(), abs=0.01)


def test_the_border_is_what_lies_near_it_or_behind_it() -> None:
    borders = LinearMachines(1.0, 1e-4, 20).fit(MATRIX, TARGETS, WEIGHTS)
    margins = margins_of_all()
    for column, name in enumerate(NAMES):
        signed = np.where(name == TARGETS, margins[:, column], -margins[:, column])
        assert set(np.flatnonzero(signed < 0.98)) <= set(borders[name].rows)
        assert borders[name].margins == pytest.approx(signed[borders[name].rows], abs=0.01)
        assert len(borders[name].rows) < COUNT


def test_the_same_examples_give_the_same_machines() -> None:
    one, other = LinearMachines(1.0, 0.01, 20), LinearMachines(1.0, 0.01, 20)
    one.fit(MATRIX, TARGETS, WEIGHTS)
    other.fit(MATRIX, TARGETS, WEIGHTS)
    assert np.array_equal(one.margins(MATRIX), other.margins(MATRIX))


def test_weights_lie_row_by_row_so_that_a_message_copies_none() -> None:
    trained = LinearMachines(1.0, 0.01, 20)
    trained.fit(MATRIX, TARGETS, WEIGHTS)
    again = pickle.loads(pickle.dumps(trained))
    assert trained._weights.flags.c_contiguous
    assert again._weights.flags.c_contiguous
    assert np.array_equal(again.margins(MATRIX), trained.margins(MATRIX))


def test_other_processes_give_what_this_one_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    here, beside = LinearMachines(1.0, 0.01, 20), LinearMachines(1.0, 0.01, 20)
    monkeypatch.setattr(machines, "_WORTH_A_PROCESS", 10**9)
    here.fit(MATRIX, TARGETS, WEIGHTS)
    monkeypatch.setattr(machines, "_WORTH_A_PROCESS", 0)
    # The other processes have the numbers of the module as they stand in it.
    monkeypatch.setattr(machines, "_WORTH_A_CHOICE", 8_000)
    beside.fit(MATRIX, TARGETS, WEIGHTS)
    assert beside.margins(MATRIX) == pytest.approx(here.margins(MATRIX), abs=0.02)
