"""Counts from polls alone, interval by interval."""

from __future__ import annotations

from typing import Any

import numpy as np

from optimiser.basics.compiled import compiled, in_blocks
from optimiser.demand import bridge
from optimiser.demand.calendar import QUARTER_S, Calendar
from optimiser.demand.history import History
from optimiser.demand.polls import MAX_GAP_S, columns, interval_capacity, is_jump, next_poll, station_flows
from optimiser.demand.tally import COUNTERS, CellRates, Tally

STATIONS_PER_TASK = 8


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
        then = begin[station]
        while then + 1 < end[station]:
            row, then = then, next_poll(then, end[station], ts)
            before, after = bikes[row], bikes[then]
            seconds = ts[then] - ts[row]
            if seconds > MAX_GAP_S:
                counters[station, 1] += 1
                continue
            if not (is_open[row] and is_open[then]):
                counters[station, 2] += 1
                continue
            net = int(after) - int(before)
            capacity = interval_capacity(before, docks[row], after, capacities[station])
            cell = cells[(ts[row] + ts[then]) // 2 // QUARTER_S - first_quarter]
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
                    ts[then],
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
