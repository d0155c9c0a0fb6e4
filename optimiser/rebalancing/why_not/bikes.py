"""
Ready bikes more or less at a station, by a new stop of a van that passes near.

A station short of bikes gets them from on board, from the start depot, from more picked up at a stop before, or from a
new stop just before. Bikes to spare ride home, or go to a stop after or to a new one just after.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from optimiser.rebalancing.plan import Stop
from optimiser.rebalancing.why_not.gaps import Call, Gaps, Task, looked_up
from optimiser.rebalancing.why_not.insertion import Insertion
from optimiser.rebalancing.why_not.shapes import Shape
from optimiser.rebalancing.why_not.tours import Floats, Ints

_PARTNERS = 4
"""New stops just before or after that are looked at, by worth for one bike and for as many as are best."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partners:
    """For each gap a stop of the plan at which more bikes can be had before it, or left after it; (vans, gaps)."""

    index: Ints
    """Which stop of the van; -1 where there is none."""
    row: Ints
    """Its station in the problem's order."""
    room: Floats
    """Bikes more for which there are slots between it and the gap."""


def by_new_stop(gaps: Gaps, task: Task, partners: Partners) -> Iterator[Shape]:
    """Every way to bring or fetch ready bikes by a new stop."""
    if not len(task.numbers):
        return
    call = gaps.call(task.station)
    yield _with_what_is_there(gaps, task, call)
    if task.wish.brings:
        yield _with_start_load(gaps, task, call)
    yield _with_planned_stop(gaps, task, call, partners)
    yield from _with_two_stops(gaps, task)


def at_station(task: Task, bikes: int) -> Stop:
    """What a stop does there for so many bikes."""
    if task.wish.brings:
        return Stop(station_id=task.station.id, dropoff=bikes)
    return Stop(station_id=task.station.id, pickup=bikes)


def elsewhere(task: Task, place_id: str, bikes: int) -> Stop:
    """What a stop does for them at the other end."""
    if task.wish.brings:
        return Stop(station_id=place_id, pickup=bikes)
    return Stop(station_id=place_id, dropoff=bikes)


def partners_in_plan(gaps: Gaps, *, before: bool) -> Partners:
    """For each gap the stop before it at which one bike more can be had for most, or after it and left."""
    tours, table = gaps.tours, gaps.worth.fetch if before else gaps.worth.bring
    is_allowed = gaps.permitted("may_pick_up" if before else "may_drop_off", anew=False)
    index = np.full(tours.real.shape, -1, dtype=np.int64)
    row, room = np.zeros_like(index), np.zeros(tours.real.shape)
    for van, stops in enumerate(gaps.stops):
        best = (-np.inf, -1, 0.0)
        for gap in range(len(stops) + 1) if before else range(len(stops), -1, -1):
            free = float(tours.slots[van, 0] - tours.on_board[van, gap])
            worth, at, least = best[0], best[1], min(best[2], free)
            best = (worth, at, least) if least >= 1 else (-np.inf, -1, 0.0)
            place = gap - 1 if before else gap
            here = gaps.row_of.get(stops[place].station_id) if 0 <= place < len(stops) else None
            if here is not None and is_allowed[here] and free >= 1 and table[here, 1] > best[0]:
                best = (float(table[here, 1]), place, free)
            if best[1] >= 0:
                index[van, gap], room[van, gap] = best[1], best[2]
                row[van, gap] = gaps.row_of[stops[best[1]].station_id]
    return Partners(index=index, row=row, room=room)


def more_at_partner(gaps: Gaps, task: Task, partners: Partners, at: tuple[int, ...], bikes: int) -> tuple[int, Stop]:
    """So many bikes more at the partner of one gap."""
    index = int(partners.index[at])
    return index, elsewhere(task, gaps.stops[at[0]][index].station_id, bikes)


def _with_what_is_there(gaps: Gaps, task: Task, call: Call) -> Shape:
    """Bikes from on board, or for which there are slots."""
    tours, bike_s = gaps.tours, gaps.problem.handling.bike_s
    most = tours.spare_load if task.wish.brings else tours.free_slots
    fewest = gaps.fewest_that_pay(task.worth, call.detour_s, call.metres, unit_s=bike_s)
    bikes = gaps.within(task.numbers, fewest, call.detour_s, most, unit_s=bike_s)
    added_s, closing = gaps.timed(task.station, call.arrival_s, call.detour_s, bike_s * bikes)
    worth, lacks = task.worth[bikes], {"skills": task.unskilled, **closing}
    if task.wish.brings:
        worth = np.where(bikes <= most, worth, -np.inf)
    else:
        lacks["slots"] = bikes - most
    return Shape(
        added_s=added_s,
        metres=call.metres,
        worth=worth,
        lacks=lacks,
        banned=task.banned,
        build=lambda at: gaps.insertion(at, (at[-1], at_station(task, int(bikes[at])))),
    )


def _with_start_load(gaps: Gaps, task: Task, call: Call) -> Shape:
    """Bikes that the van takes on board before it leaves."""
    tours, bike_s = gaps.tours, gaps.problem.handling.bike_s
    fewest = gaps.fewest_that_pay(task.worth, call.detour_s, call.metres, unit_s=2 * bike_s)
    bikes = gaps.within(task.numbers, fewest, call.detour_s, tours.free_before, unit_s=2 * bike_s)
    added_s, closing = gaps.timed(task.station, call.arrival_s, call.detour_s, bike_s * bikes)

    def build(at: tuple[int, ...]) -> Insertion:
        count = int(bikes[at])
        return gaps.insertion(at, (at[-1], at_station(task, count)), more_at_start=count)

    return Shape(
        added_s=added_s,
        start_s=(bike_s * bikes).astype(float),
        metres=call.metres,
        worth=task.worth[bikes],
        lacks={
            "skills": task.unskilled,
            "slots": bikes - tours.free_before,
            "stock": bikes - gaps.stock_left(),
            **closing,
        },
        banned=task.banned,
        build=build,
    )


def _with_planned_stop(gaps: Gaps, task: Task, call: Call, partners: Partners) -> Shape:
    """Bikes that are also picked up at a stop of the plan before, or dropped off at one after."""
    bike_s, there = gaps.problem.handling.bike_s, gaps.worth.fetch if task.wish.brings else gaps.worth.bring
    both = task.worth + there[partners.row]
    numbers = gaps.numbers_at_both(both, task.wish)
    fewest = gaps.fewest_that_pay(both, call.detour_s, call.metres, unit_s=2 * bike_s)
    bikes = gaps.within(numbers, fewest, call.detour_s, partners.room, unit_s=2 * bike_s)
    added_s, closing = gaps.timed(task.station, call.arrival_s, call.detour_s, bike_s * bikes)

    def build(at: tuple[int, ...]) -> Insertion:
        count = int(bikes[at])
        more = more_at_partner(gaps, task, partners, at[-2:], count)
        return gaps.insertion(at, (at[-1], at_station(task, count)), more=(more,))

    return Shape(
        added_s=added_s + bike_s * bikes,
        metres=call.metres,
        worth=np.where(partners.index >= 0, looked_up(both, bikes), -np.inf),
        lacks={"skills": task.unskilled, "slots": bikes - partners.room, **closing},
        banned=task.banned,
        build=build,
    )


def _with_two_stops(gaps: Gaps, task: Task) -> Iterator[Shape]:
    """Two new stops in one gap: at the other end just before or just after; first axis = where that is."""
    tours, handling, problem = gaps.tours, gaps.problem.handling, gaps.problem
    chosen = _other_ends(gaps, task)
    if not chosen:
        return
    ids = [id_ for id_, _ in chosen]
    both = (task.worth + np.array([table for _, table in chosen]))[:, None, None, :]
    other = np.array([problem.place_index[id_] for id_ in ids])[:, None, None]
    here = np.full_like(other, problem.place_index[task.station.id])
    first, second = (other, here) if task.wish.brings else (here, other)
    times, lengths = problem.travel.travel_s, problem.travel.length_m
    to_s, mid_s, on_s = (
        np.ceil(legs / tours.speed)
        for legs in (times[tours.origin, first], times[first, second], times[second, tours.end])
    )
    extra_s = np.array([handling.depot_s if id_ in problem.depot_ids else handling.stop_s for id_ in ids])
    detour_s = (to_s + mid_s + on_s - tours.direct_s + extra_s[:, None, None])[:, None]
    metres = (lengths[tours.origin, first] + lengths[first, second] + lengths[second, tours.end] - tours.direct_m)[
        :, None
    ]
    arrival_s = tours.ready_s + to_s + (mid_s + extra_s[:, None, None] if task.wish.brings else 0)
    room = tours.slots - tours.on_board
    numbers = np.moveaxis(gaps.numbers_at_both(both, task.wish), 0, 1)
    fewest = gaps.fewest_that_pay(both, detour_s[:, 0], metres[:, 0], unit_s=2 * handling.bike_s)
    bikes = gaps.within(numbers, fewest, detour_s, room, unit_s=2 * handling.bike_s)
    added_s, closing = gaps.timed(task.station, arrival_s[:, None], detour_s, 2 * handling.bike_s * bikes)
    unskilled = np.maximum(task.unskilled, np.array([gaps.unskilled(id_) for id_ in ids])[:, None])

    def build(at: tuple[int, ...]) -> Insertion:
        count = int(bikes[at])
        pair = elsewhere(task, ids[at[0]], count), at_station(task, count)
        return gaps.insertion(at, *((at[-1], stop) for stop in (pair if task.wish.brings else pair[::-1])))

    yield Shape(
        added_s=added_s,
        metres=metres,
        worth=looked_up(both[:, None], bikes),
        lacks={"skills": unskilled, "slots": bikes - room, **closing},
        banned=task.banned,
        build=build,
    )


def _other_ends(gaps: Gaps, task: Task) -> list[tuple[str, Floats]]:
    """Stations and depots for a stop just before or just after, with what each number of bikes is worth there."""
    problem, brings = gaps.problem, task.wish.brings
    table = gaps.worth.fetch if brings else gaps.worth.bring
    is_allowed = gaps.permitted("may_pick_up" if brings else "may_drop_off", anew=True)
    here = problem.place_index[task.station.id]
    legs = (gaps.rows, here) if brings else (here, gaps.rows)
    way = gaps.second * problem.travel.travel_s[legs] + gaps.metre * problem.travel.length_m[legs]
    rows: dict[int, None] = {}
    for number in dict.fromkeys([1, int(task.numbers.ravel()[0])]):
        score = np.where(is_allowed, table[:, number] - way, -np.inf)
        score[gaps.row_of[task.station.id]] = -np.inf
        order = np.argsort(-score, kind="stable")[:_PARTNERS]
        rows |= dict.fromkeys(int(row) for row in order if np.isfinite(score[row]))
    chosen = [(problem.stations[row].id, table[row]) for row in rows]
    for id_, depot in problem.depot_by_id.items():
        holds = depot.stock if brings else table.shape[1] if depot.room is None else depot.room - depot.stock
        if holds > 0 and depot.may_call:
            chosen.append((id_, np.where(np.arange(table.shape[1]) <= holds, 0.0, -np.inf)))
    return chosen
