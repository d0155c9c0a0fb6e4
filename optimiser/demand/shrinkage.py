"""
Rates of stations and slots of which little is known, drawn towards the city's profile at the station's level.

A gamma prior around that profile (Clayton & Kaldor 1987, Biometrics 43). How strong it is, the days tell: the shape
under which each quarter of them is best foretold by the others (Stone 1974, Journal of the Royal Statistical Society B
36; Geisser 1975). Counts of events would say too much of it: what hides between polls is filled in near the rates.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimiser.demand.calendar import Calendar, DayClass

SMOOTHING = np.array([0.25, 0.75, 1.0, 0.75, 0.25])
"""Weights of neighbouring half hours when a station's own deviation from its prior is judged."""
STRENGTHS = 2.0 ** np.arange(-2, 10)
"""Shapes of the gamma prior that are tried."""
PROFILE_S = 3600.0
"""Seconds without an event that are assumed of each slot of the city; few events in no time are no rate."""
FOLDS = 4
"""Every so manieth day is foretold by the others; no divisor of a week, so that all weekdays are."""
LEAST_RATE = 1e-12
"""Events per second; what was seen once is never held for impossible."""

Floats = NDArray[np.float64]
Counts = NDArray[np.float32]


def by_class(values: Counts, calendar: Calendar, weights: Floats) -> Floats:
    """Weighted sums over the days of each class; shape (stations, classes, slots)."""
    sums = np.zeros((len(values), len(DayClass), calendar.slots))
    for kind in DayClass:
        days = np.flatnonzero(calendar.classes == kind)
        sums[:, kind] = np.einsum("idk,d->ik", values[:, days], weights[days].astype(np.float32))
    return sums


def strength(counts: Counts, seconds: Counts, calendar: Calendar, *, weights: Floats, factor: Floats) -> float:
    """
    Shape of the prior under which days left out are foretold best, given how much each station saw on them.

    `counts` and `seconds` have shape (stations, days, slots), `weights` and `factor` (days,).
    """
    fold = np.arange(calendar.days) % FOLDS
    score = np.zeros(len(STRENGTHS))
    for number in range(FOLDS):
        told, judged = weights * (fold != number), (fold == number).astype(np.float64)
        prior, seen, expected = deviation(counts, seconds, calendar, weights=told, factor=factor)
        events, exposed = by_class(counts, calendar, judged), by_class(seconds, calendar, judged * factor)
        score += [_foretold(rate(prior, seen, expected, shape) * exposed, events) for shape in STRENGTHS]
    return float(STRENGTHS[int(np.argmax(score))])


def deviation(
    counts: Counts, seconds: Counts, calendar: Calendar, *, weights: Floats, factor: Floats
) -> tuple[Floats, Floats, Floats]:
    """The prior's rates, and the events seen and expected around each slot; shape (stations, classes, slots)."""
    seen, exposed = by_class(counts, calendar, weights), by_class(seconds, calendar, weights * factor)
    prior = _prior(seen, exposed)
    return prior, _near(seen), _near(prior * exposed)


def rate(prior: Floats, seen: Floats, expected: Floats, shape: float) -> Floats:
    """Mean of the gamma posterior."""
    drawn: Floats = prior * ((shape + seen) / (shape + expected))
    return drawn


def _foretold(expected: Floats, events: Floats) -> float:
    """Log-likelihood of when events came, given how many (multinomial over the slots of a station and class)."""
    share = expected + LEAST_RATE
    share /= share.sum(axis=-1, keepdims=True)
    return float((events * np.log(share)).sum())


def _prior(seen: Floats, exposed: Floats) -> Floats:
    """The city's rate by class and slot times the level of each station (Gamma(1) around the average level)."""
    level = np.ones(len(seen))
    profile = np.zeros(seen.shape[1:])
    for _ in range(6):
        profile = _near(seen.sum(axis=0)) + 1e-3
        profile /= _near((exposed * level[:, None, None]).sum(axis=0)) + PROFILE_S
        level = (1.0 + seen.sum(axis=(1, 2))) / (1.0 + (exposed * profile).sum(axis=(1, 2)))
    return level[:, None, None] * profile


def _near(values: Floats) -> Floats:
    """Weighted sum over neighbouring slots, around midnight."""
    reach = len(SMOOTHING) // 2
    total = np.zeros_like(values)
    for shift, weight in enumerate(SMOOTHING):
        total += weight * np.roll(values, shift - reach, axis=-1)
    return total
