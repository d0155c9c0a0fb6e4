"""One van alone: its clock, what it carries, where its break falls. No other van can change these."""

from __future__ import annotations

from dataclasses import dataclass

from optimiser.rebalancing.plan import Route, Stop
from optimiser.rebalancing.problem import Problem, Van


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A drive, the stop it leads to, and what is on board afterwards."""

    stop: Stop
    drive_s: int
    length_m: int
    arrival_s: int
    wait_s: int
    departure_s: int
    lifted: int
    refilled: int
    left_low: int
    """Low-charge bikes that stay at a depot."""
    left_broken: int
    load: int
    low_load: int
    broken_load: int
    batteries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drive:
    """A whole route of one van."""

    route: Route
    van: Van
    start_load: int
    leave_s: int
    legs: tuple[Leg, ...]
    last_drive_s: int
    last_length_m: int
    end_s: int
    break_start_s: int | None
    load: int
    low_load: int
    broken_load: int


def drive(problem: Problem, route: Route) -> Drive:
    """Follow one van from the start of its shift until it is back."""
    van = problem.van_by_id[route.van_id]
    start_load = van.initial_load if route.start_load is None else route.start_load
    leave_s = van.shift_start_s + problem.handling.bike_s * abs(start_load - van.initial_load)
    clock_s, at, break_start_s = leave_s, van.start_depot_id, None
    load, low_load, broken_load = start_load, van.initial_low_load, van.initial_broken_load
    batteries = van.first_batteries
    legs = []
    for index, stop in enumerate(route.stops):
        if van.break_ is not None and route.break_before == index:
            break_start_s = clock_s
            clock_s += van.break_.duration_s
        drive_s = problem.drive_s(van, at, stop.station_id)
        arrival_s = clock_s + drive_s
        wait_s = refilled = left_low = left_broken = 0
        load += stop.pickup - stop.dropoff
        if stop.station_id in problem.depot_ids:
            left_low, left_broken, refilled = low_load, broken_load, van.batteries - batteries
            low_load, broken_load, batteries = 0, 0, van.batteries
            lifted = stop.bikes + left_low + left_broken
            clock_s = arrival_s + problem.depot_handling_s(lifted)
        else:
            low_load += stop.low_pickup
            broken_load += stop.broken_pickup
            batteries -= stop.swaps
            lifted = stop.lifted
            opens_s = problem.station_by_id[stop.station_id].opens_s
            wait_s = 0 if opens_s is None else max(0, opens_s - arrival_s)
            clock_s = arrival_s + wait_s + problem.handling_s(lifted, swaps=stop.swaps)
        legs.append(
            Leg(
                stop=stop,
                drive_s=drive_s,
                length_m=problem.length_m(at, stop.station_id),
                arrival_s=arrival_s,
                wait_s=wait_s,
                departure_s=clock_s,
                lifted=lifted,
                refilled=refilled,
                left_low=left_low,
                left_broken=left_broken,
                load=load,
                low_load=low_load,
                broken_load=broken_load,
                batteries=batteries,
            )
        )
        at = stop.station_id
    if van.break_ is not None and route.break_before == len(route.stops):
        break_start_s = clock_s
        clock_s += van.break_.duration_s
    last_drive_s = problem.drive_s(van, at, van.end_depot_id)
    return Drive(
        route=route,
        van=van,
        start_load=start_load,
        leave_s=leave_s,
        legs=tuple(legs),
        last_drive_s=last_drive_s,
        last_length_m=problem.length_m(at, van.end_depot_id),
        end_s=clock_s + last_drive_s,
        break_start_s=break_start_s,
        load=load,
        low_load=low_load,
        broken_load=broken_load,
    )
