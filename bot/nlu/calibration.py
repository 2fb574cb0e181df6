"""Margins into probabilities that mean what they say.

A support vector machine's one-against-rest margins become a softmax whose temperature is fitted on margins that the
classifier gave to utterances it had not been trained on (temperature scaling, Guo et al. 2017, arXiv:1706.04599).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax


def fit_temperature(margins: NDArray[Any], targets: NDArray[Any]) -> float:
    """Return the factor on the margins that makes the held-out utterances likeliest.

    Args:
        margins: Shape (utterances, intents); from models that had not seen the row.
        targets: Shape (utterances,); the right column of each row.
    """
    rows = np.arange(len(targets))

    def loss(log_factor: float) -> float:
        return float(-log_softmax(np.exp(log_factor) * margins, axis=1)[rows, targets].mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-2.0, 5.0), method="bounded").x))


def to_probabilities(margins: NDArray[Any], temperature: float) -> NDArray[Any]:
    """Return softmax(temperature · margins) by row; shape as `margins`."""
    return np.asarray(softmax(temperature * margins, axis=1))


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
