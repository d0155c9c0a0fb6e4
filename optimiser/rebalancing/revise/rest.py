"""
The rest of a night as a problem of its own, for `check`, `cost` and `solve` as they are.

A van on its way starts at a place of its own and first makes one stop, its way so far: a must-do visit, for this van
alone, with no bikes. The stop is over when the van is free to go on, and the drives from there are those from where
it is then. So a van that gets no more work still drives home, in time and for money, and what it has driven counts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimiser.basics.city import Prices
from optimiser.demand.targets import interval_target
from optimiser.network.travel import TravelTimes
from optimiser.rebalancing.problem import Depot, Must, Problem, Station, Van

FAR = 2**21
"""Seconds and metres to where nobody is to drive: more than any shift has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Underway:
    """A van that leaves `place_id` at `free_s`."""

    van: Van
    """Its shift, slots and range are the whole night's; its break only where it is still due."""
    place_id: str
    free_s: int
    metres: int
    """Driven so far."""
    load: int
    low_load: int
    broken_load: int
    batteries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """The rest of a night."""

    problem: Problem
    so_far: dict[str, str]
    """By van that is underway: the id of the stop that stands for its way so far."""
    widened: tuple[str, ...] = ()
    """Limits that can no longer be kept even by driving home at once, and what is allowed instead."""


def rest_of(
    problem: Problem,
    vans: Sequence[Van | Underway],
    *,
    stations: Sequence[Station],
    depots: Sequence[Depot],
    prices: Prices,
    is_history_told: bool = True,
    is_widened: bool = False,
) -> Rest:
    """
    State the rest of a night.

    Parameters
    ----------
    vans
        Those that can still drive.
    is_history_told
        Whether time and metres so far count: then costs are those of the whole night. Otherwise shifts begin when
        vans are free, slots that low-charge and broken bikes take are gone, and depots give no more batteries than
        are on board now, which suits a search.
    is_widened
        Whether limits that a van breaks even by driving home at once are widened until it can.
    """
    underway = [van for van in vans if isinstance(van, Underway)]
    starts = {one.van.id: _new_id(problem, f"{one.van.id}: start") for one in underway}
    so_far = {one.van.id: _new_id(problem, f"{one.van.id}: so far") for one in underway}
    widened: list[str] = []
    made_vans: list[Van] = []
    made_stations: list[Station] = []
    legs_s: list[int] = []
    for van in vans:
        if isinstance(van, Van):
            made_vans.append(van)
            continue
        one = _fitting(problem, van)
        free_s = max(one.free_s, one.van.shift_start_s + problem.handling.stop_s)
        begin_s = free_s - problem.handling.stop_s
        limits = _limits(problem, one, free_s, widened, is_widened=is_widened)
        id_ = so_far[one.van.id]
        if is_history_told:
            legs_s.append(_leg_s(begin_s - one.van.shift_start_s, one.van.speed_factor))
            low, broken = one.low_load, one.broken_load
        else:
            legs_s.append(0)
            slots = max(1, one.load, limits.slots - one.low_load - one.broken_load)
            range_m = None if limits.range_m is None else max(0, limits.range_m - one.metres)
            limits = replace(_empty(limits), shift_start_s=begin_s, slots=slots, range_m=range_m)
            limits, low, broken = replace(limits, batteries=one.batteries), 0, 0
        made_vans.append(
            replace(
                limits,
                start_depot_id=starts[one.van.id],
                initial_load=one.load,
                initial_low_load=low,
                initial_broken_load=broken,
                initial_batteries=one.batteries,
                skills=one.van.skills | {id_},
            )
        )
        made_stations.append(_so_far(id_, begin_s if is_history_told else None))
    return Rest(
        problem=Problem(
            start=problem.start,
            stations=(*stations, *made_stations),
            vans=tuple(made_vans),
            handling=problem.handling,
            prices=prices,
            travel=_travel(problem, underway, starts, so_far, legs_s, are_metres_told=is_history_told),
            depots=(*depots, *(Depot(id=id_, room=0) for id_ in starts.values())),
            zones=problem.zones,
        ),
        so_far=so_far,
        widened=tuple(widened),
    )


def _fitting(problem: Problem, one: Underway) -> Underway:
    """The van with what it can have on board; a plan that breaks rules may have had it carry more."""
    broken = min(one.broken_load, one.van.slots)
    low = min(one.low_load, one.van.slots - broken)
    load, batteries = min(one.load, one.van.slots - broken - low), min(one.batteries, one.van.batteries)
    return replace(one, broken_load=broken, low_load=low, load=load, batteries=batteries)


def _empty(van: Van) -> Van:
    return replace(van, initial_load=0, initial_low_load=0, initial_broken_load=0, initial_batteries=None)


def _limits(problem: Problem, one: Underway, free_s: int, widened: list[str], *, is_widened: bool) -> Van:
    """The van with its break not before it is free and, if they are to be widened, limits that it can keep."""
    van, break_ = one.van, one.van.break_
    way_s = problem.drive_s(van, one.place_id, van.end_depot_id)
    home_s = free_s + way_s
    if break_ is not None:
        break_ = replace(break_, earliest_s=max(break_.earliest_s, free_s), latest_s=max(break_.latest_s, free_s))
        break_ = replace(break_, earliest_s=min(break_.earliest_s, break_.latest_s))
        if is_widened and home_s > break_.latest_s:
            home_s += break_.duration_s
            if break_.earliest_s > free_s:
                widened.append(f"van {van.id} may take its break from {free_s} s on")
                break_ = replace(break_, earliest_s=free_s)
    made = replace(van, break_=break_)
    if not is_widened:
        return replace(made, shift_end_s=max(van.shift_end_s, free_s))
    if home_s > van.shift_end_s:
        widened.append(f"van {van.id} may be back at {home_s} s, {home_s - van.shift_end_s} s after its shift ends")
        made = replace(made, shift_end_s=home_s)
    metres = one.metres + problem.length_m(one.place_id, van.end_depot_id)
    if van.range_m is not None and metres > van.range_m:
        widened.append(f"van {van.id} may drive {metres} m, its range is {van.range_m} m")
        made = replace(made, range_m=metres)
    return made


def _leg_s(seconds: int, speed: float) -> int:
    """The longest leg that is driven in so many seconds, rounding of the division included."""
    leg_s = math.floor(seconds * speed)
    return leg_s if math.ceil(leg_s / speed) <= seconds else leg_s - 1


def _so_far(id_: str, begin_s: int | None) -> Station:
    target = interval_target(id_, capacity=0, low=0, high=0, trips_per_bike=0.0, reason="a van's way so far")
    return Station(
        id=id_,
        capacity=0,
        inventory=0,
        target=target,
        needs=frozenset({id_}),
        opens_s=begin_s,
        once=True,
        must=Must(visit=True, low=0, high=0),
    )


def _travel(
    problem: Problem,
    underway: Sequence[Underway],
    starts: dict[str, str],
    so_far: dict[str, str],
    legs_s: Sequence[int],
    *,
    are_metres_told: bool,
) -> TravelTimes:
    """Travel times with two more places for each van underway: its start, too far from all but its way so far."""
    travel, old = problem.travel, len(problem.travel.place_ids)
    size = old + 2 * len(underway)
    seconds, metres = (np.full((size, size), FAR, dtype=np.int32) for _ in range(2))
    seconds[:old, :old], metres[:old, :old] = travel.travel_s, travel.length_m
    for number, (one, leg_s) in enumerate(zip(underway, legs_s, strict=True)):
        start, here = old + 2 * number, old + 2 * number + 1
        row = problem.place_index[one.place_id]
        seconds[here, :old], metres[here, :old] = travel.travel_s[row], travel.length_m[row]
        seconds[start, here], metres[start, here] = leg_s, one.metres if are_metres_told else 0
    np.fill_diagonal(seconds, 0)
    np.fill_diagonal(metres, 0)
    seconds.flags.writeable = metres.flags.writeable = False
    new_ids = [ids[one.van.id] for one in underway for ids in (starts, so_far)]
    return replace(travel, place_ids=(*travel.place_ids, *new_ids), travel_s=seconds, length_m=metres)


def _new_id(problem: Problem, wanted: str) -> str:
    """An id that no place of the night has."""
    while wanted in problem.place_index:
        wanted += "'"
    return wanted
