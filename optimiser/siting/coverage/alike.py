"""Sites that reach much the same, and what only one of two reaches."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimiser.basics.compiled import in_place
from optimiser.siting.coverage.problem import Ints
from optimiser.siting.coverage.reach import Longs, Reach

LOOKS = 400
"""Points of a site, at least, that tell which other ones are like it."""


class Alike(NamedTuple):
    """So many sites for each that may take its place; pairs of two are numbered site after site."""

    site: Ints
    """The most alike first, shape (sites, count); where there are fewer, the site itself."""
    first_gone: Longs
    """Where the points of each pair begin that the site reaches and the other does not, shape (sites * count + 1,)."""
    gone: Ints
    first_come: Longs
    """The same for those that the other reaches and the site does not."""
    come: Ints


def alike_of(reach: Reach, count: int) -> Alike:
    """By what two reach in common, of what either reaches (Jaccard 1901), told by hundreds of the points of the one."""
    sites = len(reach.first_point) - 1
    near = np.repeat(np.arange(sites, dtype=np.int32)[:, None], count, axis=1)
    _find_alike(reach, near, np.zeros(sites, dtype=np.int32), np.zeros(sites, dtype=np.int32))
    one, other = np.repeat(np.arange(sites, dtype=np.int32), count), near.ravel()
    return Alike(near, *_only(reach, one, other), *_only(reach, other, one))


def _only(reach: Reach, one: Ints, other: Ints) -> tuple[Longs, Ints]:
    """Where the points of each pair begin that the one reaches and the other does not, and these."""
    first = np.zeros(len(one) + 1, dtype=np.int64)
    _find_only(reach, one, other, first, np.zeros(0, dtype=np.int32))
    only = np.zeros(int(first[-1]), dtype=np.int32)
    _find_only(reach, one, other, first, only)
    return first, only


@in_place
def _find_alike(reach: Reach, near: Ints, shared: Ints, seen: Ints) -> None:
    for site in range(len(shared)):
        own, found = reach.first_point[site + 1] - reach.first_point[site], 0
        step = max(1, own // LOOKS)
        looks = (own + step - 1) // step
        for point in reach.point[reach.first_point[site] : reach.first_point[site + 1] : step]:
            for other in reach.site[reach.first_site[point] : reach.first_site[point + 1]]:
                if shared[other] == 0:
                    seen[found] = other
                    found += 1
                shared[other] += 1
        shared[site] = 0
        for rank in range(near.shape[1]):
            best, most = -1, 0.0
            for other in seen[:found]:
                size = reach.first_point[other + 1] - reach.first_point[other]
                likeness = shared[other] / (looks + size * looks / own - shared[other])
                if likeness > most:
                    best, most = other, likeness
            if best < 0:
                break
            near[site, rank], shared[best] = best, 0
        for other in seen[:found]:
            shared[other] = 0


@in_place
def _find_only(reach: Reach, one: Ints, other: Ints, first: Longs, only: Ints) -> None:
    """Note where each pair's begin, or where there is room for them, the points themselves; both rise in points."""
    place = 0
    for pair in range(len(one)):
        at, end = reach.first_point[other[pair]], reach.first_point[other[pair] + 1]
        for point in reach.point[reach.first_point[one[pair]] : reach.first_point[one[pair] + 1]]:
            while at < end and reach.point[at] < point:
                at += 1
            if at == end or reach.point[at] > point:
                if len(only) > 0:
                    only[place] = point
                place += 1
        first[pair + 1] = place
