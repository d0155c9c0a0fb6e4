"""Choose the sites of a p-center and prove how good the choice is."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from optimiser.basics.chance import chance_of
from optimiser.siting.center.cost import cost
from optimiser.siting.center.exchange import exchange, served_of, spread
from optimiser.siting.center.problem import CenterProblem
from optimiser.siting.center.radius import cover
from optimiser.siting.status import Status

STARTS = 4
"""Choices that are improved before the first radius is looked at."""
IDLE = 100
"""Exchanges in a row without a shorter longest way, before a start is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CenterAnswer:
    """A choice of sites and what none can undercut."""

    sites: tuple[int, ...]
    """Columns of the problem, in order."""
    cost: float
    lower_bound: float
    status: Status


def solve(problem: CenterProblem, *, seconds: float, seed: int = 1) -> CenterAnswer:
    """
    Best choice found in `seconds` of wall time, with a proven bound.

    Exchanges from choices that are spread out, and then a bisection over all ways: whether so many sites cover all
    demand within one of them.
    """
    return _Search(problem, seconds=seconds, seed=seed).answer()


class _Search:
    """Keeps the best choice, and the ways that may be the answer."""

    def __init__(self, problem: CenterProblem, *, seconds: float, seed: int) -> None:
        self.problem = problem
        self._until_s = time.monotonic() + seconds
        self._random, self._chance = np.random.default_rng(seed), chance_of(seed)
        self._sites = list[int]()
        self._found = np.inf
        # The answer is one of the ways, and no point has a shorter one than to its nearest site.
        ways = np.unique(problem.way)
        self._ways = ways[ways >= problem.way.min(axis=1).max()]
        self._low, self._high = 0, len(self._ways) - 1
        """The first that may be long enough, and the one that the best choice needs."""

    def answer(self) -> CenterAnswer:
        """Search until the choice is proven or time is up."""
        self._start()
        self._bisect(climbs=True)
        self._bisect(climbs=False)
        # What is left is most often too short: when the longest is, all are.
        while self._low < self._high and self._look(self._high - 1, is_hard=True):
            pass
        while self._low < self._high and self._look(self._low, is_hard=True):
            pass
        bound = float(self._ways[self._low])
        return CenterAnswer(
            sites=tuple(sorted(self._sites)),
            cost=self._found,
            lower_bound=bound,
            status=Status.PROVEN if bound == self._found else Status.BOUNDED,
        )

    def _start(self) -> None:
        """Improve some choices, one in any case."""
        column = np.ascontiguousarray(self.problem.way.T)
        for _ in range(STARTS):
            served = served_of(self.problem.demand, self.problem.p)
            spread(column, served, int(self._random.integers(self.problem.sites)))
            exchange(column, served, self._chance, IDLE)
            self._keep(served.opened.tolist())
            if time.monotonic() >= self._until_s:
                break

    def _keep(self, sites: list[int]) -> None:
        """Keep a choice if it is the best, with as many sites as are asked for: more make no way longer."""
        taken = set(sites)
        others = (site for site in range(self.problem.sites) if site not in taken)
        filled = [*taken, *(next(others) for _ in range(self.problem.p - len(taken)))]
        found = cost(self.problem, filled)
        if found < self._found:
            self._sites, self._found = filled, found
            self._high = int(np.searchsorted(self._ways, found))

    def _bisect(self, *, climbs: bool) -> None:
        """Halve what is left, without integer programmes; where nothing is told, go on above, or else below."""
        low, high = self._low, self._high
        while low < high and time.monotonic() < self._until_s:
            middle = (low + high) // 2
            is_told = self._look(middle)
            if self._low > middle or (climbs and not is_told):
                low = middle + 1
            else:
                high = min(middle, self._high)

    def _look(self, number: int, *, is_hard: bool = False) -> bool:
        """Whether it can be told of a way that it is too short or long enough."""
        left_s = self._until_s - time.monotonic()
        if left_s <= 0:
            return False
        radius, seconds = float(self._ways[number]), left_s / 2 if is_hard else left_s
        told = cover(self.problem.way, self.problem.p, radius, self._chance, seconds=seconds, is_hard=is_hard)
        if told.is_too_short:
            self._low = max(self._low, number + 1)
        elif told.sites is not None:
            self._keep(told.sites.tolist())
        return told.is_too_short or self._found <= radius
