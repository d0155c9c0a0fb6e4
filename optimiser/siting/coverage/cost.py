"""What a choice of sites covers; knows no solver."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from optimiser.siting.coverage.problem import CoverageProblem


def covered(problem: CoverageProblem, sites: Sequence[int]) -> float:
    """Weight of the demand that has an open site within reach."""
    is_open = np.zeros(problem.sites, dtype=np.bool_)
    is_open[list(sites)] = True
    point = np.repeat(np.arange(problem.demand), np.diff(problem.first))
    reached = np.unique(point[is_open[problem.site]])
    return math.fsum(problem.weight[reached].tolist())
