"""Compiles the loops of the location models, so that the first study need not wait."""

from __future__ import annotations

import numpy as np

from optimiser.basics.chance import chance_of
from optimiser.siting.center import solve as center
from optimiser.siting.center.problem import CenterProblem
from optimiser.siting.coverage import solve as coverage
from optimiser.siting.coverage.problem import CoverageProblem
from optimiser.siting.coverage.reach import reach_of
from optimiser.siting.flow import solve as flow
from optimiser.siting.flow.problem import FlowProblem
from optimiser.siting.median import solve as median
from optimiser.siting.median.nearness import nearness_of
from optimiser.siting.median.problem import MedianProblem
from optimiser.siting.median.relaxation import dual_of
from optimiser.siting.median.tree import explore, tree_of
from optimiser.siting.set_covering import solve as set_covering
from optimiser.siting.set_covering.problem import SetCoveringProblem
from optimiser.siting.set_covering.weighting import cover_with


def warm_up() -> None:
    """Choose two of six sites on a line, and look into the tree, which that would not need. Kept on disk by Numba."""
    line = np.abs(np.subtract.outer(np.arange(6.0), np.arange(6.0)))
    median.solve(MedianProblem(cost=line, p=2), seconds=60.0)
    tree = tree_of(np.zeros(6, dtype=np.int8), np.zeros(6), 0.0, np.zeros(6, dtype=np.bool_))
    explore(nearness_of(line), 2, dual_of(6, 6), tree, 100.0, 0.5, 1)
    # Three points, each between two of three sites: none is better than the others, and one leaves a point out.
    first, site = np.arange(0, 8, 2), np.array([0, 1, 1, 2, 0, 2], dtype=np.int32)
    ring = CoverageProblem(weight=np.ones(3), first=first, site=site, sites=3, p=1)
    coverage.solve(ring, seconds=60.0)
    # Two trips that are longer than the range, so that one station covers neither whole.
    path, node = np.array([0, 3, 6]), np.array([0, 1, 2, 2, 3, 4], dtype=np.int32)
    at = np.array([0.0, 2.0, 4.0, 0.0, 2.0, 4.0])
    flow.solve(FlowProblem(flow=np.ones(2), first=path, node=node, at=at, nodes=5, reach=4.0, p=2), seconds=60.0)
    center.solve(CenterProblem(way=line, p=2), seconds=60.0)
    cover_with(reach_of(ring), np.zeros(3, dtype=np.bool_), 2, chance_of(1), steps=2)
    set_covering.solve(SetCoveringProblem(cost=np.ones(3), first=first, site=site), seconds=60.0)
