"""A problem as the arrays of the search."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from optimiser.rebalancing.problem import Problem, Station, Van
from optimiser.rebalancing.search.tables import Tables, choices_of, fixed_inventory, tables_of
from optimiser.rebalancing.search.town import OUT_M, Bools, Floats, Ints, Town
from optimiser.rebalancing.search.ways import nearest, ways_of

MOST_VISITS = 3
"""Visits of one station at most."""
UNREAL = 2**28
"""A shift without an end, in seconds; a range, in metres."""


def town_of(problem: Problem) -> Town:
    """Arrays of a problem."""
    stations, vans, prices, handling = problem.stations, problem.vans, problem.prices, problem.handling
    calls = calls_of(problem)
    fixed = _is_fixed(problem, calls)
    tables = tables_of(problem, is_fixed=fixed)
    depots = sorted({id_ for van in vans for id_ in (van.start_depot_id, van.end_depot_id)})
    ids = [*(one.id for one in stations), *(call.depot_id for call in calls), *depots]
    places = [problem.place_index[id_] for id_ in ids]
    row_of_depot = {id_: len(stations) + len(calls) + number for number, id_ in enumerate(depots)}
    speeds = sorted({van.speed_factor for van in vans})
    ways = ways_of(problem.travel, np.array(places), np.array(speeds))
    visits, station = _visits(problem, len(calls), is_fixed=fixed)
    must = np.zeros(len(station), dtype=np.bool_)
    must[[visits[row, 0] for row, one in enumerate(stations) if one.must is not None and one.must.visit]] = True
    rows = _with_calls(tables, calls)
    opening = [(one.opens_s or 0, UNREAL if one.closes_s is None else one.closes_s) for one in stations]
    members, floor, cap = _zones(problem)
    return Town(
        ways=ways,
        metres=np.ascontiguousarray(ways[0, :, :, OUT_M]) if fixed else np.zeros((0, 0), dtype=np.int32),
        near=nearest(ways[0], len(stations)),
        seeds=np.arange(len(stations), dtype=np.int32),
        loss=rows.loss,
        truth=rows.loss_swapped,
        swaps=rows.swaps,
        low=rows.low,
        high=rows.high,
        junk=rows.low_taken + rows.broken_taken,
        low_taken=rows.low_taken,
        row=rows.first,
        choices=_ints([*(choices_of(one) for one in stations), *(1 for _ in calls)]),
        swappable=_ints([*(one.low_charge for one in stations), *(0 for _ in calls)]),
        idle=rows.idle,
        idle_truth=rows.idle.copy(),
        least=_least(rows),
        start=rows.start,
        is_fixed=fixed,
        station=station,
        must=must,
        visits=visits,
        allowed=_allowed(problem, calls),
        stop_s=_ints([*(handling.stop_s for _ in stations), *(handling.depot_s for _ in calls)]),
        opens_s=_ints([*(opens_s for opens_s, _ in opening), *(0 for _ in calls)]),
        closes_s=_ints([*(closes_s for _, closes_s in opening), *(UNREAL for _ in calls)]),
        members=members,
        floor=floor,
        cap=cap,
        zone_price=prices.zone_bike,
        calls=_calls(calls, len(stations), len(vans)),
        slots=_ints(van.slots for van in vans),
        kind=_ints(int(van.batteries == 0) for van in vans),
        packs=_ints(van.batteries for van in vans),
        first_packs=_ints(van.first_batteries for van in vans),
        first_junk=_ints(_first_junk(van) for van in vans),
        range_m=_ints(UNREAL if van.range_m is None else min(van.range_m, UNREAL) for van in vans),
        origin=_ints(row_of_depot[van.start_depot_id] for van in vans),
        goal=_ints(row_of_depot[van.end_depot_id] for van in vans),
        speed=_ints(speeds.index(van.speed_factor) for van in vans),
        begin_s=_ints(min(van.shift_start_s, UNREAL) for van in vans),
        shift_s=_ints(min(van.shift_end_s - van.shift_start_s, UNREAL) for van in vans),
        break_s=_ints(0 if van.break_ is None else van.break_.duration_s for van in vans),
        break_from_s=_ints(0 if van.break_ is None else van.break_.earliest_s for van in vans),
        break_to_s=_ints(UNREAL if van.break_ is None else van.break_.latest_s for van in vans),
        load=_ints(van.initial_load for van in vans),
        load_low=_ints(_least_load(problem, van) for van in vans),
        load_high=_ints(_most_load(problem, van) for van in vans),
        load_home=_ints(_most_home(problem, van) for van in vans),
        twin=_twins(vans),
        use=np.array([prices.van_use for _ in vans]),
        second=np.array([prices.van_hour / 3600 for _ in vans]),
        pressure=np.zeros(len(vans)),
        metre=prices.van_km / 1000,
        bike_s=handling.bike_s,
        swap_s=handling.swap_s,
        must_price=prices.must,
        fairness=prices.fairness / 3600,
        has_clock=_has_clock(problem),
    )


def _has_clock(problem: Problem) -> bool:
    """Whether it matters when things happen."""
    are_timed = any(one.opens_s is not None or one.closes_s is not None for one in problem.stations)
    return are_timed or any(van.break_ is not None for van in problem.vans)


def _is_fixed(problem: Problem, calls: list[Call]) -> bool:
    """Whether all inventories are given and nothing but loads and lengths matters, as in the public benchmarks."""
    are_fixed = all(fixed_inventory(station) is not None for station in problem.stations)
    return are_fixed and not calls and not _has_clock(problem) and not any(map(_first_junk, problem.vans))


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A depot where one van may stop once in mid-shift."""

    depot_id: str
    van: int
    stock: int
    """Bikes that it may take there."""
    space: int
    """Bikes that it may leave there."""


def calls_of(problem: Problem) -> list[Call]:
    """Calls that may be of use: for stock, for batteries, to be rid of low-charge and broken bikes."""
    is_useful = any(one.blocked for one in problem.stations) or any(_first_junk(van) for van in problem.vans)
    calls = []
    for depot in problem.depot_by_id.values():
        if depot.may_call and (is_useful or depot.stock):
            stock, space = _shares(problem, depot.id)
            calls += [
                Call(depot_id=depot.id, van=row, stock=stock // 2, space=space // 2)
                for row in _users(problem, depot.id)
            ]
    return sorted(calls, key=lambda call: call.van)


def _users(problem: Problem, depot_id: str) -> list[int]:
    """Vans that may use a depot: those at home there, all where none is."""
    vans = problem.vans
    home = [row for row, van in enumerate(vans) if depot_id in (van.start_depot_id, van.end_depot_id)]
    return home or list(range(len(vans)))


def _shares(problem: Problem, depot_id: str) -> tuple[int, int]:
    """A depot's stock and room for each van that may use it: then the order of vans over the night is no matter."""
    depot, users = problem.depot_by_id[depot_id], max(1, len(_users(problem, depot_id)))
    if depot.room is None:
        return depot.stock // users, 2 * max((van.slots for van in problem.vans), default=0)
    return depot.stock // users, (depot.room - depot.stock) // users


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int32)


def _with_calls(tables: Tables, calls: list[Call]) -> Tables:
    """The tables with a row for each call: nothing is lost there."""
    widest = max([tables.loss.shape[1], *(call.stock + call.space + 1 for call in calls)])
    swaps = tables.loss_swapped.shape[1]
    loss_swapped = np.full((len(tables.loss) + len(calls), swaps, widest), np.inf)
    loss_swapped[: len(tables.loss), :, : tables.loss.shape[1]] = tables.loss_swapped
    loss_swapped[len(tables.loss) :, 0] = 0.0
    first = np.arange(len(tables.loss), len(loss_swapped), dtype=np.int32)
    none = np.zeros(len(calls), dtype=np.int32)
    return Tables(
        first=np.concatenate([tables.first, np.stack([first, first], axis=1)]),
        loss=loss_swapped.min(axis=1),
        loss_swapped=loss_swapped,
        swaps=loss_swapped.argmin(axis=1).astype(np.int32),
        low=np.concatenate([tables.low, none]),
        high=np.concatenate([tables.high, _ints(call.stock + call.space for call in calls)]),
        low_taken=np.concatenate([tables.low_taken, none]),
        broken_taken=np.concatenate([tables.broken_taken, none]),
        start=np.concatenate([tables.start, _ints(call.stock for call in calls)]),
        idle=np.concatenate([tables.idle, np.zeros(len(calls))]),
    )


def _least(tables: Tables) -> Floats:
    """The least that each place can lose, over all rows that it has."""
    ends = np.append(tables.first[1:, 0], len(tables.loss))
    of_rows = tables.loss.min(axis=1)
    return np.array([of_rows[first:end].min() for first, end in zip(tables.first[:, 0], ends, strict=True)])


def _visits(problem: Problem, calls: int, *, is_fixed: bool) -> tuple[Ints, Ints]:
    """Numbers of the visits of each place, -1 where it has fewer, and the place of each visit."""
    slots = min((van.slots for van in problem.vans), default=1)
    counts = [1 if is_fixed or one.once or one.blocked else _most_visits(one, slots) for one in problem.stations]
    counts += [1] * calls
    visits = np.full((len(counts), max([2, *counts])), -1, dtype=np.int32)
    station: list[int] = []
    for row, count in enumerate(counts):
        for number in range(count):
            visits[row, number] = len(station)
            station.append(row)
    return visits, _ints(station)


def _most_visits(station: Station, slots: int) -> int:
    """As many as vanloads could come or go, and one more, but not too many."""
    return min(MOST_VISITS, 1 + -(-max(station.inventory, station.capacity - station.inventory) // slots))


def _calls(calls: list[Call], stations: int, vans: int) -> Ints:
    """Places of the calls of each van."""
    places = [[stations + number for number, call in enumerate(calls) if call.van == van] for van in range(vans)]
    made = np.full((vans, max(map(len, places), default=0)), -1, dtype=np.int32)
    for van, own in enumerate(places):
        made[van, : len(own)] = own
    return made


def _allowed(problem: Problem, calls: list[Call]) -> Bools:
    """Which van may stop where."""
    stations, vans = problem.stations, problem.vans
    allowed = np.zeros((len(vans), len(stations) + len(calls)), dtype=np.bool_)
    for row, van in enumerate(vans):
        allowed[row, : len(stations)] = [not one.is_forbidden and one.needs <= van.skills for one in stations]
        allowed[row, len(stations) :] = [call.van == row for call in calls]
    return allowed


def _zones(problem: Problem) -> tuple[Ints, Ints, Ints]:
    """Stations of each zone, -1 where it has fewer, and its least and most bikes."""
    zones = problem.zones if problem.prices.zone_bike > 0 else ()
    row_of = {station.id: row for row, station in enumerate(problem.stations)}
    members = np.full((len(zones), max((len(zone.station_ids) for zone in zones), default=0)), -1, dtype=np.int32)
    for number, zone in enumerate(zones):
        members[number, : len(zone.station_ids)] = [row_of[id_] for id_ in zone.station_ids]
    floor = _ints(zone.floor or 0 for zone in zones)
    return members, floor, _ints(UNREAL if zone.cap is None else zone.cap for zone in zones)


def _least_load(problem: Problem, van: Van) -> int:
    """Bikes that must stay on board at the start because the depot has no room."""
    depot = problem.depot_by_id[van.start_depot_id]
    return 0 if depot.room is None else van.initial_load


def _most_load(problem: Problem, van: Van) -> int:
    """Bikes on board at the start with an equal share of the depot's stock, half of it kept where vans may call."""
    share, _ = _shares(problem, van.start_depot_id)
    return min(van.slots - _first_junk(van), van.initial_load + share - share // 2)


def _first_junk(van: Van) -> int:
    """Low-charge and broken bikes on board when the shift starts."""
    return van.initial_low_load + van.initial_broken_load


def _most_home(problem: Problem, van: Van) -> int:
    """Bikes on board in the end for which there is room in the depot."""
    depot = problem.depot_by_id[van.end_depot_id]
    _, space = _shares(problem, van.end_depot_id)
    return van.slots if depot.room is None else min(van.slots, space - space // 2)


def _twins(vans: tuple[Van, ...]) -> Ints:
    """For each van the first that is the same in everything but its name."""
    first: dict[tuple[object, ...], int] = {}
    twins = []
    for row, van in enumerate(vans):
        same = (
            *(van.slots, van.initial_load, van.start_depot_id, van.end_depot_id, van.shift_start_s, van.shift_end_s),
            *(van.speed_factor, van.batteries, van.range_m, van.skills, van.break_),
        )
        twins.append(first.setdefault(same, row))
    return _ints(twins)
