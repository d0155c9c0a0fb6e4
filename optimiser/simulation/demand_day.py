"""
What riders wanted on one day of the past, with the demand that was turned away put back.

What was seen is what was served: replayed from the opening that really was, it loses nothing. Riders who found no bike
or no dock left no trace, so they are drawn anew: while a station was empty, rentals at the rate that comparable days
saw while it was not; while it was full, returns. Where only polls are known, what happened between two of them is drawn
given both ends (`optimiser.demand.bridge`); where nothing is known (a gap, bikes moved by a van) riders come at the
rates. Rates for this come from the held-out days themselves, never from the days that a plan was made from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.compiled import compiled, in_blocks
from optimiser.demand import bridge
from optimiser.demand.calendar import QUARTER_S
from optimiser.demand.history import History
from optimiser.demand.inventory import inventories
from optimiser.demand.rates import Rates
from optimiser.demand.tally import MAX_GAP_S, columns, interval_capacity, is_jump, station_rates

STATIONS_PER_TASK = 16
SOURCES = ("seen", "restored", "filled")
"""Where an event comes from: really happened, was turned away, or fills a hole in the record."""


@dataclass(frozen=True, eq=False, kw_only=True)
class DemandDay:
    """Rentals and returns that riders wanted at n stations, in time order; common to all openings it is replayed with."""

    start_ts: int
    seconds: int
    first: NDArray[np.int64]
    """First event of each station, shape (n + 1,)."""
    at_s: NDArray[np.float64]
    """Seconds after the start."""
    change: NDArray[np.int8]
    """-1 a rental, 1 a return."""
    source: NDArray[np.int8]
    """Index into `SOURCES`."""
    known_share: NDArray[np.float64]
    """Share of the day in which each station was watched, shape (n,)."""


def restore_day(history: History, rates: Rates, *, start_ts: int, seconds: int, seed: int) -> DemandDay:
    """
    One draw of a day's demand.

    Parameters
    ----------
    history
        Covers the day.
    rates
        Fitted to held-out days that include this one.
    seed
        Another seed, another draw of what nobody saw.
    """
    status, trips = history.status, history.trips
    longest_s = MAX_GAP_S
    if status is None and trips is not None and (made := inventories(trips, history.capacities)) is not None:
        status, longest_s = made[0], 1 << 40
    count = len(history.station_ids)
    end_ts = start_ts + seconds
    seen = _trip_events(history, start_ts, end_ts)
    drawn: list[tuple[NDArray[np.float64], NDArray[np.int8], NDArray[np.int8]]] = [_NOTHING] * count
    known = np.zeros(count)
    calendar = rates.calendar
    place = (calendar.cells, calendar.first_quarter, calendar.classes, calendar.slots)
    capacities = np.array(history.capacities, dtype=np.int64)
    cells = rates.cells()

    def work(first: int, last: int) -> None:
        for station in range(first, last):
            at_s, change, source, watched_s = _draw_station(
                station,
                columns(status) if status is not None else _no_polls(count),
                capacities,
                place,
                (cells.rental, cells.giving, cells.day_factor),
                (start_ts, end_ts, longest_s),
                trips is not None,
                np.array([seed, start_ts % 2**31, station], dtype=np.int64),
            )
            drawn[station] = (at_s, change, source)
            known[station] = watched_s / seconds

    in_blocks(work, count, block=STATIONS_PER_TASK)
    if trips is not None and status is None:
        known[:] = 1.0
    parts = [_merge(seen[station], drawn[station]) for station in range(count)]
    return DemandDay(
        start_ts=start_ts,
        seconds=seconds,
        first=np.concatenate([[0], np.cumsum([len(part[0]) for part in parts])]).astype(np.int64),
        at_s=np.concatenate([part[0] for part in parts]) if parts else np.zeros(0),
        change=np.concatenate([part[1] for part in parts]) if parts else np.zeros(0, np.int8),
        source=np.concatenate([part[2] for part in parts]) if parts else np.zeros(0, np.int8),
        known_share=known,
    )


_Events = tuple[NDArray[np.float64], NDArray[np.int8], NDArray[np.int8]]
_NOTHING: _Events = (np.zeros(0), np.zeros(0, np.int8), np.zeros(0, np.int8))


def _no_polls(count: int) -> tuple[Any, ...]:
    nothing = np.zeros(count, dtype=np.int64)
    return (
        nothing,
        nothing,
        np.zeros(0, np.int64),
        np.zeros(0, np.int16),
        np.zeros(0, np.int16),
        np.zeros(0, np.bool_),
    )


def _trip_events(history: History, start_ts: int, end_ts: int) -> list[_Events]:
    """Rentals and returns of real trips within the day, by station."""
    trips = history.trips
    count = len(history.station_ids)
    if trips is None:
        return [_NOTHING] * count
    station = np.concatenate([trips.origin, trips.destination])
    ts = np.concatenate([trips.started, trips.ended])
    change = np.repeat(np.array([-1, 1], dtype=np.int8), len(trips.started))
    within = (station >= 0) & (ts >= start_ts) & (ts < end_ts)
    station, ts, change = station[within], ts[within], change[within]
    order = np.lexsort((ts, station))
    bounds = np.searchsorted(station[order], np.arange(count + 1))
    at_s = (ts[order] - start_ts).astype(np.float64)
    source = np.zeros(len(order), dtype=np.int8)
    return [
        (at_s[begin:end], change[order][begin:end], source[begin:end])
        for begin, end in zip(bounds[:-1], bounds[1:], strict=True)
    ]


def _merge(one: _Events, other: _Events) -> _Events:
    at_s, change, source = (np.concatenate(pair) for pair in zip(one, other, strict=True))
    order = np.argsort(at_s, kind="stable")
    return at_s[order], change[order], source[order]


@compiled
def _draw_station(  # noqa: PLR0917  Numba knows no keyword-only arguments
    station: int, polls: Any, capacities: Any, place: Any, rates: Any, span: Any, has_trips: bool, seed: Any
) -> Any:
    """Events of one station that no trip tells of, and the seconds for which it was watched."""
    begin, end, ts, bikes, docks, is_open = polls
    cells, first_quarter, classes, slots = place
    start_ts, end_ts, longest_s = span
    np.random.seed((seed[0] * 7919 + seed[1] * 104_729 + seed[2] * 1_299_709) % 2**31)
    out, into = np.empty(len(classes) * slots), np.empty(len(classes) * slots)
    station_rates(station, place, rates, out, into)
    step_cell = np.empty(bridge.MAX_STEPS, np.int64)
    step_rental, step_return = np.empty(bridge.MAX_STEPS), np.empty(bridge.MAX_STEPS)
    step_change, step_state = np.empty(bridge.MAX_STEPS, np.int64), np.empty(bridge.MAX_STEPS, np.int64)
    back = np.empty((bridge.MAX_STEPS + 1, bridge.MAX_STATES))
    at_s, change, source = [0.0 for _ in range(0)], [0 for _ in range(0)], [0 for _ in range(0)]
    watched_s = 0.0
    covered = start_ts
    for row in range(begin[station], end[station]):
        later = ts[row + 1] if row + 1 < end[station] else min(end_ts, ts[row] + longest_s)
        if later <= start_ts or ts[row] >= end_ts:
            continue
        since, until = max(start_ts, ts[row]), min(end_ts, later)
        if since > covered:
            _arrivals(covered, since, start_ts, place, out, into, True, True, 2, at_s, change, source)
        covered = max(covered, until)
        last_row = row + 1 >= end[station]
        if later - ts[row] > longest_s or (last_row and not has_trips):
            _arrivals(since, until, start_ts, place, out, into, not has_trips, not has_trips, 2, at_s, change, source)
            continue
        if not is_open[row]:
            # Closed for everybody: no plan could have served anyone.
            watched_s += until - since
            continue
        before = int(bikes[row])
        if has_trips:
            watched_s += until - since
            capacity = interval_capacity(before, docks[row], before, capacities[station])
            _arrivals(
                since,
                until,
                start_ts,
                place,
                out,
                into,
                before == 0,
                before >= capacity,
                1,
                at_s,
                change,
                source,
            )
            continue
        after = int(bikes[row + 1])
        seconds = later - ts[row]
        capacity = interval_capacity(before, docks[row], after, capacities[station])
        cell = cells[(ts[row] + later) // 2 // QUARTER_S - first_quarter]
        likely = not is_jump(after - before, out[cell] * seconds, into[cell] * seconds) and is_open[row + 1]
        if likely:
            low, high = bridge.window(before, after, capacity, (out[cell] + into[cell]) * seconds)
            likely = high - low < bridge.MAX_STATES
        if likely:
            count = bridge.steps_between(
                ts[row],
                later,
                after - before,
                cells,
                first_quarter,
                out,
                into,
                step_cell,
                step_rental,
                step_return,
            )
            bridge.backward(after, low, high, capacity, count, step_rental, step_return, back)
            likely = back[0, before - low] > bridge.IMPOSSIBLE
        if not likely:
            _arrivals(since, until, start_ts, place, out, into, True, True, 2, at_s, change, source)
            continue
        watched_s += until - since
        bridge.draw(before, low, high, capacity, count, step_rental, step_return, back, step_change, step_state)
        length_s = seconds / count
        for step in range(count):
            moment = ts[row] + (step + np.random.random()) * length_s
            if not start_ts <= moment < end_ts:
                continue
            if step_change[step] != 0:
                at_s.append(moment - start_ts)
                change.append(step_change[step])
                source.append(0)
            # Who came while nothing could be had.
            if step_state[step] == 0 and np.random.random() < step_rental[step]:
                at_s.append(moment - start_ts)
                change.append(-1)
                source.append(1)
            if step_state[step] >= capacity and np.random.random() < step_return[step]:
                at_s.append(moment - start_ts)
                change.append(1)
                source.append(1)
    if covered < end_ts and not has_trips:
        _arrivals(covered, end_ts, start_ts, place, out, into, True, True, 2, at_s, change, source)
    order = np.argsort(np.array(at_s), kind="mergesort")
    return (
        np.array(at_s)[order],
        np.array(change)[order].astype(np.int8),
        np.array(source)[order].astype(np.int8),
        watched_s,
    )


@compiled
def _arrivals(  # noqa: PLR0917
    since: int,
    until: int,
    start_ts: int,
    place: Any,
    out: Any,
    into: Any,
    rentals: bool,
    returns: bool,
    kind: int,
    at_s: Any,
    change: Any,
    source: Any,
) -> None:
    """Add riders who come at the rates between two moments: Poisson, quarter of an hour by quarter of an hour."""
    cells, first_quarter, _, _ = place
    at = since
    while at < until:
        later = min(until, (at // QUARTER_S + 1) * QUARTER_S)
        cell = cells[min(max(0, at // QUARTER_S - first_quarter), len(cells) - 1)]
        for direction in (-1, 1):
            wanted = (out[cell] if rentals else 0.0) if direction < 0 else (into[cell] if returns else 0.0)
            for _ in range(np.random.poisson(wanted * (later - at))):
                at_s.append(at + np.random.random() * (later - at) - start_ts)
                change.append(direction)
                source.append(kind)
        at = later
