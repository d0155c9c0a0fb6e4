"""Routes that a whole solution of the rounds stands for, as a plan to begin a search with."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from optimiser.relocation.plan import Job, Plan, Route
from optimiser.relocation.problem import Car, Problem
from optimiser.relocation.rounds.jobs import START
from optimiser.relocation.rounds.model import Crew, RoundsModel
from optimiser.relocation.rounds.turns import Deed

Move = tuple[int, Deed | None]
"""Where it leads, and the car and its job if it is one."""


ORDERS = 12
"""Walks that are tried of each solution."""


def plans_from(problem: Problem, model: RoundsModel, values: NDArray[np.float64]) -> tuple[Plan, ...]:
    """
    Jobs of each driver in the order of a walk from home to home; some walks, of which the first has first jobs first.

    Nobody has looked at the clock: when, and whether it works at all, is for others to say.
    """
    chances = (None, *(random.Random(order) for order in range(1, ORDERS)))  # noqa: S311 - variety, not secrecy
    walks = ([(crew, _walk(model, crew, values, chance)) for crew in model.crews] for chance in chances)
    return tuple(dict.fromkeys(plan_of(problem, model, walk) for walk in walks))


def plan_of(problem: Problem, model: RoundsModel, orders: Iterable[tuple[Crew, Iterable[Deed]]]) -> Plan:
    """Jobs of drivers in these orders; on plugs that nobody is on by then, if they set out one after the other."""
    held = {car.id: (car.station_id, car.plug_id) for car in problem.cars}
    tasks = defaultdict(list)
    for task in problem.tasks:
        tasks[task.car_id].append(task.id)
    routes = []
    for crew, deeds in orders:
        jobs = []
        for car, job in deeds:
            one = model.cars[car]
            was, will = one.states[job.before], one.states[job.after]
            held[one.car.id] = (will.station_id, None)
            plug_id = _free_plug(problem, one.car, will.station_id, held) if will.is_plugged else None
            held[one.car.id] = (will.station_id, plug_id)
            jobs.append(
                Job(
                    car_id=one.car.id,
                    origin_id=was.place_id,
                    station_id=will.station_id,
                    plug_id=plug_id,
                    unplug=was.is_plugged,
                    task_ids=tuple(tasks.pop(one.car.id, ())),
                )
            )
        if jobs:
            routes.append(Route(driver_id=crew.driver.id, jobs=tuple(jobs)))
    return Plan(routes=tuple(routes))


def _free_plug(problem: Problem, car: Car, station_id: str, held: dict[str, tuple[str, str | None]]) -> str:
    """The plug that is free soonest of those that fit a car, and first of those that none else is on."""
    fits = [plug for plug in problem.station_by_id[station_id].plugs if plug.connector in car.connectors]
    taken = {plug_id for at, plug_id in held.values() if at == station_id}
    return min(fits, key=lambda plug: (plug.id in taken, plug.free_from_s, -plug.kw)).id


def _walk(model: RoundsModel, crew: Crew, values: NDArray[np.float64], chance: random.Random | None) -> list[Deed]:
    """
    Jobs in the order of a walk that makes every move once (Hierholzer).

    First jobs of a car come before its others; or all by chance.
    """
    work = {column: (car, model.cars[car].jobs[order]) for column, car, order in crew.jobs}
    moves: dict[int, list[Move]] = defaultdict(list)
    for column, origin, end in crew.moves:
        moves[origin] += [(end, work.get(column))] * round(values[column])
    for column, car, order in crew.jobs:
        job = model.cars[car].jobs[order]
        was, will = model.cars[car].states[job.before], model.cars[car].states[job.after]
        if was.place_id == will.place_id:
            moves[model.place[was.place_id]] += [(model.place[was.place_id], (car, job))] * round(values[column])
    for ends in moves.values():
        # Taken from the end, and come to in reverse: what is to be done first is taken last.
        if chance is not None:
            chance.shuffle(ends)
            continue
        ends.sort(key=lambda move: move[1] is not None and move[1][1].before == START)
    stack: list[Move] = [(-1, None)]
    walk: list[Deed] = []
    while stack:
        at = stack[-1][0]
        if moves[at]:
            stack.append(moves[at].pop())
        else:
            _, done = stack.pop()
            if done is not None:
                walk.append(done)
    return walk[::-1]
