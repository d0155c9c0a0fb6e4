"""Branch and bound on the linear relaxation, the node of the least bound first."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from optimiser.siting.median.linear import Linear, Relaxed
from optimiser.siting.median.problem import Floats
from optimiser.siting.median.relaxation import CLOSED, FREE, OPEN, Fixed, fix

WHOLE = 1e-6
"""So close to 0 or 1 a site is not or is open."""


class Node(NamedTuple):
    """Sites fixed, in the order in which nodes are looked into."""

    bound: float
    number: int
    fixed: Fixed
    basis: Any
    """Where the simplex method begins."""
    moved: tuple[int, int, float] | None
    """Site branched on, whether it was opened, and its share before."""


class Branching:
    """Nodes that are open, and what branching on each site has been worth."""

    def __init__(self, linear: Linear, fixed: Fixed) -> None:
        self.linear = linear
        self._nodes = [Node(-np.inf, 0, fixed, None, None)]
        self._count = 0
        self._settled = np.inf
        """Least bound of the nodes that had nothing to branch on."""
        sites = len(fixed)
        self._worth = np.zeros((2, sites))
        """Rise of the bound for each whole unit by which a site was moved, summed; closed and opened."""
        self._times = np.zeros((2, sites))

    @property
    def bound(self) -> float:
        """No choice that is left costs less; infinite where none is left."""
        return min(self._settled, self._nodes[0].bound if self._nodes else np.inf)

    @property
    def is_done(self) -> bool:
        """Whether no node is open."""
        return not self._nodes

    def step(self, limit: Callable[[], float], suggest: Callable[[Floats], None], left_s: Callable[[], float]) -> None:
        """
        Look into one node.

        Parameters
        ----------
        limit
            A node whose bound is at it holds nothing that is looked for.
        suggest
            Told by how much each site is open in the node's relaxation.
        """
        node = heapq.heappop(self._nodes)
        if node.bound >= limit():
            return
        highs = self.linear.highs
        if node.basis is not None:
            highs.setBasis(_extended(node.basis, highs.getNumRow()))
        fixed = node.fixed
        relaxed = self.linear.relax(fixed, limit=limit(), left_s=left_s)
        bound = max(node.bound, relaxed.bound)
        if node.moved is not None and np.isfinite(node.bound):
            site, way, share = node.moved
            self._learn(site, way, share, bound - node.bound)
        suggest(relaxed.share)
        if bound >= limit():
            return
        fix(fixed, self.linear.dual, relaxed.bound, limit())
        site = self._choose(fixed, relaxed, bound)
        if site < 0:
            self._settled = min(self._settled, bound)
            return
        basis = highs.getBasis()
        for way, value in ((1, OPEN), (0, CLOSED)):
            child = fixed.copy()
            child[site] = value
            self._count += 1
            moved = (site, way, float(relaxed.share[site]))
            heapq.heappush(self._nodes, Node(bound, self._count, child, basis, moved))

    def _learn(self, site: int, way: int, share: float, rise: float) -> None:
        self._worth[way, site] += max(0.0, rise) / max(WHOLE, abs(way - share))
        self._times[way, site] += 1.0

    def _choose(self, fixed: Fixed, relaxed: Relaxed, bound: float) -> int:
        """The site in part open, whose opening and closing raise the bound most; -1 where none is in part open."""
        share = relaxed.share
        parts = np.flatnonzero((fixed == FREE) & (share > WHOLE) & (share < 1.0 - WHOLE))
        if not len(parts):
            return -1
        mean = np.where(
            self._times.sum(axis=1) > 0, self._worth.sum(axis=1) / np.maximum(1, self._times.sum(axis=1)), 1.0
        )
        each = np.where(self._times > 0, self._worth / np.maximum(1, self._times), mean[:, None])[:, parts]
        score = np.maximum(each[0] * share[parts], 1e-9) * np.maximum(each[1] * (1 - share[parts]), 1e-9)
        return int(parts[np.argmax(score)])


def _extended(basis: Any, rows: int) -> Any:
    """The basis with rows added since."""
    import highspy

    missing = rows - len(basis.row_status)
    if missing:
        basis.row_status = list(basis.row_status) + [highspy.HighsBasisStatus.kBasic] * missing
    return basis
