"""Sites by nearness to each demand point: what all loops of the p-median look at."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.compiled import in_place, whole
from optimiser.siting.median.problem import Floats, Ints, MedianProblem

Bools = NDArray[np.bool_]
Longs = NDArray[np.int64]


class Nearness(NamedTuple):
    """A p-median as arrays, both ways round."""

    first: Longs
    """Where the sites of each point begin, shape (points + 1,)."""
    near: Ints
    """Sites of each point, nearest first; of equal ones that of the least number."""
    way: Floats
    """What they cost."""
    beyond: Floats
    """What a point pays at most, shape (points,); finite."""
    first_point: Longs
    """Where the points of each site begin, shape (sites + 1,)."""
    point: Ints
    back: Floats
    """What the way of each point to the site costs."""

    @property
    def points(self) -> int:
        """Demand points."""
        return len(self.beyond)

    @property
    def sites(self) -> int:
        """Sites."""
        return len(self.first_point) - 1


def nearness_of(problem: MedianProblem) -> Nearness:
    """Sort the sites of every demand point."""
    near, way = problem.site.copy(), problem.cost.copy()
    _sort_lists(problem.first, near, way, np.zeros_like(near), np.zeros_like(way))
    beyond = problem.beyond.copy()
    # Where all sites are within reach nobody pays more than the furthest.
    is_all = ~np.isfinite(beyond)
    beyond[is_all] = way[problem.first[1:][is_all] - 1]
    return _both_ways(problem.first, near, way, beyond, problem.sites)


def narrowed(nearness: Nearness, left: Bools) -> Nearness:
    """The same with the sites that are left alone, numbered anew."""
    kept = left[nearness.near]
    before = np.concatenate([[0], np.cumsum(kept)])
    number = (np.cumsum(left) - 1).astype(np.int32)
    return _both_ways(
        before[nearness.first], number[nearness.near[kept]], nearness.way[kept], nearness.beyond, int(left.sum())
    )


def shortened(nearness: Nearness, most: int) -> Nearness:
    """The same with so many sites of each point at most; beyond them it pays what the next one costs, which is less."""
    counts = np.diff(nearness.first)
    kept = np.arange(len(nearness.near)) - np.repeat(nearness.first[:-1], counts) < most
    is_cut = counts > most
    beyond = nearness.beyond.copy()
    beyond[is_cut] = nearness.way[nearness.first[:-1][is_cut] + most]
    before = np.concatenate([[0], np.cumsum(kept)])
    return _both_ways(before[nearness.first], nearness.near[kept], nearness.way[kept], beyond, nearness.sites)


def _both_ways(first: Longs, near: Ints, way: Floats, beyond: Floats, sites: int) -> Nearness:
    first_point = np.concatenate([[0], np.cumsum(np.bincount(near, minlength=sites))]).astype(np.int64)
    point, back = np.empty(len(near), dtype=np.int32), np.empty(len(near))
    _turn(first, near, way, first_point[:-1].copy(), point, back)
    return Nearness(first=first, near=near, way=way, beyond=beyond, first_point=first_point, point=point, back=back)


@in_place
def _turn(first: Longs, near: Ints, way: Floats, place: Longs, point: Ints, back: Floats) -> None:
    """Write the pairs by site; `place` is where each site's next one goes."""
    for here in range(len(first) - 1):
        for pair in range(first[here], first[here + 1]):
            site = near[pair]
            point[place[site]], back[place[site]] = here, way[pair]
            place[site] += 1


@in_place
def _sort_lists(first: Longs, near: Ints, way: Floats, near_room: Ints, way_room: Floats) -> None:
    """Sort every point's sites by way, equal ones as they stand: ever longer runs are merged."""
    for point in range(len(first) - 1):
        start, end = whole(first[point]), whole(first[point + 1])
        length = 1
        while length < end - start:
            low = start
            while low < end:
                middle, high = min(low + length, end), min(low + 2 * length, end)
                _merge(near, way, near_room, way_room, low, middle, high)
                low = high
            for pair in range(start, end):
                near[pair], way[pair] = near_room[pair], way_room[pair]
            length *= 2


@in_place
def _merge(near: Ints, way: Floats, near_room: Ints, way_room: Floats, low: int, middle: int, high: int) -> None:
    one, other = low, middle
    for place in range(low, high):
        if other >= high or (one < middle and way[one] <= way[other]):
            near_room[place], way_room[place] = near[one], way[one]
            one += 1
        else:
            near_room[place], way_room[place] = near[other], way[other]
            other += 1


class Served(NamedTuple):
    """By which open sites demand is served; changed in place."""

    first: Ints
    """The nearest open site, -1 for none, shape (points,)."""
    first_way: Floats
    second_way: Floats
    """Way to the nearest but one."""
    loss: Floats
    """What each open site would leave behind, shape (sites,)."""
    spared: Floats
    """As much less of it with a site opened that is looked at; 0 between two looks."""
    open: Ints
    """Sites that are open, in any order, as many as there are."""
    touched: Ints
    """Sites of which something is spared, and at the end how many, shape (sites + 1,)."""


def served_of(points: int, sites: int) -> Served:
    """Room for it."""
    return Served(
        first=np.zeros(points, dtype=np.int32),
        first_way=np.zeros(points),
        second_way=np.zeros(points),
        loss=np.zeros(sites),
        spared=np.zeros(sites),
        open=np.zeros(sites, dtype=np.int32),
        touched=np.zeros(sites + 1, dtype=np.int32),
    )
