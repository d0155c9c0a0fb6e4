"""
The vans' routes as arrays, one row a van, one column a gap: what more work there would meet.

Gap 0 lies between the start depot and the first stop, the last one before the way back; rows of vans with fewer stops
end in gaps that are not `real`. All are estimates for choosing what to try: told is only what `trial` finds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimiser.rebalancing.plan import Plan, Route
from optimiser.rebalancing.problem import Problem
from optimiser.rebalancing.replay.drive import Drive, drive

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NEVER = 1e12
"""More seconds or metres than any night has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tours:
    """What each gap of each van's route looks like; arrays (vans, gaps), of a van alone (vans, 1)."""

    real: Bools
    origin: Ints
    """Row of the place before the gap in the travel matrices."""
    end: Ints
    ready_s: Floats
    """When the van is done at the place before, a break that is due there taken."""
    direct_s: Floats
    """The drive that falls away; 0 for a van that stays in its depot."""
    direct_m: Floats
    waits_s: Floats
    """Seconds waited after the gap: so much delay is made up for."""
    windows_s: Floats
    """Delay that closing times after the gap allow."""
    break_s: Floats
    """Delay that the break's latest start allows."""
    load: Floats
    """Ready bikes on board in the gap."""
    on_board: Floats
    """Bikes of all kinds on board in the gap."""
    spare_load: Floats
    """Ready bikes that are on board from the gap until the van is back."""
    free_slots: Floats
    """Slots that are free from the gap until the van is back."""
    free_before: Floats
    """Slots that are free from the start until the gap."""
    free_to_depot: Floats
    """Slots that are free from the gap until the next depot."""
    packs: Floats
    """Batteries that are on board from the gap until the next depot."""
    calls_help: Floats
    """1 where a call at a depot in the gap gives batteries or takes low-charge or broken bikes."""
    speed: Floats
    shift_s: Floats
    """Seconds left of the shift."""
    range_m: Floats
    due_s: Floats
    """Delay after which a break is due that is not in the route."""
    rest_s: Floats
    """Seconds of that break."""
    use: Floats
    """Price of using the van, 0 if it is used."""
    slots: Floats
    batteries: Floats


_BY_GAP = (
    *("origin", "end", "ready_s", "direct_s", "direct_m", "waits_s", "windows_s", "break_s", "load", "on_board"),
    *("spare_load", "free_slots", "free_before", "free_to_depot", "packs", "calls_help"),
)
_BY_VAN = ("speed", "shift_s", "range_m", "due_s", "rest_s", "use", "slots", "batteries")


def tours_of(problem: Problem, plan: Plan) -> Tours:
    """Arrays of the routes of a plan, vans in the problem's order."""
    routes = {route.van_id: route for route in plan.routes if route.stops}
    driven = [drive(problem, routes.get(van.id, Route(van_id=van.id, stops=()))) for van in problem.vans]
    whole = [_whole(problem, one) for one in driven]
    by_van = {name: np.array([row[name] for row in whole], dtype=float)[:, None] for name in _BY_VAN}
    return Tours(**_padded([_gaps(problem, one) for one in driven]), **by_van)


def _padded(rows: list[dict[str, list[float]]]) -> dict[str, NDArray[Any]]:
    """Arrays of rows of different lengths, and which of their entries are real."""
    widest = max((len(row["load"]) for row in rows), default=1)
    real = np.array([[column < len(row["load"]) for column in range(widest)] for row in rows], dtype=bool)
    real = real.reshape(len(rows), widest)
    made: dict[str, NDArray[Any]] = {"real": real}
    for name in _BY_GAP:
        made[name] = np.zeros((len(rows), widest), dtype=np.int64 if name in {"origin", "end"} else np.float64)
        made[name][real] = [value for row in rows for value in row[name]]
    return made


def _whole(problem: Problem, driven: Drive) -> dict[str, float]:
    """What holds for a van's whole night."""
    van, break_, is_used = driven.van, driven.van.break_, bool(driven.legs)
    metres = sum(leg.length_m for leg in driven.legs) + driven.last_length_m
    is_rested = break_ is None or driven.break_start_s is not None
    end_s = driven.end_s if is_used else van.shift_start_s
    return {
        "speed": van.speed_factor,
        "shift_s": van.shift_end_s - end_s,
        "range_m": NEVER if van.range_m is None else van.range_m - (metres if is_used else 0),
        "due_s": NEVER if break_ is None or is_rested else break_.latest_s - end_s,
        "rest_s": 0 if break_ is None else break_.duration_s,
        "use": 0.0 if is_used else problem.prices.van_use,
        "slots": van.slots,
        "batteries": van.batteries,
    }


def _gaps(problem: Problem, driven: Drive) -> dict[str, list[float]]:
    """What each gap of a route looks like, first to last."""
    van, legs, break_ = driven.van, driven.legs, driven.van.break_
    rows = problem.place_index
    places = [van.start_depot_id, *(leg.stop.station_id for leg in legs), van.end_depot_id]
    is_depot = [leg.stop.station_id in problem.depot_ids for leg in legs]
    done_s = [driven.leave_s, *(leg.departure_s for leg in legs)]
    before = driven.route.break_before if driven.break_start_s is not None else None
    load: list[float] = [driven.start_load, *(leg.load for leg in legs)]
    on_board: list[float] = [driven.start_load, *(leg.load + leg.low_load + leg.broken_load for leg in legs)]
    packs: list[float] = [van.batteries, *(leg.batteries for leg in legs)]
    windows_s, break_s = _allowances(problem, driven)
    return {
        "origin": [rows[id_] for id_ in places[:-1]],
        "end": [rows[id_] for id_ in places[1:]],
        "ready_s": [at + (break_.duration_s if break_ and before == gap else 0) for gap, at in enumerate(done_s)],
        "direct_s": [*(leg.drive_s for leg in legs), driven.last_drive_s] if legs else [0],
        "direct_m": [*(leg.length_m for leg in legs), driven.last_length_m] if legs else [0],
        "waits_s": [sum(leg.wait_s for leg in legs[gap:]) for gap in range(len(done_s))],
        "windows_s": windows_s,
        "break_s": break_s,
        "load": load,
        "on_board": on_board,
        "spare_load": [min(load[gap:]) for gap in range(len(load))],
        "free_slots": [van.slots - max(on_board[gap:]) for gap in range(len(load))],
        "free_before": [van.slots - max(on_board[: gap + 1]) for gap in range(len(load))],
        "free_to_depot": [van.slots - max(_until_depot(on_board, is_depot, gap)) for gap in range(len(load))],
        "calls_help": [float(packs[gap] < van.batteries or on_board[gap] > load[gap]) for gap in range(len(load))],
        "packs": [min(_until_depot(packs, is_depot, gap)) for gap in range(len(load))],
    }


def _until_depot(values: list[float], is_depot: list[bool], gap: int) -> list[float]:
    """Values from a gap on until the van is at a depot."""
    found = [values[gap]]
    for value, at_depot in zip(values[gap + 1 :], is_depot[gap:], strict=True):
        if at_depot:
            break
        found.append(value)
    return found


def _allowances(problem: Problem, driven: Drive) -> tuple[list[float], list[float]]:
    """Delay that closing times and the break allow, by gap; waiting makes up for some of it."""
    break_ = driven.van.break_
    windows: list[float] = [NEVER]
    rest: list[float] = [NEVER]
    before = driven.route.break_before if driven.break_start_s is not None else None
    for index in reversed(range(len(driven.legs))):
        leg = driven.legs[index]
        station = problem.station_by_id.get(leg.stop.station_id)
        closes_s = None if station is None else station.closes_s
        own = NEVER if closes_s is None else closes_s - leg.departure_s
        windows.append(min(own, windows[-1]) + leg.wait_s)
        if break_ is not None and before == index + 1:
            rest.append(break_.latest_s - (driven.break_start_s or 0) + leg.wait_s)
        else:
            rest.append(rest[-1] + leg.wait_s)
    return windows[::-1], rest[::-1]
