"""Choose the sites of a p-median and prove how good the choice is."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimiser.siting.median.cost import cost
from optimiser.siting.median.interchange import interchange, serve
from optimiser.siting.median.nearness import Floats, nearness_of, served_of
from optimiser.siting.median.problem import MedianProblem
from optimiser.siting.median.radius import close
from optimiser.siting.median.relaxation import CLOSED, FREE, OPEN, SHORTEST, ascend, dual_of, relax
from optimiser.siting.median.tree import Tree, explore, tree_of
from optimiser.siting.status import Status

STARTS, MORE_STARTS = 4, 30
"""Choices at random that are improved before the bound, and after it where a gap is left."""
STEPS = 40
"""Subgradient steps between two looks at the choice that they suggest."""
STEP_LENGTH = 1.0
"""Of the way to what is known, the first steps."""
PHASES = ((300, 20_000), (20_000, 4_000_000))
"""Nodes of the tree before what is left is handed to an integer programme, and how large that may be at most."""
NODES = 20
"""Nodes of the tree between two looks at the clock."""
TINY = 1e-9
"""Relative allowance for sums of floating-point numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MedianAnswer:
    """A choice of sites and what none can undercut."""

    sites: tuple[int, ...]
    """Columns of the problem, in order."""
    cost: float
    lower_bound: float
    status: Status


def solve(problem: MedianProblem, *, seconds: float, seed: int = 1) -> MedianAnswer:
    """
    Best choice found in `seconds` of wall time, with a proven bound.

    Interchange from choices at random, Lagrangian relaxation, sites fixed by reduced costs, and a tree over the rest.
    """
    return _Search(problem, seconds=seconds, seed=seed).answer()


class _Search:
    """Keeps the best choice, the bound, and which sites can still be either."""

    def __init__(self, problem: MedianProblem, *, seconds: float, seed: int) -> None:
        self.problem, self.p = problem, problem.p
        self._until_s = time.monotonic() + seconds
        self._random = np.random.default_rng(seed)
        self._sites = np.arange(problem.sites)
        """Columns that are left."""
        self._nearness = nearness_of(problem.cost)
        self._fixed = np.zeros(problem.sites, dtype=np.int8)
        self._best = np.zeros(problem.sites, dtype=np.bool_)
        self._known = np.inf
        self._bound = 0.0

    def answer(self) -> MedianAnswer:
        """Search until the choice is proven or time is up."""
        self._start(STARTS)
        price = self._raise_bound()
        if not self._is_proven():
            self._start(MORE_STARTS)
            self._reduce()
            tree = tree_of(self._fixed, price, self._bound, np.zeros(len(self._sites), dtype=np.bool_))
            for nodes, entries in PHASES:
                if not self._is_proven():
                    self._branch(tree, nodes)
                if not self._is_proven() and not self._is_over():
                    self._close(price, entries)
            while not self._is_proven() and not self._is_over():
                self._branch(tree, NODES)
        sites = tuple(int(site) for site in np.flatnonzero(self._best))
        found = cost(self.problem, sites)
        bound = self._rounded(found)
        return MedianAnswer(
            sites=sites,
            cost=found,
            lower_bound=bound,
            status=Status.PROVEN if bound == found else Status.BOUNDED,
        )

    def _start(self, count: int) -> None:
        """Improve choices at random."""
        for _ in range(count):
            if self._is_over() and np.isfinite(self._known):
                break
            is_open = self._fixed == OPEN
            free = np.flatnonzero(self._fixed == FREE)
            is_open[self._random.choice(free, self.p - int(is_open.sum()), replace=False)] = True
            self._improve(is_open)

    def _improve(self, is_open: NDArray[np.bool_]) -> None:
        """Interchange, and keep what comes out if it is the best."""
        points, sites = self._nearness.cost.shape
        total = interchange(
            self._nearness,
            is_open,
            self._fixed == FREE,
            self._random.permutation(sites).astype(np.int32),
            served_of(points, sites),
        )
        self._keep(is_open, total)

    def _keep(self, is_open: NDArray[np.bool_], total: float) -> None:
        if total < self._known - TINY * abs(total):
            self._known = total
            self._best[:] = False
            self._best[self._sites[is_open]] = True

    def _raise_bound(self) -> Floats:
        """Subgradient steps, and a better choice from those that they suggest, until the bound hardly rises."""
        dual = dual_of(*self._nearness.cost.shape)
        served = served_of(*self._nearness.cost.shape)
        serve(self._nearness, self._best, served)
        both = (served.first_way + served.second_way) / 2
        dual.price[:] = np.where(np.isfinite(both), both, served.first_way)
        dual.pace[0] = STEP_LENGTH
        while not self._is_proven() and dual.pace[0] >= SHORTEST and not self._is_over():
            bound = ascend(self._nearness, self.p, self._fixed, dual, self._limit(), self._known, STEPS)
            self._bound = max(self._bound, bound)
            if (self._fixed == OPEN).sum() <= self.p:
                self._improve(dual.chosen.copy())
        return dual.best_price

    def _reduce(self) -> None:
        """Forget the sites that no better choice opens."""
        left = self._fixed != CLOSED
        self._sites, self._fixed = self._sites[left], self._fixed[left]
        self._nearness = nearness_of(self._nearness.cost[:, left])

    def _branch(self, tree: Tree, nodes: int) -> None:
        """Look into so many nodes of the tree."""
        dual = dual_of(*self._nearness.cost.shape)
        for _ in range(0, nodes, NODES):
            if self._is_over():
                break
            known = explore(self._nearness, self.p, dual, tree, self._known, self._unit(), NODES)
            self._keep(tree.best, known)
        open_bounds = tree.bound[: tree.height[0]]
        self._bound = max(self._bound, min(self._known, float(open_bounds.min(initial=np.inf))))

    def _close(self, price: Floats, entries: int) -> None:
        """Hand what is left to an integer programme, if that has no more entries than so many."""
        dual = dual_of(*self._nearness.cost.shape)
        dual.price[:] = price
        closed = close(
            self._nearness,
            self.p,
            self._fixed,
            price=price,
            bound=relax(self._nearness, self.p, self._fixed, dual),
            known=self._known,
            unit=self._unit(),
            entries=entries,
            seconds=(self._until_s - time.monotonic()) / 2,
        )
        if closed is None:
            return
        if closed.is_open is not None:
            self._keep(closed.is_open, serve(self._nearness, closed.is_open, served_of(*self._nearness.cost.shape)))
        self._bound = max(self._bound, min(self._known, closed.bound))

    def _unit(self) -> float:
        """By less than this no choice is told to be cheaper than the best: whole numbers differ by 1."""
        return 1.0 - 1e-6 if self.problem.is_whole else TINY * self._known

    def _limit(self) -> float:
        """A bound from here on proves the best choice."""
        return self._known - self._unit()

    def _rounded(self, found: float) -> float:
        """The bound with what is known of costs: whole numbers, or sums of floats that may be off at the end."""
        bound = float(np.ceil(self._bound - 1e-6)) if self.problem.is_whole else self._bound
        return found if bound >= found - 2 * TINY * abs(found) else bound - TINY * abs(bound)

    def _is_proven(self) -> bool:
        return self._bound >= self._limit()

    def _is_over(self) -> bool:
        return time.monotonic() >= self._until_s
