"""What an assignment serves; knows no solver."""

from __future__ import annotations

import math
from collections.abc import Sequence

from optimiser.siting.capacitated_coverage.problem import CapacitatedCoverageProblem


def served(problem: CapacitatedCoverageProblem, share: Sequence[float]) -> float:
    """Weight that is served, given the share of each pair of a point and a site within its reach."""
    weight = problem.covering.weight[problem.point].tolist()
    return math.fsum(part * here for part, here in zip(share, weight, strict=True))
