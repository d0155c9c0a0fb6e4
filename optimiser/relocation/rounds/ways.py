"""Rows that whoever works at a car has come there from home: found where a solution breaks them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from optimiser.relocation.rounds.model import Crew, RoundsModel, Visit

Floats = NDArray[np.float64]
Row = tuple[dict[int, float], float]
"""Factors of columns, and what they add up to at least."""
BROKEN, NONE = 1e-5, 1e-9


def broken_ways(model: RoundsModel, values: Floats) -> list[Row]:
    """For each driver and car that is not come to, the row that says so for the places where nobody comes."""
    rows: list[Row] = []
    for crew in model.crews:
        rows += _broken(model, crew, values)
    for index in range(len(model.cars)):
        rows += _broken_course(model, index, values)
    return rows


def _broken_course(model: RoundsModel, index: int, values: Floats) -> list[Row]:
    """A car comes to each state from where the night finds it."""
    flow: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    moves: list[tuple[int, int, int]] = []
    come: dict[int, float] = defaultdict(float)
    one = model.cars[index]
    for crew in model.crews:
        for column, car, order in crew.jobs:
            job = one.jobs[order] if car == index else None
            if job is None or job.is_idle:
                continue
            moves.append((column, job.before - 1, job.after - 1))
            if values[column] > NONE:
                flow[job.before - 1][job.after - 1] += values[column]
                come[job.after - 1] += values[column]
    rows: list[Row] = []
    for state, often in come.items():
        if often < BROKEN:
            continue
        reached, cut = _least_cut(flow, state)
        if reached < often - BROKEN:
            row: dict[int, float] = defaultdict(float)
            for column, before, after in moves:
                row[column] += float(before not in cut and after in cut) - float(after == state)
            rows.append((row, 0.0))
    return rows


def _broken(model: RoundsModel, crew: Crew, values: Floats) -> list[Row]:
    """Whoever works at a car has come to its place."""
    flow: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for column, origin, end in crew.moves:
        if values[column] > NONE:
            flow[origin][end] += values[column]
    wanted: dict[int, list[tuple[float, Visit]]] = defaultdict(list)
    for visit in crew.visits(model):
        if (come := visit.weight * float(values[visit.columns].sum())) > BROKEN:
            wanted[visit.place].append((come, visit))
    rows: list[Row] = []
    for place, visits in wanted.items():
        reached, cut = _least_cut(flow, place)
        if reached >= max(come for come, _ in visits) - BROKEN:
            continue
        gate = {column: 1.0 for column, origin, end in crew.moves if origin not in cut and end in cut}
        for come, visit in (item for inside in cut for item in wanted.get(inside, ())):
            if come > reached + BROKEN:
                row = dict(gate)
                for column in visit.columns:
                    row[column] = row.get(column, 0.0) - visit.weight
                rows.append((row, 0.0))
    return rows


def _least_cut(flow: dict[int, dict[int, float]], place: int) -> tuple[float, frozenset[int]]:
    """The most that comes from home to a place, and the places that it comes into through the narrowest gate."""
    left = {origin: dict(ends) for origin, ends in flow.items()}
    total = 0.0
    while True:
        before = {-1: -1}
        queue = [-1]
        for at in queue:
            for end, room in left.get(at, {}).items():
                if room > 1e-7 and end not in before:
                    before[end] = at
                    queue.append(end)
        if place not in before:
            break
        path, at = [], place
        while at != -1:
            path.append((before[at], at))
            at = before[at]
        most = min(left[a][b] for a, b in path)
        for a, b in path:
            left[a][b] -= most
            left.setdefault(b, {})
            left[b][a] = left[b].get(a, 0.0) + most
        total += most
    everywhere = {end for ends in flow.values() for end in ends} | set(flow) | {place}
    return total, frozenset(everywhere - before.keys() - {-1})
