"""Ways between places as the search reads them, and which stations are near each other."""

from __future__ import annotations

import numpy as np

from optimiser.basics.compiled import in_blocks
from optimiser.network.travel import TravelTimes
from optimiser.rebalancing.search.town import BACK_M, BACK_S, OUT_M, OUT_S, Floats, Ints

NEAREST = 60
"""Stations near each that are looked at; all of them in small cities."""
BLOCK = 64
"""Places that are seen to at once."""


def ways_of(travel: TravelTimes, places: Ints, speeds: Floats) -> Ints:
    """`Town.ways` of rows of the travel times, by speeds as factors."""
    ways = np.empty((len(speeds), len(places), len(places), 4), dtype=np.int32)

    def write(first: int, last: int) -> None:
        rows = places[first:last]
        there, back = np.ix_(rows, places), np.ix_(places, rows)
        for number, speed in enumerate(speeds):
            ways[number, first:last, :, OUT_S] = np.ceil(travel.travel_s[there] / speed)
            ways[number, first:last, :, BACK_S] = np.ceil(travel.travel_s[back] / speed).T
        ways[:, first:last, :, OUT_M] = travel.length_m[there]
        ways[:, first:last, :, BACK_M] = travel.length_m[back].T

    in_blocks(write, len(places), block=BLOCK)
    return ways


def nearest(ways: Ints, stations: int) -> Ints:
    """
    Other stations by the way there and back, by time, and by length where all times are nothing; shape (stations, k).

    `ways`: of one speed, shape (places, places, 4).
    """
    count = min(NEAREST, stations - 1) if stations > 2 * NEAREST else max(0, stations - 1)
    near = np.zeros((stations, count), dtype=np.int32)
    out, back = (OUT_S, BACK_S) if ways[..., OUT_S].any() else (OUT_M, BACK_M)

    def sort(first: int, last: int) -> None:
        both = (ways[first:last, :stations, out] + ways[first:last, :stations, back]).astype(np.float64)
        both[np.arange(last - first), np.arange(first, last)] = np.inf
        some = np.argpartition(both, count - 1, axis=1)[:, :count]
        order = np.argsort(np.take_along_axis(both, some, axis=1), axis=1, kind="stable")
        near[first:last] = np.take_along_axis(some, order, axis=1)

    if count:
        in_blocks(sort, stations, block=BLOCK)
    return near
