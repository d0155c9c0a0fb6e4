"""Bikes that came to or left stations without a rider in one night: what the operator did."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.compiled import compiled
from optimiser.demand.calendar import QUARTER_S
from optimiser.demand.history import History
from optimiser.demand.inventory import inventories
from optimiser.demand.polls import MAX_GAP_S, columns, is_jump, station_flows
from optimiser.demand.rates import Rates


def operator_moves(history: History, rates: Rates, *, since_ts: int, until_ts: int) -> NDArray[np.int64]:
    """
    Net bikes brought to each station between two moments, negative where bikes were fetched; shape (n,).

    From trips of known bikes that is exact but for the hour; from polls only what is too much for riders shows.
    """
    count = len(history.station_ids)
    moved = np.zeros(count, dtype=np.int64)
    if history.trips is not None and (made := inventories(history.trips, history.capacities)) is not None:
        moves = made[1]
        within = (moves.ts >= since_ts) & (moves.ts < until_ts)
        np.add.at(moved, moves.destination[within], 1)
        np.add.at(moved, moves.origin[within], -1)
    elif history.status is not None:
        calendar, cells = rates.calendar, rates.cells()
        place = (calendar.cells, calendar.first_quarter, calendar.classes, calendar.slots)
        _jumps(columns(history.status), place, cells.columns(), since_ts, until_ts, moved)
    return moved


@compiled
def _jumps(polls: Any, place: Any, rates: Any, since_ts: int, until_ts: int, moved: Any) -> None:  # noqa: PLR0917
    begin, end, ts, bikes, _, is_open = polls
    cells, first_quarter, classes, slots = place
    flows = np.empty((4, len(classes) * slots))
    for station in range(len(moved)):
        station_flows(station, place, rates, flows)
        for row in range(begin[station], end[station] - 1):
            seconds = ts[row + 1] - ts[row]
            if ts[row + 1] <= since_ts or ts[row] >= until_ts or seconds > MAX_GAP_S:
                continue
            if not (is_open[row] and is_open[row + 1]):
                continue
            cell = cells[(ts[row] + ts[row + 1]) // 2 // QUARTER_S - first_quarter]
            net = int(bikes[row + 1]) - int(bikes[row])
            if is_jump(net, flows[2, cell] * seconds, flows[3, cell] * seconds):
                moved[station] += net
