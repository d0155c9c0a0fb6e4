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
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.compiled import compiled, in_blocks
from optimiser.demand import bridge
from optimiser.demand.calendar import QUARTER_S
from optimiser.demand.history import History
from optimiser.demand.polls import MAX_GAP_S, columns, interval_capacity, is_jump, longest_s, station_flows
from optimiser.demand.rates import Rates

STATIONS_PER_TASK = 16
SEEN, RESTORED, FILLED = 0, 1, 2
"""Where an event comes from: it happened, it was turned away, or it fills a hole in the record."""


@dataclass(frozen=True, eq=False, kw_only=True)
class DemandDay:
    """Rentals and returns that riders wanted at n stations, in time order; the same for all openings."""

    start_ts: int
    seconds: int
    first: NDArray[np.int64]
    """First event of each station, shape (n + 1,)."""
    at_s: NDArray[np.float64]
    """Seconds after the start."""
    change: NDArray[np.int8]
    """-1 a rental, 1 a return."""
    source: NDArray[np.int8]
    """`SEEN`, `RESTORED` or `FILLED`."""
    known_share: NDArray[np.float64]
    """Share of the day in which each station was watched, shape (n,)."""


def restore_day(history: History, rates: Rates, *, start_ts: int, seconds: int, seed: int) -> DemandDay:
    """
    One draw of a day's demand.

    Parameters
    ----------
    history
        Covers the day; where only trips are known, `with_inventories`, else nobody knows who was turned away.
    rates
        Fitted to held-out days that include this one.
    seed
        Another seed, another draw of what nobody saw.
    """
    status, end_ts = history.status, start_ts + seconds
    span = history.trips.span() if history.trips is not None else None
    # Trips that do not cover the day tell nothing of it that polls would not.
    covered = span is not None and span[0] <= start_ts and span[1] >= end_ts
    has_trips = span is not None and (covered or status is None or status.holds)
    count = len(history.station_ids)
    seen = _trip_events(history, start_ts, end_ts) if has_trips else [_NOTHING] * count
    drawn: list[tuple[NDArray[np.float64], NDArray[np.int8], NDArray[np.int8]]] = [_NOTHING] * count
    known = np.zeros(count)
    calendar = rates.calendar
    place = (calendar.cells, calendar.first_quarter, calendar.classes, calendar.slots)
    capacities = np.array(history.capacities, dtype=np.int64)
    given = rates.cells().columns()

    def work(first: int, last: int) -> None:
        for station in range(first, last):
            at_s, change, source, watched_s = _draw_station(
                station,
                columns(status) if status is not None else _no_polls(count),
                capacities,
                place,
                given,
                (start_ts, end_ts, MAX_GAP_S if status is None else longest_s(status)),
                has_trips,
                np.array([seed, start_ts % 2**31, station], dtype=np.int64),
            )
            drawn[station] = (at_s, change, source)
            known[station] = watched_s / seconds

    in_blocks(work, count, block=STATIONS_PER_TASK)
    if has_trips and status is None:
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
    return [(at_s[begin:end], change[order][begin:end], source[begin:end]) for begin, end in pairwise(bounds.tolist())]


def _merge(one: _Events, other: _Events) -> _Events:
    at_s = np.concatenate([one[0], other[0]])
    order = np.argsort(at_s, kind="stable")
    return at_s[order], np.concatenate([one[1], other[1]])[order], np.concatenate([one[2], other[2]])[order]


@compiled
def _draw_station(  # noqa: PLR0917  Numba knows no keyword-only arguments
    station: int, polls: Any, capacities: Any, place: Any, rates: Any, span: Any, has_trips: bool, seed: Any
) -> Any:
    """Events of one station that no trip tells of, and the seconds for which it was watched."""
    begin, end, ts, bikes, docks, is_open = polls
    start_ts, end_ts, believed_s = span
    np.random.seed((seed[0] * 7919 + seed[1] * 104_729 + seed[2] * 1_299_709) % 2**31)
    flows = np.empty((4, place[3] * len(place[2])))
    station_flows(station, place, rates, flows)
    scratch = bridge.scratch()
    # Numba learns the types of lists from what they hold.
    events = ([0.0], [0], [0])
    events[0].pop()
    events[1].pop()
    events[2].pop()
    watched_s, covered = 0.0, start_ts
    for row in range(begin[station], end[station]):
        is_last = row + 1 >= end[station]
        later = min(end_ts, ts[row] + believed_s) if is_last else ts[row + 1]
        if later <= start_ts or ts[row] >= end_ts:
            continue
        since, until = max(start_ts, ts[row]), min(end_ts, later)
        if since > covered and not has_trips:
            _arrivals(covered, since, start_ts, place, flows, (True, True), FILLED, events)
        covered = max(covered, until)
        is_hole = later - ts[row] > believed_s or (is_last and not has_trips)
        if not is_hole and not is_open[row]:
            # Closed for everybody: no plan could have served anyone.
            watched_s += until - since
        elif not is_hole and has_trips:
            watched_s += until - since
            capacity = interval_capacity(bikes[row], docks[row], bikes[row], capacities[station])
            nothing_left = (bikes[row] == 0, bikes[row] >= capacity)
            _arrivals(since, until, start_ts, place, flows, nothing_left, RESTORED, events)
        elif not is_hole and _draw_between(row, polls, capacities[station], place, flows, span, scratch, events):
            watched_s += until - since
        elif not has_trips:
            _arrivals(since, until, start_ts, place, flows, (True, True), FILLED, events)
    if covered < end_ts and not has_trips:
        _arrivals(covered, end_ts, start_ts, place, flows, (True, True), FILLED, events)
    order = np.argsort(np.array(events[0]), kind="mergesort")
    change, source = np.array(events[1])[order], np.array(events[2])[order]
    return np.array(events[0])[order], change.astype(np.int8), source.astype(np.int8), watched_s


@compiled
def _draw_between(  # noqa: PLR0917
    row: int, polls: Any, capacity: int, place: Any, flows: Any, span: Any, scratch: Any, events: Any
) -> bool:
    """Add what riders may have done between a poll and the next, and who came in vain; False where it was no rider."""
    _, _, ts, bikes, docks, is_open = polls
    cells, first_quarter, _, _ = place
    start_ts, end_ts, _ = span
    before, after, seconds = int(bikes[row]), int(bikes[row + 1]), ts[row + 1] - ts[row]
    room = interval_capacity(before, docks[row], after, capacity)
    cell = cells[(ts[row] + ts[row + 1]) // 2 // QUARTER_S - first_quarter]
    out, into = flows[0, cell] * seconds, flows[1, cell] * seconds
    if not is_open[row + 1] or is_jump(after - before, flows[2, cell] * seconds, flows[3, cell] * seconds):
        return False
    low, high = bridge.window(before, after, room, out + into)
    if high - low >= bridge.MAX_STATES:
        return False
    step_cell, step_rental, step_return, back, step_change, step_state = scratch
    count = bridge.steps_between(
        ts[row],
        ts[row + 1],
        after - before,
        cells,
        first_quarter,
        flows[0],
        flows[1],
        step_cell,
        step_rental,
        step_return,
    )
    bridge.backward(after, low, high, room, count, step_rental, step_return, back)
    if back[0, before - low] <= bridge.IMPOSSIBLE:
        return False
    bridge.draw(before, low, high, room, count, step_rental, step_return, back, step_change, step_state)
    for step in range(count):
        moment = ts[row] + (step + np.random.random()) * seconds / count - start_ts
        in_vain = 0
        # A step holds at most one event, so who came in vain came in one without any.
        if step_change[step] == 0 and step_state[step] == 0:
            in_vain = -1 if np.random.random() < step_rental[step] / (1.0 - step_return[step]) else 0
        if step_change[step] == 0 and in_vain == 0 and step_state[step] >= room:
            in_vain = 1 if np.random.random() < step_return[step] / (1.0 - step_rental[step]) else 0
        if 0 <= moment < end_ts - start_ts:
            _add(moment, step_change[step], SEEN, events)
            _add(moment, in_vain, RESTORED, events)
    return True


@compiled
def _add(moment: float, change: int, source: int, events: Any) -> None:
    """Add one event, if there is a change."""
    if change != 0:
        events[0].append(moment)
        events[1].append(change)
        events[2].append(source)


@compiled
def _arrivals(  # noqa: PLR0917
    since: int, until: int, start_ts: int, place: Any, flows: Any, wanted: Any, source: int, events: Any
) -> None:
    """Add the rentals and returns `wanted` that come at the rates: Poisson, by quarters of an hour."""
    cells, first_quarter, _, _ = place
    at = since
    while at < until:
        later = min(until, (at // QUARTER_S + 1) * QUARTER_S)
        cell = cells[min(max(0, at // QUARTER_S - first_quarter), len(cells) - 1)]
        for kind in range(2):
            expected = flows[kind, cell] * (later - at) if wanted[kind] else 0.0
            for _ in range(np.random.poisson(expected)):
                _add(at + np.random.random() * (later - at) - start_ts, 2 * kind - 1, source, events)
        at = later
