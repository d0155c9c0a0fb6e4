"""
What whole sites cover less of three points than shares of sites do.

Where each of three sites reaches another two of three points, half of each covers all three in the linear programme,
but one and a half sites open are two. Half of what holds for the three points, half of that none is covered more than
once, rounded to whole numbers (Chvatal 1973, Discrete Mathematics 4):

    z_a + z_b + z_c <= 1 + sum_j c_j y_j,   c_j = 1 where site j reaches one or two of them, 2 where it reaches three
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.chance import Chance, below, chance_of
from optimiser.basics.compiled import in_place
from optimiser.siting.coverage.problem import Floats, Ints
from optimiser.siting.coverage.reach import Longs, Reach, both_ways

LEAST = 0.05
"""By how much shares have to exceed what holds for three points."""
SECONDS, THIRDS = 12, 25
"""Points that are tried beside a first one, and beside a first and a second."""
ALIKE, APART = 0.85, 0.15
"""How much the sites that reach both of two points are open, at most and at least."""
COVERED = 0.6
"""How much of a point is covered, at least."""
USES = 2
"""Triples that a point is in, at most."""
OPEN = 1e-4
"""A share that counts."""


def triples_of(reach: Reach, share: Floats, *, seed: int) -> NDArray[np.int64]:
    """Three points a row for which these shares of sites cover too much, heavy points first; shape (triples, 3)."""
    points = len(reach.weight)
    owner = np.repeat(np.arange(points), np.diff(reach.first_site))
    counts = share[reach.site] > OPEN
    few = both_ways(
        reach.weight,
        np.bincount(owner[counts], minlength=points).astype(np.int64),
        reach.site[counts],
        len(share),
    )
    covered = np.minimum(np.bincount(owner, weights=share[reach.site], minlength=points), 1.0)
    order = np.argsort(-reach.weight, kind="stable")
    found = np.zeros((USES * points // 3 + 1, 3), dtype=np.int64)
    uses, times = np.zeros(points, dtype=np.int32), np.zeros(len(share), dtype=np.int32)
    count = _find(few, share, covered, order[covered[order] > COVERED], uses, times, found, chance_of(seed))
    return found[:count]


@in_place
def _find(
    reach: Reach, share: Floats, covered: Floats, order: Longs, uses: Ints, times: Ints, found: Longs, chance: Chance
) -> int:
    """Look for two more points for each; how many triples that makes. `times` is room that is left as it was."""
    count = 0
    for one in order:
        if uses[one] >= USES or count == len(found):
            continue
        most, second, third = LEAST, -1, -1
        _add(reach, one, times, 1)
        for _ in range(SECONDS):
            other = _beside(reach, one, chance)
            if other == one or covered[other] <= COVERED or uses[other] >= USES:
                continue
            shared = _sum(reach, share, other, times, 1)
            if not APART <= shared <= ALIKE:
                continue
            _add(reach, other, times, 1)
            # Of these two, every site that reaches one or both counts once.
            both = _all(reach, share, one) + _all(reach, share, other) - shared
            for _ in range(THIRDS):
                last = _beside(reach, one if below(chance, 2) == 0 else other, chance)
                if last in (one, other) or covered[last] <= COVERED or uses[last] >= USES:
                    continue
                more = _all(reach, share, last) - _sum(reach, share, last, times, 1)
                over = covered[one] + covered[other] + covered[last] - 1.0 - both - more
                if over > most:
                    most, second, third = over, other, last
            _add(reach, other, times, -1)
        _add(reach, one, times, -1)
        if second >= 0:
            found[count, 0], found[count, 1], found[count, 2] = one, second, third
            for point in found[count]:
                uses[point] += 1
            count += 1
    return count


@in_place
def _beside(reach: Reach, point: int, chance: Chance) -> int:
    """Any point that a site of this one reaches; itself where it has none."""
    first, count = reach.first_site[point], reach.first_site[point + 1] - reach.first_site[point]
    if count == 0:
        return int(point)
    site = reach.site[first + below(chance, count)]
    start = reach.first_point[site]
    return int(reach.point[start + below(chance, reach.first_point[site + 1] - start)])


@in_place
def _add(reach: Reach, point: int, times: Ints, more: int) -> None:
    """Count the sites of a point."""
    for site in reach.site[reach.first_site[point] : reach.first_site[point + 1]]:
        times[site] += more


@in_place
def _all(reach: Reach, share: Floats, point: int) -> float:
    """How much the sites of a point are open."""
    total = 0.0
    for site in reach.site[reach.first_site[point] : reach.first_site[point + 1]]:
        total += share[site]
    return total


@in_place
def _sum(reach: Reach, share: Floats, point: int, times: Ints, wanted: int) -> float:
    """The same of those that are counted so often."""
    total = 0.0
    for site in reach.site[reach.first_site[point] : reach.first_site[point + 1]]:
        if times[site] == wanted:
            total += share[site]
    return total


@in_place
def add_worths(
    reach: Reach, triples: Longs, price: Floats, group: Longs, first: Longs, part: Floats, worth: Floats
) -> None:
    """
    Add what triples of groups of points are worth to sites: their prices, twice where a site reaches all three.

    A site that reaches a part of each is worth what it is on average, over all triples of points one from each group.

    Parameters
    ----------
    group, first
        Points of one group after the other, and where each begins.
    part
        Room for what each site reaches of three groups, shape (sites, 3), left as it was.
    """
    for row in range(len(price)):
        if price[row] <= 0.0:
            continue
        for rank in range(3):
            start, end = first[triples[row, rank]], first[triples[row, rank] + 1]
            total = 0.0
            for point in group[start:end]:
                total += reach.weight[point]
            for point in group[start:end]:
                for site in reach.site[reach.first_site[point] : reach.first_site[point + 1]]:
                    part[site, rank] += reach.weight[point] / total
        for rank in range(3):
            for point in group[first[triples[row, rank]] : first[triples[row, rank] + 1]]:
                for site in reach.site[reach.first_site[point] : reach.first_site[point + 1]]:
                    one, two, three = part[site, 0], part[site, 1], part[site, 2]
                    worth[site] += price[row] * (1.0 - (1.0 - one) * (1.0 - two) * (1.0 - three) + one * two * three)
                    part[site, 0], part[site, 1], part[site, 2] = 0.0, 0.0, 0.0
