"""
How lopsided days are: on some, stations that lend more than they take do so more than on others.

Of each day one number for rentals and one for returns, its tilt: rates of a station are multiplied by exp(tilt *
lopsided), `lopsided` the logarithm of how many rentals it sees for each return; what the city wants stays as it is. The
model of Lee & Carter (1992, Journal of the American Statistical Association 87) with Poisson counts (Brouhns, Denuit &
Vermunt 2002, Insurance: Mathematics and Economics 31), and loadings that are known beforehand.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimiser.demand.calendar import Calendar, DayClass
from optimiser.demand.reverting import drawn

WEEK = np.array([5.0, 1.0, 1.0])
"""Days of each class."""
LEAST_EVENTS = 5.0
"""Rentals, and as many returns, that are assumed of each station in a week before anything is seen."""
MOST_LOPSIDED = 2.0
"""Stations that are more lopsided than this count as this."""
ROUNDS, LARGEST_STEP = 12, 0.5
"""Of Newton's method."""
LEAST_CURVATURE = 1.0
"""Inverse variance of a tilt: a day that tells less of it tells nothing, and Newton's steps rest on as much."""
DAYS = 90
"""The last days that are looked at."""

Floats = NDArray[np.float64]


def lopsidedness(rental: Floats, giving: Floats, calendar: Calendar) -> Floats:
    """
    Logarithm of rentals over returns wanted in a week by station, shape (stations,); 0 at the city's average rider.

    Rates are events per second, shape (stations, classes, slots).
    """
    slot_s = calendar.slot_minutes * 60
    out, into = (rate.sum(axis=2) @ WEEK * slot_s for rate in (rental, giving))
    apart = np.log((LEAST_EVENTS + out) / (LEAST_EVENTS + into))
    both = out + into
    centre = (apart * both).sum() / both.sum() if both.sum() > 0 else 0.0
    clipped: Floats = np.clip(apart - centre, -MOST_LOPSIDED, MOST_LOPSIDED)
    return clipped


def day_tilts(counts: Floats, expected: Floats, lopsided: Floats) -> tuple[Floats, Floats]:
    """
    The likeliest tilt of each day given how much the city saw on it, and its variance; infinite where nothing is told.

    `counts` and `expected` are events of one kind, shape (stations, days). Stations are restless beyond Poisson noise:
    the variance is the inverse curvature times what squared scores come to over what curvatures say they should, all
    days together, and at least 1 (sandwich: Huber 1967, Fifth Berkeley Symposium 1; White 1982, Econometrica 50).
    """
    tilts, loads = np.zeros(counts.shape[1]), lopsided[:, None]
    for _ in range(ROUNDS):
        scores, curve = _scores(counts, expected, loads, tilts)
        tilts += np.clip(
            (scores.sum(axis=0) - LEAST_CURVATURE * tilts) / (curve + LEAST_CURVATURE), -LARGEST_STEP, LARGEST_STEP
        )
    scores, curve = _scores(counts, expected, loads, tilts)
    told = curve > LEAST_CURVATURE
    restless = max(1.0, float(np.square(scores[:, told]).sum() / curve[told].sum())) if told.any() else 1.0
    return tilts, np.where(told, restless / np.maximum(curve, LEAST_CURVATURE), np.inf)


def _scores(counts: Floats, expected: Floats, loads: Floats, tilts: Floats) -> tuple[Floats, Floats]:
    """Slope of the log-likelihood by station and day, and its curvature by day, given the day's events in all."""
    told = tilted(expected, loads[:, 0], tilts)
    told *= counts.sum(axis=0) / np.maximum(told.sum(axis=0), 1e-9)
    off_centre = loads - (told * loads).sum(axis=0) / np.maximum(told.sum(axis=0), 1e-9)
    return (counts - told) * off_centre, (told * off_centre**2).sum(axis=0)


def foretold_tilts(counts: Floats, expected: Floats, lopsided: Floats, calendar: Calendar) -> tuple[Floats, Floats]:
    """
    Tilts of the days, shape (days,), and of the coming one as a workday and as a day off; 0 where the data are silent.

    `counts` and `expected` as in `day_tilts`.
    """
    seen, variances = day_tilts(counts, expected, lopsided)
    tilts, days = np.zeros(calendar.days), np.flatnonzero(np.isfinite(variances))[-DAYS:]
    if not len(days):
        return tilts, np.zeros(2)
    is_off = calendar.classes[days] != DayClass.WORKDAY
    tilts[days], coming = drawn(seen[days], variances[days], days, is_off, coming=calendar.days)
    return tilts, coming


def tilted(events: Floats, lopsided: Floats, tilts: Floats | float) -> Floats:
    """Events of stations on days (or slots) of such tilts, shape (stations, days); the sum of each stays."""
    leaning: Floats = events * np.exp(lopsided[:, None] * tilts)
    leaning *= events.sum(axis=0) / np.maximum(leaning.sum(axis=0), 1e-300)
    return leaning
