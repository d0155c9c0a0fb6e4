"""What a choice of stations covers, driven round trip by round trip; knows no solver."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from optimiser.siting.flow.problem import FlowProblem

SLACK = 1e-9
"""Of the range: sums of lengths may be off by so much."""


def covered(problem: FlowProblem, sites: Sequence[int]) -> float:
    """Flow of the trips that can be driven there and back, again and again."""
    is_open = np.zeros(problem.nodes, dtype=np.bool_)
    is_open[list(sites)] = True
    stop, at, most = is_open[problem.node], problem.at, problem.reach * (1.0 + SLACK)
    flows = []
    for trip, (start, end) in enumerate(pairwise(problem.first.tolist())):
        out = at[start:end][stop[start:end]]
        if not len(out):
            continue
        # The longest way between two stations, and from the ones next to the ends there and back.
        turns = 2.0 * max(out[0], at[end - 1] - out[-1])
        if max(turns, np.diff(out).max(initial=0.0)) <= most:
            flows.append(float(problem.flow[trip]))
    return math.fsum(flows)
