"""Shortest ways between all nodes of a small graph."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.compiled import in_place


@in_place
def shorten(way: NDArray[np.float64]) -> None:
    """Make every direct way the shortest over any nodes, in place (Floyd 1962; Warshall 1962)."""
    n = way.shape[0]
    for over in range(n):
        onward = way[over]
        for here in range(n):
            reached = way[here, over]
            row = way[here]
            for there in range(n):
                row[there] = min(row[there], reached + onward[there])


def warm_up() -> None:
    """Compile it, for two nodes."""
    shorten(np.zeros((2, 2)))
