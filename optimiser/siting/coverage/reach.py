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
    return _merged(problem.weight, problem.first, problem.site, problem.sites)[0]


def narrowed(reach: Reach, left: Bools) -> Reach:
    """The same with the sites that are left alone, numbered anew, and the points that then still differ."""
    return grouped(reach, left)[0]


def grouped(reach: Reach, left: Bools) -> tuple[Reach, Longs]:
    """The same, and which of its points each one is part of; -1 for what has no weight or is not reached by them."""
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


def _merged(weight: Floats, first: Longs, site: Ints, sites: int) -> tuple[Reach, Longs]:
    """Points that share their first site lie beside each other: what is looked at together is soon at hand."""
    counts = np.diff(first)
    points = np.flatnonzero((counts > 0) & (weight > 0))
    code = np.zeros(len(weight), dtype=np.uint64)
    _set_codes(first, site, np.random.default_rng(0).integers(2**63, size=sites, dtype=np.uint64), code)
    points = points[np.argsort(code[points], kind="stable")]
    head = points.copy()
    _set_heads(first, site, points, head)
    kept, number = np.unique(head, return_inverse=True)
    weights: Floats = np.bincount(number, weight[points], len(kept)).astype(np.float64)
    turn = np.argsort(site[first[kept]], kind="stable")
    kept = kept[turn]
    before = np.cumsum(counts[kept]) - counts[kept]
    pairs = np.repeat(first[kept] - before, counts[kept]) + np.arange(int(counts[kept].sum()))
    group = np.full(len(weight), -1)
    group[points] = np.argsort(turn)[number]
    return both_ways(weights[turn], counts[kept], site[pairs], sites), group


@in_place
def _set_codes(first: Longs, site: Ints, key: NDArray[np.uint64], code: NDArray[np.uint64]) -> None:
    """Figures that are the same for points with the same sites, and hardly ever else."""
    for point in range(len(code)):
        for one in site[first[point] : first[point + 1]]:
            code[point] += key[one]


@in_place
def _set_heads(first: Longs, site: Ints, points: Longs, head: Longs) -> None:
    """For each of some points, those with the same sites one after the other, the first that has its sites."""
    for rank in range(1, len(points)):
        one, other = first[head[rank - 1]], first[points[rank]]
        count = first[points[rank] + 1] - other
        is_same = first[head[rank - 1] + 1] - one == count
        for step in range(count if is_same else 0):
            is_same = is_same and site[one + step] == site[other + step]
        if is_same:
            head[rank] = head[rank - 1]


def undominated(reach: Reach) -> Bools:
    """Sites that reach something that no other reaches alone or as well; of those that reach the same, the first."""
    is_left = np.ones(len(reach.first_point) - 1, dtype=np.bool_)
    _mark_dominated(reach, is_left)
    return is_left


@in_place
def _mark_dominated(reach: Reach, is_left: Bools) -> None:
    """Clear the sites whose points all have another site in common: one of those of the point that has the fewest."""
    for site in range(len(is_left)):
        start, end = reach.first_point[site], reach.first_point[site + 1]
        if start == end:
            is_left[site] = False
            continue
        rarest = reach.point[start]
        for point in reach.point[start + 1 : end]:
            fewest = reach.first_site[rarest + 1] - reach.first_site[rarest]
            if reach.first_site[point + 1] - reach.first_site[point] < fewest:
                rarest = point
        for other in reach.site[reach.first_site[rarest] : reach.first_site[rarest + 1]]:
            more = reach.first_point[other + 1] - reach.first_point[other] - (end - start)
            if other == site or not is_left[other] or more < 0 or (more == 0 and other > site):
                continue
            if _reaches_all(reach, other, start, end):
                is_left[site] = False
                break


@in_place
def _reaches_all(reach: Reach, site: int, start: int, end: int) -> bool:
    """Whether a site reaches all points of some pairs; both in rising order."""
    at, last = reach.first_point[site], reach.first_point[site + 1]
    for point in reach.point[start:end]:
        while at < last and reach.point[at] < point:
            at += 1
        if at == last or reach.point[at] != point:
            return False
    return True


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
