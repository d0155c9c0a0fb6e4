"""
A series of noisy days that reverts to 0: what each day really was, and what the next will be, empirical Bayes.

A Gaussian process of three parts, a level that is a first-order autoregression, an effect of days off, and what a day
has to itself, seen with a noise whose variance is known. Its covariance is small enough to be solved as it is; that is
what a Kalman filter and smoother answer (Kalman 1960, Journal of Basic Engineering 82; Rasmussen & Williams 2006,
Gaussian Processes for Machine Learning, 2.2). How large the parts are is averaged over a grid by the likelihood of the
whole series (empirical Bayes: Efron & Morris 1973, Journal of the American Statistical Association 68), and half of
what is believed before is that there is no level at all.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

LEVELS = (0.0, 0.05, 0.1, 0.2)
"""Standard deviations of the level that are tried."""
STEADY = (0.8, 0.9, 0.95, 0.98)
"""Shares of the level that are tried to be left a day later."""
OWN = (0.0, 0.05, 0.1, 0.2)
"""Standard deviations that are tried of what a day has to itself."""
OFF = (0.0, 0.1)
"""The same of the effect of days off."""
NO_LEVEL = 0.5
"""Probability that is assumed of there being no level, before anything is seen."""

Floats = NDArray[np.float64]


def drawn(
    values: Floats, variances: Floats, days: NDArray[np.int64], is_off: NDArray[np.bool_], *, coming: int
) -> tuple[Floats, Floats]:
    """
    Posterior means of the level and the effect: of each of the days, and of the next as a workday and as a day off.

    Parameters
    ----------
    values, variances
        By day: what was seen, and the variance of its noise, above 0.
    days, is_off
        Numbers of these days, and which are Saturdays, Sundays or holidays.
    coming
        Number of the next day.
    """
    moments = np.concatenate([days, [coming, coming]])
    off = np.concatenate([is_off, [False, True]]).astype(np.float64)
    apart, both_off = np.abs(moments[:, None] - days), np.outer(off, is_off)
    likely, means = [], []
    for level, steady in [(0.0, 0.0), *product(LEVELS[1:], STEADY)]:
        prior = NO_LEVEL if level == 0 else (1.0 - NO_LEVEL) / ((len(LEVELS) - 1) * len(STEADY))
        lasting = level**2 * steady**apart
        for own, effect in product(OWN, OFF):
            common = lasting + effect**2 * both_off
            root = np.linalg.cholesky(common[: len(days)] + np.diag(variances + own**2))
            white = np.linalg.solve(root, values)
            likely.append(np.log(prior) - 0.5 * white @ white - np.log(np.diag(root)).sum())
            means.append(common @ np.linalg.solve(root.T, white))
    weights = np.exp(np.array(likely) - max(likely))
    mean: Floats = (weights / weights.sum()) @ np.array(means)
    return mean[: len(days)], mean[len(days) :]
