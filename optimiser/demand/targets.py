"""
Target inventories: what to aim for at opening, and what missing it costs in lost trips.

`Target.lost_trips` is the door through which demand reaches planning: any convex table over the opening
inventory will do. `interval_target` fills it from a plain interval; the user dissatisfaction function
(Raviv & Kolka 2013) fits the same table.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

from optimiser.basics.city import City, Snapshot
from optimiser.basics.errors import InvalidProblem

FILL_TOLERANCE = 0.15
"""Half-width of a proportional target interval, as a share of capacity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What to aim for at one station when it opens."""

    station_id: str
    low: int
    high: int
    lost_trips: tuple[float, ...]
    """Expected lost rentals and returns over the next day, by opening inventory 0..capacity; convex, >= 0."""
    reason: str
    """Why this interval, in a sentence for the route sheet."""

    def __post_init__(self) -> None:
        name = f"target of station {self.station_id}"
        if not 0 <= self.low <= self.high < len(self.lost_trips):
            raise InvalidProblem(
                f"{name}: interval {self.low}..{self.high} is outside 0..{len(self.lost_trips) - 1} or reversed"
            )
        if not all(math.isfinite(value) and value >= 0 for value in self.lost_trips):
            raise InvalidProblem(f"{name}: lost trips must be finite and at least 0")
        steps = [after - before for before, after in pairwise(self.lost_trips)]
        if any(after < before - 1e-9 for before, after in pairwise(steps)):
            raise InvalidProblem(f"{name}: lost trips are not convex in the inventory")


def interval_target(
    station_id: str, *, capacity: int, low: int, high: int, trips_per_bike: float, reason: str
) -> Target:
    """Target whose loss grows by `trips_per_bike` for each bike below `low` or above `high`."""
    losses = tuple(trips_per_bike * max(low - inventory, inventory - high, 0) for inventory in range(capacity + 1))
    return Target(station_id=station_id, low=low, high=high, lost_trips=losses, reason=reason)


def fit_to_room(target: Target, room: int) -> Target:
    """The same target where only `room` bikes fit tonight; beyond its table, losses go on rising as they last did."""
    losses = list(target.lost_trips[: room + 1])
    while len(losses) <= room:
        rise = losses[-1] - losses[-2] if len(losses) > 1 else 0.0
        losses.append(losses[-1] + max(0.0, rise))
    return replace(target, low=min(target.low, room), high=min(target.high, room), lost_trips=tuple(losses))


def proportional_targets(city: City, snapshot: Snapshot) -> tuple[Target, ...]:
    """
    Targets where nothing is known of demand: every station as full as the fleet allows, give or take 15 %.

    One bike too few or dock too few counts as one lost trip. In the order of `city.stations`.
    """
    bikes = sum(status.bikes for status in snapshot.stations)
    docks = sum(station.capacity for station in city.stations)
    fill = min(1.0, bikes / docks) if docks else 0.0
    return tuple(
        interval_target(
            station.id,
            capacity=station.capacity,
            low=math.floor(max(0.0, fill - FILL_TOLERANCE) * station.capacity),
            high=math.ceil(min(1.0, fill + FILL_TOLERANCE) * station.capacity),
            trips_per_bike=1.0,
            reason=f"no demand data: as full as the fleet ({fill:.0%} of docks), give or take {FILL_TOLERANCE:.0%}",
        )
        for station in city.stations
    )
