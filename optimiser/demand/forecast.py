"""Rates of the coming day: what riders are expected to want from the start of the night's work on, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from optimiser.demand.activity import Activity, Weather, forecast_activity
from optimiser.demand.calendar import QUARTER_S, day_class, local_minutes
from optimiser.demand.dissatisfaction import Losses, losses
from optimiser.demand.rates import HALF_LIFE_DAYS, Rates

HORIZON_S = 86_400
"""From one night's work to the next."""
NODES, WEIGHTS = (-(3.0**0.5), 0.0, 3.0**0.5), (1 / 6, 2 / 3, 1 / 6)
"""Gauss-Hermite quadrature over log activity: three days, one quiet, one usual, one busy."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Forecast:
    """Demand of n stations over T slots of real time."""

    start_ts: int
    """Unix seconds at which the horizon begins."""
    slot_s: int
    rental: Floats
    """Rentals wanted per second, shape (n, T); median over days."""
    giving: Floats
    """Returns wanted per second."""
    sigma: Floats
    """Standard deviation of the logarithm of each station's demand, shape (n,)."""
    is_known: NDArray[np.bool_]
    """Stations with rates of their own, shape (n,)."""
    renting: Activity
    returning: Activity

    def wanted(self) -> tuple[Floats, Floats]:
        """Expected rentals and returns wanted over the horizon, by station."""
        mean = np.exp(self.sigma**2 / 2)
        return self.rental.sum(axis=1) * self.slot_s * mean, self.giving.sum(axis=1) * self.slot_s * mean


def forecast(
    rates: Rates, *, start_ts: int, holidays: frozenset[date] = frozenset(), weather: Weather | None = None
) -> Forecast:
    """
    Demand over the day that begins at `start_ts`.

    Slots run in real time and take the local slot in which they begin, so a day of 23 or 25 hours is as it is.
    """
    days = rates.calendar
    start_ts = start_ts // QUARTER_S * QUARTER_S
    slot_s = days.slot_minutes * 60
    zone = ZoneInfo(days.time_zone)
    quarters = np.arange(start_ts, start_ts + HORIZON_S, slot_s) // QUARTER_S
    places = local_minutes(zone, quarters)
    middle = places[len(places) // 2][0]
    renting, returning = (
        forecast_activity(
            factors,
            rates.watched,
            first_day=days.first_day,
            coming=middle,
            half_life_days=HALF_LIFE_DAYS,
            weather=weather,
        )
        for factors in rates.day_factor
    )
    kinds = [int(day_class(day, holidays)) for day, _ in places]
    slots = [minute // days.slot_minutes for _, minute in places]
    events = np.minimum(rates.rental.events, rates.giving.events)
    return Forecast(
        start_ts=start_ts,
        slot_s=slot_s,
        rental=rates.rental.rate[:, kinds, slots] * renting.factor,
        giving=rates.giving.rate[:, kinds, slots] * returning.factor,
        # Independent: how the city's day differs, and how little is known of the station.
        sigma=np.sqrt((renting.sigma**2 + returning.sigma**2) / 2 + 1.0 / np.maximum(1.0, events)),
        is_known=rates.is_known,
        renting=renting,
        returning=returning,
    )


def expected_losses(coming: Forecast, capacities: NDArray[np.int64], *, crowding: Floats | None = None) -> Losses:
    """Losses by opening inventory, averaged over quiet, usual and busy days; convex because each of these is."""
    parts = []
    for node in NODES:
        factor = np.exp(coming.sigma * node)[:, None]
        parts.append(
            losses(coming.rental * factor, coming.giving * factor, capacities, slot_s=coming.slot_s, crowding=crowding)
        )
    means = {
        name: sum(weight * getattr(part, name) for weight, part in zip(WEIGHTS, parts, strict=True))
        for name in ("rentals", "returns", "empty_s", "full_s")
    }
    return Losses(**means)
