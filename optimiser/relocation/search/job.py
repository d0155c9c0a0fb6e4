"""One job as it comes in the night: when it can begin, whether there is room where it leads, and what it changes."""

from __future__ import annotations

from typing import NamedTuple

from optimiser.basics.compiled import in_place
from optimiser.relocation.search import columns as col
from optimiser.relocation.search.cars import charged
from optimiser.relocation.search.state import MOST_LEAVING, Course, Routes, origin_of, stays_put
from optimiser.relocation.search.town import FAR_S, Ints, Town

DONE, WAITS, FORBIDDEN = 0, 1, 2
_WAIT_S = 300


class Errand(NamedTuple):
    """What is settled about a job as soon as its car's last job is done."""

    job: int
    car: int
    was: int
    """The station where the car is found."""
    station: int
    """Where it is left."""
    origin: int
    end: int
    """Places of both; a car in a zone has one of its own."""
    own_plug: int
    """The plug on which it is found, or -1."""
    moves: bool
    handling_s: int
    """From the start until the car leaves."""
    drive_s: int
    used_kwh: float
    plugs_in: bool
    least_kwh: float
    """In the battery before the way, at least; the driver waits for it at the plug."""


@in_place
def do_job(town: Town, routes: Routes, course: Course, driver: int, job: int, arrival_s: int) -> int:
    """One job of a driver who is at its car: done, or it has to wait for others, or it cannot be."""
    if job % 2 == 1 and course.timed[job - 1, col.ENDS] == FAR_S:
        return WAITS
    errand = _errand(town, routes, course, job)
    needs = town.car[errand.car, col.NEEDS] | (
        town.car[errand.car, col.TASK_NEEDS] if routes.job[job, col.TASKS] else 0
    )
    if job % 2 == 1 and routes.job[job, col.TASKS] and routes.job[job - 1, col.TASKS]:
        return FORBIDDEN
    if needs & ~town.driver[driver, col.SKILLS] or (errand.moves and not town.car[errand.car, col.CAN_MOVE]):
        return FORBIDDEN
    start_s = _first_start_s(town, course, errand, arrival_s)
    if start_s >= town.opening_s:
        return FORBIDDEN
    plug, reach_s = -1, start_s + errand.handling_s + errand.drive_s
    if errand.moves:
        there = errand.station
        reach_s = _bay_from(course.station[there], course.leaves_s[there], town.station[there, col.BAYS], reach_s)
    if errand.plugs_in and reach_s < FAR_S:
        plug, reach_s = _plug_from(town, course.plug_free_s, errand, reach_s)
    if reach_s == FAR_S:
        return WAITS
    leave_s = reach_s - errand.drive_s
    end_s = reach_s + (town.park_s if errand.moves else 0) + (town.plug_in_s if errand.plugs_in else 0)
    if end_s > town.driver[driver, col.SHIFT_END] or _is_late(town.station, town.car, errand, leave_s, end_s):
        return FORBIDDEN
    if errand.moves and course.station[errand.was, col.LEFT] == MOST_LEAVING:
        return FORBIDDEN
    timed = course.timed[job]
    timed[col.ARRIVAL], timed[col.STARTS], timed[col.LEAVES] = arrival_s, leave_s - errand.handling_s, leave_s
    timed[col.REACHES], timed[col.ENDS], timed[col.ON_PLUG] = reach_s, end_s, plug
    course.arrives_kwh[job] = _energy_before(town, course, errand, leave_s - errand.handling_s) - errand.used_kwh
    _change_places(course, errand, leave_s, plug)
    at = course.driver[driver]
    at[col.CLOCK], at[col.PLACE] = end_s, errand.end
    at[col.DONE] += 1
    return DONE


@in_place
def take_break(town: Town, routes: Routes, course: Course, driver: int) -> None:
    """A driver takes the break as soon as it may be, unless the way home is all that is left and needs none."""
    rules, at = town.driver[driver], course.driver[driver]
    if rules[col.BREAK] == 0 or at[col.BROKE] >= 0:
        return
    if at[col.DONE] == routes.length[driver]:
        home_s = at[col.CLOCK] + town.ride_s[rules[col.MODE], at[col.PLACE], rules[col.END]]
        if home_s <= rules[col.LATEST]:
            return
    if rules[col.EARLIEST] <= at[col.CLOCK] <= rules[col.LATEST]:
        at[col.BROKE], at[col.BREAK_BEFORE] = at[col.CLOCK], at[col.DONE]
        at[col.CLOCK] += rules[col.BREAK]


@in_place
def _errand(town: Town, routes: Routes, course: Course, job: int) -> Errand:
    car, station = job // 2, routes.job[job, col.STATION]
    if job % 2 == 0:
        was, own_plug = town.car[car, col.AT], town.car[car, col.PLUG]
    else:
        was, own_plug = routes.job[job - 1, col.STATION], course.timed[job - 1, col.ON_PLUG]
    origin = origin_of(town.car, town.station, routes.job, job)
    moves = not stays_put(town.car, routes.job, job)
    handling_s = town.handover_s + (town.unplug_s if own_plug >= 0 else 0)
    handling_s += town.car[car, col.TASK_S] if routes.job[job, col.TASKS] else 0
    end, drive_s, used_kwh = origin, 0, 0.0
    if moves:
        end = town.station[station, col.PLACE]
        drive_s = town.drive_s[origin, end]
        used_kwh = town.car_kwh[car, col.PER_M] * town.drive_m[origin, end]
    least_kwh = used_kwh + town.car_kwh[car, col.RESERVE] if moves else 0.0
    if (
        own_plug >= 0
        and routes.job[job, col.CHARGED]
        and town.car_kwh[car, col.READY] <= town.car_kwh[car, col.BATTERY]
    ):
        least_kwh = max(least_kwh, used_kwh + town.car_kwh[car, col.READY])
    return Errand(
        job,
        car,
        was,
        station,
        origin,
        end,
        own_plug,
        moves,
        handling_s,
        drive_s,
        used_kwh,
        routes.job[job, col.PLUGS_IN] == 1,
        least_kwh,
    )


@in_place
def _first_start_s(town: Town, course: Course, errand: Errand, arrival_s: int) -> int:
    """When a job can begin: its car is there, charged for the way, stations are open; past opening if never."""
    start_s = max(arrival_s, town.car[errand.car, col.FROM])
    if errand.job % 2 == 1:
        start_s = max(start_s, course.timed[errand.job - 1, col.ENDS])
    start_s = max(start_s, town.station[errand.was, col.OPENS])
    if errand.moves:
        on_way_s = errand.handling_s + errand.drive_s
        start_s = max(start_s, town.station[errand.station, col.OPENS] - on_way_s)
    while _energy_before(town, course, errand, start_s) < errand.least_kwh:
        start_s += _WAIT_S
        if errand.own_plug < 0 or start_s >= town.opening_s:
            return FAR_S
    return int(start_s)


@in_place
def _energy_before(town: Town, course: Course, errand: Errand, at_s: int) -> float:
    """kWh in a car when its job begins at a moment."""
    kwh, from_s = town.car_kwh[errand.car, col.ENERGY], 0
    if errand.job % 2 == 1:
        kwh, from_s = course.arrives_kwh[errand.job - 1], course.timed[errand.job - 1, col.ENDS]
    if errand.own_plug < 0:
        return float(kwh)
    return charged(town, errand.car, errand.own_plug, kwh, at_s - from_s)


@in_place
def _is_late(station: Ints, car: Ints, errand: Errand, leave_s: int, end_s: int) -> bool:
    """Whether a job is over too late for its stations or its car's booking."""
    if end_s > min(station[errand.station, col.CLOSES], car[errand.car, col.UNTIL]):
        return True
    return bool(errand.moves and leave_s > station[errand.was, col.CLOSES])


@in_place
def _change_places(course: Course, errand: Errand, leave_s: int, plug: int) -> None:
    """Bays and plugs after a job."""
    course.used_kwh[errand.car] += errand.used_kwh
    course.last[errand.car] = errand.job
    if errand.own_plug >= 0:
        course.plug_free_s[errand.own_plug] = leave_s
    if plug >= 0:
        course.plug_free_s[plug] = FAR_S
    if errand.moves:
        was = course.station[errand.was]
        course.leaves_s[errand.was, was[col.LEFT]] = leave_s
        was[col.LEFT] += 1
        was[col.HELD] -= 1
        course.station[errand.station, col.HELD] += 1


@in_place
def _bay_from(there: Ints, leaves_s: Ints, bays: int, reach_s: int) -> int:
    """The first moment from `reach_s` on at which a station has a bay, as far as is known; `FAR_S` = not known."""
    while True:
        taken, next_s = there[col.HELD], FAR_S
        for entry in range(there[col.LEFT]):
            if leaves_s[entry] > reach_s:
                taken += 1
                next_s = min(next_s, leaves_s[entry])
        if taken < bays:
            return reach_s
        if next_s == FAR_S:
            return FAR_S
        reach_s = next_s


@in_place
def _plug_from(town: Town, free_from_s: Ints, errand: Errand, reach_s: int) -> tuple[int, int]:
    """The plug that a job's car can have first from `reach_s` on, the strongest of those, and when."""
    best, best_s = -1, FAR_S
    for plug in range(town.station[errand.station, col.FIRST_PLUG], town.station[errand.station, col.END_PLUG]):
        if plug == errand.own_plug or not town.plug[plug, col.CONNECTOR] & town.car[errand.car, col.CONNECTORS]:
            continue
        free_s = max(reach_s, free_from_s[plug])
        if free_s < best_s or (free_s == best_s < FAR_S and town.plug_kw[plug] > town.plug_kw[best]):
            best, best_s = plug, free_s
    return best, best_s
