"""
The covering as an integer programme (Toregas, Swain, ReVelle & Bergman 1971).

    min  sum_j f_j y_j   s.t.  sum_{j in N_i} y_j >= b z_i,   sum_i w_i z_i >= D,   y binary,  0 <= z <= 1

z is fixed at 1 where everything is to be covered, and whole where b is above 1.
"""

from __future__ import annotations

import numpy as np

from optimiser.siting.coverage.reach import Bools, Reach
from optimiser.siting.programme import Programme, Told, solve_programme
from optimiser.siting.set_covering.problem import SLACK, Floats


def cover_all(reach: Reach, cost: Floats, *, times: int, unit: float, seconds: float, start: Bools) -> Told:
    """Cover every point so many times."""
    points, sites = len(reach.weight), len(cost)
    return solve_programme(
        Programme(
            cost=cost,
            lower=np.zeros(sites),
            upper=np.ones(sites),
            is_whole=np.ones(sites, dtype=np.bool_),
            row=np.repeat(np.arange(points), np.diff(reach.first_site)),
            column=reach.site.astype(np.int64),
            value=np.ones(len(reach.site)),
            row_lower=np.full(points, float(times)),
            row_upper=np.full(points, np.inf),
        ),
        unit=unit,
        seconds=seconds,
        start=start.astype(float),
    )


def cover_enough(
    reach: Reach, cost: Floats, *, times: int, wanted: float, unit: float, seconds: float, start: Bools
) -> Told:
    """Cover so much weight."""
    points, sites = len(reach.weight), len(cost)
    # What the solver tolerates, 1e-6 of a row, is then what is allowed.
    scale = 1e-6 / (SLACK * float(reach.weight.sum()))
    z = sites + np.arange(points)
    met = np.bincount(np.repeat(np.arange(points), np.diff(reach.first_site))[start[reach.site]], minlength=points)
    return solve_programme(
        Programme(
            cost=np.concatenate([cost, np.zeros(points)]),
            lower=np.zeros(sites + points),
            upper=np.ones(sites + points),
            is_whole=(np.arange(sites + points) < sites) | (times > 1),
            row=np.concatenate(
                [np.repeat(np.arange(points), np.diff(reach.first_site)), np.arange(points), np.full(points, points)]
            ),
            column=np.concatenate([reach.site, z, z]),
            value=np.concatenate([np.ones(len(reach.site)), np.full(points, -float(times)), scale * reach.weight]),
            row_lower=np.concatenate([np.zeros(points), [scale * wanted]]),
            row_upper=np.full(points + 1, np.inf),
        ),
        unit=unit,
        seconds=seconds,
        start=np.concatenate([start.astype(float), (met >= times).astype(float)]),
    )
