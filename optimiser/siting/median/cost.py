"""What a choice of sites costs; knows no solver."""

from __future__ import annotations

import math
from collections.abc import Sequence

from optimiser.siting.median.problem import MedianProblem


def cost(problem: MedianProblem, sites: Sequence[int]) -> float:
    """Sum of the ways of all demand to its nearest open site; infinite where none is open."""
    if not len(sites):
        return math.inf
    return math.fsum(problem.cost[:, list(sites)].min(axis=1).tolist())
