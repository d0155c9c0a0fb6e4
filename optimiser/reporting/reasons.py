"""
Why a station is left as it is: each function states one reason, and only where its numbers prove it.

Kinds: `impossible` (no plan can serve it), `conflicts` (serving it would take from another station),
`not_worth_it` (serving it costs more than it gains), `search_limit` (nothing is proven; the search ended first).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.result import StopReason
from optimiser.rebalancing.problem import Problem, Station, Van
from optimiser.reporting.night import Night

_SLACK = 1e-9
"""Below this two sums of money or of trips are equal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a station is left as it is."""

    kind: str
    """`impossible`, `conflicts`, `not_worth_it` or `search_limit`."""
    code: str
    proof: str
    """`proven` for every plan, `counted` or `priced` on this plan, `measured` on the streets, `open` if not proven."""
    detail: str
    """A sentence with the numbers."""


def out_of_shift(problem: Problem, stations: Sequence[Station]) -> dict[str, Reason]:
    """Stations that no van can reach, serve with one bike and come back from within its shift."""
    if not problem.vans:
        return {
            station.id: Reason(kind="impossible", code="SHIFT_TIME", proof="proven", detail="No van works tonight.")
            for station in stations
        }
    if not stations:
        return {}
    columns = [problem.place_index[station.id] for station in stations]
    # Which van comes closest to making it, and by how much each misses: negative = time to spare.
    alike = {_drives_like(van): van for van in problem.vans}
    tours = {key: _shortest_tour_s(problem, van)[columns] for key, van in alike.items()}
    needed = np.stack([tours[_drives_like(van)] for van in problem.vans])
    shifts = np.array([van.shift_end_s - van.shift_start_s for van in problem.vans])
    over = needed - shifts[:, None]
    nearest = over.argmin(axis=0)
    return {
        station.id: Reason(
            kind="impossible",
            code="SHIFT_TIME",
            proof="proven",
            detail=(
                f"Depot, this station, one bike and back take at least {_minutes(int(needed[van, column]))}; "
                f"the shift of {problem.vans[van].id} is {_minutes(int(shifts[van]))}, "
                f"{_minutes(int(over[van, column]))} too short, and no other van comes closer."
            ),
        )
        for column, (station, van) in enumerate(zip(stations, nearest, strict=True))
        if over[van, column] > 0
    }


def _drives_like(van: Van) -> tuple[str, str, float]:
    return van.start_depot_id, van.end_depot_id, van.speed_factor


def _shortest_tour_s(problem: Problem, van: Van) -> NDArray[np.int64]:
    """
    Seconds of the shortest tour from depot to depot that moves a bike at each place, in place order.

    Times made outside may break the triangle inequality, so detours over other stations are tried as well
    (each with its own stop and bike): no route of any plan can be shorter.
    """
    legs = np.ceil(problem.travel.travel_s / van.speed_factor).astype(np.int64)
    handling = np.full(len(legs), problem.handling_s(1))
    handling[[problem.place_index[id_] for id_ in problem.depot_ids]] = 0
    start, end = problem.place_index[van.start_depot_id], problem.place_index[van.end_depot_id]
    there = _shortest_from(start, legs + handling[None, :])
    back = _shortest_from(end, legs.T + handling[None, :])
    tour: NDArray[np.int64] = there + back - handling
    return tour


def _shortest_from(source: int, lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Dijkstra on a full matrix: n rounds over n places."""
    best: NDArray[np.int64] = lengths[source].copy()
    best[source] = 0
    waiting = best.copy()
    for _ in range(len(best)):
        nearest = int(waiting.argmin())
        reached = best[nearest]
        waiting[nearest] = np.iinfo(np.int64).max
        better = reached + lengths[nearest] < best
        best[better] = waiting[better] = (reached + lengths[nearest])[better]
    return best


def every_bike_is_needed(night: Night) -> Reason | None:
    """The fleet is smaller than the targets ask for, and no bike stands where it is not asked for."""
    problem, final = night.problem, night.timeline.inventories
    loads = {van.id: van.initial_load for van in problem.vans}
    loads |= {route.van_id: route.load_at_end for route in night.timeline.routes}
    spare = sum(max(0, final[station.id] - station.target.low) for station in problem.stations)
    if spare or sum(loads.values()):
        return None
    bikes = sum(final.values())
    asked = sum(station.target.low for station in problem.stations)
    return Reason(
        kind="conflicts",
        code="NO_SURPLUS_LEFT",
        proof="counted",
        detail=(
            f"The targets ask for {asked} bikes, the fleet has {bikes}. Each stands where a target asks for it "
            f"and none is left on a van: a bike brought here would be missing elsewhere."
        ),
    )


def not_worth_it(night: Night, station: Station, elsewhere: Gains) -> Reason | None:
    """The plan is proven best, or one more stop here costs at least as much as it can gain."""
    result = night.result
    if result.stop_reason is StopReason.OPTIMAL:
        return Reason(
            kind="not_worth_it",
            code="VALUE_BELOW_COST",
            proof="proven",
            detail=(
                f"The plan is proven best at {result.objective:.2f} {night.city.currency}: "
                f"no plan that serves this station better costs less."
            ),
        )
    if any(stop.stop.station_id == station.id for route in night.timeline.routes for stop in route.stops):
        return None
    cheapest = _cheapest_stop(night, station)
    most = _greatest_gain(night, station, elsewhere)
    if cheapest is None or cheapest < most - _SLACK:
        return None
    return Reason(
        kind="not_worth_it",
        code="VALUE_BELOW_COST",
        proof="priced",
        detail=(
            f"One more stop here adds at least {cheapest:.2f} {night.city.currency} for parking and driving "
            f"wherever it is put into the plan; it gains at most {most:.2f} {night.city.currency}, "
            f"counting also the stations its bikes could come from or go to."
        ),
    )


def _cheapest_stop(night: Night, station: Station) -> float | None:
    """Price of time and metres that a stop here adds at its best place in the plan, bikes not counted."""
    problem = night.problem
    routes = {route.van_id: [timed.stop.station_id for timed in route.stops] for route in night.timeline.routes}
    here = problem.place_index[station.id]
    best: float | None = None
    for van in problem.vans:
        places = [van.start_depot_id, *routes.get(van.id, []), van.end_depot_id]
        ids = [problem.place_index[id_] for id_ in places]
        origins, ends = np.array(ids[:-1]), np.array(ids[1:])
        added = []
        # A van that has no route yet does not drive from depot to depot.
        saved = 1 if routes.get(van.id) else 0
        for matrix, factor in ((problem.travel.travel_s, van.speed_factor), (problem.travel.length_m, 1.0)):
            there, on, direct = (
                np.ceil(legs / factor) for legs in (matrix[origins, here], matrix[here, ends], matrix[origins, ends])
            )
            added.append(there + on - saved * direct)
        prices = problem.prices
        price = prices.van_hour * (added[0] + problem.handling.stop_s) / 3600 + prices.van_km * added[1] / 1000
        cheapest = float(price.min()) + (0.0 if saved else prices.van_use)
        best = cheapest if best is None else min(best, cheapest)
    return best


def _greatest_gain(night: Night, station: Station, elsewhere: Gains) -> float:
    """Most that any number of bikes brought here, or taken away, can save at both ends."""
    at, losses = night.timeline.inventories[station.id], station.target.lost_trips
    short = at < station.target.low
    there = elsewhere.taking if short else elsewhere.bringing
    here = [losses[at] - loss for loss in (losses[at:] if short else losses[at::-1])]
    best = max(gain + there[min(bikes, len(there) - 1)] for bikes, gain in enumerate(here))
    return night.problem.prices.lost_trip * best


@dataclass(frozen=True, slots=True)
class Gains:
    """Most trips that taking 0, 1, 2, … bikes from stations (or bringing them there) can save after the night."""

    taking: tuple[float, ...]
    bringing: tuple[float, ...]


def gains(night: Night) -> Gains:
    """As if the bikes came from, or went to, whichever stations gain most; losses are convex, so bike by bike."""
    final = night.timeline.inventories
    tables = [(station.target.lost_trips, final[station.id]) for station in night.problem.stations]
    return Gains(
        taking=_summed(table[bikes::-1] for table, bikes in tables),
        bringing=_summed(table[bikes:] for table, bikes in tables),
    )


def _summed(tables: Iterable[Sequence[float]]) -> tuple[float, ...]:
    saved = (loss - onward for table in tables for loss, onward in pairwise(table) if onward < loss)
    return (0.0, *accumulate(sorted(saved, reverse=True)))


def search_limit(night: Night) -> Reason:
    """Nothing is proven; why the search ended, and how much the whole plan may still gain."""
    result = night.result
    ended = {
        StopReason.GAP: "the gap asked for was reached",
        StopReason.STALLED: "nothing better was found for a while",
        StopReason.TIME_LIMIT: "its time was used up",
        StopReason.CANCELLED: "it was stopped",
    }.get(result.stop_reason, result.stop_reason.value)
    return Reason(
        kind="search_limit",
        code="SEARCH_LIMIT",
        proof="open",
        detail=(
            f"May fit: the search ended first ({ended} after {result.elapsed_s:.0f} s). "
            f"At most {100 * result.gap:.1f} % of the whole plan's cost could still be saved, this station included."
        ),
    )


def _minutes(seconds: int) -> str:
    return f"{seconds // 60} min {seconds % 60:02} s"
