"""
Rentals and returns by station, day and slot, with the time in which each was possible.

Rentals can only be seen while a bike stands there, returns while a dock is free. Whoever divides counts by these
seconds estimates what riders want, not what they got (O'Mahony & Shmoys 2015, AAAI; Freund et al. 2019).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimiser.demand.calendar import Calendar

ASLEEP = 0.25
"""Share of a usual slot's events below which the city is falling asleep."""

COUNTERS = ("intervals", "gaps", "closed", "jumps", "jump_bikes_out", "jump_bikes_in")

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False, kw_only=True)
class Tally:
    """What was seen, by station and cell of a calendar; arrays of shape (stations, days, slots)."""

    calendar: Calendar
    rentals: Floats
    returns: Floats
    rental_s: Floats
    """Seconds in which a bike could be rented and somebody was watching."""
    return_s: Floats
    """Seconds in which a dock was free and somebody was watching."""
    counters: dict[str, int]
    """How many intervals between polls were used, were gaps, closed, or held jumps."""

    def __add__(self, other: Tally) -> Tally:
        """Both counts together; of one calendar."""
        return Tally(
            calendar=self.calendar,
            rentals=self.rentals + other.rentals,
            returns=self.returns + other.returns,
            rental_s=self.rental_s + other.rental_s,
            return_s=self.return_s + other.return_s,
            counters={name: self.counters[name] + other.counters[name] for name in COUNTERS},
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class CellRates:
    """Rates by station, class of day and slot, events per second, and how busy each day was; for counting with."""

    rental: NDArray[np.float64]
    """Shape (stations, classes, slots)."""
    giving: NDArray[np.float64]
    day_factor: NDArray[np.float64]
    """Of rentals and of returns, shape (2, days)."""

    def columns(self) -> tuple[NDArray[np.float64], ...]:
        """In the order that compiled functions take them; with what riders may be held responsible for at once."""
        return (
            self.rental,
            self.giving,
            believable(self.rental, self.giving),
            believable(self.giving, self.rental),
            self.day_factor,
        )


def believable(own: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    What riders may be held responsible for at once: less where the whole city hardly does the other thing.

    When nobody rents, nobody returns a dozen bikes: a van that comes every night at three would else be learnt as
    riders, and then pass for them.
    """
    city = other.sum(axis=0)
    usual = city.mean(axis=-1, keepdims=True)
    awake = np.clip(city / np.maximum(ASLEEP * usual, 1e-12), 0.0, 1.0)
    rate: NDArray[np.float64] = own * awake
    return rate
