"""Where every van is at a moment of the night, by plan and report: what is behind it, what is ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from optimiser.rebalancing.plan import Plan, Route, Stop
from optimiser.rebalancing.problem import Problem, Van
from optimiser.rebalancing.replay.drive import Drive, drive
from optimiser.rebalancing.revise.given import Event, VanLate, VanLost, VanReport


class Where(StrEnum):
    """How far a van is with its shift."""

    WAITING = "waiting"
    """Not left yet, or on the way to its first stop: nothing is behind it but its start load."""
    OUT = "out"
    HOME = "home"
    """Back, its route is over."""
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Takeover:
    """One van at that moment."""

    van: Van
    where: Where
    planned: int
    """Stops of its route in the plan."""
    start_load: int | None
    done: tuple[Stop, ...]
    """Stops as they were made."""
    rest: tuple[Stop, ...]
    """Stops of the plan that are ahead."""
    positions: tuple[int, ...]
    """Where the stops of `rest` are in the plan's route."""
    break_before: int | None
    """Position in `rest` before which the break is taken; None where none is planned, or it is over."""
    is_break_over: bool
    break_done: int | None
    """Where the break was taken, as a position among all stops of the night; None where it was not."""
    is_committed: bool
    """Whether it works on the first stop of `rest`, or drives there."""
    late_s: int
    """Delay of a van that waits or drives to its first stop."""
    has_started: bool
    place_id: str
    free_s: int
    """When it leaves `place_id`."""
    metres: int
    load: int
    low_load: int
    broken_load: int
    batteries: int


def take_over(
    problem: Problem, plan: Plan, *, at_s: int, reports: Sequence[VanReport], events: Sequence[Event]
) -> tuple[Takeover, ...]:
    """Every van of the night, in the problem's order."""
    routes = {route.van_id: route for route in plan.routes}
    told = {report.van_id: report for report in reports}
    lost = {event.van_id for event in events if isinstance(event, VanLost)}
    made = []
    for van in problem.vans:
        route = routes.get(van.id, Route(van_id=van.id, stops=()))
        late_s = sum(event.late_s for event in events if isinstance(event, VanLate) and event.van_id == van.id)
        report = told.get(van.id, VanReport(van_id=van.id))
        taken = _take_over(problem, van, route, report, at_s=at_s, late_s=late_s)
        made.append(replace(taken, where=Where.LOST, is_committed=False) if van.id in lost else taken)
    return tuple(made)


def _take_over(problem: Problem, van: Van, route: Route, report: VanReport, *, at_s: int, late_s: int) -> Takeover:
    """A van as the clock has it, corrected by what is reported of it."""
    outcomes = {outcome.index: outcome.stop for outcome in report.outcomes}
    kept = [index for index in range(len(route.stops)) if index not in report.skipped]
    before = None if route.break_before is None else sum(index < route.break_before for index in kept)
    actual = replace(route, stops=tuple(outcomes.get(index, route.stops[index]) for index in kept), break_before=before)
    driven = drive(problem, actual)
    departures_s = [leg.departure_s + report.behind_s for leg in driven.legs]
    told = max((index + 1 for index in (*report.skipped, *outcomes)), default=0)
    if report.done is None:
        count = max(sum(index < told for index in kept), sum(time_s <= at_s for time_s in departures_s))
    else:
        count = sum(index < report.done for index in kept)
    waiting = Takeover(
        van=van,
        where=Where.WAITING,
        planned=len(route.stops),
        start_load=route.start_load,
        done=(),
        rest=actual.stops,
        positions=tuple(kept),
        break_before=before,
        is_break_over=False,
        break_done=None,
        is_committed=False,
        late_s=report.behind_s + late_s,
        has_started=False,
        place_id=van.start_depot_id,
        free_s=max(van.shift_start_s, at_s),
        metres=0,
        load=van.initial_load,
        low_load=van.initial_low_load,
        broken_load=van.initial_broken_load,
        batteries=van.first_batteries,
    )
    if not count and report.position is None:
        has_started = bool(kept) and at_s > van.shift_start_s
        first_s = departures_s[0] if departures_s else at_s + 1
        return replace(
            waiting,
            has_started=has_started,
            is_committed=has_started,
            late_s=waiting.late_s + (max(0, at_s - first_s) if has_started else 0),
        )
    return _on_the_way(problem, waiting, driven, count, report, at_s=at_s, late_s=late_s)


def _on_the_way(
    problem: Problem, waiting: Takeover, driven: Drive, count: int, report: VanReport, *, at_s: int, late_s: int
) -> Takeover:
    """A van with stops behind it, or one whose position is told."""
    van, legs, before = waiting.van, driven.legs, waiting.break_before
    last_s = min(at_s, legs[count - 1].departure_s + report.behind_s if count else driven.leave_s + report.behind_s)
    metres = sum(leg.length_m for leg in legs[:count])
    place_id = legs[count - 1].stop.station_id if count else van.start_depot_id
    loads = legs[count - 1] if count else None
    taken = replace(
        waiting,
        where=Where.OUT,
        has_started=True,
        late_s=0,
        done=tuple(leg.stop for leg in legs[:count]),
        rest=waiting.rest[count:],
        positions=waiting.positions[count:],
        break_before=None if before is None or before < count else before - count,
        is_break_over=before is not None and before < count,
        break_done=before if before is not None and before < count else None,
        place_id=place_id,
        metres=metres,
        free_s=last_s + late_s,
        load=_within(loads.load if loads else driven.start_load, van.slots),
        low_load=max(0, loads.low_load) if loads else van.initial_low_load,
        broken_load=max(0, loads.broken_load) if loads else van.initial_broken_load,
        batteries=max(0, loads.batteries) if loads else van.first_batteries,
    )
    if (position := report.position) is not None:
        return replace(
            taken,
            place_id=position.place_id,
            metres=metres + problem.length_m(place_id, position.place_id),
            free_s=at_s + late_s,
            load=position.load,
            low_load=position.low_load,
            broken_load=position.broken_load,
            batteries=taken.batteries if position.batteries is None else position.batteries,
        )
    if last_s == at_s:
        return taken
    if taken.rest:
        # Whoever should have left this stop by now has not: it is done at the earliest now.
        next_s = legs[count].departure_s + report.behind_s
        return replace(taken, is_committed=True, free_s=taken.free_s + max(0, at_s - next_s))
    home_s = driven.end_s + report.behind_s
    return replace(
        taken,
        where=Where.HOME if home_s <= at_s else Where.OUT,
        place_id=van.end_depot_id,
        metres=metres + driven.last_length_m,
        free_s=home_s + (late_s if home_s > at_s else 0),
        break_before=None,
        is_break_over=before is not None,
        break_done=before,
    )


def _within(load: int, slots: int) -> int:
    return min(max(0, load), slots)
