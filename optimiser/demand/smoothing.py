"""
A series of days followed by its level and a damped trend, with as much trust in each day as its own past deserves.

Exponential smoothing with a damped trend (Gardner & McKenzie 1985, Management Science 31) whose gain is that of a
Kalman filter (Kalman 1960, Journal of Basic Engineering 82): days off tell less of the days to come than workdays do
where they follow the weather more. How much less, and how fast the level moves, are the values under which the series
foretold itself best, day by day (prediction error decomposition: Schweppe 1965, IEEE Transactions on Information
Theory 11; Harvey 1989, Forecasting, structural time series models and the Kalman filter).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

TREND_SHARE, DAMPING = 0.125, 0.9
"""Of each correction of the level that goes on as a trend, and of the trend that is left a day later."""
MOVES = (0.01, 0.03, 0.1, 0.3, 1.0)
"""Variances of a day's move of the level that are tried, relative to the noise of a workday."""
RESTLESS = (1.0, 2.0, 4.0, 8.0)
"""Variances of the noise of a day off that are tried, relative to that of a workday."""
USUAL_MOVE, MOVE_SPREAD = 0.3, 2.0
USUAL_RESTLESS, RESTLESS_SPREAD = 1.5, 1.0
"""What is assumed of both before anything is seen: log-normal, with these medians and spreads of the logarithm."""
PRIOR_DAYS = 3.0
"""Days for which the assumed spread counts."""
HALF_LIFE_DAYS = 60.0
"""A day so long ago says half as much of how restless days are."""
BEGINNING = 7
"""Days whose mean the level begins with."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Smoothed:
    """A series, foretold day by day."""

    coming: float
    """The next value."""
    errors: Floats
    """By how much each value missed the forecast made before it."""
    scale: Floats
    """How much wider than each of these errors one of the coming day is likely to be."""
    spread: float
    """Standard deviation expected of the coming day's error."""


def smoothed(
    values: Floats, days: NDArray[np.int64], is_off: NDArray[np.bool_], *, off: bool, spread: float
) -> Smoothed:
    """
    Foretell a series.

    Parameters
    ----------
    values
        By watched day, at least one.
    days
        Numbers of these days; some may be left out.
    is_off
        Which of them are Saturdays, Sundays or holidays.
    off
        Whether the coming day is one.
    spread
        Standard deviation of an error that is assumed before anything is seen.
    """
    weights = 0.5 ** ((days[-1] - days) / HALF_LIFE_DAYS)
    best: tuple[float, Smoothed] | None = None
    for move, restless in product(MOVES, RESTLESS):
        noise = np.where(is_off, restless, 1.0)
        coming, errors, variances, level_variance = follow(values, days, noise, move)
        unit = PRIOR_DAYS * spread**2 + (weights * errors**2 / variances).sum()
        unit /= PRIOR_DAYS + weights.sum()
        likely = -0.5 * ((weights * np.log(variances)).sum() + (PRIOR_DAYS + weights.sum()) * np.log(unit))
        likely -= 0.5 * (np.log(move / USUAL_MOVE) / MOVE_SPREAD) ** 2
        likely -= 0.5 * (np.log(restless / USUAL_RESTLESS) / RESTLESS_SPREAD) ** 2
        if best is None or likely > best[0]:
            ahead = level_variance + (restless if off else 1.0)
            told = Smoothed(
                coming=coming, errors=errors, scale=np.sqrt(ahead / variances), spread=float(np.sqrt(unit * ahead))
            )
            best = float(likely), told
    assert best is not None
    return best[1]


def follow(values: Floats, days: NDArray[np.int64], noise: Floats, move: float) -> tuple[float, Floats, Floats, float]:
    """
    The next value, each day's error and its variance, and the variance of the level by then.

    `noise` is the variance of each day around the level, `move` that of the level from day to day, in the same unit.
    """
    sure = 1.0 / noise[:BEGINNING]
    level, variance = float((sure * values[:BEGINNING]).sum() / sure.sum()), float(1.0 / sure.sum())
    trend, before = 0.0, int(days[0])
    errors, variances = np.empty(len(values)), np.empty(len(values))
    for index, (value, day, own) in enumerate(zip(values.tolist(), days.tolist(), noise.tolist(), strict=True)):
        level, trend = level + DAMPING * trend, DAMPING * trend
        variance += move * (day - before)
        error, expected = value - level, variance + own
        gain = variance / expected
        level, trend, variance = level + gain * error, trend + TREND_SHARE * gain * error, variance * (1.0 - gain)
        errors[index], variances[index], before = error, expected, day
    return level + DAMPING * trend, errors, variances, variance + move
