"""Replays the demand of one day at every station, from any opening inventory: who would have been turned away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.compiled import compiled, in_blocks
from optimiser.simulation.demand_day import DemandDay

STATIONS_PER_TASK = 32

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Replay:
    """A replayed day by station; arrays of shape (n,) but for the two by hour."""

    lost_rentals: Floats
    lost_returns: Floats
    empty_s: Floats
    full_s: Floats
    lost_by_hour: Floats
    """Rentals and returns lost in each hour after the start, shape (n, hours)."""

    @property
    def lost(self) -> Floats:
        """Rentals and returns lost together."""
        return self.lost_rentals + self.lost_returns


def replay_day(day: DemandDay, rooms: NDArray[np.int64], opening: NDArray[np.int64]) -> Replay:
    """
    The day from one opening inventory of each station, 0..room.

    Stations are replayed each for itself: a rental that is lost here does not take its return away elsewhere, as
    in the user dissatisfaction function.
    """
    count, hours = len(rooms), -(-day.seconds // 3600)
    sums, by_hour = np.zeros((4, count)), np.zeros((count, hours))
    _replay(day.first, day.at_s, day.change, day.seconds, rooms, opening, sums, by_hour)
    return Replay(lost_rentals=sums[0], lost_returns=sums[1], empty_s=sums[2], full_s=sums[3], lost_by_hour=by_hour)


def lost_by_opening(day: DemandDay, rooms: NDArray[np.int64]) -> Floats:
    """
    Trips that the day loses by station and opening inventory; shape (n, widest room + 1), NaN beyond a room.

    Convex in the opening: two neighbouring openings differ by one bike until one of them is turned away at an end, and
    then never again.
    """
    lost = np.full((len(rooms), int(rooms.max(initial=0)) + 1), np.nan)

    def work(first: int, last: int) -> None:
        _replay_all(first, last, day.first, day.change, rooms, lost)

    in_blocks(work, len(rooms), block=STATIONS_PER_TASK)
    return lost


@compiled
def _replay(  # noqa: PLR0917  Numba knows no keyword-only arguments
    first: Any, at_s: Any, change: Any, seconds: float, rooms: Any, opening: Any, sums: Any, by_hour: Any
) -> None:
    for station in range(len(rooms)):
        bikes, since = opening[station], 0.0
        for event in range(first[station], first[station + 1] + 1):
            until = at_s[event] if event < first[station + 1] else seconds
            if bikes == 0:
                sums[2, station] += until - since
            if bikes == rooms[station]:
                sums[3, station] += until - since
            since = until
            if event == first[station + 1]:
                break
            hour = min(int(until // 3600), by_hour.shape[1] - 1)
            if change[event] < 0 and bikes == 0:
                sums[0, station] += 1
                by_hour[station, hour] += 1
            elif change[event] > 0 and bikes == rooms[station]:
                sums[1, station] += 1
                by_hour[station, hour] += 1
            else:
                bikes += change[event]


@compiled
def _replay_all(first: int, last: int, bounds: Any, change: Any, rooms: Any, lost: Any) -> None:  # noqa: PLR0917
    for station in range(first, last):
        room = rooms[station]
        for opening in range(room + 1):
            bikes, turned_away = opening, 0
            for event in range(bounds[station], bounds[station + 1]):
                bikes += change[event]
                if bikes < 0:
                    bikes = 0
                    turned_away += 1
                elif bikes > room:
                    bikes = room
                    turned_away += 1
            lost[station, opening] = turned_away
