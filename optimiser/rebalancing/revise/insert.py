"""Puts open work into routes, one stop after the other where it saves most; every step is checked and priced."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from optimiser.rebalancing.plan import Plan, Route, Stop
from optimiser.rebalancing.problem import Problem, Station
from optimiser.rebalancing.replay import TimedRoute, Timeline, replay
from optimiser.rebalancing.revise.breaks import with_break
from optimiser.rebalancing.revise.mend import with_route

TRIES = 200
"""Insertions that are checked and priced at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """A stop in a gap, and about what it saves."""

    saves: float
    van_id: str
    gap: int
    stop: Stop


def insert_open_work(
    problem: Problem,
    plan: Plan,
    station_ids: Iterable[str],
    protected: Mapping[str, int],
    *,
    score: Callable[[Plan], float | None],
) -> Plan:
    """
    The plan with as much of the open work at some stations as pays.

    Parameters
    ----------
    station_ids
        Where there may be something to do.
    protected
        By van: stops from the start of its route before which nothing is put.
    score
        What a plan costs, or None where it may not be.
    """
    stations = [problem.station_by_id[id_] for id_ in dict.fromkeys(station_ids)]
    stations = [one for one in stations if not one.is_forbidden]
    best, tried = score(plan), set[tuple[str, int, Stop]]()
    if best is None:
        return plan
    view = _View(problem, plan, protected)
    known: dict[tuple[str, str], list[_Choice]] = {}
    for _ in range(TRIES):
        for station in stations:
            for van in problem.vans:
                if (station.id, van.id) not in known and station.needs <= van.skills:
                    known[station.id, van.id] = list(view.choices(station, van.id))
        choices = [
            choice
            for found in known.values()
            for choice in found
            if choice.saves > 0 and (choice.van_id, choice.gap, choice.stop) not in tried
        ]
        if not choices:
            return plan
        choice = max(choices, key=lambda one: one.saves)
        tried.add((choice.van_id, choice.gap, choice.stop))
        trial = _with_stop(problem, plan, choice)
        price = score(trial)
        if price is None or price >= best - 1e-9:
            continue
        plan, best, tried = trial, price, set()
        view = _View(problem, plan, protected)
        known = {
            key: found for key, found in known.items() if choice.van_id != key[1] and choice.stop.station_id != key[0]
        }
    return plan


def _with_stop(problem: Problem, plan: Plan, choice: _Choice) -> Plan:
    """The plan with the stop in its gap; a break keeps its place between two stops where it may."""
    number = next((index for index, route in enumerate(plan.routes) if route.van_id == choice.van_id), None)
    if number is None:
        plan, number = Plan(routes=(*plan.routes, Route(van_id=choice.van_id, stops=()))), len(plan.routes)
    route = plan.routes[number]
    before = route.break_before
    if before is not None and before > choice.gap:
        before += 1
    stops = (*route.stops[: choice.gap], choice.stop, *route.stops[choice.gap :])
    return with_route(plan, number, with_break(problem, replace(route, stops=stops, break_before=before)))


class _View:
    """A plan with what it leaves to be done."""

    def __init__(self, problem: Problem, plan: Plan, protected: Mapping[str, int]) -> None:
        self.problem, self.protected = problem, protected
        self.timeline: Timeline = replay(problem, plan)
        self.routes = {route.van_id: route for route in self.timeline.routes}
        stops = [timed.stop for route in self.timeline.routes for timed in route.stops]
        self.visits = Counter(stop.station_id for stop in stops)
        self.swaps, self.broken = Counter[str](), Counter[str]()
        for stop in stops:
            self.swaps[stop.station_id] += stop.swaps
            self.broken[stop.station_id] += stop.broken_pickup

    def choices(self, station: Station, van_id: str) -> Iterable[_Choice]:
        """The best stop at a station in every gap of a van's route."""
        if station.once and self.visits[station.id]:
            return
        route = self.routes.get(van_id)
        gaps = 1 if route is None else len(route.stops) + 1
        for gap in range(min(self.protected.get(van_id, 0), gaps), gaps):
            choice = self._choice(station, van_id, route, gap)
            if choice is not None:
                yield choice

    def _choice(self, station: Station, van_id: str, route: TimedRoute | None, gap: int) -> _Choice | None:
        problem, van, prices = self.problem, self.problem.van_by_id[van_id], self.problem.prices
        stops = () if route is None else route.stops
        before = van.start_depot_id if gap == 0 else stops[gap - 1].stop.station_id
        behind = van.end_depot_id if gap == len(stops) else stops[gap].stop.station_id
        end_s = van.shift_start_s if route is None else route.end_s
        added_s = (
            problem.drive_s(van, before, station.id)
            + problem.drive_s(van, station.id, behind)
            - (0 if route is None else problem.drive_s(van, before, behind))
        )
        added_m = (
            problem.length_m(before, station.id)
            + problem.length_m(station.id, behind)
            - (0 if route is None else problem.length_m(before, behind))
        )
        left_s = van.shift_end_s - end_s - added_s - problem.handling.stop_s
        if left_s < 0:
            return None
        per_s, handling = prices.van_hour / 3600, problem.handling
        fixed = per_s * (added_s + handling.stop_s) + prices.van_km * added_m / 1000
        fixed += prices.van_use if route is None else 0.0
        # On board from this gap on: what goes up here stays on board, what goes down is missed from here on.
        first = van.initial_load if route is None else route.start_load
        others = van.initial_low_load + van.initial_broken_load
        loads = [first if gap == 0 else stops[gap - 1].load_after, *(stop.load_after for stop in stops[gap:])]
        full = [first + others if gap == 0 else stops[gap - 1].on_board_after]
        full += [stop.on_board_after for stop in stops[gap:]]
        packs = [van.first_batteries if gap == 0 else stops[gap - 1].batteries_after]
        packs += [stop.batteries_after for stop in stops[gap:]]
        room, spare = van.slots - max(full), max(0, min(loads))
        must = station.must
        swaps = broken = 0
        if must is not None:
            swaps = max(0, min(must.swaps - self.swaps[station.id], self.timeline.low_charge[station.id], *packs))
            broken = max(0, min(must.broken - self.broken[station.id], self.timeline.broken[station.id], room))
        left_s -= swaps * handling.swap_s + broken * handling.bike_s
        if left_s < 0:
            return None
        fixed += per_s * (swaps * handling.swap_s + broken * handling.bike_s) + prices.swap * swaps
        lifts = left_s // handling.bike_s if handling.bike_s else van.slots
        bikes = self.timeline.inventories[station.id] + swaps
        freed = self.timeline.freed[station.id] + swaps + broken
        most_up = min(room - broken, lifts, bikes) if station.may_pick_up else 0
        most_down = min(spare, lifts, station.capacity + freed - bikes) if station.may_drop_off else 0
        now = self._worth(station, 0, 0, 0, 0)
        best: _Choice | None = None
        for change in range(-max(0, most_down), max(0, most_up) + 1):
            if not (change or swaps or broken or (must is not None and must.visit and not self.visits[station.id])):
                continue
            saves = now - self._worth(station, change, swaps, broken, 1)
            saves -= fixed + per_s * handling.bike_s * abs(change)
            if best is None or saves > best.saves:
                stop = Stop(
                    station_id=station.id,
                    pickup=max(0, change),
                    dropoff=max(0, -change),
                    swaps=swaps,
                    broken_pickup=broken,
                )
                best = _Choice(saves=saves, van_id=van_id, gap=gap, stop=stop)
        return best

    def _worth(self, station: Station, up: int, swaps: int, broken: int, visits: int) -> float:
        """What the station costs if so much more is done there."""
        prices, must, id_ = self.problem.prices, station.must, station.id
        bikes = self.timeline.inventories[id_] + swaps - up
        price = prices.lost_trip * station.lost_trips(bikes, self.timeline.freed[id_] + swaps + broken)
        price += prices.broken_left * (self.timeline.broken[id_] - broken)
        if must is None:
            return price
        missing = max(0, must.swaps - self.swaps[id_] - swaps) + max(0, must.broken - self.broken[id_] - broken)
        missing += int(must.visit and not self.visits[id_] + visits)
        missing += max(0, (must.low or 0) - bikes)
        missing += 0 if must.high is None else max(0, bikes - must.high)
        return price + prices.must * missing
