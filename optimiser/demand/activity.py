"""How busy the city is from day to day: smoothed into a forecast, and explained by weather where that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from optimiser.demand.smoothing import DAMPING, smoothed

LEVEL_GAIN, TREND_GAIN = 0.4, 0.05
"""Of the smoothing of weather and of what it is compared with."""
SIGMA_UNKNOWN, SIGMA_DAYS = 0.2, 7
"""Spread of log activity assumed before anything is seen, and the days for which that counts."""
APART_UNKNOWN = 0.045
"""The same spread of how far rentals and returns are apart."""
SPREAD_HALF_LIFE_DAYS = 15.0
"""A miss so long ago counts half as much: the weather of a season is steadier than that of a year."""
RIDGE = 10.0
"""Days of standardised weather without any effect that are assumed before anything is seen."""
LEAST_WEATHER_DAYS = 14
"""Fewer days with weather explain nothing."""

WEIGHTS = (1 / 6, 2 / 3, 1 / 6)
"""Of quiet, usual and busy days."""
NODES = (-(3.0**0.5), 0.0, 3.0**0.5)
"""Where these three lie on a normal distribution (Gauss-Hermite quadrature)."""

Floats = NDArray[np.float64]

Weather = Mapping[date, tuple[float, ...]]
"""Figures of a local day, such as mean temperature and precipitation; the same number for each day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What is expected of a coming day, relative to an average day of its class."""

    factor: float
    """Mean."""
    sigma: float
    """Standard deviation of its logarithm."""
    kinds: tuple[float, float, float]
    """A quiet day, a usual one and a busy one, relative to `factor`; weighted by `WEIGHTS` their mean is 1."""
    weather_days: int = 0
    """Days from which the effect of weather was learnt; 0 where it does not count."""


def forecast_activity(
    factors: Floats,
    watched: NDArray[np.bool_],
    *,
    is_off: NDArray[np.bool_],
    off: bool,
    first_day: date,
    coming: date,
    weather: Weather | None = None,
) -> tuple[Activity, Activity]:
    """
    Activity of the day `coming`, in rentals and in returns, from that of the days before.

    What both have in common and how far they are apart are smoothed each for itself (`smoothing`): rain moves both
    alike, and what is left between them, bikes becoming scarce or plenty, is small and steady and must not lag behind.
    The effect of weather, a ridge regression on both the days' deviations from their recent past (Hoerl & Kennard 1970,
    Technometrics 12), is taken out before.

    Parameters
    ----------
    factors
        Observed over expected rentals and returns of each day from `first_day` on, above 0; shape (2, days).
    watched
        Days of which anything is known.
    is_off, off
        Days that are Saturdays, Sundays or holidays, and whether the coming one is.
    """
    days = np.flatnonzero(watched)
    if not len(days):
        unknown = _activity(1.0, np.zeros(0), np.zeros(0), spread=SIGMA_UNKNOWN, weather_days=0)
        return unknown, unknown
    logs = np.log(factors[:, days])
    dates = [first_day + timedelta(days=int(day)) for day in days]
    effects = [_weather_effect(row, dates, coming, weather or {}) for row in logs]
    dry = logs - np.array([effect for effect, _, _ in effects])
    common = smoothed(dry.mean(axis=0), days, is_off[days], off=off, spread=SIGMA_UNKNOWN)
    apart = smoothed(dry[0] - dry[1], days, is_off[days], off=off, spread=APART_UNKNOWN)
    weights = 0.5 ** (np.arange(len(days))[::-1] / SPREAD_HALF_LIFE_DAYS)
    told = []
    for row, half, (_, coming_effect, weather_days) in zip(dry, (0.5, -0.5), effects, strict=True):
        errors, level = common.errors + half * apart.errors, common.coming + half * apart.coming
        # Exponentials of forecast logarithms are not means of activity: what came over what was forecast says by how
        # much.
        came, foretold = np.exp(row), np.exp(row - errors)
        bias = (SIGMA_DAYS + (weights * came).sum()) / (SIGMA_DAYS + (weights * foretold).sum())
        factor = float(np.exp(level + coming_effect) * bias)
        told.append(_activity(factor, errors * common.scale, weights, spread=common.spread, weather_days=weather_days))
    return told[0], told[1]


def _activity(factor: float, errors: Floats, weights: Floats, *, spread: float, weather_days: int) -> Activity:
    """
    Mean activity, and kinds of day from past errors of its forecast.

    The errors are not normal: rain makes days much quieter, nothing makes them much busier. So the three kinds of day
    are means over the lowest sixth, the middle and the highest sixth of the errors, with some normal ones put to them.
    """
    normal = np.array(NODES) * spread
    all_errors = np.concatenate([errors, normal])
    all_weights = np.concatenate([weights, SIGMA_DAYS * np.array(WEIGHTS)])
    order = np.argsort(all_errors, kind="stable")
    factors, shares = np.exp(all_errors[order]), all_weights[order] / all_weights.sum()
    ends = np.concatenate([[0.0], np.cumsum(shares)])
    kinds, since = [], 0.0
    for weight in WEIGHTS:
        within = np.clip(np.minimum(ends[1:], since + weight) - np.maximum(ends[:-1], since), 0.0, None)
        kinds.append(float((within * factors).sum() / within.sum()))
        since += weight
    mean = sum(weight * kind for weight, kind in zip(WEIGHTS, kinds, strict=True))
    quiet, usual, busy = (kind / mean for kind in kinds)
    return Activity(
        factor=factor,
        sigma=float(np.sqrt((all_weights * np.square(all_errors)).sum() / all_weights.sum())),
        kinds=(quiet, usual, busy),
        weather_days=weather_days,
    )


def smooth(logs: Floats) -> tuple[float, Floats]:
    """The next value, and by how much each value missed the forecast made before it."""
    level, trend, errors = float(logs[:7].mean()), 0.0, []
    for value in logs.tolist():
        forecast = level + DAMPING * trend
        errors.append(value - forecast)
        level, trend = forecast + LEVEL_GAIN * errors[-1], DAMPING * trend + TREND_GAIN * errors[-1]
    return level + DAMPING * trend, np.array(errors)


def _weather_effect(logs: Floats, dates: list[date], coming: date, weather: Weather) -> tuple[Floats, float, int]:
    """What weather did to log activity on each day and will do to the coming one, and from how many days."""
    known = [index for index, day in enumerate(dates) if day in weather]
    nothing = np.zeros(len(logs)), 0.0, 0
    if len(known) < LEAST_WEATHER_DAYS or coming not in weather:
        return nothing
    figures = np.array([weather[dates[index]] for index in known])
    centre, spread = figures.mean(axis=0), figures.std(axis=0)
    if not (spread > 0).any():
        return nothing
    scale = np.where(spread > 0, spread, np.inf)
    standard = (figures - centre) / scale
    deviations = np.column_stack([smooth(column)[1] for column in standard.T])
    errors = smooth(logs[known])[1]
    slopes = np.linalg.solve(deviations.T @ deviations + RIDGE * np.eye(deviations.shape[1]), deviations.T @ errors)
    effect = np.zeros(len(logs))
    effect[known] = standard @ slopes
    return effect, float(((np.array(weather[coming]) - centre) / scale) @ slopes), len(known)
