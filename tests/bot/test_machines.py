"""Machines trained on the examples that matter say what machines trained on all of them say."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.svm import LinearSVC

from bot.nlu import machines
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
    support = trained.fit(MATRIX, TARGETS, WEIGHTS)
    assert trained.margins(MATRIX) == pytest.approx(margins_of_all(), abs=0.005)
    assert set(support) == set(NAMES)


@pytest.mark.parametrize("guess", ["right", "wrong", "empty", "own", "of strangers"])
def test_a_guess_changes_the_time_and_not_the_machines(guess: str) -> None:
    support = LinearMachines(1.0, 1e-4, 20).fit(MATRIX, TARGETS, WEIGHTS)
    guesses = {
        "right": support,
        "wrong": {name: np.flatnonzero(name != TARGETS)[:30] for name in NAMES},
        "empty": {name: np.array([], dtype=int) for name in NAMES},
        "own": {name: np.flatnonzero(name == TARGETS) for name in NAMES},
        "of strangers": {"zz": np.arange(20)},
    }[guess]
    trained = LinearMachines(1.0, 1e-4, 20)
    trained.fit(MATRIX, TARGETS, WEIGHTS, guesses)
    assert trained.margins(MATRIX) == pytest.approx(margins_of_all(), abs=0.01)


def test_support_is_what_lies_near_the_border_or_beyond_it() -> None:
    support = LinearMachines(1.0, 1e-4, 20).fit(MATRIX, TARGETS, WEIGHTS)
    margins = margins_of_all()
    for column, name in enumerate(NAMES):
        signed = np.where(name == TARGETS, margins[:, column], -margins[:, column])
        assert set(np.flatnonzero(signed < 0.98)) <= set(support[name])
        assert len(support[name]) < COUNT


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
