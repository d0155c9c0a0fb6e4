"""Compiles the loops of the location models, so that the first study need not wait."""

from __future__ import annotations

import numpy as np

from optimiser.siting.median.nearness import nearness_of
from optimiser.siting.median.problem import MedianProblem
from optimiser.siting.median.relaxation import dual_of
from optimiser.siting.median.solve import solve
from optimiser.siting.median.tree import explore, tree_of


def warm_up() -> None:
    """Choose two of six sites on a line, and look into the tree, which that would not need. Kept on disk by Numba."""
    line = np.abs(np.subtract.outer(np.arange(6.0), np.arange(6.0)))
    solve(MedianProblem(cost=line, p=2), seconds=60.0)
    tree = tree_of(np.zeros(6, dtype=np.int8), np.zeros(6), 0.0, np.zeros(6, dtype=np.bool_))
    explore(nearness_of(line), 2, dual_of(6, 6), tree, 100.0, 0.5, 1)
