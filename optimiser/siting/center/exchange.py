"""
A site nearer to the demand that has the longest way opens, and the one closes that is missed least (Mladenovic, Labbe &
Hansen 2003, Networks 42).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.chance import Chance, below
from optimiser.basics.compiled import in_place, inlined, whole

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]


class Served(NamedTuple):
    """By which open sites demand is served; changed in place."""

    opened: Longs
    """Open sites, shape (p,)."""
    first: Longs
    """Which of them is nearest to each point, as its place among them, shape (demand,)."""
    way: Floats
    """How long the way to it is."""
    second: Floats
    """And to the nearest but one; infinite where one is open."""
    stays: Floats
    """Room for the longest way to each open site of the points that stay with it, shape (p,)."""
    leaves: Floats
    """Room for the longest way that its points would have without it."""


def served_of(points: int, p: int) -> Served:
    """Room for it."""
    return Served(
        opened=np.zeros(p, dtype=np.int64),
        first=np.zeros(points, dtype=np.int64),
        way=np.zeros(points),
        second=np.zeros(points),
        stays=np.zeros(p),
        leaves=np.zeros(p),
    )


@in_place
def spread(column: Floats, served: Served, start: int) -> None:
    """
    Open sites one by one, each the nearest to the point that is furthest from those before (Gonzalez 1985).

    `column`: ways by site, shape (sites, demand).
    """
    sites, points = column.shape
    for point in range(points):
        served.way[point] = column[start, point]
    served.opened[0] = start
    for place in range(1, len(served.opened)):
        furthest = 0
        for point in range(points):
            if served.way[point] > served.way[furthest]:
                furthest = point
        best = 0
        for site in range(sites):
            if column[site, furthest] < column[best, furthest]:
                best = site
        served.opened[place] = best
        for point in range(points):
            served.way[point] = min(served.way[point], column[best, point])


@in_place
def exchange(column: Floats, served: Served, chance: Chance, idle: int) -> float:
    """Exchange sites until so many exchanges in a row have not shortened the longest way; how long that is."""
    best = _serve(column, served)
    least, left = best, idle
    while left > 0:
        left -= 1
        furthest = 0
        for point in range(len(served.way)):
            if served.way[point] > served.way[furthest]:
                furthest = point
        now = served.way[furthest]
        entering, leaving, longest = -1, -1, np.inf
        offset = below(chance, column.shape[0])
        for number in range(column.shape[0]):
            site = (number + offset) % column.shape[0]
            if column[site, furthest] < now:
                place, then = _try(column, served, whole(site))
                if then < longest:
                    entering, leaving, longest = site, place, then
        if entering < 0 or longest > now:
            break
        served.opened[leaving] = entering
        best = _serve(column, served)
        if best < least:
            least, left = best, idle
    return best


@inlined
def _try(column: Floats, served: Served, site: int) -> tuple[int, float]:
    """Which open site is best closed when another one opens, and the longest way then."""
    places = len(served.opened)
    for place in range(places):
        served.stays[place] = 0.0
        served.leaves[place] = 0.0
    moved = 0.0
    for point in range(len(served.way)):
        way, old, place = column[site, point], served.way[point], served.first[point]
        if way < old:
            moved = max(moved, way)
        else:
            served.stays[place] = max(served.stays[place], old)
            served.leaves[place] = max(served.leaves[place], min(way, served.second[point]))
    # Points of all others stay where they are: the longest of them, and of the rest where that one closes.
    top, next_top, at = 0.0, 0.0, -1
    for place in range(places):
        if served.stays[place] > top:
            next_top, top, at = top, served.stays[place], place
        else:
            next_top = max(next_top, served.stays[place])
    leaving, longest = -1, np.inf
    for place in range(places):
        then = max(moved, served.leaves[place], next_top if place == at else top)
        if then < longest:
            leaving, longest = place, then
    return leaving, longest


@in_place
def _serve(column: Floats, served: Served) -> float:
    """Find the nearest and the second nearest open site of all demand; the longest way."""
    for point in range(len(served.way)):
        served.way[point] = served.second[point] = np.inf
    for place in range(len(served.opened)):
        ways = column[served.opened[place]]
        for point in range(len(ways)):
            if ways[point] < served.way[point]:
                served.second[point] = served.way[point]
                served.way[point], served.first[point] = ways[point], place
            elif ways[point] < served.second[point]:
                served.second[point] = ways[point]
    longest = 0.0
    for way in served.way:
        longest = max(longest, way)
    return longest
