"""Choose the sites of a p-median and prove how good the choice is."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimiser.siting.median.branching import Branching
from optimiser.siting.median.cost import cost
from optimiser.siting.median.interchange import interchange, serve
from optimiser.siting.median.linear import Linear
from optimiser.siting.median.nearness import Nearness, narrowed, nearness_of, served_of, shortened
from optimiser.siting.median.problem import Floats, MedianProblem
from optimiser.siting.median.relaxation import CLOSED, FREE, OPEN, SHORTEST, ascend, dual_of, fix
from optimiser.siting.median.tree import explore, tree_of
from optimiser.siting.status import Status

STARTS, MORE_STARTS = 4, 10
"""Choices at random that are improved before the bound, and after it where a gap is left."""
SHAKES, SHAKEN = 40, 60
"""Choices near the best that are improved then; one of so many sites is exchanged at most, and one more."""
STEPS = 40
"""Subgradient steps between two looks at the choice that they suggest."""
STEP_LENGTH = 1.0
"""Of the way to what is known, the first steps."""
SUGGESTED = 5
"""The same after each node."""
LISTED = 12
"""Nearest sites of a point that interchange looks at, for each that there is to an open one."""
TREE = 150_000
"""Over p squared: nodes of the tree before the linear relaxation is solved. A tree is quick where few are open."""
ROOM = 20_000_000
"""Prices kept for nodes of the tree at most."""
LARGEST = 2_000_000
"""Pairs of points and sites within the prices, up to which the linear relaxation is solved."""
SHRUNK = 0.7
"""Of its sites: when fewer are left, a relaxation is set up anew."""
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
        self._nearness = nearness_of(problem)
        self._short = self._shorter()
        """What interchange looks at."""
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
            self._shake(SHAKES + 2 * self.p)
            self._reduce()
            self._look_into_tree(price)
        if not self._is_proven() and not self._is_over() and self._is_small(price):
            self._branch(price)
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

    def _shake(self, count: int) -> None:
        """
        Exchange some sites of the best choice at random, and improve what that gives (Hansen & Mladenovic 1997).

        Until so many in a row have brought nothing.
        """
        left, before = count, self._known
        while left > 0 and not self._is_over():
            left = count if self._known < before else left - 1
            before = self._known
            may_change = self._fixed == FREE
            is_open = self._best[self._sites] & may_change | (self._fixed == OPEN)
            closing = self._random.permutation(np.flatnonzero(is_open & may_change))
            moved = min(len(closing), int(self._random.integers(1, 2 + self.p // SHAKEN)))
            moved = max(moved, int(is_open.sum()) - self.p)
            closed = np.flatnonzero(~is_open & may_change)
            is_open[closing[:moved]] = False
            missing = self.p - int(is_open.sum())
            if missing > len(closed):
                break
            is_open[self._random.choice(closed, missing, replace=False)] = True
            self._improve(is_open)

    def _improve(self, is_open: NDArray[np.bool_]) -> None:
        """Interchange, and keep what comes out if it is the best."""
        points, sites = self._nearness.points, self._nearness.sites
        served = served_of(points, sites)
        total = interchange(
            self._short,
            is_open,
            self._fixed == FREE,
            self._random.permutation(sites).astype(np.int32),
            served,
        )
        if total <= self._known:
            self._keep(is_open, serve(self._nearness, is_open, served))

    def _keep(self, is_open: NDArray[np.bool_], total: float) -> None:
        # One that costs the same is as good, and another place to go on from.
        if total <= self._known:
            self._known = total
            self._best[:] = False
            self._best[self._sites[is_open]] = True

    def _raise_bound(self) -> Floats:
        """Subgradient steps, and a better choice from those that they suggest, until the bound hardly rises."""
        dual = dual_of(self._nearness.points, self._nearness.sites)
        served = served_of(self._nearness.points, self._nearness.sites)
        serve(self._nearness, self._best, served)
        dual.price[:] = (served.first_way + served.second_way) / 2
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
        self._nearness = narrowed(self._nearness, left)
        self._short = self._shorter()

    def _look_into_tree(self, price: Floats) -> None:
        """Some nodes of the tree over the Lagrangian relaxation."""
        dual = dual_of(self._nearness.points, self._nearness.sites)
        nodes = min(TREE // self.p**2, ROOM // self._nearness.points) // NODES * NODES
        none = np.zeros(len(self._sites), dtype=np.bool_)
        tree = tree_of(self._fixed, price, self._bound, none, nodes=nodes)
        for _ in range(0, nodes, NODES):
            if self._is_over():
                break
            known = explore(self._nearness, self.p, dual, tree, self._known, self._unit(), NODES)
            if known < self._known:
                self._keep(tree.best, known)
            if not tree.height[0]:
                break
        open_bounds = tree.bound[: tree.height[0]]
        self._bound = max(self._bound, min(self._known, float(open_bounds.min(initial=np.inf))))

    def _branch(self, price: Floats) -> None:
        """The linear relaxation, and branching on it, until nothing cheaper can be left."""
        while not self._is_proven() and not self._is_over():
            linear = Linear(self._nearness, self.p, price)
            relaxed = linear.relax(self._fixed, limit=self._limit(), until=self._is_over)
            self._bound = max(self._bound, relaxed.bound)
            self._suggest(relaxed.share)
            if self._is_proven() or self._is_over():
                return
            fix(self._fixed, linear.dual, relaxed.bound, self._limit())
            price = relaxed.price
            if (self._fixed != CLOSED).mean() > SHRUNK:
                break
            self._reduce()
        branching = Branching(linear, self._fixed.copy())
        while not branching.is_done and branching.bound < self._limit() and not self._is_over():
            branching.step(self._limit, self._suggest, self._is_over)
            self._bound = max(self._bound, min(self._known, branching.bound))

    def _shorter(self) -> Nearness:
        """Lists that hardly ever end before an open site, if that makes them much shorter."""
        most = LISTED * self._nearness.sites // self.p
        is_shorter = most * self._nearness.points < len(self._nearness.near) / 2
        return shortened(self._nearness, most) if is_shorter else self._nearness

    def _is_small(self, price: Floats) -> bool:
        """Whether the linear relaxation can be solved in a short time."""
        counts = np.diff(self._nearness.first)
        return int((self._nearness.way < np.repeat(price, counts)).sum()) <= LARGEST

    def _suggest(self, share: Floats) -> None:
        """Improve the choice of the sites that a relaxation opens most."""
        is_open = np.zeros(len(share), dtype=np.bool_)
        is_open[np.argsort(-share, kind="stable")[: self.p]] = True
        self._improve(is_open)
        self._shake(SUGGESTED)

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
