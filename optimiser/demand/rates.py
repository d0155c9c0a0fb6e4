"""
What riders want: rental and return rates by station, class of day and slot, estimated from what was seen.

Counts are Poisson with mean f_d * lambda * exposure, f_d how busy the city was that day. Rates are shrunk towards the
city's profile at the station's level (`shrinkage`); recent days weigh more (a power prior, Ibrahim & Chen 2000,
Statistical Science 15). docs/models/demand.md has every formula.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimiser.demand.calendar import Calendar, DayClass
from optimiser.demand.shrinkage import by_class, deviation, rate, strength
from optimiser.demand.tally import CellRates, Tally
from optimiser.demand.tilt import foretold_tilts, lopsidedness, tilted

HALF_LIFE_DAYS = 30.0
"""A day so long ago weighs half as much for the shape of the day."""
DRIFT_HALF_LIFE_DAYS = 8.0
"""The same for how busy a single station is relative to its past."""
DRIFT_EVENTS = 30.0
"""Events without any drift that are assumed before anything is seen."""
DAY_EVENTS = 20.0
"""Events of average activity that are assumed of each day before anything is seen."""
LEAST_WATCHED_S = 2 * 86_400
"""A station watched for less has no rates of its own."""
ROUNDS = 3

Floats = NDArray[np.float64]
Counts = NDArray[np.float32]


@dataclass(frozen=True, eq=False, kw_only=True)
class Intensity:
    """Rates of one kind of event, and how well they are known."""

    rate: Floats
    """Events per second on a day of average activity, shape (stations, classes, slots); posterior mean."""
    shape: Floats
    """Of the gamma posterior of each rate: its relative standard deviation is 1 / sqrt(shape). The same shape."""
    events: Floats
    """Events, recent ones counting more, behind the level of each station, shape (stations,)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Rates:
    """Fitted demand of a city."""

    calendar: Calendar
    """Of the days that were looked at."""
    rental: Intensity
    giving: Intensity
    """Returns."""
    day_factor: Floats
    """How busy each day was in rentals and in returns; near 1 where little was seen. Shape (2, days)."""
    lopsided: Floats
    """How many rentals each station sees for a return, as `tilt.lopsidedness` tells it; shape (stations,)."""
    coming_tilt: Floats
    """Tilts of the day after these in rentals and in returns, were it a workday or a day off; shape (2, 2)."""
    watched: NDArray[np.bool_]
    """Days of which anything is known, shape (days,)."""
    is_known: NDArray[np.bool_]
    """Stations that were watched long enough to have rates of their own, shape (stations,)."""
    strength: tuple[float, float]
    """Shapes of the gamma priors of rentals and returns."""

    def cells(self) -> CellRates:
        """For counting again."""
        return CellRates(rental=self.rental.rate, giving=self.giving.rate, day_factor=self.day_factor)


def fit(tally: Tally, *, rounds: int = ROUNDS, recency: bool = True, tilting: bool = True) -> Rates:
    """
    Rates from a tally.

    Parameters
    ----------
    rounds
        Of fitting rates and days in turn.
    recency
        Whether recent days count more, as for a forecast; without, all days count alike, as for looking back.
    tilting
        Whether to tell how lopsided days are; only where recent days count more.
    """
    calendar = tally.calendar
    ages = np.arange(calendar.days)[::-1]
    weights = 0.5 ** (ages / HALF_LIFE_DAYS) if recency else np.ones(calendar.days)
    factor = np.ones((2, calendar.days))
    watched = tally.rental_s.sum(axis=(0, 2)) + tally.return_s.sum(axis=(0, 2)) > 0
    for _ in range(rounds):
        rental, rental_strength = _intensity(tally.rentals, tally.rental_s, calendar, weights, factor[0])
        giving, giving_strength = _intensity(tally.returns, tally.return_s, calendar, weights, factor[1])
        factor = _centred(_day_factors(tally, rental, giving), watched, calendar)
    lopsided = lopsidedness(rental.rate, giving.rate, calendar)
    coming_tilt = np.zeros((2, 2))
    if recency:
        loads = lopsided if tilting else None
        rental, coming_tilt[0] = _recent(rental, tally.rentals, tally.rental_s, calendar, factor[0], loads)
        giving, coming_tilt[1] = _recent(giving, tally.returns, tally.return_s, calendar, factor[1], loads)
    return Rates(
        calendar=calendar,
        rental=rental,
        giving=giving,
        day_factor=_day_factors(tally, rental, giving),
        lopsided=lopsided,
        coming_tilt=coming_tilt,
        watched=watched,
        is_known=np.minimum(tally.rental_s.sum(axis=(1, 2)), tally.return_s.sum(axis=(1, 2))) >= LEAST_WATCHED_S,
        strength=(rental_strength, giving_strength),
    )


def _intensity(
    counts: Counts, seconds: Counts, calendar: Calendar, weights: Floats, factor: Floats
) -> tuple[Intensity, float]:
    """Posterior rates under a gamma prior around the city's profile, and the prior's shape."""
    shape = strength(counts, seconds, calendar, weights=weights, factor=factor)
    prior, seen, expected = deviation(counts, seconds, calendar, weights=weights, factor=factor)
    events = by_class(counts, calendar, weights).sum(axis=(1, 2))
    return Intensity(rate=rate(prior, seen, expected, shape), shape=shape + seen, events=events), shape


def _recent(  # noqa: PLR0917  all that is known of one kind of event
    known: Intensity,
    counts: Counts,
    seconds: Counts,
    calendar: Calendar,
    factor: Floats,
    lopsided: Floats | None,
) -> tuple[Intensity, Floats]:
    """
    The same rates, each station scaled by what its last days saw over what they should have, and the coming tilts.

    What a day's tilt explains is no station's own; None leaves tilts out.
    """
    seen = counts.sum(axis=2, dtype=np.float64)
    expected = np.column_stack(
        [(known.rate[:, kind] * seconds[:, day]).sum(axis=1) for day, kind in enumerate(calendar.classes)]
    )
    coming = np.zeros(2)
    if lopsided is not None:
        tilts, coming = foretold_tilts(seen, expected, lopsided, calendar)
        expected = tilted(expected, lopsided, tilts)
    weights = 0.5 ** (np.arange(calendar.days)[::-1] / DRIFT_HALF_LIFE_DAYS)
    events = DRIFT_EVENTS + seen @ weights
    ratio = events / (DRIFT_EVENTS + expected @ (weights * factor))
    return Intensity(rate=known.rate * ratio[:, None, None], shape=known.shape, events=events), coming


def _day_factors(tally: Tally, rental: Intensity, giving: Intensity) -> Floats:
    """Observed over expected events of each day, drawn towards 1 where little was seen; shape (2, days)."""
    factors = np.ones((2, tally.calendar.days))
    for row, (counts, seconds, known) in enumerate(
        ((tally.rentals, tally.rental_s, rental), (tally.returns, tally.return_s, giving))
    ):
        for day, kind in enumerate(tally.calendar.classes):
            expected = float((known.rate[:, kind] * seconds[:, day]).sum())
            factors[row, day] = (DAY_EVENTS + float(counts[:, day].sum())) / (DAY_EVENTS + expected)
    return factors


def _centred(factors: Floats, watched: NDArray[np.bool_], calendar: Calendar) -> Floats:
    """Factors with a geometric mean of 1 over each class: what its days have in common belongs to its rates."""
    centred = factors.copy()
    for kind in DayClass:
        own = watched & (calendar.classes == kind)
        if own.any():
            centred[:, own] /= np.exp(np.log(factors[:, own]).mean(axis=1, keepdims=True))
    return centred
