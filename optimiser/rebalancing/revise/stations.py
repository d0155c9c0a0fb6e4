"""Stations and depots after part of the night: what they hold, what is still asked for, what was seen there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from optimiser.demand.targets import fit_to_room
from optimiser.rebalancing.plan import Stop
from optimiser.rebalancing.problem import Depot, Must, Problem, Station
from optimiser.rebalancing.revise.given import Event, StationChanged, StationSeen, TaskAdded


@dataclass(slots=True)
class Work:
    """What vans have done at one station."""

    visits: int = 0
    ready: int = 0
    """Ready bikes more than before, fewer where negative."""
    swaps: int = 0
    low_taken: int = 0
    broken_taken: int = 0


def work_of(stops: Iterable[Stop]) -> dict[str, Work]:
    """Work by place, over all stops."""
    work: dict[str, Work] = defaultdict(Work)
    for stop in stops:
        here = work[stop.station_id]
        here.visits += 1
        here.ready += stop.dropoff - stop.pickup + stop.swaps
        here.swaps += stop.swaps
        here.low_taken += stop.low_pickup
        here.broken_taken += stop.broken_pickup
    return work


def after(station: Station, work: Work) -> Station:
    """The station once this work is done, with what is left of its must-do work."""
    made = holding(
        station,
        ready=station.inventory + work.ready,
        low_charge=station.low_charge - work.swaps - work.low_taken,
        broken=station.broken - work.broken_taken,
    )
    must = station.must
    if must is not None:
        must = replace(
            must,
            visit=must.visit and not work.visits,
            swaps=max(0, must.swaps - work.swaps),
            broken=max(0, must.broken - work.broken_taken),
        )
    return replace(made, must=must, is_forbidden=station.is_forbidden or (station.once and work.visits > 0))


def holding(station: Station, *, ready: int, low_charge: int, broken: int) -> Station:
    """
    The same station with other bikes in it: its docks stay, so those that come free are room.

    Impossible numbers become the nearest possible ones. Where more docks are free than lost trips are told for, they
    go on rising beyond the table as they last did.
    """
    low_charge, broken = max(0, low_charge), max(0, broken)
    docks = station.capacity + station.blocked
    ready = max(0, ready)
    room = max(ready, docks - low_charge - broken)
    freed = max(0, room - station.capacity)
    tables = [station.target.lost_trips, *station.lost_trips_freed]
    known = min(freed, len(tables) - 1)
    base = replace(station.target, lost_trips=tables[known], demand=None) if known else station.target
    is_exact = room == station.capacity + known
    return replace(
        station,
        capacity=room,
        inventory=ready,
        low_charge=low_charge,
        broken=broken,
        target=fit_to_room(base, room),
        lost_trips_freed=tuple(tables[known + 1 :][: low_charge + broken]) if is_exact else (),
    )


def told_for(station: Station, work: Work) -> bool:
    """Whether lost trips are told for as many freed docks as this work frees, or more of them lose nothing more."""
    freed = work.swaps + work.low_taken + work.broken_taken
    tables = [station.target.lost_trips, *station.lost_trips_freed]
    last = tables[-1]
    return freed < len(tables) or len(last) < 2 or last[-1] <= last[-2]


def stations_now(problem: Problem, done: Sequence[Stop], events: Sequence[Event]) -> tuple[Station, ...]:
    """Every station after what is done, with what was seen there and what is asked for since."""
    work = work_of(done)
    stations = {
        station.id: after(station, work[station.id]) if station.id in work else station for station in problem.stations
    }
    for event in events:
        match event:
            case StationChanged(station=station):
                stations[station.id] = station
            case StationSeen(station_id=id_):
                stations[id_] = _as_seen(stations[id_], event)
            case TaskAdded(station_id=id_, must=must):
                stations[id_] = replace(stations[id_], must=_both(stations[id_].must, must))
            case _:
                pass
    return tuple(stations.values())


def depots_now(problem: Problem, stock_changes: dict[str, int]) -> tuple[Depot, ...]:
    """Every depot with its stock after these changes, as near as possible."""
    depots = []
    for depot in problem.depot_by_id.values():
        stock = max(0, depot.stock + stock_changes.get(depot.id, 0))
        depots.append(replace(depot, stock=stock if depot.room is None else min(stock, depot.room)))
    return tuple(depots)


def _as_seen(station: Station, seen: StationSeen) -> Station:
    made = holding(
        station,
        ready=station.inventory if seen.inventory is None else seen.inventory,
        low_charge=station.low_charge if seen.low_charge is None else seen.low_charge,
        broken=station.broken if seen.broken is None else seen.broken,
    )
    return replace(made, is_forbidden=made.is_forbidden or seen.is_closed)


def _both(one: Must | None, other: Must) -> Must:
    """Must-do work that asks for both; where bounds exclude each other the newer ones hold."""
    if one is None:
        return other
    low = max((end for end in (one.low, other.low) if end is not None), default=None)
    high = min((end for end in (one.high, other.high) if end is not None), default=None)
    if low is not None and high is not None and low > high:
        low, high = other.low, other.high
    return Must(
        visit=one.visit or other.visit,
        low=low,
        high=high,
        swaps=one.swaps + other.swaps,
        broken=one.broken + other.broken,
    )
