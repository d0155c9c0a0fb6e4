"""What the search tries: each changes routes by chance and says whether there is anything to price."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimiser.basics.chance import Chance, below, draw
from optimiser.basics.compiled import in_place
from optimiser.relocation.search import columns as col
from optimiser.relocation.search.edit import NOT_DONE, any_job, drop, put, put_anywhere, put_best, take
from optimiser.relocation.search.state import Routes
from optimiser.relocation.search.town import Ints, Town

CANDIDATES = 8
"""Cars and stations drawn for a new job, of which the most promising is taken."""
BLUR_S = 300.0
NEAREST = 0.15
"""How fast chances fall with the rank of a station by driving time."""


class Hints(NamedTuple):
    """What new jobs are drawn by."""

    ready: Ints
    """Ready cars at opening at each station in the routes at hand."""
    near_plugs: Ints
    """Stations with plugs by driving time from each place, shape (places, stations with plugs)."""


@in_place
def change(town: Town, routes: Routes, hints: Hints, chance: Chance) -> bool:
    """One change, of a kind drawn by chance."""
    kind = draw(chance)
    if kind < 0.28:
        return _add(town, routes, hints, chance)
    driver, position = any_job(routes, chance)
    if driver < 0:
        return False
    if kind < 0.38:
        drop(routes, driver, position)
        return True
    if kind < 0.58:
        return _insert(town, routes, chance, take(routes, driver, position))
    if kind < 0.70:
        return _redirect(town, routes, hints, chance, routes.jobs[driver, position])
    if kind < 0.80:
        drop(routes, driver, position)
        return _add(town, routes, hints, chance)
    if kind < 0.86:
        return _swap(routes, chance, driver, position)
    if kind < 0.90:
        return _swap_tails(routes, chance, driver, position)
    if kind < 0.94:
        return _move_segment(routes, chance, driver, position)
    return _ruin(town, routes, hints, chance, driver, position)


@in_place
def _insert(town: Town, routes: Routes, chance: Chance, job: int) -> bool:
    if draw(chance) < 0.8:
        return put_best(town, routes, chance, job, BLUR_S)
    return put_anywhere(routes, chance, job)


@in_place
def _some_rank(chance: Chance, count: int) -> int:
    """A rank in 0..count - 1, the first ones likelier."""
    rank = int(-np.log(1.0 - draw(chance)) / NEAREST)
    return rank if rank < count else below(chance, count)


@in_place
def _draw_station(town: Town, hints: Hints, chance: Chance, place: int, plugs_in: bool) -> int:
    """Some station near a place, with plugs if asked; -1 if there is none."""
    near = hints.near_plugs[place] if plugs_in else town.near[place]
    if len(near) == 0:
        return -1
    return int(near[_some_rank(chance, len(near))])


@in_place
def _may_stand(town: Town, car: int, at: int, station: int) -> bool:
    """Whether a car may go there: a booked one only back to its own station, one that cannot be driven nowhere."""
    if town.car[car, col.IS_BOOKED]:
        return bool(station == town.car[car, col.AT])
    return bool(station == at or town.car[car, col.CAN_MOVE])


@in_place
def _is_on_plug(town: Town, routes: Routes, job: int) -> bool:
    """Whether a job finds its car on a plug."""
    if job % 2 == 0:
        return bool(town.car[job // 2, col.PLUG] >= 0)
    return bool(routes.job[job - 1, col.PLUGS_IN] == 1)


@in_place
def _add(town: Town, routes: Routes, hints: Hints, chance: Chance) -> bool:
    """A job for a car that has none, or a second one; the most promising of some that are drawn."""
    best, best_job, best_station, best_plugs = -np.inf, -1, -1, False
    width = town.lost.shape[1] - 1
    for _ in range(CANDIDATES):
        car = below(chance, len(town.car))
        job, at, place = 2 * car, town.car[car, col.AT], town.car[car, col.PLACE]
        is_ready = town.car[car, col.READY_ALONE] == 1
        if routes.job[job, col.STATION] != NOT_DONE:
            if routes.job[job + 1, col.STATION] != NOT_DONE:
                continue
            at = routes.job[job, col.STATION]
            place = town.station[at, col.PLACE]
            is_ready = is_ready or routes.job[job, col.PLUGS_IN] == 1
            job += 1
        wants_energy = not is_ready or town.car_kwh[car, col.ENERGY] < town.car_kwh[car, col.GOAL]
        plugs_in = draw(chance) < (0.8 if wants_energy else 0.05)
        station = _draw_station(town, hints, chance, place, plugs_in)
        if station < 0:
            continue
        if plugs_in and draw(chance) < 0.3 and town.station[at, col.END_PLUG] > town.station[at, col.FIRST_PLUG]:
            station = at
        if town.car[car, col.TASK_S] and draw(chance) < 0.3:
            station, plugs_in = at, False
        if not _may_stand(town, car, at, station):
            continue
        promise = -town.second_price * town.drive_s[place, town.station[station, col.PLACE]]
        if is_ready or plugs_in:
            here = min(hints.ready[station], width)
            promise += town.lost[station, here] - town.lost[station, min(here + 1, width)]
        if is_ready:
            here = min(hints.ready[at], width)
            promise -= town.lost[at, max(here - 1, 0)] - town.lost[at, here]
        promise += town.car_kwh[car, col.TASK_PRICE]
        if plugs_in and job == 2 * car:
            promise += town.must_price * max(0.0, town.car_kwh[car, col.MUST] - town.car_kwh[car, col.ENERGY])
        if town.must_station[car, station] != town.must_station[car, at]:
            promise += town.must_price * (1 if town.must_station[car, station] else -1)
        if promise > best:
            best, best_job, best_station, best_plugs = promise, job, station, plugs_in
    if best_job < 0:
        return False
    routes.job[best_job, col.STATION] = best_station
    routes.job[best_job, col.PLUGS_IN] = 1 if best_plugs else 0
    is_done = best_job % 2 == 1 and routes.job[best_job - 1, col.TASKS] == 1
    routes.job[best_job, col.TASKS] = 1 if town.car_kwh[best_job // 2, col.TASK_PRICE] > 0 and not is_done else 0
    routes.job[best_job, col.CHARGED] = 1 if _is_on_plug(town, routes, best_job) and draw(chance) < 0.5 else 0
    if _insert(town, routes, chance, best_job):
        return True
    routes.job[best_job, col.STATION] = NOT_DONE
    return False


@in_place
def _redirect(town: Town, routes: Routes, hints: Hints, chance: Chance, job: int) -> bool:
    """The same car elsewhere, on a plug or off it, its tasks done or left, as it is or when it is charged."""
    kind = draw(chance)
    if kind < 0.15:
        routes.job[job, col.PLUGS_IN] = 1 - routes.job[job, col.PLUGS_IN]
        return True
    if kind < 0.2:
        routes.job[job, col.TASKS] = 1 - routes.job[job, col.TASKS]
        return bool(town.car[job // 2, col.TASK_S] > 0)
    if kind < 0.25:
        routes.job[job, col.CHARGED] = 1 - routes.job[job, col.CHARGED]
        return _is_on_plug(town, routes, job)
    place = town.station[routes.job[job, col.STATION], col.PLACE]
    if kind < 0.5:
        place = town.car[job // 2, col.PLACE]
    station = _draw_station(town, hints, chance, place, routes.job[job, col.PLUGS_IN] == 1)
    if station < 0 or station == routes.job[job, col.STATION]:
        return False
    routes.job[job, col.STATION] = station
    return True


@in_place
def _swap(routes: Routes, chance: Chance, driver: int, position: int) -> bool:
    """Two jobs change places."""
    other, at = any_job(routes, chance)
    one, two = routes.jobs[driver, position], routes.jobs[other, at]
    routes.jobs[driver, position], routes.jobs[other, at] = two, one
    return bool(one != two)


@in_place
def _swap_tails(routes: Routes, chance: Chance, driver: int, position: int) -> bool:
    """Two drivers change all that comes after a point."""
    other = below(chance, len(routes.length))
    if other == driver:
        return False
    at = below(chance, routes.length[other] + 1)
    tail, other_tail = routes.length[driver] - position, routes.length[other] - at
    if max(position + other_tail, at + tail) > routes.jobs.shape[1]:
        return False
    for step in range(max(tail, other_tail)):
        one = routes.jobs[driver, position + step] if step < tail else -1
        two = routes.jobs[other, at + step] if step < other_tail else -1
        if step < other_tail:
            routes.jobs[driver, position + step] = two
        if step < tail:
            routes.jobs[other, at + step] = one
    routes.length[driver] = position + other_tail
    routes.length[other] = at + tail
    return True


@in_place
def _move_segment(routes: Routes, chance: Chance, driver: int, position: int) -> bool:
    """Two or three jobs in a row to somewhere else."""
    count = min(2 + below(chance, 2), routes.length[driver] - position)
    other = below(chance, len(routes.length))
    if other == driver or routes.length[other] + count > routes.jobs.shape[1]:
        return False
    at = below(chance, routes.length[other] + 1)
    for step in range(count):
        put(routes, other, at + step, take(routes, driver, position))
    return True


@in_place
def _ruin(town: Town, routes: Routes, hints: Hints, chance: Chance, driver: int, position: int) -> bool:
    """Some jobs in a row are given up, and new ones taken on."""
    count = 2 + below(chance, 2)
    for _ in range(count):
        if position < routes.length[driver]:
            drop(routes, driver, position)
    for _ in range(count):
        _add(town, routes, hints, chance)
    return True
