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
ASLEEP = 0.25
"""Share of a usual slot's events below which the city is falling asleep."""
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

    def __add__(self, other: Tally) -> Tally:
        """Both counts together; of one calendar."""
        return Tally(
            calendar=self.calendar,
            rentals=self.rentals + other.rentals,
            returns=self.returns + other.returns,
            rental_s=self.rental_s + other.rental_s,
            return_s=self.return_s + other.return_s,
            counters={name: self.counters[name] + other.counters[name] for name in COUNTERS},
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class CellRates:
    """Rates by station, class of day and slot, events per second, and how busy each day was; for counting with."""

    rental: NDArray[np.float64]
    """Shape (stations, classes, slots)."""
    giving: NDArray[np.float64]
    day_factor: NDArray[np.float64]
    """Of rentals and of returns, shape (2, days)."""

    def columns(self) -> tuple[NDArray[np.float64], ...]:
        """In the order that compiled functions take them; with what riders may be held responsible for at once."""
        return (
            self.rental,
            self.giving,
            believable(self.rental, self.giving),
            believable(self.giving, self.rental),
            self.day_factor,
        )


def believable(own: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    What riders may be held responsible for at once: less where the whole city hardly does the other thing.

    When nobody rents, nobody returns a dozen bikes: a van that comes every night at three would else be learnt as
    riders, and then pass for them.
    """
    city = other.sum(axis=0)
    usual = city.mean(axis=-1, keepdims=True)
    awake = np.clip(city / np.maximum(ASLEEP * usual, 1e-12), 0.0, 1.0)
    rate: NDArray[np.float64] = own * awake
    return rate


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
    given = rates.columns()

    def work(first: int, last: int) -> None:
        _tally_stations(
            first,
            last,
            columns(status),
            capacities,
            (calendar.cells, calendar.first_quarter, calendar.classes, calendar.slots),
            given,
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
def station_flows(station: int, place: Any, rates: Any, flows: Any) -> None:
    """Fill events per second of one station for each cell: rentals, returns, and what is believable of both."""
    _, _, classes, slots = place
    rental, giving, believable_rental, believable_giving, day_factor = rates
    for day in range(len(classes)):
        for slot in range(slots):
            cell, kind = day * slots + slot, classes[day]
            flows[0, cell] = rental[station, kind, slot] * day_factor[0, day]
            flows[1, cell] = giving[station, kind, slot] * day_factor[1, day]
            flows[2, cell] = believable_rental[station, kind, slot] * day_factor[0, day]
            flows[3, cell] = believable_giving[station, kind, slot] * day_factor[1, day]


@compiled
def _tally_stations(  # noqa: PLR0917  Numba knows no keyword-only arguments
    first: int, last: int, polls: Any, capacities: Any, place: Any, rates: Any, sheets: Any, counters: Any
) -> None:
    begin, end, ts, bikes, docks, is_open = polls
    cells, first_quarter, classes, slots = place
    rentals, returns, rental_s, return_s = sheets
    step_cell, step_rental, step_return, back, _, _ = bridge.scratch()
    here, there = np.empty(bridge.MAX_STATES), np.empty(bridge.MAX_STATES)
    flows = np.empty((4, len(classes) * slots))
    for station in range(first, last):
        station_flows(station, place, rates, flows)
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
            expected_out, expected_in = flows[0, cell] * seconds, flows[1, cell] * seconds
            if np.isnan(expected_out):
                counters[station, 0] += 1
                rentals[station, cell] += max(0, -net)
                returns[station, cell] += max(0, net)
                rental_s[station, cell] += seconds * 0.5 * ((before > 0) + (after > 0))
                return_s[station, cell] += seconds * 0.5 * ((before < capacity) + (after < capacity))
                continue
            likely = not is_jump(net, flows[2, cell] * seconds, flows[3, cell] * seconds)
            if likely:
                low, high = bridge.window(before, after, capacity, expected_out + expected_in)
                likely = high - low < bridge.MAX_STATES
            if likely:
                count = bridge.steps_between(
                    ts[row],
                    ts[row + 1],
                    net,
                    cells,
                    first_quarter,
                    flows[0],
                    flows[1],
                    step_cell,
                    step_rental,
                    step_return,
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
                after,
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
        since_ts = int(trips.started[0]) if trips.rows else until_ts
        span = (since_ts, until_ts)
        _expose(columns(polls), capacities, place, longest_s(polls), span, rental_s, return_s, watched)
        counters |= dict(zip(COUNTERS[:3], watched[:3].tolist(), strict=True))
    for station, ts, sheet in ((trips.origin, trips.started, rentals), (trips.destination, trips.ended, returns)):
        known = (station >= 0) & calendar.covers(ts)
        if polls is not None:
            known[known] = _is_open(columns(polls), longest_s(polls), station[known], ts[known])
        np.add.at(sheet, (station[known], calendar.cell_of(ts[known])), 1)
    shape = (count, calendar.days, calendar.slots)
    return Tally(
        calendar=calendar,
        rentals=rentals.reshape(shape),
        returns=returns.reshape(shape),
        rental_s=rental_s.reshape(shape),
        return_s=return_s.reshape(shape),
        counters=counters,
    )


@compiled
def _is_open(polls: Any, believed_s: int, station: Any, ts: Any) -> Any:
    """Whether each event falls where its station was not known to be closed; there it would count without its time."""
    begin, end, poll_ts, _, _, is_open = polls
    found = np.ones(len(ts), np.bool_)
    for event in range(len(ts)):
        first, last = begin[station[event]], end[station[event]]
        row = first + np.searchsorted(poll_ts[first:last], ts[event], side="right") - 1
        found[event] = row < first or is_open[row] or ts[event] - poll_ts[row] > believed_s
    return found


def _quarters(trips: TripHistory, until_ts: int) -> NDArray[np.int64]:
    """Beginnings of all quarters of an hour from the first trip on."""
    first = int(trips.started[0]) if trips.rows else until_ts
    return np.arange(first // QUARTER_S, max(first, until_ts) // QUARTER_S) * QUARTER_S


@compiled
def _expose(  # noqa: PLR0917
    polls: Any, capacities: Any, place: Any, believed_s: int, span: Any, rental_s: Any, return_s: Any, watched: Any
) -> None:
    """
    Add the seconds in which a rental and a return were possible, from `since_ts` to `until_ts`.

    What a row saw lasts until the next one, but not longer than it is believed; where nobody looked, both count as
    possible, because trips are known all the same.
    """
    begin, end, ts, bikes, docks, is_open = polls
    since_ts, until_ts = span
    for station in range(len(begin)):
        for row in range(begin[station], end[station]):
            later = ts[row + 1] if row + 1 < end[station] else until_ts
            believed = min(later, ts[row] + believed_s)
            if believed < later:
                watched[1] += 1
            if is_open[row]:
                watched[0] += 1
                capacity = interval_capacity(bikes[row], docks[row], bikes[row], capacities[station])
                _add_time(ts[row], believed, station, place, bikes[row] > 0, bikes[row] < capacity, rental_s, return_s)
            else:
                watched[2] += 1
            _add_time(believed, later, station, place, True, True, rental_s, return_s)
        first = ts[begin[station]] if begin[station] < end[station] else until_ts
        _add_time(since_ts, first, station, place, True, True, rental_s, return_s)


@compiled
def _add_time(  # noqa: PLR0917
    since: int, until: int, station: int, place: Any, rentals: bool, returns: bool, rental_s: Any, return_s: Any
) -> None:
    """Add the seconds between two moments to what could be done in them."""
    cells, first_quarter = place
    at = since
    while at < until:
        later = min(until, (at // QUARTER_S + 1) * QUARTER_S)
        cell = cells[min(max(0, at // QUARTER_S - first_quarter), len(cells) - 1)]
        if rentals:
            rental_s[station, cell] += later - at
        if returns:
            return_s[station, cell] += later - at
        at = later
