"""Rates of the coming day: what riders are expected to want once the night's work begins, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from optimiser.demand.activity import NODES, WEIGHTS, Activity, Weather, forecast_activity
from optimiser.demand.calendar import QUARTER_S, DayClass, day_class, local_minutes
from optimiser.demand.dissatisfaction import Losses, losses
from optimiser.demand.rates import Rates
from optimiser.demand.tilt import tilted

HORIZON_S = 86_400
"""From one night's work to the next."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Forecast:
    """Demand of n stations over T slots of real time."""

    start_ts: int
    """Unix seconds at which the horizon begins."""
    slot_s: int
    rental: Floats
    """Rentals wanted per second, shape (n, T); mean over days."""
    giving: Floats
    """Returns wanted per second."""
    sigma: Floats
    """How little is known of each station: standard deviation of the logarithm of its level, shape (n,)."""
    is_known: NDArray[np.bool_]
    """Stations with rates of their own, shape (n,)."""
    renting: Activity
    returning: Activity

    @property
    def end_ts(self) -> int:
        """Unix seconds at which the horizon ends."""
        return self.start_ts + int(self.rental.shape[1]) * self.slot_s

    def of(self, rows: NDArray[np.int64]) -> Forecast:
        """The forecast of some stations only, in the order of `rows`."""
        return replace(
            self,
            rental=self.rental[rows],
            giving=self.giving[rows],
            sigma=self.sigma[rows],
            is_known=self.is_known[rows],
        )

    def wanted(self) -> tuple[Floats, Floats]:
        """Expected rentals and returns wanted over the horizon, by station."""
        return self.rental.sum(axis=1) * self.slot_s, self.giving.sum(axis=1) * self.slot_s


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
    off = day_class(middle, holidays) is not DayClass.WORKDAY
    renting, returning = forecast_activity(
        rates.day_factor,
        rates.watched,
        is_off=days.classes != DayClass.WORKDAY,
        off=off,
        first_day=days.first_day,
        coming=middle,
        weather=weather,
    )
    kinds = [int(day_class(day, holidays)) for day, _ in places]
    slots = [minute // days.slot_minutes for _, minute in places]
    leaning = rates.coming_tilt[:, int(off)].tolist()
    events = np.minimum(rates.rental.events, rates.giving.events)
    return Forecast(
        start_ts=start_ts,
        slot_s=slot_s,
        rental=tilted(rates.rental.rate[:, kinds, slots], rates.lopsided, leaning[0]) * renting.factor,
        giving=tilted(rates.giving.rate[:, kinds, slots], rates.lopsided, leaning[1]) * returning.factor,
        sigma=1.0 / np.sqrt(np.maximum(1.0, events)),
        is_known=rates.is_known,
        renting=renting,
        returning=returning,
    )


def expected_losses(
    coming: Forecast, rooms: NDArray[np.int64], *, soft: Floats | None = None, crowding: float = 0.0
) -> Losses:
    """Losses by opening inventory, averaged over quiet, usual and busy days; convex because each of these is."""
    parts = []
    for kind, node in enumerate(NODES):
        # A station of which little is known may be busier or quieter than thought, on busy and quiet days alike.
        level = np.exp(coming.sigma * node - coming.sigma**2 / 2)[:, None]
        rental, giving = (
            coming.rental * level * coming.renting.kinds[kind],
            coming.giving * level * coming.returning.kinds[kind],
        )
        parts.append(losses(rental, giving, rooms, slot_s=coming.slot_s, soft=soft, crowding=crowding))
    means = {
        name: sum(weight * getattr(part, name) for weight, part in zip(WEIGHTS, parts, strict=True))
        for name in ("rentals", "returns", "empty_s", "full_s")
    }
    return Losses(**means)
