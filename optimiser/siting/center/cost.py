"""What a choice of sites costs; knows no solver."""

from __future__ import annotations

import math
from collections.abc import Sequence

from optimiser.siting.center.problem import CenterProblem


def cost(problem: CenterProblem, sites: Sequence[int]) -> float:
    """Longest way of any demand to its nearest open site; infinite where none is open."""
    if not len(sites):
        return math.inf
    return float(problem.way[:, list(sites)].min(axis=1).max())
