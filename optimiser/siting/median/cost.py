"""What a choice of sites costs; knows no solver."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from optimiser.siting.median.problem import MedianProblem


def cost(problem: MedianProblem, sites: Sequence[int]) -> float:
    """
    Sum of the ways of all demand to its nearest open site, and of what those pay that have none within reach.

    Infinite where no site is open and a point has no price for that.
    """
    is_open = np.zeros(problem.sites, dtype=np.bool_)
    is_open[list(sites)] = True
    pair = np.flatnonzero(is_open[problem.site])
    point = np.searchsorted(problem.first, pair, side="right") - 1
    paid = problem.beyond.copy()
    np.minimum.at(paid, point, problem.cost[pair])
    return math.fsum(paid.tolist())
