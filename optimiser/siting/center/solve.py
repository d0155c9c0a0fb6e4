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

    Exchanges from choices that are spread out, and between a bound and the best choice a bisection over all ways:
    whether so many sites cover all demand within one of them.
    """
    until_s = time.monotonic() + seconds
    sites = _start(problem, until_s, seed)
    # The answer is one of the ways: none below the first that is left, none above the last.
    ways = np.unique(problem.way)
    least = float(problem.way.min(axis=1).max())
    ways = ways[(ways >= least) & (ways <= cost(problem, sites))]
    low, high, gives_up = 0, len(ways) - 1, False
    while low < high and not gives_up:
        middle = (low + high) // 2
        told = cover(problem.way, problem.p, float(ways[middle]), seconds=until_s - time.monotonic())
        if told.is_too_short:
            low = middle + 1
        elif told.sites is not None:
            sites = _filled(problem, told.sites.tolist())
            high = int(np.searchsorted(ways, cost(problem, sites)))
        else:
            gives_up = True
    found = cost(problem, sites)
    bound = float(ways[low])
    status = Status.PROVEN if bound == found else Status.BOUNDED
    return CenterAnswer(sites=tuple(sorted(sites)), cost=found, lower_bound=bound, status=status)


def _start(problem: CenterProblem, until_s: float, seed: int) -> list[int]:
    """The best of some choices that are improved, the first one in any case."""
    column, random, chance = np.ascontiguousarray(problem.way.T), np.random.default_rng(seed), chance_of(seed)
    best, least = list[int](), np.inf
    for _ in range(STARTS):
        served = served_of(problem.demand, problem.p)
        spread(column, served, int(random.integers(problem.sites)))
        reached = exchange(column, served, chance, IDLE)
        sites = _filled(problem, served.opened.tolist())
        if reached < least:
            best, least = sites, reached
        if time.monotonic() >= until_s:
            break
    return best


def _filled(problem: CenterProblem, sites: list[int]) -> list[int]:
    """As many sites as are asked for: more make no way longer."""
    taken = set(sites)
    others = (site for site in range(problem.sites) if site not in taken)
    return [*taken, *(next(others) for _ in range(problem.p - len(taken)))]
