"""Margins into probabilities that mean what they say.

The margins of one or more models become a softmax whose factors are fitted on margins that the models gave to
utterances they had not been trained on (temperature scaling, Guo et al. 2017, arXiv:1706.04599; with several models a
logarithmic opinion pool, Genest & Zidek 1986).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

_FACTOR_LIMIT = 5.0
"""Largest size of a factor's logarithm: with few utterances, all of them right, the likeliest factor is infinite."""


def fit_factors(margins: Sequence[NDArray[Any]], targets: NDArray[Any]) -> tuple[float, ...]:
    """Return a factor for each model's margins that together make the held-out utterances likeliest.

    Args:
        margins: A matrix a model, each of shape (utterances, intents); from models that had not seen the row.
        targets: Shape (utterances,); the right column of each row.
    """
    rows = np.arange(len(targets))
    stacked = np.stack(list(margins))

    def loss(log_factors: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        factors = np.exp(log_factors)
        logs = log_softmax(np.tensordot(factors, stacked, axes=1), axis=1)
        # The gradient of the mean negative log-likelihood by each factor, and by its logarithm.
        expected = (np.exp(logs)[None] * stacked).sum(axis=2)
        gradient = (expected - stacked[:, rows, targets]).mean(axis=1) * factors
        return float(-logs[rows, targets].mean()), gradient

    limits = [(-_FACTOR_LIMIT, _FACTOR_LIMIT)] * len(margins)
    best = minimize(loss, np.zeros(len(margins)), jac=True, method="L-BFGS-B", bounds=limits)
    return tuple(float(factor) for factor in np.exp(best.x))


def to_probabilities(margins: Sequence[NDArray[Any]], factors: Sequence[float]) -> NDArray[Any]:
    """Return the softmax of the models' margins, each times its factor; shape (rows, intents)."""
    pooled = sum(factor * matrix for factor, matrix in zip(factors, margins, strict=True))
    return np.asarray(softmax(pooled, axis=1))


def expected_calibration_error(confidence: NDArray[Any], correct: NDArray[Any], bins: int = 10) -> float:
    """Return the mean gap between confidence and accuracy, weighed by bin (Naeini et al. 2015).

    Args:
        confidence: Shape (n,), in [0, 1].
        correct: Shape (n,), 0 or 1.
        bins: How many equal bins [0, 1] is cut into.
    """
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    error = 0.0
    for number in range(bins):
        chosen = index == number
        if chosen.any():
            error += float(chosen.mean() * abs(confidence[chosen].mean() - correct[chosen].mean()))
    return error
