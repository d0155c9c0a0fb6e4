"""What polls say and what they do not: how long one is believed, how many bikes fit, what was no rider's doing."""

from __future__ import annotations

from typing import Any

import numpy as np

from optimiser.basics.compiled import compiled
from optimiser.demand.history import StatusHistory

LEAST_S = 240
"""Of polls closer to each other some are passed over: they are work, and tell little that the next does not."""
MAX_GAP_S = 3600
"""Polls further apart say nothing of what happened between them."""
FOREVER_S = 1 << 40
"""Inventories made from trips last until the next change."""
JUMP_SIGMAS, JUMP_LEAST = 4.5, 4.0
"""More bikes come or gone at once than `m + JUMP_SIGMAS sqrt(m) + JUMP_LEAST`, m believable: no rider's doing."""


def longest_s(status: StatusHistory) -> int:
    """Seconds after which what a row says is no longer believed."""
    return FOREVER_S if status.holds else MAX_GAP_S


def columns(status: StatusHistory) -> tuple[Any, ...]:
    """The columns in the order that compiled functions take them."""
    return (status.first, status.end, status.ts, status.bikes, status.docks, status.is_open)


@compiled
def next_poll(row: int, end: int, ts: Any) -> int:
    """The next poll that is worth looking at: some minutes later, or the last one."""
    later = row + 1
    while later + 1 < end and ts[later] - ts[row] < LEAST_S:
        later += 1
    return later


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
