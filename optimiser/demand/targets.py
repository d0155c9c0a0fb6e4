"""
Target inventories: what to aim for at opening, and what missing it costs in lost trips.

`Target.lost_trips` is the door through which demand reaches planning: any convex table over the opening
inventory will do. `interval_target` fills it from a plain interval, `optimiser.demand.station_targets` from the user
dissatisfaction function (Raviv & Kolka 2013).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from optimiser.basics.city import City, Snapshot
from optimiser.basics.errors import InvalidProblem

FILL_TOLERANCE = 0.15
"""Half-width of a proportional target interval, as a share of capacity."""

MOST_FREED = 30
"""Freed docks at one station that lost trips are told for; further ones bring nothing more."""


class TargetSource(StrEnum):
    """Where a target comes from."""

    DEMAND = "demand"
    """From rates fitted to the city's history."""
    OPERATOR = "operator"
    """Given by the operator."""
    DEFAULT = "default"
    """Nothing is known: as full as the fleet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StationDemand:
    """What a target from demand rests on; tables by opening inventory 0..room."""

    rentals: float
    """Wanted over the horizon."""
    returns: float
    sigma: float
    """Standard deviation of the logarithm of the day's demand."""
    lost_rentals: tuple[float, ...]
    empty_s: tuple[float, ...]
    """Expected seconds without a bike."""
    full_s: tuple[float, ...]
    """Expected seconds without a free dock."""
    fleet_split: int
    """Bikes here if tonight's bikes were split over all stations so that they lose least."""
    worth_of_swap: tuple[float, ...] | None = None
    """Trips that charging one bike too low to be rented saves, by usable bikes; None where there is none."""


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
    source: TargetSource = TargetSource.OPERATOR
    demand: StationDemand | None = None
    """None unless the target comes from demand."""
    lost_trips_freed: tuple[tuple[float, ...], ...] = ()
    """From demand: lost trips when 1, 2, … docks that hold low-charge or broken bikes are freed, one bike more each."""

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

    def worth_of_next_in(self, inventory: int) -> float | None:
        """Trips that one more bike saves, negative where it loses some; None where it does not fit."""
        here = self.lost_trips[inventory]
        return here - self.lost_trips[inventory + 1] if inventory + 1 < len(self.lost_trips) else None

    def worth_of_next_out(self, inventory: int) -> float | None:
        """Trips that one bike less saves, negative where it loses some; None where there is none."""
        return self.lost_trips[inventory] - self.lost_trips[inventory - 1] if inventory > 0 else None


def interval_target(
    station_id: str,
    *,
    capacity: int,
    low: int,
    high: int,
    trips_per_bike: float,
    reason: str,
    source: TargetSource = TargetSource.OPERATOR,
) -> Target:
    """Target whose loss grows by `trips_per_bike` for each bike below `low` or above `high`."""
    losses = tuple(trips_per_bike * max(low - inventory, inventory - high, 0) for inventory in range(capacity + 1))
    return Target(station_id=station_id, low=low, high=high, lost_trips=losses, reason=reason, source=source)


def fit_to_room(target: Target, room: int) -> Target:
    """The same target where only `room` bikes fit tonight; beyond its table, losses go on rising as they last did."""
    if len(target.lost_trips) == room + 1:
        return target
    losses = list(target.lost_trips[: room + 1])
    while len(losses) <= room:
        rise = losses[-1] - losses[-2] if len(losses) > 1 else 0.0
        losses.append(losses[-1] + max(0.0, rise))
    return replace(
        target,
        low=min(target.low, room),
        high=min(target.high, room),
        lost_trips=tuple(losses),
        demand=None,
        lost_trips_freed=(),
    )


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
            source=TargetSource.DEFAULT,
        )
        for station in city.stations
    )
