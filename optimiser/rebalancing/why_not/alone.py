"""
What no van can do even for one unit, whatever else is planned: bounds by shortest tours, so they hold for all plans.

Times made outside may break the triangle inequality, so tours over other stations are counted as well, each with the
least that a stop there takes; a bike that is brought has to be fetched on the way unless the van has one at its start.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimiser.rebalancing.plan import NOTHING
from optimiser.rebalancing.problem import Problem, Station, Van
from optimiser.rebalancing.replay import Timeline, replay
from optimiser.rebalancing.why_not.wishes import Wish, missing

Ints = NDArray[np.int64]
_FAR = 2**50
"""Seconds or metres to where no way leads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """Why one van cannot do one unit of a wish in any plan."""

    rule: str
    """Named as in `check`, or: `nothing_there`, `no_bikes` where what it takes does not exist, `no_room` for a bike."""
    van_id: str = ""
    station_id: str
    amount: float
    """By how much it misses: seconds, metres, batteries, skills, bikes."""
    least: float = 0.0
    """What one unit takes at least: seconds from the start of the shift, a clock, metres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reach:
    """Least seconds and metres to and from every place, in place order, with the work of stops on the way."""

    empty_s: Ints
    """To arrive, from the start of the shift."""
    laden_s: Ints
    """To arrive with a bike on board."""
    back_s: Ints
    empty_m: Ints
    laden_m: Ints
    back_m: Ints
    sources: frozenset[str]
    """Where a ready bike can be taken on the way."""


class Alone:
    """Proofs of what cannot be done, for one problem."""

    def __init__(self, problem: Problem, timeline: Timeline) -> None:
        self._problem, self._timeline = problem, timeline
        self._lacking_at_start = missing(problem, replay(problem, NOTHING))
        self._reach: dict[tuple[object, ...], _Reach] = {}

    def obstacles(self, wish: Wish) -> tuple[Obstacle, ...]:
        """For every van why it cannot; empty unless it is proven for all of them."""
        station = self._problem.station_by_id[wish.station_id]
        if self._lacking_at_start.get((wish.station_id, wish.kind), 0) < wish.amount:
            return ()  # It would be served better if nobody came.
        if (nothing := self._nothing_there(wish, station)) is not None:
            return (nothing,)
        if station.is_forbidden:
            return (Obstacle(rule="forbidden", station_id=station.id, amount=1),)
        if not self._problem.vans:
            return (Obstacle(rule="shift_end", station_id=station.id, amount=1),)
        found: list[Obstacle] = []
        for van in self._problem.vans:
            if not (own := tuple(self._of(van, wish, station))):
                return ()
            found += own
        return tuple(found)

    def _nothing_there(self, wish: Wish, station: Station) -> Obstacle | None:
        """What is asked for and does not exist: low-charge or broken bikes, docks."""
        must = station.must
        if must is None or wish.kind not in {"low", "swaps", "broken"}:
            return None
        there, asked = {
            "low": (station.capacity + station.blocked, must.low or 0),
            "swaps": (station.low_charge, must.swaps),
            "broken": (station.broken, must.broken),
        }[wish.kind]
        if asked - wish.amount < there:
            return None
        rule = "station_inventory" if wish.kind == "low" else "nothing_there"
        return Obstacle(rule=rule, station_id=station.id, amount=wish.amount, least=there)

    def _of(self, van: Van, wish: Wish, station: Station) -> Iterator[Obstacle]:
        """What is in the way of every way in which a van could do one unit; nothing if one way is free."""
        ways = list(_ways(wish, station))
        found = [tuple(self._in_the_way(van, station, way)) for way in ways]
        if all(found):
            yield from dict.fromkeys(obstacle for obstacles in found for obstacle in obstacles)

    def _in_the_way(self, van: Van, station: Station, way: str) -> Iterator[Obstacle]:
        """What is in the way of dropping or picking up a bike, of a swap, of taking a broken bike, of a visit."""

        def obstacle(rule: str, amount: float = 1, least: float = 0) -> Obstacle:
            return Obstacle(rule=rule, van_id=van.id, station_id=station.id, amount=amount, least=least)

        if lacking := station.needs - van.skills:
            yield obstacle("skills", len(lacking))
        if way == "drop" and not station.may_drop_off:
            yield obstacle("dropoff_forbidden")
        if way == "pick" and not station.may_pick_up:
            yield obstacle("pickup_forbidden")
        if way == "pick" and not self._takes_one_more(van, station):
            yield obstacle("no_room")
        if way == "swap" and not van.batteries:
            yield obstacle("batteries")
        reach, place = self._reach_of(van), self._problem.place_index[station.id]
        is_laden = way == "drop"
        if is_laden and not self._has_bikes(van, station):
            yield obstacle("no_bikes")
            return
        there_s = int((reach.laden_s if is_laden else reach.empty_s)[place])
        there_m = int((reach.laden_m if is_laden else reach.empty_m)[place])
        handling = self._problem.handling
        work_s = handling.stop_s + {"swap": handling.swap_s, "visit": 0}.get(way, handling.bike_s)
        done_s = max(van.shift_start_s + there_s, station.opens_s or 0) + work_s
        if station.closes_s is not None and done_s > station.closes_s:
            yield obstacle("time_window", done_s - station.closes_s, done_s)
        end_s = done_s + int(reach.back_s[place])
        if van.break_ is not None and end_s > van.break_.latest_s:
            # The break is due; waiting for the station to open may make up for it.
            tour_s = van.shift_start_s + there_s + work_s + int(reach.back_s[place])
            end_s = max(end_s, tour_s + van.break_.duration_s)
        if end_s > van.shift_end_s:
            yield obstacle("shift_end", end_s - van.shift_end_s, end_s - van.shift_start_s)
        length_m = there_m + int(reach.back_m[place])
        if van.range_m is not None and length_m > van.range_m:
            yield obstacle("range", length_m - van.range_m, length_m)

    def _has_bikes(self, van: Van, station: Station) -> bool:
        """Whether there is a ready bike that the van could bring to the station."""
        return self._starts_with(van) is not None or bool(self._reach_of(van).sources - {station.id})

    def _takes_one_more(self, van: Van, station: Station) -> bool:
        """Whether a bike fetched from the station could end anywhere: in a depot beside the van's own, or elsewhere."""
        rooms = [depot.room for depot in self._problem.depot_by_id.values()]
        if None in rooms:
            return True
        stock = sum(depot.stock for depot in self._problem.depot_by_id.values())
        free = sum(room for room in rooms if room is not None) - stock - van.initial_load
        return free > 0 or any(
            one.id != station.id and one.may_drop_off and one.inventory < one.capacity + one.blocked
            for one in self._problem.stations
        )

    def _starts_with(self, van: Van) -> int | None:
        """Seconds until it has a bike on board at its start; None where there is none."""
        if van.initial_load:
            return 0
        return self._problem.handling.bike_s if self._problem.depot_by_id[van.start_depot_id].stock else None

    def _sources(self, van: Van) -> list[str]:
        """Where the van can take a ready bike on its way."""
        stations = [
            station.id
            for station in self._problem.stations
            if (station.inventory or (station.low_charge and van.batteries))
            and station.may_pick_up
            and not station.is_forbidden
            and station.needs <= van.skills
        ]
        return stations + [depot.id for depot in self._problem.depots if depot.stock and depot.may_call]

    def _reach_of(self, van: Van) -> _Reach:
        key = (
            van.start_depot_id,
            van.end_depot_id,
            van.speed_factor,
            van.skills,
            bool(van.batteries),
            bool(van.initial_load),
        )
        if key not in self._reach:
            self._reach[key] = self._measure(van)
        return self._reach[key]

    def _measure(self, van: Van) -> _Reach:
        problem = self._problem
        index = problem.place_index
        start, end = index[van.start_depot_id], index[van.end_depot_id]
        legs_s = np.ceil(problem.travel.travel_s / van.speed_factor).astype(np.int64)
        legs_m = problem.travel.length_m.astype(np.int64)
        onward_s = legs_s + self._least_work()[:, None]
        empty_s, empty_m = _nearest(legs_s[start], onward_s), _nearest(legs_m[start], legs_m)
        laden_s, laden_m = np.full_like(empty_s, _FAR), np.full_like(empty_m, _FAR)
        if (loading_s := self._starts_with(van)) is not None:
            laden_s, laden_m = empty_s + loading_s, empty_m
        sources = self._sources(van)
        if sources:
            rows = [index[id_] for id_ in sources]
            lift_s = self._lifting()[rows]
            by_way_s = ((empty_s[rows] + lift_s)[:, None] + legs_s[rows]).min(axis=0)
            laden_s = np.minimum(laden_s, _nearest(by_way_s, onward_s))
            laden_m = np.minimum(laden_m, _nearest((empty_m[rows][:, None] + legs_m[rows]).min(axis=0), legs_m))
        return _Reach(
            empty_s=empty_s,
            laden_s=laden_s,
            back_s=_nearest(legs_s[:, end], (legs_s + self._least_work()[None, :]).T),
            empty_m=empty_m,
            laden_m=laden_m,
            back_m=_nearest(legs_m[:, end], legs_m.T),
            sources=frozenset(sources),
        )

    def _least_work(self) -> Ints:
        """Least seconds of a stop by place: one bike, one swap, or nothing where a visit is asked for."""
        handling, work = self._problem.handling, np.full(len(self._problem.place_index), self._problem.handling.depot_s)
        for station in self._problem.stations:
            unit_s = min(handling.bike_s, handling.swap_s) if station.low_charge else handling.bike_s
            is_visit = station.must is not None and station.must.visit
            work[self._problem.place_index[station.id]] = handling.stop_s + (0 if is_visit else unit_s)
        return work.astype(np.int64)

    def _lifting(self) -> Ints:
        """Seconds of a stop at which a ready bike is taken, by place."""
        handling, work = self._problem.handling, np.full(len(self._problem.place_index), self._problem.handling.depot_s)
        work[[self._problem.place_index[station.id] for station in self._problem.stations]] = handling.stop_s
        return (work + handling.bike_s).astype(np.int64)


def _ways(wish: Wish, station: Station) -> Iterable[str]:
    """In what ways one unit of a wish can be done."""
    if wish.brings:
        return ("drop", "swap") if station.low_charge else ("drop",)
    if wish.fetches:
        return ("pick",)
    return ({"visit": "visit", "swaps": "swap", "broken": "lift"}[wish.kind],)


def _nearest(first: Ints, onward: Ints) -> Ints:
    """Dijkstra on a full matrix; `first` = each place's own way from the source, `onward` = from place to place."""
    best: Ints = first.copy()
    waiting = best.copy()
    for _ in range(len(best)):
        nearest = int(waiting.argmin())
        reached = best[nearest]
        waiting[nearest] = _FAR * 4
        better = reached + onward[nearest] < best
        best[better] = waiting[better] = (reached + onward[nearest])[better]
    return best
