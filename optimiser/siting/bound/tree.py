"""
Branches on how many plugs a site has in the end, and lowers the bound of each branch by itself (Geoffrion 1974).

Prices grant half of a large site where half of its people are needed, as for a floor that one site alone does not
keep; a site that has at most so many plugs, or more, does not.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from optimiser.siting.arrays import Bools, Floats, Ints
from optimiser.siting.bound.relaxation import Relaxation

LOOKED_AT, LOOK_STEPS, STEPS = 5, 8, 40
"""Sites that could be branched on, steps of each of their branches (Applegate et al. 1995), and of those that stay."""
PACE = 0.06
"""Of a branch at its start."""
UNDECIDED = 0.3
"""Plugs by which the number at a site varies from step to step."""
MOST_PRICES = 25_000_000
"""Of all leaves together: 200 MB."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Leaf:
    """A branch that has none itself; the one with the greatest bound is the least."""

    minus_bound: float
    number: int
    fewest: Ints = field(compare=False)
    most: Ints = field(compare=False)
    prices: Sequence[Floats] = field(compare=False)
    mean: Floats = field(compare=False)
    """Plugs of each site in the last steps, and how much that varies."""
    spread: Floats = field(compare=False)
    is_hard: Bools = field(compare=False)


class Tree:
    """All leaves; the greatest of their bounds holds."""

    def __init__(self, relaxation: Relaxation, *, known: Callable[[], float], is_over: Callable[[], bool]) -> None:
        """Begin with the bound and the prices of a relaxation."""
        self._relaxation, self._known, self._is_over, self._count = relaxation, known, is_over, 0
        fewest, most = np.zeros_like(relaxation.plugs), relaxation.most_plugs()
        root = self._descend(fewest, most, relaxation.best, relaxation.bound, steps=STEPS)
        self._leaves = [root]
        self.bound = -root.minus_bound

    def grow(self) -> bool:
        """Branch where the bound is greatest; False where there is nothing to branch on, or no room or time."""
        leaf, leaves = self._leaves[0], len(self._leaves)
        if leaves * sum(price.size for price in leaf.prices) > MOST_PRICES:
            return False
        branches = max(
            (self._branch(leaf, site) for site in self._undecided(leaf)),
            key=lambda two: np.prod([max(one.minus_bound - leaf.minus_bound, 1e-9) for one in two]),
            default=None,
        )
        if branches is None or self._is_over():
            return False
        heapq.heappop(self._leaves)
        for one in branches:
            heapq.heappush(self._leaves, self._go_on(one))
        self.bound = min(self.bound, -self._leaves[0].minus_bound)
        return True

    def _undecided(self, leaf: Leaf) -> list[int]:
        """Sites that are now small and now large; where a floor is hard to keep only those, while there are any."""
        can_branch = (leaf.spread > UNDECIDED) & (leaf.fewest < leaf.most)
        if (can_branch & leaf.is_hard).any():
            can_branch &= leaf.is_hard
        sites = np.flatnonzero(can_branch)
        order = np.argsort(-leaf.spread[sites], kind="stable")[:LOOKED_AT]
        return [int(site) for site in sites[order]]

    def _branch(self, leaf: Leaf, site: int) -> list[Leaf]:
        """At most about as many plugs as on average, or more."""
        cut = int(np.clip(np.floor(leaf.mean[site]), leaf.fewest[site], leaf.most[site] - 1))
        fewest, most = leaf.fewest.copy(), leaf.most.copy()
        fewest[site], most[site] = cut + 1, cut
        bound = -leaf.minus_bound
        return [
            self._descend(leaf.fewest, most, leaf.prices, bound, steps=LOOK_STEPS),
            self._descend(fewest, leaf.most, leaf.prices, bound, steps=LOOK_STEPS),
        ]

    def _go_on(self, leaf: Leaf) -> Leaf:
        return self._descend(leaf.fewest, leaf.most, leaf.prices, -leaf.minus_bound, steps=STEPS)

    def _descend(self, fewest: Ints, most: Ints, prices: Sequence[Floats], bound: float, *, steps: int) -> Leaf:
        """So many steps from prices on; `bound` holds already."""
        relaxation, plugs = self._relaxation, []
        relaxation.begin_anew(fewest, most, prices, pace=PACE)
        for _ in range(steps):
            relaxed = relaxation.relax()
            plugs.append(relaxation.plugs)
            if self._is_over() or not np.isfinite(relaxed.bound):
                break
            relaxation.step(relaxed, self._known())
        recent = np.array(plugs[len(plugs) // 2 :])
        self._count += 1
        return Leaf(
            minus_bound=-min(bound, relaxation.bound),
            number=self._count,
            fewest=fewest,
            most=most,
            prices=relaxation.best,
            mean=recent.mean(axis=0),
            spread=recent.std(axis=0),
            is_hard=relaxation.is_hard(),
        )
