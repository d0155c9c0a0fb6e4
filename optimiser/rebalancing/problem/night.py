"""One night of rebalancing, whole: everything given, validated once."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np

from optimiser.basics.city import Handling, Prices
from optimiser.basics.errors import InvalidProblem
from optimiser.basics.hashing import content_hash
from optimiser.basics.require import require_distinct
from optimiser.network.travel import TravelTimes
from optimiser.rebalancing.problem.fleet import Depot, Van
from optimiser.rebalancing.problem.station import Station, Zone


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
    depots: tuple[Depot, ...] = ()
    """May leave out depots where vans start and end: these have no stock and any room."""
    zones: tuple[Zone, ...] = ()

    def __post_init__(self) -> None:
        if self.start.tzinfo is None:
            raise InvalidProblem("problem: start has no time zone")
        require_distinct("station", (station.id for station in self.stations))
        require_distinct("van", (van.id for van in self.vans))
        require_distinct("depot", (depot.id for depot in self.depots))
        require_distinct("zone", (zone.id for zone in self.zones))
        require_distinct("place", self.travel.place_ids)
        self._require_travel()
        for zone in self.zones:
            if unknown := sorted(set(zone.station_ids) - self.station_by_id.keys()):
                raise InvalidProblem(f"zone {zone.id}: there is no station {', '.join(unknown)}")
        if min(getattr(self.handling, field.name) for field in fields(Handling)) < 0:
            raise InvalidProblem("handling: times must be at least 0 s")
        for field in fields(Prices):
            price = getattr(self.prices, field.name)
            if not (math.isfinite(price) and price >= 0):
                raise InvalidProblem(f"prices: {field.name} is {price}, must be finite and at least 0")

    @cached_property
    def depot_ids(self) -> frozenset[str]:
        """Depots where a van starts or ends, or may call in mid-shift."""
        return frozenset(self.depot_by_id)

    @cached_property
    def depot_by_id(self) -> dict[str, Depot]:
        """Depots by id, those that only vans name included."""
        named = (id_ for van in self.vans for id_ in (van.start_depot_id, van.end_depot_id))
        return {id_: Depot(id=id_) for id_ in named} | {depot.id: depot for depot in self.depots}

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
        return content_hash(
            self.start,
            [_with_sets_in_order(station) for station in self.stations],
            [_with_sets_in_order(van) for van in self.vans],
            self.depots,
            self.zones,
            self.handling,
            self.prices,
            self.travel,
        )

    def drive_s(self, van: Van, origin_id: str, destination_id: str) -> int:
        """Whole seconds that `van` drives from one place to another, rounded up."""
        row, column = self.place_index[origin_id], self.place_index[destination_id]
        return math.ceil(int(self.travel.travel_s[row, column]) / van.speed_factor)

    def length_m(self, origin_id: str, destination_id: str) -> int:
        """Metres from one place to another along the fastest path."""
        return int(self.travel.length_m[self.place_index[origin_id], self.place_index[destination_id]])

    def handling_s(self, bikes: int, *, swaps: int = 0) -> int:
        """Seconds that a stop at a station takes at which so many bikes are lifted and batteries swapped."""
        return self.handling.stop_s + self.handling.bike_s * bikes + self.handling.swap_s * swaps

    def depot_handling_s(self, bikes: int) -> int:
        """Seconds that a visit of a depot in mid-shift takes at which so many bikes are lifted."""
        return self.handling.depot_s + self.handling.bike_s * bikes

    def _require_travel(self) -> None:
        shape = (len(self.travel.place_ids),) * 2
        if self.travel.travel_s.shape != shape or self.travel.length_m.shape != shape:
            raise InvalidProblem(f"travel times: shape {self.travel.travel_s.shape}, expected {shape}")
        stations = {station.id for station in self.stations}
        if missing := sorted((stations | self.depot_ids) - set(self.travel.place_ids)):
            raise InvalidProblem(f"travel times: no place for {', '.join(missing)}")
        if both := sorted(stations & self.depot_ids):
            raise InvalidProblem(f"ids are both station and depot: {', '.join(both)}")
        if self.travel.unreachable or np.any(self.travel.travel_s < 0):
            pairs = ", ".join(f"{a} to {b}" for a, b in self.travel.unreachable[:10])
            raise InvalidProblem(f"travel times: places that cannot be reached: {pairs or 'negative times'}")
        if np.any(self.travel.length_m < 0):
            raise InvalidProblem("travel times: negative lengths")


def _with_sets_in_order(thing: Station | Van) -> dict[str, Any]:
    """Its fields, sets sorted: a set has no order of its own, a fingerprint needs one."""
    values = {field.name: getattr(thing, field.name) for field in fields(thing)}
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in values.items()}
