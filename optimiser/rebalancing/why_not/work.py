"""Batteries swapped, broken bikes taken home, or just a call, by a new stop; a call at a depot just before may help."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from optimiser.rebalancing.plan import Stop
from optimiser.rebalancing.why_not.gaps import Gaps, Task
from optimiser.rebalancing.why_not.insertion import Insertion
from optimiser.rebalancing.why_not.shapes import Shape
from optimiser.rebalancing.why_not.tours import Floats

Sort = Literal["swaps", "broken_pickup", "visit"]
"""What is done: the field of a stop, or nothing but to call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Means:
    """What a unit of work takes."""

    unit_s: int
    left: Floats
    """Units for which there are batteries or slots in a gap; (vans, gaps)."""
    at_depot: Floats
    """The same just after a call at a depot."""
    name: str


def by_new_stop(gaps: Gaps, task: Task, sort: Sort) -> Iterator[Shape]:
    """The work by a new stop, straight away or after a call at a depot."""
    if not len(task.numbers):
        return
    means = _means(gaps, sort)
    call = gaps.call(task.station)
    fewest = gaps.fewest_that_pay(task.worth, call.detour_s, call.metres, unit_s=means.unit_s)
    units = gaps.within(task.numbers, fewest, call.detour_s, means.left, unit_s=means.unit_s)
    added_s, closing = gaps.timed(task.station, call.arrival_s, call.detour_s, means.unit_s * units)
    yield Shape(
        added_s=added_s,
        metres=call.metres,
        worth=task.worth[units],
        lacks={"skills": task.unskilled, means.name: units - means.left, **closing},
        banned=task.banned,
        build=lambda at: gaps.insertion(at, (at[-1], at_station(task, sort, int(units[at])))),
    )
    if sort != "visit":
        for depot_id in sorted(gaps.problem.depot_ids):
            yield _after_depot(gaps, task, sort, means, depot_id)


def at_station(task: Task, sort: Sort, units: int) -> Stop:
    """What a stop does there."""
    return Stop(station_id=task.station.id, **({} if sort == "visit" else {sort: units}))


def unit_s(gaps: Gaps, sort: Sort) -> int:
    """Seconds that a unit takes."""
    handling = gaps.problem.handling
    return {"swaps": handling.swap_s, "broken_pickup": handling.bike_s, "visit": 0}[sort]


def _means(gaps: Gaps, sort: Sort) -> _Means:
    tours, seconds = gaps.tours, unit_s(gaps, sort)
    if sort == "swaps":
        at_depot = tours.batteries + 0 * tours.load
        return _Means(unit_s=seconds, left=tours.packs, at_depot=at_depot, name="packs")
    if sort == "broken_pickup":
        return _Means(unit_s=seconds, left=tours.free_to_depot, at_depot=tours.slots - tours.load, name="slots")
    always = np.ones_like(tours.load)
    return _Means(unit_s=seconds, left=always, at_depot=always, name="slots")


def _after_depot(gaps: Gaps, task: Task, sort: Sort, means: _Means, depot_id: str) -> Shape:
    """The same after a call at a depot, which gives batteries and takes low-charge and broken bikes."""
    tours, problem = gaps.tours, gaps.problem
    times, lengths = problem.travel.travel_s, problem.travel.length_m
    depot, here = problem.place_index[depot_id], problem.place_index[task.station.id]
    to_s = np.ceil(times[tours.origin, depot] / tours.speed) + problem.handling.depot_s
    mid_s, on_s = np.ceil(times[depot, here] / tours.speed), np.ceil(times[here, tours.end] / tours.speed)
    detour_s = to_s + mid_s + on_s - tours.direct_s
    metres = lengths[tours.origin, depot] + lengths[depot, here] + lengths[here, tours.end] - tours.direct_m
    fewest = gaps.fewest_that_pay(task.worth, detour_s, metres, unit_s=means.unit_s)
    units = gaps.within(task.numbers, fewest, detour_s, means.at_depot, unit_s=means.unit_s)
    added_s, closing = gaps.timed(task.station, tours.ready_s + to_s + mid_s, detour_s, means.unit_s * units)

    def build(at: tuple[int, ...]) -> Insertion:
        return gaps.insertion(at, (at[-1], Stop(station_id=depot_id)), (at[-1], at_station(task, sort, int(units[at]))))

    return Shape(
        added_s=added_s,
        metres=metres,
        worth=np.where(tours.calls_help > 0, task.worth[units], -np.inf),
        lacks={"skills": task.unskilled, means.name: units - means.at_depot, **closing},
        banned=task.banned if problem.depot_by_id[depot_id].may_call else (*task.banned, "call"),
        build=build,
    )
