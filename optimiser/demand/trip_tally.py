"""Counts from trips, where and when they began and ended; polls beside them tell when they were possible."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.compiled import compiled
from optimiser.demand.calendar import QUARTER_S, Calendar
from optimiser.demand.history import History, TripHistory
from optimiser.demand.inventory import inventories
from optimiser.demand.polls import columns, interval_capacity, longest_s
from optimiser.demand.tally import COUNTERS, Tally


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
