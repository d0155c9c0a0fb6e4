"""A covering at once: what covers most for its cost opens (Chvatal 1979), and what is then not needed closes again."""

from __future__ import annotations

import numpy as np

from optimiser.basics.compiled import in_place
from optimiser.siting.coverage.reach import Bools, Reach
from optimiser.siting.set_covering.problem import Floats, Ints


def cover_greedily(reach: Reach, cost: Floats, *, times: int, wanted: float) -> Bools:
    """Sites that cover so much weight, each point so many times; as much as can be where that is less."""
    is_open = np.zeros(len(cost), dtype=np.bool_)
    met = np.zeros(len(reach.weight), dtype=np.int32)
    _cover(reach, cost, times, wanted, is_open, met, np.argsort(-cost, kind="stable").astype(np.int32))
    return is_open


@in_place
def _cover(reach: Reach, cost: Floats, times: int, wanted: float, is_open: Bools, met: Ints, dearest: Ints) -> None:
    covered = 0.0
    while covered < wanted:
        best, most = -1, 0.0
        for site in range(len(cost)):
            if not is_open[site]:
                gain = 0.0
                for point in reach.point[reach.first_point[site] : reach.first_point[site + 1]]:
                    if met[point] < times:
                        gain += reach.weight[point]
                worth = gain / max(cost[site], 1e-12)
                if worth > most:
                    best, most = site, worth
        if best < 0:
            break
        is_open[best] = True
        for point in reach.point[reach.first_point[best] : reach.first_point[best + 1]]:
            met[point] += 1
            if met[point] == times:
                covered += reach.weight[point]
    for site in dearest:
        if is_open[site]:
            lost = 0.0
            for point in reach.point[reach.first_point[site] : reach.first_point[site + 1]]:
                if met[point] == times:
                    lost += reach.weight[point]
            if covered - lost >= wanted:
                is_open[site] = False
                covered -= lost
                for point in reach.point[reach.first_point[site] : reach.first_point[site + 1]]:
                    met[point] -= 1
