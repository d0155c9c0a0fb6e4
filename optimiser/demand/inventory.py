"""
Where bikes stood between trips, and which moved without a rider.

A bike that ends one trip at A and starts the next at A stood at A in between. If the next trip starts at B, somebody
moved it: it is taken to leave A and reach B halfway between the trips. Before its first trip a bike stands where that
trip starts; after its last it is taken for withdrawn when it has not moved for two weeks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.compiled import compiled
from optimiser.demand.history import UNKNOWN, History, StatusHistory, TripHistory, status_history

IDLE_S = 14 * 86_400
"""A bike that nobody rents for so long is taken for withdrawn when its last trip ended."""

FETCHED = -2
"""The change of a station from which a bike is fetched without a rider."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Moves:
    """Bikes that changed place without a rider."""

    ts: NDArray[np.int64]
    """Halfway between the trips around the move."""
    origin: NDArray[np.int32]
    destination: NDArray[np.int32]


def inventories(trips: TripHistory, capacities: tuple[int, ...]) -> tuple[StatusHistory, Moves] | None:
    """
    Every change of inventory that the trips of known bikes imply, as polls; and the moves without a rider.

    None where trips do not tell bikes. Counts are those of bikes that were ever rented.
    """
    known = (trips.bike >= 0) & (trips.origin >= 0)
    if not known.any():
        return None
    order = np.lexsort((trips.started[known], trips.bike[known]))
    bike, start, end = (column[known][order] for column in (trips.bike, trips.started, trips.ended))
    origin, destination = (column[known][order] for column in (trips.origin, trips.destination))
    beginning, now = int(trips.started[0]), int(max(trips.started[-1], trips.ended.max()))

    first_trip = np.ones(len(bike), dtype=np.bool_)
    first_trip[1:] = bike[1:] != bike[:-1]
    last_trip = np.roll(first_trip, -1)
    next_start = np.append(start[1:], now)
    next_origin = np.append(origin[1:], np.int32(UNKNOWN))

    arrived = (destination >= 0) & (end >= 0)
    stays = arrived & ~last_trip & (next_start >= end)
    moved = stays & (next_origin != destination)
    half = end + (next_start - end) // 2
    withdrawn = last_trip & (now - end >= IDLE_S)
    resting = arrived & last_trip & ~withdrawn

    # Where a stay begins: station, moment, +1; where it ends: -1, or for a bike that is fetched -2.
    same = stays & ~moved
    pieces = [
        (origin[first_trip], np.full(int(first_trip.sum()), beginning), 1),
        (origin[first_trip], start[first_trip], -1),
        (destination[same], end[same], 1),
        (destination[same], next_start[same], -1),
        (destination[moved], end[moved], 1),
        (destination[moved], half[moved], FETCHED),
        (next_origin[moved], half[moved], 1),
        (next_origin[moved], next_start[moved], -1),
        (destination[resting], end[resting], 1),
    ]
    station = np.concatenate([piece[0] for piece in pieces])
    ts = np.concatenate([piece[1] for piece in pieces])
    change = np.concatenate([np.full(len(piece[0]), piece[2]) for piece in pieces])
    order = np.lexsort((ts, station))
    station, ts, change = station[order], ts[order], change[order]
    bounds = np.searchsorted(station, np.arange(len(capacities) + 1))
    room = np.asarray(capacities, dtype=np.int64)
    bikes = np.zeros(len(ts), dtype=np.int64)
    _stand(bounds, change, room, bikes)
    docks = np.maximum(0, room[station] - bikes)
    polls = status_history(len(room), station, ts, holds=True, bikes=bikes, docks=docks)
    return polls, Moves(ts=half[moved], origin=destination[moved], destination=next_origin[moved])


def with_inventories(history: History) -> History:
    """The same history; where it has trips but no polls, with the inventories that the bikes' own trips imply."""
    if history.status is not None or history.trips is None:
        return history
    made = inventories(history.trips, history.capacities)
    return history if made is None else replace(history, status=made[0])


@compiled
def _stand(bounds: Any, change: Any, room: Any, bikes: Any) -> None:
    """
    Bikes at each station after each change.

    A return to a station that should be full shows that a bike had been fetched before: it is taken off at once,
    with one more because a dock was free, and the next that are fetched do not count again.
    """
    for station in range(len(room)):
        here, fetched_before = 0, 0
        for row in range(bounds[station], bounds[station + 1]):
            if change[row] == FETCHED and fetched_before > 0:
                fetched_before -= 1
            elif change[row] > 0:
                here += 1
                if here > room[station] > 0:
                    fetched_before += here - (room[station] - 1)
                    here = room[station] - 1
            else:
                here = max(0, here - 1)
            bikes[row] = here
