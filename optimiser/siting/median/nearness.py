"""Sites by nearness to each demand point: what all loops of the p-median look at."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.compiled import in_blocks, in_place, whole
from optimiser.siting.median.problem import Floats, Ints, MedianProblem

Bools = NDArray[np.bool_]
Longs = NDArray[np.int64]

ROOM = 30_000_000
"""Pairs of points and sites that are looked at, at most: 24 bytes each."""
BLOCK = 5000
"""Points whose lists are sorted at a time."""


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

    def within(self, price: Floats) -> int:
        """Pairs whose way costs a point less than its price."""
        return int(_count_within(self.first, self.way, price))


def nearness_of(problem: MedianProblem, *, room: int = ROOM) -> Nearness:
    """
    Sort the sites of every demand point.

    With more pairs than there is room for, only the nearest of each are kept: beyond them a point pays what the next
    one costs, so that no choice costs more, and bounds hold.
    """
    counts = np.diff(problem.first)
    if len(problem.site) > room:
        counts = np.minimum(counts, max(1, room // problem.demand))
    first = np.concatenate([[0], np.cumsum(counts)])
    near, way, beyond = np.empty(first[-1], dtype=np.int32), np.empty(first[-1]), problem.beyond.copy()
    _sort(problem.first, problem.site, problem.cost, first, near, way, beyond)
    return _both_ways(first, near, way, beyond, problem.sites)


def nearness_from(first: Longs, near: Ints, way: Floats, beyond: Floats, sites: int) -> Nearness:
    """The same from lists, which are sorted in place."""
    _sort(first, near, way, first, near, way, beyond)
    return _both_ways(first, near, way, beyond, sites)


def narrowed(nearness: Nearness, left: Bools) -> Nearness:
    """The same with the sites that are left alone, numbered anew."""
    return _kept(nearness, left, nearness.sites)


def shortened(nearness: Nearness, most: int) -> Nearness:
    """The same with so many sites of each point at most; beyond them it pays what the next one costs, which is less."""
    return _kept(nearness, np.ones(nearness.sites, dtype=np.bool_), most)


def _kept(nearness: Nearness, left: Bools, most: int) -> Nearness:
    """As many sites of each point that are left."""
    first, number = np.zeros(nearness.points + 1, dtype=np.int64), (np.cumsum(left) - 1).astype(np.int32)
    _count_kept(nearness.first, nearness.near, left, most, first)
    first = np.cumsum(first)
    near, way, beyond = np.empty(first[-1], dtype=np.int32), np.empty(first[-1]), nearness.beyond.copy()
    _write_kept(nearness, left, number, first, near, way, beyond)
    return _both_ways(first, near, way, beyond, int(left.sum()))


@in_place
def _count_kept(first: Longs, near: Ints, left: Bools, most: int, counts: Longs) -> None:
    for point in range(len(first) - 1):
        for pair in range(first[point], first[point + 1]):
            counts[point + 1] += left[near[pair]]
        counts[point + 1] = min(counts[point + 1], most)


@in_place
def _write_kept(
    nearness: Nearness, left: Bools, number: Ints, first: Longs, near: Ints, way: Floats, beyond: Floats
) -> None:
    for point in range(len(beyond)):
        place = first[point]
        for pair in range(nearness.first[point], nearness.first[point + 1]):
            if left[nearness.near[pair]]:
                if place == first[point + 1]:
                    beyond[point] = nearness.way[pair]
                    break
                near[place], way[place] = number[nearness.near[pair]], nearness.way[pair]
                place += 1


def _both_ways(first: Longs, near: Ints, way: Floats, beyond: Floats, sites: int) -> Nearness:
    counts = np.zeros(sites + 1, dtype=np.int64)
    _count_points(near, counts)
    first_point = np.cumsum(counts)
    point, back = np.empty(len(near), dtype=np.int32), np.empty(len(near))
    _turn(first, near, way, first_point[:-1].copy(), point, back)
    return Nearness(first=first, near=near, way=way, beyond=beyond, first_point=first_point, point=point, back=back)


@in_place
def _count_within(first: Longs, way: Floats, price: Floats) -> int:
    pairs = 0
    for point in range(len(price)):
        for pair in range(first[point], first[point + 1]):
            if way[pair] >= price[point]:
                break
            pairs += 1
    return pairs


@in_place
def _count_points(near: Ints, counts: Longs) -> None:
    for site in near:
        counts[site + 1] += 1


@in_place
def _turn(first: Longs, near: Ints, way: Floats, place: Longs, point: Ints, back: Floats) -> None:
    """Write the pairs by site; `place` is where each site's next one goes."""
    for here in range(len(first) - 1):
        for pair in range(first[here], first[here + 1]):
            site = near[pair]
            point[place[site]], back[place[site]] = here, way[pair]
            place[site] += 1


def _sort(first: Longs, site: Ints, cost: Floats, to: Longs, near: Ints, way: Floats, beyond: Floats) -> None:
    """Write lists sorted, some of them at a time."""

    def sort_some(low: int, high: int) -> None:
        begins, pairs = first[low : high + 1] - first[low], slice(first[low], first[high])
        room = 2 * int(np.diff(begins).max())
        rooms = np.zeros(room, dtype=np.int32), np.zeros(room)
        some = site[pairs].copy(), cost[pairs].copy()
        _sort_lists(begins, *some, to[low : high + 1], near, way, beyond[low:high], *rooms)

    in_blocks(sort_some, len(beyond), block=BLOCK)


@in_place
def _sort_lists(
    first: Longs,
    site: Ints,
    cost: Floats,
    to: Longs,
    near: Ints,
    way: Floats,
    beyond: Floats,
    near_room: Ints,
    way_room: Floats,
) -> None:
    """Write the nearest sites of each point in order, equal ones as they stand: ever longer runs are merged."""
    other = len(way_room) // 2
    for point in range(len(first) - 1):
        start, size, here, there = whole(first[point]), whole(first[point + 1] - first[point]), 0, other
        for place in range(size):
            near_room[place], way_room[place] = site[start + place], cost[start + place]
        length = 1
        while length < size:
            low = 0
            while low < size:
                middle, high = min(low + length, size), min(low + 2 * length, size)
                _merge(near_room, way_room, here, there, low, middle, high)
                low = high
            here, there, length = there, here, 2 * length
        kept = whole(to[point + 1] - to[point])
        for place in range(kept):
            near[to[point] + place], way[to[point] + place] = near_room[here + place], way_room[here + place]
        if kept < size:
            beyond[point] = way_room[here + kept]
        elif not np.isfinite(beyond[point]):
            # Where all sites are within reach nobody pays more than the furthest.
            beyond[point] = way_room[here + size - 1]


@in_place
def _merge(near: Ints, way: Floats, here: int, there: int, low: int, middle: int, high: int) -> None:
    """Two runs into one, from one half of the room to the other."""
    one, other = low, middle
    for place in range(low, high):
        if other >= high or (one < middle and way[here + one] <= way[here + other]):
            near[there + place], way[there + place] = near[here + one], way[here + one]
            one += 1
        else:
            near[there + place], way[there + place] = near[here + other], way[here + other]
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
    place: Ints
    """Where in it each is, shape (sites,)."""
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
        place=np.zeros(sites, dtype=np.int32),
        touched=np.zeros(sites + 1, dtype=np.int32),
    )
