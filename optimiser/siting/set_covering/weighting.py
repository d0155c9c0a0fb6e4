"""
A covering of so many sites looked for by exchange, with points that are left uncovered counting ever more (row
weighting local search: Gao, Weise & Li 2015, European Journal of Operational Research 246).
"""

from __future__ import annotations

import numpy as np

from optimiser.basics.chance import Chance, below
from optimiser.basics.compiled import in_place, whole
from optimiser.siting.coverage.reach import Bools, Reach
from optimiser.siting.set_covering.problem import Floats, Longs


def cover_with(reach: Reach, start: Bools, count: int, chance: Chance, *, steps: int) -> Bools | None:
    """So many sites that cover every point, from a choice on in so many steps; None where none were found."""
    is_open, points = start.copy(), len(reach.weight)
    met, weight = np.zeros(points, dtype=np.int64), np.ones(points)
    score, since = np.zeros(len(is_open)), np.zeros(len(is_open), dtype=np.int64)
    missing, place = np.zeros(points, dtype=np.int64), np.zeros(points, dtype=np.int64)
    is_found = _search(reach, is_open, count, met, weight, score, since, missing, place, chance, steps)
    return is_open if is_found else None


@in_place
def _search(
    reach: Reach,
    is_open: Bools,
    count: int,
    met: Longs,
    weight: Floats,
    score: Floats,
    since: Longs,
    missing: Longs,
    place: Longs,
    chance: Chance,
    steps: int,
) -> bool:
    """
    Exchange in place; whether every point is covered in the end.

    `score` is the weight that a closed site would add, and that an open one alone covers; `missing` lists the points
    that nobody covers, and `place` says where.
    """
    opened, uncovered = 0, 0
    for point in range(len(met)):
        missing[uncovered], place[point] = point, uncovered
        uncovered += 1
        for site in reach.site[reach.first_site[point] : reach.first_site[point + 1]]:
            score[site] += weight[point]
    for site in range(len(is_open)):
        if is_open[site]:
            uncovered = _open(reach, is_open, met, weight, score, missing, place, uncovered, site)
            opened += 1
    last = -1
    for step in range(1, steps + 1):
        while opened > count or (opened == count and uncovered > 0):
            # The one that is missed least, and of these the one that is open longest.
            worst = -1
            for site in range(len(is_open)):
                if not is_open[site] or site == last:
                    continue
                is_older = worst >= 0 and score[site] == score[worst] and since[site] < since[worst]
                if worst < 0 or score[site] < score[worst] or is_older:
                    worst = site
            if worst < 0:
                return False
            uncovered = _close(reach, is_open, met, weight, score, missing, place, uncovered, worst)
            since[worst] = step
            opened -= 1
        if uncovered == 0:
            return True
        point = missing[below(chance, uncovered)]
        best = -1
        for site in reach.site[reach.first_site[point] : reach.first_site[point + 1]]:
            if since[site] == step:
                continue
            if best < 0 or score[site] > score[best] or (score[site] == score[best] and since[site] < since[best]):
                best = whole(site)
        if best < 0:
            continue
        uncovered = _open(reach, is_open, met, weight, score, missing, place, uncovered, best)
        since[best], last = step, best
        opened += 1
        for number in range(uncovered):
            point = missing[number]
            weight[point] += 1.0
            for site in reach.site[reach.first_site[point] : reach.first_site[point + 1]]:
                score[site] += 1.0
        if uncovered == 0 and opened <= count:
            return True
    return False


@in_place
def _open(
    reach: Reach,
    is_open: Bools,
    met: Longs,
    weight: Floats,
    score: Floats,
    missing: Longs,
    place: Longs,
    uncovered: int,
    site: int,
) -> int:
    """Open one; how many points are then not covered."""
    is_open[site] = True
    score[site] = 0.0
    for point in reach.point[reach.first_point[site] : reach.first_point[site + 1]]:
        met[point] += 1
        if met[point] == 1:
            uncovered -= 1
            moved = missing[uncovered]
            missing[place[point]], place[moved] = moved, place[point]
            score[site] += weight[point]
            for other in reach.site[reach.first_site[point] : reach.first_site[point + 1]]:
                if other != site:
                    score[other] -= weight[point]
        elif met[point] == 2:
            for other in reach.site[reach.first_site[point] : reach.first_site[point + 1]]:
                if is_open[other] and other != site:
                    score[other] -= weight[point]
    return uncovered


@in_place
def _close(
    reach: Reach,
    is_open: Bools,
    met: Longs,
    weight: Floats,
    score: Floats,
    missing: Longs,
    place: Longs,
    uncovered: int,
    site: int,
) -> int:
    """Close one; how many points are then not covered."""
    is_open[site] = False
    score[site] = 0.0
    for point in reach.point[reach.first_point[site] : reach.first_point[site + 1]]:
        met[point] -= 1
        if met[point] == 0:
            missing[uncovered], place[point] = point, uncovered
            uncovered += 1
            score[site] += weight[point]
            for other in reach.site[reach.first_site[point] : reach.first_site[point + 1]]:
                if other != site:
                    score[other] += weight[point]
        elif met[point] == 1:
            for other in reach.site[reach.first_site[point] : reach.first_site[point + 1]]:
                if is_open[other]:
                    score[other] += weight[point]
    return uncovered
