"""What an assignment costs and which sites it overloads; knows no solver."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from optimiser.siting.capacitated.problem import CapacitatedProblem

ROUNDING = 1e-9
"""Of a capacity: as much may be lost where demands are added that are no whole numbers."""


def cost(problem: CapacitatedProblem, assignment: Sequence[int]) -> float:
    """Sum of the ways of all customers to the sites that serve them; infinite where one of these may not."""
    wanted = np.arange(problem.customers) * problem.sites + np.asarray(assignment, dtype=np.int64)
    spot = np.minimum(np.searchsorted(problem.key, wanted), len(problem.key) - 1)
    if (problem.key[spot] != wanted).any():
        return math.inf
    return math.fsum(problem.way[spot].tolist())


def overload(problem: CapacitatedProblem, assignment: Sequence[int]) -> float:
    """Demand that is assigned to sites beyond what they can take, over all of them."""
    load = np.bincount(np.asarray(assignment), weights=problem.demand, minlength=problem.sites)
    excess = load - problem.capacity
    return float(excess[excess > ROUNDING * np.maximum(1.0, problem.capacity)].sum())
