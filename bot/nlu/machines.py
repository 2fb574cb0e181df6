"""Linear support vector machines, one an intent, trained on the examples that matter.

A machine rests on few examples: those that lie near its border or beyond it. So it is trained on a working set, all
examples are held against it, those that lie wrong join the set, and so on until none does (the idea of chunking, Vapnik
1982, and of SVMlight, Joachims 1999). What comes out is what training on all examples gives, within the tolerance; it
takes a quarter of the time where an earlier training tells which examples mattered, and a little less where none does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import LinearSVC

from bot.nlu.earlier import Border, Earlier, Rows
from bot.nlu.processes import CORES, run_beside

_NOTHING = Border(np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.float32))
_WORTH_A_PROCESS = 500_000
"""Entries of a matrix from which training on several cores saves more than starting a process on each costs."""
_WORTH_A_CHOICE = 8_000
"""Examples up to which a machine is trained on all of them at once."""
_SAMPLE = 5_000
"""Examples of other intents that stand for all others where nothing is known."""
_MOST_AT_ONCE = 4_000
"""Examples that join a working set in one round: those that lie farthest wrong."""
_WRONG = 0.995
"""An example that lies nearer to the border than this should have counted, and did not."""
_NEAR = 1.03
"""Examples that lie a little farther join with it, so that one round is enough for most machines."""
_MOVED = 0.02
"""How much nearer or farther an example at the border may lie before its machine is trained again."""
_FAR = 1.1
"""An example that lies farther than this leaves the working set."""
_LEAVING_ROUNDS, _ROUNDS = 4, 12
"""Rounds in which examples may leave, so that it ends; and rounds after which a machine is trained on everything."""


@dataclass(frozen=True)
class Trained:
    """Some machines.

    Attributes:
        weights: Shape (features, machines), float32.
        offsets: Shape (machines,).
        borders: Of each machine; empty where it was trained on all examples at once.
    """

    weights: NDArray[np.float32]
    offsets: NDArray[np.float32]
    borders: tuple[Border, ...]


@dataclass(frozen=True)
class _Problem:
    """What all machines are trained on; see `LinearMachines.fit`."""

    matrix: Any
    targets: NDArray[Any]
    weights: NDArray[Any]
    penalty: float
    tolerance: float
    seed: int

    def solve(self, name: str, rows: Rows, weights: NDArray[Any] | None = None) -> tuple[NDArray[Any], float]:
        """Return direction and offset of the machine of an intent, trained on some rows."""
        machine = LinearSVC(C=self.penalty, tol=self.tolerance, random_state=self.seed, dual=True)
        weights = self.weights[rows] if weights is None else weights
        machine.fit(self.matrix[rows].astype(np.float64), self.targets[rows] == name, sample_weight=weights)
        return machine.coef_[0], float(machine.intercept_[0])

    def solve_roughly(self, name: str) -> tuple[NDArray[Any], float]:
        """Return the same of all examples of an intent and a sample of the others, each of which stands for many."""
        mine, others = np.flatnonzero(self.targets == name), np.flatnonzero(self.targets != name)
        some = np.random.default_rng(self.seed).choice(others, min(_SAMPLE, len(others)), replace=False)
        rows = np.concatenate([mine, some])
        weights = self.weights[rows].astype(np.float64)
        weights[len(mine) :] *= len(others) / len(some)
        return self.solve(name, rows, weights)


class _Share:
    """The machines of some intents while they are trained."""

    def __init__(self, problem: _Problem, names: Sequence[str]) -> None:
        self._problem = problem
        self._names = names
        self._weights = np.zeros((problem.matrix.shape[1], len(names)), dtype=np.float32)
        self._offsets = np.zeros(len(names), dtype=np.float32)
        self._sets: list[Rows] = [np.flatnonzero(problem.targets == name) for name in names]
        self._borders = [_NOTHING] * len(names)

    def train(self, guesses: Mapping[str, Rows]) -> Trained:
        everything = np.arange(self._problem.matrix.shape[0])
        pending = list(range(len(self._names)))
        if len(everything) <= _WORTH_A_CHOICE:
            for column in pending:
                self._solve(column, everything)
            return Trained(self._weights, self._offsets, tuple(self._borders))
        rough = {column for column in pending if not self._begin(column, guesses.get(self._names[column]))}
        for number in range(_ROUNDS):
            margins = self._problem.matrix @ self._weights.take(pending, axis=1) + self._offsets[pending]
            again = []
            for place, column in enumerate(pending):
                mine = self._problem.targets == self._names[column]
                margin = np.where(mine, margins[:, place], -margins[:, place])
                if self._improve(column, margin, must=column in rough, may_leave=number < _LEAVING_ROUNDS):
                    again.append(column)
            pending, rough = again, set()
            if not pending:
                break
        for column in pending:
            self._solve(column, everything)
            self._borders[column] = _NOTHING
        return Trained(self._weights, self._offsets, tuple(self._borders))

    def _begin(self, column: int, guess: Rows | None) -> bool:
        """Train a machine for the first time; return whether on rows that are worth keeping."""
        mine = self._sets[column]
        if guess is not None and len(np.setdiff1d(guess, mine)):
            self._solve(column, np.union1d(guess, mine))
            return True
        solution = self._problem.solve_roughly(self._names[column])
        self._weights[:, column], self._offsets[column] = solution
        return False

    def _improve(self, column: int, margin: NDArray[Any], must: bool, may_leave: bool) -> bool:
        """Train a machine again if some example lies wrong that it was not trained on; return whether it was."""
        kept = self._sets[column]
        near = np.flatnonzero(margin < _NEAR)
        self._borders[column] = Border(near, margin[near])
        missing = np.setdiff1d(near, kept, assume_unique=True)
        if not must and not (margin[missing] < _WRONG).any():
            return False
        if len(missing) > _MOST_AT_ONCE:
            missing = missing[np.argpartition(margin[missing], _MOST_AT_ONCE)[:_MOST_AT_ONCE]]
        self._solve(column, np.union1d(kept[margin[kept] < _FAR] if may_leave else kept, missing))
        return True

    def _solve(self, column: int, rows: Rows) -> None:
        self._sets[column] = rows
        self._weights[:, column], self._offsets[column] = self._problem.solve(self._names[column], rows)


def train_share(problem: _Problem, names: Sequence[str], guesses: Mapping[str, Rows]) -> Trained:
    """Train the machines of some intents; what one process does."""
    return _Share(problem, names).train(guesses)


def find_unchanged(matrix: Any, targets: NDArray[Any], earlier: Earlier) -> dict[str, int]:
    """Return the machines of an earlier training that training on these examples would give again.

    A machine is the same where the examples at its border lie where they lay, and all others beyond it: those that are
    new, and those whose words weigh a little otherwise now because new examples have them too.

    Args:
        matrix: Sparse, shape (examples, features), float32.
        targets: The intent of each example.
        earlier: What it found.

    Returns:
        Each one's column in `earlier`, by intent.
    """
    margins = matrix @ earlier.weights + earlier.offsets
    unchanged = {}
    for column, name in enumerate(earlier.names):
        mine = targets == name
        border = earlier.borders[name]
        if name in earlier.bereft or not len(border.rows) or not mine.any():
            continue
        margin = np.where(mine, margins[:, column], -margins[:, column])
        moved = np.abs(margin[border.rows] - border.margins).max() > _MOVED
        margin[border.rows] = np.inf
        if not moved and margin.min() >= _WRONG:
            unchanged[name] = column
    return unchanged


def _guess(earlier: Earlier, name: str) -> Rows:
    """Return the examples that a machine probably rests on: those of last time, and any that are new."""
    return np.union1d(earlier.borders[name].rows, earlier.strangers)


class LinearMachines:
    """One support vector machine an intent, against all others; trained side by side on all cores."""

    def __init__(self, penalty: float, tolerance: float, seed: int) -> None:
        """Set up untrained machines; see `bot.nlu.intent_model.Options`."""
        self._penalty = penalty
        self._tolerance = tolerance
        self._seed = seed
        self._weights: NDArray[np.float32] = np.zeros((0, 0), dtype=np.float32)
        self._offsets: NDArray[np.float32] = np.zeros(0, dtype=np.float32)

    def fit(
        self,
        matrix: Any,
        targets: NDArray[Any],
        weights: NDArray[Any],
        earlier: Earlier | None = None,
    ) -> dict[str, Border]:
        """Learn; of few intents as of many.

        Args:
            matrix: Sparse, shape (examples, features).
            targets: The intent of each example.
            weights: What each example weighs.
            earlier: What an earlier training found; machines that these examples would not change are kept.

        Returns:
            The border of each machine, by intent, in the order of the columns.
        """
        names = [str(name) for name in np.unique(targets)]
        matrix = matrix.astype(np.float32)
        # As liblinear wants it: otherwise each machine would sort its rows anew.
        matrix.sort_indices()
        kept = find_unchanged(matrix, targets, earlier) if earlier else {}
        wanted = [name for name in names if name not in kept]
        cores = min(CORES if matrix.nnz > _WORTH_A_PROCESS else 1, len(wanted))
        # Neighbours in the alphabet are alike in size, so that each core gets as much as another.
        shares = [wanted[start::cores] for start in range(cores)]
        problem = _Problem(matrix, targets, weights, self._penalty, self._tolerance, self._seed)
        guesses = {name: _guess(earlier, name) for name in wanted if name in earlier.names} if earlier else {}
        # Processes, not threads: liblinear has one source of chance for all of a process, and the same seed is to give
        # the same machines.
        working = [run_beside(cores > 1, train_share, problem, share, guesses) for share in shares]
        self._weights = np.zeros((matrix.shape[1], len(names)), dtype=np.float32)
        self._offsets = np.zeros(len(names), dtype=np.float32)
        borders = {name: earlier.borders[name] for name in kept} if earlier else {}
        if earlier and kept:
            places = [names.index(name) for name in kept]
            self._weights[:, places] = earlier.weights[:, list(kept.values())]
            self._offsets[places] = earlier.offsets[list(kept.values())]
        for share, future in zip(shares, working, strict=True):
            trained = future.result()
            places = [names.index(name) for name in share]
            # Rounded as they are stored, so that a loaded model says what the trained one said.
            self._weights[:, places] = trained.weights.astype(np.float16)
            self._offsets[places] = trained.offsets
            borders.update(zip(share, trained.borders, strict=True))
        return {name: borders[name] for name in names}

    @property
    def weights(self) -> NDArray[np.float32]:
        """Shape (features, intents)."""
        return self._weights

    @property
    def offsets(self) -> NDArray[np.float32]:
        """Shape (intents,)."""
        return self._offsets

    def __getstate__(self) -> dict[str, Any]:
        # Stored in half precision, which halves the archive and the time to pack it; margins differ by thousandths.
        return {**self.__dict__, "_weights": self._weights.astype(np.float16)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        # Row by row in memory: otherwise a product with one message copies all weights first.
        self._weights = np.ascontiguousarray(self._weights, dtype=np.float32)

    def margins(self, matrix: Any) -> NDArray[np.float32]:
        """Return shape (rows, intents): how far on its side of each machine's border a row lies."""
        return np.asarray(matrix @ self._weights + self._offsets)
