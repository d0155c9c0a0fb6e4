"""
The part of a night that more work for one van can touch, as a night of its own: small, so quick to judge.

What the work changes is its van's route, the stations where that van stops, and the depots that it takes from or fills.
Where another van stops at one of these stations, a stand-in does what it does there at the same second; vans that share
a depot where that matters come whole, with stations that give and take anything for their other stops.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from optimiser.demand.targets import Target
from optimiser.network.travel import TravelTimes
from optimiser.rebalancing.plan import Plan, Route
from optimiser.rebalancing.problem import Depot, Must, Problem, Station, Van
from optimiser.rebalancing.replay import TimedRoute, Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A small night with more work for one of its vans."""

    problem: Problem
    plan: Plan
    """With the work."""
    van_id: str
    planned: TimedRoute | None
    """The van's route without the work; None where it stays in its depot."""
    touched: frozenset[str]
    """Stations that are as in the whole night."""

    def without_work(self, after: Timeline, whole: Timeline) -> Timeline:
        """How the small night ends without the work, from how it ends with it and how the whole night ends without."""
        others = tuple(route for route in after.routes if route.van_id != self.van_id)

        def ends(now: dict[str, int], planned: dict[str, int]) -> dict[str, int]:
            return {id_: planned[id_] if id_ in self.touched else value for id_, value in now.items()}

        return replace(
            after,
            routes=(*others, self.planned) if self.planned else others,
            inventories=ends(after.inventories, whole.inventories),
            low_charge=ends(after.low_charge, whole.low_charge),
            broken=ends(after.broken, whole.broken),
            freed=ends(after.freed, whole.freed),
        )


class Parts:
    """Cuts parts out of one night and its plan, which keeps every rule."""

    def __init__(self, problem: Problem, timeline: Timeline) -> None:
        self._problem = problem
        self._timed = {timed.van_id: timed for timed in timeline.routes}
        self._order = {van_id: order for order, van_id in enumerate(self._timed)}
        self._stops: dict[str, list[tuple[str, int]]] = defaultdict(list)
        self._homes: dict[str, set[str]] = defaultdict(set)
        for van_id, timed in self._timed.items():
            for index, stop in enumerate(timed.route.stops):
                self._stops[stop.station_id].append((van_id, index))
            for id_ in self._depots_of(timed.route):
                self._homes[id_].add(van_id)
        self._taken = {id_ for timed in self._timed.values() for id_ in self._taken_from(timed.route)}
        self._zones = [zone for zone in problem.zones if problem.prices.zone_bike > 0]
        lifted = sum(stop.lifted + stop.swaps for timed in self._timed.values() for stop in timed.route.stops)
        self._most = most = 1 + lifted + sum(van.slots for van in problem.vans)
        self._anything = Station(
            id="",
            capacity=2 * most,
            inventory=most,
            target=Target(station_id="", low=0, high=2 * most, lost_trips=(0.0,) * (2 * most + 1), reason=""),
            low_charge=most,
            broken=most,
            must=Must(visit=True),
        )

    def around(self, after: Route) -> Part:
        """The part that a van touches when it drives `after` instead of its route in the plan."""
        problem, planned = self._problem, self._timed.get(after.van_id)
        stops = (*after.stops, *(planned.route.stops if planned else ()))
        touched = {stop.station_id for stop in stops} - problem.depot_ids
        for zone in self._zones:
            if not touched.isdisjoint(zone.station_ids):
                touched.update(zone.station_ids)
        whole = self._whole(after)
        driven = [
            (self._order.get(after.van_id, len(self._order)), problem.van_by_id[after.van_id], after),
            *((self._order[id_], problem.van_by_id[id_], self._timed[id_].route) for id_ in sorted(whole)),
            *(stand_in for id_ in sorted(touched) for stand_in in self._stand_ins(id_, whole | {after.van_id})),
        ]
        driven.sort(key=lambda one: one[0])
        return Part(
            problem=self._cut(touched, self._depots_of(after), [(van, route) for _, van, route in driven]),
            plan=Plan(routes=tuple(route for _, _, route in driven)),
            van_id=after.van_id,
            planned=planned,
            touched=frozenset(touched),
        )

    def _whole(self, after: Route) -> set[str]:
        """Other vans that have to come whole: those at depots where it matters who comes first, or all for fairness."""
        if self._problem.prices.fairness > 0:
            return self._timed.keys() - {after.van_id}
        taken, depots = self._taken | set(self._taken_from(after)), self._problem.depot_by_id
        shared = [id_ for id_ in self._depots_of(after) if id_ in taken or depots[id_].room is not None]
        return set().union(*(self._homes[id_] for id_ in shared)) - {after.van_id}

    def _depots_of(self, route: Route) -> set[str]:
        van = self._problem.van_by_id[route.van_id]
        called = {stop.station_id for stop in route.stops} & self._problem.depot_ids
        return called | {van.start_depot_id, van.end_depot_id}

    def _taken_from(self, route: Route) -> Iterator[str]:
        van = self._problem.van_by_id[route.van_id]
        if route.start_load is not None and route.start_load > van.initial_load:
            yield van.start_depot_id
        yield from (
            stop.station_id for stop in route.stops if stop.pickup and stop.station_id in self._problem.depot_ids
        )

    def _stand_ins(self, station_id: str, there: set[str]) -> Iterator[tuple[int, Van, Route]]:
        """For each stop at a station by a van that is not there a van that starts beside it, just in time."""
        for van_id, index in self._stops[station_id]:
            if van_id in there:
                continue
            timed = self._timed[van_id].stops[index]
            stop, beside = timed.stop, _beside(station_id)
            van = Van(
                id=f"{van_id} at {index}",
                slots=2 * self._most,
                initial_load=self._most,
                start_depot_id=beside,
                end_depot_id=beside,
                shift_start_s=timed.departure_s - self._problem.handling_s(stop.lifted, swaps=stop.swaps),
                shift_end_s=timed.departure_s,
                batteries=self._most,
                skills=self._problem.station_by_id[station_id].needs,
            )
            yield self._order[van_id], van, Route(van_id=van.id, stops=(stop,))

    def _cut(self, touched: set[str], homes: set[str], driven: list[tuple[Van, Route]]) -> Problem:
        """The night of some vans: `touched` stations and `homes` as they are, all others give and take anything."""
        problem = self._problem
        named = touched.union(stop.station_id for _, route in driven for stop in route.stops)
        named |= {id_ for van, _ in driven for id_ in (van.start_depot_id, van.end_depot_id)}
        stations = [station for id_ in sorted(named) if (station := problem.station_by_id.get(id_)) is not None]
        depots = sorted(named - problem.station_by_id.keys())
        places = (*(station.id for station in stations), *depots)
        rows = [problem.place_index[id_.removeprefix(_BESIDE)] for id_ in places]
        matrix = np.ix_(rows, rows)
        times = problem.travel
        return replace(
            problem,
            stations=tuple(
                station if station.id in touched else replace(self._anything, id=station.id, opens_s=station.opens_s)
                for station in stations
            ),
            vans=tuple(van for van, _ in driven),
            depots=tuple(
                problem.depot_by_id[id_] if id_ in homes else Depot(id=id_, stock=self._most) for id_ in depots
            ),
            zones=tuple(zone for zone in problem.zones if touched.issuperset(zone.station_ids)),
            travel=TravelTimes(place_ids=places, travel_s=times.travel_s[matrix], length_m=times.length_m[matrix]),
        )


_BESIDE = "\0beside "
"""No id of a real place begins like this."""


def _beside(station_id: str) -> str:
    return _BESIDE + station_id
