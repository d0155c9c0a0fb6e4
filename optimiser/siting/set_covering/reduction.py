"""
What of a set covering matters (Toregas & ReVelle 1973, Geographical Analysis 5; Beasley 1987, European Journal of
Operational Research 31).

A point whose sites are all among those of another one leaves nothing to ask of the other. A site is not needed if
another one, no dearer, covers all that it covers. A point that only one site is left for has it opened. Each of these
makes room for the others, until nothing changes any more.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimiser.basics.compiled import in_place
from optimiser.siting.coverage.reach import Bools, Reach, both_ways, narrowed
from optimiser.siting.set_covering.problem import Floats, Ints, Longs


class Core(NamedTuple):
    """What is left of a covering of all points."""

    forced: Longs
    """Sites that are open in any case."""
    sites: Longs
    """Sites that may be open besides; `reach` counts them from 0."""
    reach: Reach
    """Points that are still to be covered, and by whom."""


def core_of(first: Longs, site: Ints, cost: Floats) -> Core:
    """Of a covering of all points, each by one of its sites at least."""
    reach = both_ways(np.ones(len(first) - 1), np.diff(first), site, len(cost))
    sites, forced = np.arange(len(cost)), [np.zeros(0, dtype=np.int64)]
    while True:
        points, count = _without_larger(reach), len(sites)
        reach = keep_points(reach, points)
        single = np.unique(reach.site[reach.first_site[:-1][np.diff(reach.first_site) == 1]])
        if len(single):
            forced.append(sites[single])
            is_met = np.zeros(len(reach.weight), dtype=np.bool_)
            for one in single.tolist():
                is_met[reach.point[reach.first_point[one] : reach.first_point[one + 1]]] = True
            reach = keep_points(reach, ~is_met)
        left = needed(reach, cost[sites])
        reach, sites = narrowed(reach, left), sites[left]
        if points.all() and len(sites) == count:
            return Core(forced=np.sort(np.concatenate(forced)), sites=sites, reach=reach)


def keep_points(reach: Reach, left: Bools) -> Reach:
    """The same with the points that are left alone."""
    counts = np.diff(reach.first_site)
    return both_ways(reach.weight[left], counts[left], reach.site[np.repeat(left, counts)], len(reach.first_point) - 1)


def _without_larger(reach: Reach) -> Bools:
    """Points none of whose fellows has only sites that are theirs as well; of those with the same sites the first."""
    left = np.ones(len(reach.weight), dtype=np.bool_)
    _mark(reach.first_site, reach.site, reach.first_point, reach.point, np.zeros(len(left)), left, True)
    return left


def needed(reach: Reach, cost: Floats) -> Bools:
    """Sites that cover something, and no other one, as cheap, all of it; of those that cover the same the first."""
    left = np.diff(reach.first_point) > 0
    _mark(reach.first_point, reach.point, reach.first_site, reach.site, cost, left, False)
    return left


@in_place
def _mark(
    first: Longs, item: Ints, first_owner: Longs, owner: Ints, cost: Floats, left: Bools, drop_larger: bool
) -> None:
    """Clear lists that contain another one that is left, or that are contained in one that is no dearer."""
    for one in range(len(left)):
        if not left[one]:
            continue
        start, end = first[one], first[one + 1]
        # Whoever contains this list holds its rarest item.
        rarest, least = item[start], len(owner) + 1
        for place in range(start, end):
            count = first_owner[item[place] + 1] - first_owner[item[place]]
            if count < least:
                rarest, least = item[place], count
        for other in owner[first_owner[rarest] : first_owner[rarest + 1]]:
            more = first[other + 1] - first[other] - (end - start)
            if other == one or not left[other] or more < 0 or not _holds(item, first, other, start, end):
                continue
            if drop_larger:
                if more > 0 or other > one:
                    left[other] = False
            elif cost[other] < cost[one] or (cost[other] == cost[one] and (more > 0 or other < one)):
                left[one] = False
                break


@in_place
def _holds(item: Ints, first: Longs, other: int, start: int, end: int) -> bool:
    """Whether a list holds all items from one place to another."""
    at, last = first[other], first[other + 1]
    for place in range(start, end):
        while at < last and item[at] < item[place]:
            at += 1
        if at == last or item[at] != item[place]:
            return False
        at += 1
    return True
