"""The course of a night from now on: its rest as a problem, simply going on as a plan of it, and which stops stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from optimiser.rebalancing.cost import Cost
from optimiser.rebalancing.plan import Plan, Route, Stop
from optimiser.rebalancing.problem import Depot, Problem, Station, Van
from optimiser.rebalancing.revise.breaks import with_breaks
from optimiser.rebalancing.revise.rest import Rest, Underway, rest_of
from optimiser.rebalancing.revise.takeover import Takeover, Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """
    The rest of a night, and its vans' stops.

    Plans of the rest hold for each van that is underway its way so far, then the stops that are ahead of it.
    """

    night: Problem
    takeovers: tuple[Takeover, ...]
    stations: tuple[Station, ...]
    depots: tuple[Depot, ...]
    rest: Rest
    frozen: dict[str, int]
    """By van: stops ahead that stay as they are."""

    @property
    def problem(self) -> Problem:
        """The rest of the night."""
        return self.rest.problem

    @property
    def protected(self) -> dict[str, int]:
        """By van: the first stops of its route in plans of the rest that stay as they are."""
        return {van_id: count + (van_id in self.rest.so_far) for van_id, count in self.frozen.items()}

    def plan(self, counts: Mapping[str, int] | None = None) -> Plan:
        """Simply going on; with `counts`, no van further than so many stops."""
        routes = []
        for taken in self.takeovers:
            if taken.van.id not in self.problem.van_by_id:
                continue
            count = len(taken.rest) if counts is None else min(counts[taken.van.id], len(taken.rest))
            break_before = taken.break_before
            if break_before is not None and break_before >= count and count < len(taken.rest):
                break_before = None
            routes.append(self._route(taken, taken.rest[:count], break_before))
        whole = Plan(routes=tuple(routes))
        return whole if counts is None else with_breaks(self.problem, whole)

    def whole(self, rest: Plan) -> Plan:
        """Done stops and those of a plan of the rest, as the night's routes; vans without stops are left out."""
        routes = {route.van_id: route for route in rest.routes}
        made = []
        for taken in self.takeovers:
            route = routes.get(taken.van.id)
            skipped = int(taken.van.id in self.rest.so_far)
            ahead = () if route is None else route.stops[skipped:]
            if not taken.done and not ahead:
                continue
            break_before = None
            if taken.is_break_over and taken.break_done is not None:
                break_before = min(taken.break_done, len(taken.done) + len(ahead))
            elif route is not None and route.break_before is not None:
                break_before = route.break_before - skipped + len(taken.done)
            start_load = taken.start_load if taken.has_started or route is None else route.start_load
            made.append(
                Route(
                    van_id=taken.van.id,
                    stops=(*taken.done, *ahead),
                    start_load=start_load,
                    break_before=break_before,
                )
            )
        return Plan(routes=tuple(made))

    def _route(self, taken: Takeover, stops: tuple[Stop, ...], break_before: int | None) -> Route:
        van_id = taken.van.id
        if van_id not in self.rest.so_far:
            return Route(van_id=van_id, stops=stops, start_load=taken.start_load, break_before=break_before)
        first = Stop(station_id=self.rest.so_far[van_id])
        return Route(
            van_id=van_id,
            stops=(first, *stops),
            break_before=None if break_before is None else break_before + 1,
        )


def course_of(
    night: Problem,
    takeovers: Sequence[Takeover],
    *,
    at_s: int,
    stations: tuple[Station, ...],
    depots: tuple[Depot, ...],
    frozen: Mapping[str, int],
    is_widened: bool = False,
) -> Course:
    """State the rest of the night as the takeovers leave it."""
    rest = rest_of(
        night,
        [van for taken in takeovers if (van := _van_of(taken, at_s)) is not None],
        stations=stations,
        depots=depots,
        prices=night.prices,
        is_widened=is_widened,
    )
    kept = {taken.van.id: frozen[taken.van.id] for taken in takeovers if taken.van.id in rest.problem.van_by_id}
    return Course(night=night, takeovers=tuple(takeovers), stations=stations, depots=depots, rest=rest, frozen=kept)


def _van_of(taken: Takeover, at_s: int) -> Van | Underway | None:
    """What drives on; None where nothing does."""
    van = taken.van
    if taken.where in {Where.HOME, Where.LOST}:
        return None
    if taken.where is Where.OUT:
        return Underway(
            van=replace(van, break_=None) if taken.is_break_over else van,
            place_id=taken.place_id,
            free_s=taken.free_s,
            metres=taken.metres,
            load=taken.load,
            low_load=taken.low_load,
            broken_load=taken.broken_load,
            batteries=taken.batteries,
        )
    start_s = van.shift_start_s + taken.late_s
    if not taken.has_started:
        start_s = max(start_s, at_s)
    if start_s > van.shift_end_s:
        return None
    is_over = van.break_ is not None and van.break_.latest_s < start_s
    return replace(van, shift_start_s=start_s, break_=None if is_over else van.break_)


def spent(night: Problem, takeovers: Sequence[Takeover], *, at_s: int) -> Cost:
    """What the night has cost and the rest does not count: swaps, vans that drive no more, delays at the depot."""
    prices = night.prices
    hours, metres, vans, swaps = 0.0, 0, 0, 0
    for taken in takeovers:
        swaps += sum(stop.swaps for stop in taken.done)
        if not taken.has_started:
            continue
        if taken.where in {Where.HOME, Where.LOST}:
            end_s = taken.free_s if taken.where is Where.HOME else at_s
            hours += (end_s - taken.van.shift_start_s) / 3600
            metres += taken.metres
            vans += 1
        elif taken.where is Where.WAITING:
            hours += taken.late_s / 3600
    return Cost(
        lost_trips=0.0,
        van_hours=prices.van_hour * hours,
        van_km=prices.van_km * metres / 1000,
        van_use=prices.van_use * vans,
        swaps=prices.swap * swaps,
    )


def stock_changes(takeovers: Sequence[Takeover], depot_ids: frozenset[str]) -> dict[str, int]:
    """By depot: ready bikes that vans have brought so far, those they have taken deducted."""
    changes: dict[str, int] = {}
    for taken in takeovers:
        if taken.where is Where.WAITING or not taken.has_started:
            continue
        van = taken.van
        start = van.initial_load if taken.start_load is None else taken.start_load
        changes[van.start_depot_id] = changes.get(van.start_depot_id, 0) + van.initial_load - start
        for stop in taken.done:
            if stop.station_id in depot_ids:
                changes[stop.station_id] = changes.get(stop.station_id, 0) + stop.dropoff - stop.pickup
        if taken.where is Where.HOME:
            changes[van.end_depot_id] = changes.get(van.end_depot_id, 0) + taken.load
    return changes
