"""
Who reaches whom, both ways round, and no more of it than matters.

Demand points with the same sites within reach are one. A site that reaches nothing that another does not reach as well
may stay closed: open, it could change places with the other (Church & ReVelle 1974; Chen et al. 2023, European Journal
of Operational Research 311).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.compiled import in_place
from optimiser.siting.coverage.problem import CoverageProblem, Floats, Ints

Bools = NDArray[np.bool_]
Longs = NDArray[np.int64]


class Reach(NamedTuple):
    """Pairs of points and sites."""

    weight: Floats
    """Of each point, shape (points,)."""
    first_site: Longs
    """Where the sites of each point begin, shape (points + 1,)."""
    site: Ints
    first_point: Longs
    """Where the points of each site begin, shape (sites + 1,)."""
    point: Ints


def reach_of(problem: CoverageProblem) -> Reach:
    """All sites, and points that differ in what reaches them; those without any, or of no weight, are left out."""
    return _merged(problem.weight, problem.first, problem.site, problem.sites)


def narrowed(reach: Reach, left: Bools) -> Reach:
    """The same with the sites that are left alone, numbered anew, and the points that then still differ."""
    is_kept = left[reach.site]
    before = np.concatenate([[0], np.cumsum(is_kept)])
    number = (np.cumsum(left) - 1).astype(np.int32)
    return _merged(reach.weight, before[reach.first_site], number[reach.site[is_kept]], int(left.sum()))


def without(reach: Reach, is_open: Bools) -> Reach:
    """The same with no weight where one of these sites reaches."""
    point = np.repeat(np.arange(len(reach.weight)), np.diff(reach.first_site))
    weight = reach.weight.copy()
    weight[point[is_open[reach.site]]] = 0.0
    return reach._replace(weight=weight)


def _merged(weight: Floats, first: Longs, site: Ints, sites: int) -> Reach:
    number_of: dict[bytes, int] = {}
    kept: list[int] = []
    weights: list[float] = []
    bounds = first.tolist()
    for point in np.flatnonzero((np.diff(first) > 0) & (weight > 0)).tolist():
        key = site[bounds[point] : bounds[point + 1]].tobytes()
        number = number_of.setdefault(key, len(kept))
        if number == len(kept):
            kept.append(point)
            weights.append(0.0)
        weights[number] += float(weight[point])
    counts = np.diff(first)
    is_kept = np.zeros(len(weight), dtype=np.bool_)
    is_kept[kept] = True
    return both_ways(np.array(weights), counts[kept], site[np.repeat(is_kept, counts)], sites)


def undominated(reach: Reach) -> Bools:
    """Sites that reach something that no other reaches alone or as well; of those that reach the same, the first."""
    sites = len(reach.first_point) - 1
    is_left = np.ones(sites, dtype=np.bool_)
    _mark_dominated(reach, is_left, np.zeros(sites, dtype=np.int32), np.zeros(sites, dtype=np.int32))
    return is_left


@in_place
def _mark_dominated(reach: Reach, is_left: Bools, shared: Ints, seen: Ints) -> None:
    """Clear the sites whose points all have another site in common."""
    for site in range(len(is_left)):
        points = reach.point[reach.first_point[site] : reach.first_point[site + 1]]
        count = 0
        for point in points:
            for other in reach.site[reach.first_site[point] : reach.first_site[point + 1]]:
                if shared[other] == 0:
                    seen[count] = other
                    count += 1
                shared[other] += 1
        if len(points) == 0:
            is_left[site] = False
        for other in seen[:count]:
            if other != site and is_left[other] and shared[other] == len(points):
                is_same = reach.first_point[other + 1] - reach.first_point[other] == len(points)
                if not is_same or other < site:
                    is_left[site] = False
            shared[other] = 0


def both_ways(weight: Floats, counts: Longs, site: Ints, sites: int) -> Reach:
    """From the sites of one point after another, and how many each has."""
    point = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    order = np.argsort(site, kind="stable")
    return Reach(
        weight=weight,
        first_site=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        site=site,
        first_point=np.concatenate([[0], np.cumsum(np.bincount(site, minlength=sites))]).astype(np.int64),
        point=point[order],
    )


def alike(reach: Reach, count: int) -> Ints:
    """
    So many sites for each that reach much the same, the most alike first; shape (sites, count).

    What two reach in common, of what either reaches (Jaccard 1901). Where there are fewer, the site itself stands.
    """
    sites = len(reach.first_point) - 1
    near = np.repeat(np.arange(sites, dtype=np.int32)[:, None], count, axis=1)
    _find_alike(reach, near, np.zeros(sites, dtype=np.int32), np.zeros(sites, dtype=np.int32))
    return near


@in_place
def _find_alike(reach: Reach, near: Ints, shared: Ints, seen: Ints) -> None:
    for site in range(len(shared)):
        own, found = reach.first_point[site + 1] - reach.first_point[site], 0
        for point in reach.point[reach.first_point[site] : reach.first_point[site + 1]]:
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
                likeness = shared[other] / (own + size - shared[other])
                if likeness > most:
                    best, most = other, likeness
            if best < 0:
                break
            near[site, rank], shared[best] = best, 0
        for other in seen[:found]:
            shared[other] = 0
