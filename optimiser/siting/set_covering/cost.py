"""What a choice of sites costs and covers; knows no solver."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from optimiser.siting.set_covering.problem import SLACK, SetCoveringProblem


def cost(problem: SetCoveringProblem, sites: Sequence[int]) -> float:
    """Of the open sites."""
    return math.fsum(problem.cost[list(sites)].tolist())


def covered(problem: SetCoveringProblem, sites: Sequence[int]) -> float:
    """Weight of the points that have enough open sites within reach."""
    return math.fsum(problem.weights[_is_covered(problem, sites)].tolist())


def is_enough(problem: SetCoveringProblem, sites: Sequence[int]) -> bool:
    """Whether as much is covered as has to be."""
    if problem.wanted is None:
        return bool(_is_covered(problem, sites).all())
    return covered(problem, sites) >= problem.wanted - SLACK * float(problem.weights.sum())


def _is_covered(problem: SetCoveringProblem, sites: Sequence[int]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    is_open = np.zeros(problem.sites, dtype=np.bool_)
    is_open[list(sites)] = True
    point = np.repeat(np.arange(problem.demand), problem.counts)
    times = np.bincount(point[is_open[problem.site]], minlength=problem.demand)
    return np.asarray(times >= problem.times)
