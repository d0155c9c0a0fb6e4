"""
Counts rentals and returns by station, day and slot, with the minutes in which each was possible.

Rentals can only be seen while a bike stands there, returns while a dock is free. Whoever divides counts by these
minutes estimates what riders want, not what they got (O'Mahony & Shmoys 2015, AAAI; Freund et al. 2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.compiled import compiled, in_blocks
from optimiser.demand import bridge
from optimiser.demand.calendar import QUARTER_S, Calendar
from optimiser.demand.history import History, StatusHistory, TripHistory
from optimiser.demand.inventory import inventories

MAX_GAP_S = 3600
"""Polls further apart say nothing of what happened between them."""
JUMP_SIGMAS, JUMP_LEAST = 4.5, 4.0
"""More bikes come or gone at once than `m + JUMP_SIGMAS sqrt(m) + JUMP_LEAST`, m expected: no rider's doing."""
FOREVER_S = 1 << 40
"""Inventories made from trips last until the next change."""
STATIONS_PER_TASK = 8

COUNTERS = ("intervals", "gaps", "closed", "jumps", "jump_bikes_out", "jump_bikes_in")

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False, kw_only=True)
class Tally:
    """What was seen, by station and cell of a calendar; arrays of shape (stations, days, slots)."""

    calendar: Calendar
    rentals: Floats
    returns: Floats
    rental_s: Floats
    """Seconds in which a bike could be rented and somebody was watching."""
    return_s: Floats
    """Seconds in which a dock was free and somebody was watching."""
    counters: dict[str, int]
    """How many intervals between polls were used, were gaps, closed, or held jumps."""


@dataclass(frozen=True, eq=False, kw_only=True)
class CellRates:
    """Rates by station, class of day and slot, events per second, and how busy each day was; for counting with."""

    rental: NDArray[np.float64]
    """Shape (stations, classes, slots)."""
    giving: NDArray[np.float64]
    day_factor: NDArray[np.float64]
    """Of rentals and of returns, shape (2, days)."""


def tally_status(history: History, calendar: Calendar, *, rates: CellRates | None) -> Tally:
    """
    Count from polls alone; `rates` of an earlier count tell how much hides between polls.

    Without `rates` only net changes are counted, and an interval counts as possible as far as its ends do.
    """
    status = history.status
    assert status is not None
    count, cells = len(history.station_ids), calendar.days * calendar.slots
    sheets = [np.zeros((count, cells), dtype=np.float32) for _ in range(4)]
    counters = np.zeros((count, len(COUNTERS)), dtype=np.int64)
    capacities = np.array(history.capacities, dtype=np.int64)
    if rates is None:
        shape = (count, 3, calendar.slots)
        rates = CellRates(
            rental=np.full(shape, np.nan), giving=np.full(shape, np.nan), day_factor=np.ones((2, calendar.days))
        )
    chosen = rates

    def work(first: int, last: int) -> None:
        _tally_stations(
            first,
            last,
            columns(status),
            capacities,
            (calendar.cells, calendar.first_quarter, calendar.classes, calendar.slots),
            (chosen.rental, chosen.giving, chosen.day_factor),
            tuple(sheets),
            counters,
        )

    in_blocks(work, count, block=STATIONS_PER_TASK)
    shape = (count, calendar.days, calendar.slots)
    rentals, returns, rental_s, return_s = (sheet.reshape(shape) for sheet in sheets)
    return Tally(
        calendar=calendar,
        rentals=rentals,
        returns=returns,
        rental_s=rental_s,
        return_s=return_s,
        counters=dict(zip(COUNTERS, counters.sum(axis=0).tolist(), strict=True)),
    )


def longest_s(status: StatusHistory) -> int:
    """Seconds after which what a row says is no longer believed."""
    return FOREVER_S if status.holds else MAX_GAP_S


def columns(status: StatusHistory) -> tuple[Any, ...]:
    """The columns in the order that compiled functions take them."""
    return (status.first, status.end, status.ts, status.bikes, status.docks, status.is_open)


@compiled
def interval_capacity(bikes: int, docks: int, later_bikes: int, capacity: int) -> int:
    """Bikes that could stand there between two polls."""
    known = bikes + docks if docks >= 0 else capacity
    return max(known, bikes, later_bikes)


@compiled
def is_jump(net: int, expected_out: float, expected_in: float) -> bool:
    """Whether more bikes went or came at once than riders can be held responsible for."""
    expected = expected_out if net < 0 else expected_in
    return bool(abs(net) > expected + JUMP_SIGMAS * np.sqrt(expected) + JUMP_LEAST)


@compiled
def station_rates(station: int, place: Any, rates: Any, out: Any, into: Any) -> None:
    """Fill events per second of one station for each cell."""
    _, _, classes, slots = place
    rental, giving, day_factor = rates
    for day in range(len(classes)):
        for slot in range(slots):
            out[day * slots + slot] = rental[station, classes[day], slot] * day_factor[0, day]
            into[day * slots + slot] = giving[station, classes[day], slot] * day_factor[1, day]


@compiled
def _tally_stations(  # noqa: PLR0917  Numba knows no keyword-only arguments
    first: int, last: int, polls: Any, capacities: Any, place: Any, rates: Any, sheets: Any, counters: Any
) -> None:
    begin, end, ts, bikes, docks, is_open = polls
    cells, first_quarter, classes, slots = place
    rentals, returns, rental_s, return_s = sheets
    step_cell, step_rental, step_return, back, _, _ = bridge.scratch()
    here, there = np.empty(bridge.MAX_STATES), np.empty(bridge.MAX_STATES)
    out, into = np.empty(len(classes) * slots), np.empty(len(classes) * slots)
    for station in range(first, last):
        station_rates(station, place, rates, out, into)
        for row in range(begin[station], end[station] - 1):
            before, after = bikes[row], bikes[row + 1]
            seconds = ts[row + 1] - ts[row]
            if seconds > MAX_GAP_S:
                counters[station, 1] += 1
                continue
            if not (is_open[row] and is_open[row + 1]):
                counters[station, 2] += 1
                continue
            net = int(after) - int(before)
            capacity = interval_capacity(before, docks[row], after, capacities[station])
            cell = cells[(ts[row] + ts[row + 1]) // 2 // QUARTER_S - first_quarter]
            expected_out, expected_in = out[cell] * seconds, into[cell] * seconds
            if np.isnan(expected_out):
                counters[station, 0] += 1
                rentals[station, cell] += max(0, -net)
                returns[station, cell] += max(0, net)
                rental_s[station, cell] += seconds * 0.5 * ((before > 0) + (after > 0))
                return_s[station, cell] += seconds * 0.5 * ((before < capacity) + (after < capacity))
                continue
            likely = not is_jump(net, expected_out, expected_in)
            if likely:
                low, high = bridge.window(before, after, capacity, expected_out + expected_in)
                likely = high - low < bridge.MAX_STATES
            if likely:
                count = bridge.steps_between(
                    ts[row], ts[row + 1], net, cells, first_quarter, out, into, step_cell, step_rental, step_return
                )
                bridge.backward(after, low, high, capacity, count, step_rental, step_return, back)
                likely = back[0, before - low] > bridge.IMPOSSIBLE
            if not likely:
                counters[station, 3] += 1
                counters[station, 4] += max(0, -net)
                counters[station, 5] += max(0, net)
                continue
            counters[station, 0] += 1
            bridge.expect(
                before,
                low,
                high,
                capacity,
                count,
                float(seconds),
                step_cell,
                step_rental,
                step_return,
                back,
                here,
                there,
                rentals[station],
                returns[station],
                rental_s[station],
                return_s[station],
            )


def tally_trips(history: History, calendar: Calendar, *, until_ts: int) -> Tally:
    """
    Count from trips; where a bike stood is told by polls if there are any, else by the bikes' own trips.

    Without either, every second up to `until_ts` counts as possible.
    """
    trips = history.trips
    assert trips is not None
    count, cells = len(history.station_ids), calendar.days * calendar.slots
    rentals, returns, rental_s, return_s = (np.zeros((count, cells), dtype=np.float32) for _ in range(4))
    for station, ts, sheet in ((trips.origin, trips.started, rentals), (trips.destination, trips.ended, returns)):
        known = (station >= 0) & calendar.covers(ts)
        np.add.at(sheet, (station[known], calendar.cell_of(ts[known])), 1)

    counters = dict.fromkeys(COUNTERS, 0)
    polls = history.status
    if polls is None and (made := inventories(trips, history.capacities)) is not None:
        polls, moves = made
        counters["jumps"] = counters["jump_bikes_out"] = counters["jump_bikes_in"] = len(moves.ts)
    if polls is None:
        # Nobody knows when a bike was there.
        quarters = np.bincount(calendar.cell_of(_quarters(trips, until_ts)), minlength=cells) * QUARTER_S
        rental_s += quarters
        return_s += quarters
    else:
        watched = np.zeros(len(COUNTERS), dtype=np.int64)
        capacities = np.array(history.capacities, dtype=np.int64)
        place = (calendar.cells, calendar.first_quarter)
        _expose(columns(polls), capacities, place, longest_s(polls), until_ts, rental_s, return_s, watched)
        counters |= dict(zip(COUNTERS[:3], watched[:3].tolist(), strict=True))
    shape = (count, calendar.days, calendar.slots)
    return Tally(
        calendar=calendar,
        rentals=rentals.reshape(shape),
        returns=returns.reshape(shape),
        rental_s=rental_s.reshape(shape),
        return_s=return_s.reshape(shape),
        counters=counters,
    )


def _quarters(trips: TripHistory, until_ts: int) -> NDArray[np.int64]:
    """Beginnings of all quarters of an hour from the first trip on."""
    first = int(trips.started[0]) if trips.rows else until_ts
    return np.arange(first // QUARTER_S, max(first, until_ts) // QUARTER_S) * QUARTER_S


@compiled
def _expose(  # noqa: PLR0917
    polls: Any, capacities: Any, place: Any, believed_s: int, until_ts: int, rental_s: Any, return_s: Any, watched: Any
) -> None:
    """Add the seconds in which what a poll saw lasted: until the next one, or if that is far away nothing."""
    begin, end, ts, bikes, docks, is_open = polls
    cells, first_quarter = place
    for station in range(len(begin)):
        for row in range(begin[station], end[station]):
            later = ts[row + 1] if row + 1 < end[station] else min(until_ts, ts[row] + believed_s)
            if later - ts[row] > believed_s:
                watched[1] += 1
                continue
            if not is_open[row]:
                watched[2] += 1
                continue
            watched[0] += 1
            capacity = interval_capacity(bikes[row], docks[row], bikes[row], capacities[station])
            at = ts[row]
            while at < later:
                until = min(later, (at // QUARTER_S + 1) * QUARTER_S)
                cell = cells[min(max(0, at // QUARTER_S - first_quarter), len(cells) - 1)]
                if bikes[row] > 0:
                    rental_s[station, cell] += until - at
                if bikes[row] < capacity:
                    return_s[station, cell] += until - at
                at = until
