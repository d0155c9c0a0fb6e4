"""What is given for one night of rebalancing: stations, vans, handling times, prices, travel times."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np

from optimiser.basics.city import Handling, Prices
from optimiser.basics.errors import InvalidProblem
from optimiser.basics.hashing import content_hash
from optimiser.demand.targets import Target
from optimiser.network.travel import TravelTimes


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A station as the night finds it."""

    id: str
    capacity: int
    """Bikes that fit tonight: what stands there now plus free docks."""
    inventory: int
    target: Target
    """Its `lost_trips` has `capacity` + 1 entries."""

    def __post_init__(self) -> None:
        if not 0 <= self.inventory <= self.capacity:
            raise InvalidProblem(f"station {self.id}: inventory {self.inventory} is outside 0..{self.capacity}")
        if len(self.target.lost_trips) != self.capacity + 1:
            raise InvalidProblem(
                f"station {self.id}: target covers inventories 0..{len(self.target.lost_trips) - 1}, "
                f"capacity is {self.capacity}"
            )

    def lost_trips(self, inventory: int) -> float:
        """Expected trips lost over the next day when it opens with so many bikes, 0..capacity."""
        if not 0 <= inventory <= self.capacity:
            raise IndexError(f"station {self.id}: inventory {inventory} is outside 0..{self.capacity}")
        return self.target.lost_trips[inventory]


@dataclass(frozen=True, slots=True, kw_only=True)
class Van:
    """A van with its shift, in seconds after the start of the night."""

    id: str
    slots: int
    initial_load: int
    start_depot_id: str
    end_depot_id: str
    shift_start_s: int
    shift_end_s: int
    speed_factor: float = 1.0

    def __post_init__(self) -> None:
        if self.slots < 1:
            raise InvalidProblem(f"van {self.id}: slots is {self.slots}, must be at least 1")
        if not 0 <= self.initial_load <= self.slots:
            raise InvalidProblem(f"van {self.id}: initial load {self.initial_load} is outside 0..{self.slots}")
        if not 0 <= self.shift_start_s <= self.shift_end_s:
            raise InvalidProblem(
                f"van {self.id}: shift {self.shift_start_s}..{self.shift_end_s} s is reversed or before the night"
            )
        if not (math.isfinite(self.speed_factor) and self.speed_factor > 0):
            raise InvalidProblem(f"van {self.id}: speed factor is {self.speed_factor}, must be above 0")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """
    One night of rebalancing.

    Place ids of `travel` are the ids of stations and depots, so these must differ from each other.
    """

    start: datetime
    """When the night starts; aware. All seconds count from here."""
    stations: tuple[Station, ...]
    vans: tuple[Van, ...]
    handling: Handling
    prices: Prices
    travel: TravelTimes

    def __post_init__(self) -> None:
        if self.start.tzinfo is None:
            raise InvalidProblem("problem: start has no time zone")
        _require_distinct("station", (station.id for station in self.stations))
        _require_distinct("van", (van.id for van in self.vans))
        _require_distinct("place", self.travel.place_ids)
        shape = (len(self.travel.place_ids),) * 2
        if self.travel.travel_s.shape != shape or self.travel.length_m.shape != shape:
            raise InvalidProblem(f"travel times: shape {self.travel.travel_s.shape}, expected {shape}")
        places = set(self.travel.place_ids)
        needed = {station.id for station in self.stations} | self.depot_ids
        if missing := sorted(needed - places):
            raise InvalidProblem(f"travel times: no place for {', '.join(missing)}")
        if both := sorted({station.id for station in self.stations} & self.depot_ids):
            raise InvalidProblem(f"ids are both station and depot: {', '.join(both)}")
        if self.travel.unreachable or np.any(self.travel.travel_s < 0):
            pairs = ", ".join(f"{a} to {b}" for a, b in self.travel.unreachable[:10])
            raise InvalidProblem(f"travel times: places that cannot be reached: {pairs or 'negative times'}")
        if self.handling.stop_s < 0 or self.handling.bike_s < 0:
            raise InvalidProblem("handling: times must be at least 0 s")
        for name in ("lost_trip", "van_hour", "van_km", "van_use"):
            price = getattr(self.prices, name)
            if not (math.isfinite(price) and price >= 0):
                raise InvalidProblem(f"prices: {name} is {price}, must be finite and at least 0")

    @property
    def depot_ids(self) -> set[str]:
        """Depots where a van starts or ends."""
        return {van.start_depot_id for van in self.vans} | {van.end_depot_id for van in self.vans}

    @cached_property
    def station_by_id(self) -> dict[str, Station]:
        """Stations by id."""
        return {station.id: station for station in self.stations}

    @cached_property
    def van_by_id(self) -> dict[str, Van]:
        """Vans by id."""
        return {van.id: van for van in self.vans}

    @cached_property
    def place_index(self) -> dict[str, int]:
        """Row of each place in the travel matrices."""
        return {place_id: index for index, place_id in enumerate(self.travel.place_ids)}

    @cached_property
    def input_hash(self) -> str:
        """Fingerprint of everything given."""
        return content_hash(self.start, self.stations, self.vans, self.handling, self.prices, self.travel)

    def drive_s(self, van: Van, origin_id: str, destination_id: str) -> int:
        """Whole seconds that `van` drives from one place to another, rounded up."""
        row, column = self.place_index[origin_id], self.place_index[destination_id]
        return math.ceil(int(self.travel.travel_s[row, column]) / van.speed_factor)

    def length_m(self, origin_id: str, destination_id: str) -> int:
        """Metres from one place to another along the fastest path."""
        return int(self.travel.length_m[self.place_index[origin_id], self.place_index[destination_id]])

    def handling_s(self, bikes: int) -> int:
        """Seconds that a stop takes at which so many bikes are picked up and dropped off."""
        return self.handling.stop_s + self.handling.bike_s * bikes


def _require_distinct(what: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    twice: list[str] = []
    for id_ in ids:
        if id_ in seen:
            twice.append(id_)
        seen.add(id_)
    if twice:
        raise InvalidProblem(f"{what} ids appear more than once: {', '.join(sorted(set(twice)))}")
