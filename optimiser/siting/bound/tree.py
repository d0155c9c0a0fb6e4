"""
Branches on how many plugs a site has in the end, and on how many sites or plugs there are in all; lowers the bound of
each branch by itself (Geoffrion 1974).

Prices grant half of a large site where half of its people are needed, as for a floor that one site alone does not
keep, and half a site more than the money pays for; a site that has at most so many plugs, or more, does not, nor do so
many sites at most, or more.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from optimiser.siting.arrays import Bools, Floats
from optimiser.siting.bound.counts import Box
from optimiser.siting.bound.relaxation import Relaxation

LOOKED_AT, LOOK_STEPS, STEPS = 5, 8, 40
"""Sites that could be branched on, steps of each of their branches (Applegate et al. 1995), and of those that stay."""
COUNT_STEPS, COUNT_PACE = 80, 1.0
"""Of branches on a count: all prices have to move, those of people no less than that of money."""
BROKEN = 0.02
"""Part of itself by which a count differs from a whole number if that is something to branch on."""
FALLEN = 0.02
"""Of the gap, that a branch closes; where it closes less, counts are not what is in the way."""
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
    box: Box = field(compare=False)
    prices: Sequence[Floats] = field(compare=False)
    mean: Floats = field(compare=False)
    """Plugs of each site in the last steps, and how much that varies."""
    spread: Floats = field(compare=False)
    counts: Floats = field(compare=False)
    """On average in the last steps, shape (phases, counts)."""
    is_hard: Bools = field(compare=False)
    has_fallen: bool = field(compare=False)
    """Whether branching brought its bound down."""


class Tree:
    """All leaves; the greatest of their bounds holds."""

    def __init__(self, relaxation: Relaxation, *, known: Callable[[], float], is_over: Callable[[], bool]) -> None:
        """Begin with the bound and the prices of a relaxation."""
        self._relaxation, self._known, self._is_over, self._count = relaxation, known, is_over, 0
        root = self._descend(relaxation.box, relaxation.best, relaxation.bound, steps=STEPS)
        self._leaves = [replace(root, has_fallen=True)]
        self.bound = -root.minus_bound

    def grow(self) -> bool:
        """Branch where the bound is greatest; False where there is nothing to branch on, or no room or time."""
        leaf, leaves = self._leaves[0], len(self._leaves)
        if leaves * sum(price.size for price in leaf.prices) > MOST_PRICES:
            return False
        place = self._broken(leaf) if leaf.has_fallen else None
        branches = self._at_count(leaf, *place) if place else self._at_a_site(leaf)
        if branches is None or self._is_over():
            return False
        heapq.heappop(self._leaves)
        for one in branches:
            heapq.heappush(self._leaves, one)
        self.bound = min(self.bound, -self._leaves[0].minus_bound)
        return True

    def _undecided(self, leaf: Leaf) -> list[int]:
        """Sites that are now small and now large; where a floor is hard to keep only those, while there are any."""
        can_branch = (leaf.spread > UNDECIDED) & (leaf.box.fewest < leaf.box.most)
        if (can_branch & leaf.is_hard).any():
            can_branch &= leaf.is_hard
        sites = np.flatnonzero(can_branch)
        order = np.argsort(-leaf.spread[sites], kind="stable")[:LOOKED_AT]
        return [int(site) for site in sites[order]]

    def _broken(self, leaf: Leaf) -> tuple[int, int] | None:
        """Phase and count that is furthest from a whole number, as a part of itself, if one is."""
        off = np.abs(leaf.counts - np.round(leaf.counts)) / np.maximum(1.0, leaf.counts)
        off[leaf.box.high - leaf.box.low < 1.0] = 0.0
        phase, count = np.unravel_index(off.argmax(), off.shape)
        return (int(phase), int(count)) if off[phase, count] >= BROKEN else None

    def _at_count(self, leaf: Leaf, phase: int, count: int) -> list[Leaf]:
        """At most as many as the whole number below the average, or more."""
        low, high = leaf.box.low[phase, count], leaf.box.high[phase, count]
        number = int(np.clip(np.floor(leaf.counts[phase, count]), low, high - 1.0))
        return [
            self._descend(box, leaf.prices, -leaf.minus_bound, steps=COUNT_STEPS, pace=COUNT_PACE)
            for box in leaf.box.at_count(phase, count, number)
        ]

    def _at_a_site(self, leaf: Leaf) -> list[Leaf] | None:
        """At the one whose branches bring the bound down most."""
        best = max(
            (self._at_site(leaf, site) for site in self._undecided(leaf)),
            key=lambda two: np.prod([max(one.minus_bound - leaf.minus_bound, 1e-9) for one in two]),
            default=None,
        )
        return None if best is None else [self._go_on(one) for one in best]

    def _at_site(self, leaf: Leaf, site: int) -> list[Leaf]:
        """At most about as many plugs as on average, or more."""
        cut = int(np.clip(np.floor(leaf.mean[site]), leaf.box.fewest[site], leaf.box.most[site] - 1))
        return [
            self._descend(box, leaf.prices, -leaf.minus_bound, steps=LOOK_STEPS) for box in leaf.box.at_site(site, cut)
        ]

    def _go_on(self, leaf: Leaf) -> Leaf:
        return self._descend(leaf.box, leaf.prices, -leaf.minus_bound, steps=STEPS)

    def _descend(
        self,
        box: Box,
        prices: Sequence[Floats],
        bound: float,
        *,
        steps: int,
        pace: float = PACE,
    ) -> Leaf:
        """So many steps from prices on; `bound` holds already."""
        relaxation, plugs = self._relaxation, []
        relaxation.begin_anew(box, prices, pace=pace)
        for _ in range(steps):
            relaxed = relaxation.relax()
            plugs.append(relaxation.plugs)
            if self._is_over() or not np.isfinite(relaxed.bound) or relaxation.bound <= self._known():
                break
            relaxation.step(relaxed, self._known())
        recent = np.array(plugs[len(plugs) // 2 :])
        self._count += 1
        fallen = bound - min(bound, relaxation.bound)
        return Leaf(
            has_fallen=fallen >= FALLEN * (bound - self._known()),
            minus_bound=-(bound - fallen),
            number=self._count,
            box=box,
            prices=relaxation.best,
            mean=recent.mean(axis=0),
            spread=recent.std(axis=0),
            counts=relaxation.counts,
            is_hard=relaxation.is_hard(),
        )
