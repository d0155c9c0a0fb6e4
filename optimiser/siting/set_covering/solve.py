"""Open the cheapest sites that cover what has to be, and prove that none are cheaper."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from optimiser.basics.chance import chance_of
from optimiser.siting.coverage.problem import CoverageProblem
from optimiser.siting.coverage.reach import Bools, Reach, narrowed, reach_of
from optimiser.siting.programme import ENOUGH
from optimiser.siting.set_covering.cost import cost
from optimiser.siting.set_covering.fewest import fewest
from optimiser.siting.set_covering.greedy import cover_greedily
from optimiser.siting.set_covering.problem import SLACK, Floats, Longs, SetCoveringProblem
from optimiser.siting.set_covering.programme import cover_all, cover_enough
from optimiser.siting.set_covering.reduction import core_of, keep_points, needed
from optimiser.siting.set_covering.relaxation import relax
from optimiser.siting.set_covering.weighting import STEP, cover_for, state_of
from optimiser.siting.status import Status

TINY = 1e-9
"""Of the cost of all sites, the allowance for sums of floating-point numbers."""
SOON_SHARE, RELAX_SHARE, EXCHANGE_SHARE = 0.1, 0.2, 0.5
"""Of the time, for the programme at once; of what is then left, for prices, and after that for exchanges; at most."""
STEPS, STALE = 2000, 2000
"""Exchanges between two looks at the clock; for each site, those that bring nothing, after which there are no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCoveringAnswer:
    """A choice of sites and what none can undercut."""

    sites: tuple[int, ...]
    """In order."""
    cost: float
    lower_bound: float
    status: Status


def solve(problem: SetCoveringProblem, *, seconds: float, seed: int = 1) -> SetCoveringAnswer:
    """
    Cheapest choice found in `seconds` of wall time, with a proven bound.

    Points and sites that do not matter left out, sites that have to be open opened, a greedy choice, and an integer
    programme; where that does not prove it soon, cheaper choices by exchange, and the programme once more from these.
    """
    until_s = time.monotonic() + seconds
    forced, sites, reach = _reduced(problem)
    prices = problem.cost[sites]
    least = 0.0
    is_open = np.zeros(len(sites), dtype=np.bool_)
    if len(reach.weight):
        is_open, least = _Search(problem, reach, prices, until_s, seed).answer()
    chosen = tuple(sorted([*forced.tolist(), *sites[is_open].tolist()]))
    found = cost(problem, chosen)
    bound = _rounded(problem, float(problem.cost[forced].sum()) + least, found)
    status = Status.PROVEN if bound == found else Status.BOUNDED
    return SetCoveringAnswer(sites=chosen, cost=found, lower_bound=bound, status=status)


def _reduced(problem: SetCoveringProblem) -> tuple[Longs, Longs, Reach]:
    """Sites that are open in any case, those that may be besides, and what these cover."""
    if problem.wanted is None and problem.times == 1:
        return core_of(problem.first, problem.site, problem.cost)
    # Where all is to be covered, points of no weight are as well.
    weight = np.ones(problem.demand) if problem.wanted is None else problem.weights
    every = CoverageProblem(weight=weight, first=problem.first, site=problem.site, sites=problem.sites, p=1)
    merged = reach_of(every)
    reach = keep_points(merged, np.diff(merged.first_site) >= problem.times)
    left = needed(reach, problem.cost) if problem.times == 1 else np.ones(problem.sites, dtype=np.bool_)
    return np.zeros(0, dtype=np.int64), np.flatnonzero(left), narrowed(reach, left)


class _Search:
    """For the cheapest choice of what is left, and its bound."""

    def __init__(self, problem: SetCoveringProblem, reach: Reach, prices: Floats, until_s: float, seed: int) -> None:
        self._problem, self._reach, self._prices, self._until_s, self._seed = problem, reach, prices, until_s, seed
        total = float(reach.weight.sum())
        self._wanted = total if problem.wanted is None else min(total, problem.wanted)
        self._slack = SLACK * total
        self._unit = 1.0 - 1e-6 if problem.is_whole else max(TINY, TINY * float(problem.cost.sum()))
        self._best = cover_greedily(reach, prices, times=problem.times, wanted=self._wanted - self._slack)
        self._least = 0.0

    def answer(self) -> tuple[Bools, float]:
        """The cheapest found, and what none can undercut."""
        self._close(SOON_SHARE * self._left_s())
        if not self._is_proven() and self._left_s() > 0.0:
            self._relax(RELAX_SHARE * self._left_s())
            self._exchange(EXCHANGE_SHARE * self._left_s())
            if not self._is_proven():
                self._close(self._left_s())
        return self._best, self._least

    def _close(self, seconds: float) -> None:
        """The integer programme, from the best choice on."""
        problem, reach, prices, unit = self._problem, self._reach, self._prices, self._unit
        if problem.wanted is None:
            told = cover_all(reach, prices, times=problem.times, unit=unit, seconds=seconds, start=self._best)
        else:
            wanted = self._wanted
            told = cover_enough(
                reach, prices, times=problem.times, wanted=wanted, unit=unit, seconds=seconds, start=self._best
            )
        if told.values is not None:
            self._keep(told.values[: len(self._prices)] > 0.5)
        self._least = max(self._least, told.bound)

    def _relax(self, seconds: float) -> None:
        """Prices of points, where all are to be covered: for many sites a bound long before the programme has one."""
        times, until_s = self._problem.times, time.monotonic() + seconds
        if self._problem.wanted is None:
            bound = relax(
                self._reach, self._prices, self._cost(), times=times, is_over=lambda: time.monotonic() > until_s
            )
            self._least = max(self._least, bound * (1.0 - TINY))

    def _exchange(self, seconds: float) -> None:
        """Cheaper choices one after the other; of equal costs and for a part of the demand, by covering more."""
        problem = self._problem
        if problem.wanted is not None and problem.times == 1 and np.ptp(self._prices) == 0.0:
            wanted = self._wanted - self._slack
            fewer = fewest(self._reach, self._best, wanted=wanted, seconds=seconds, seed=self._seed)
            self._keep(fewer.is_open)
            self._least = max(self._least, fewer.least * float(self._prices[0]))
            return
        until_s = time.monotonic() + seconds
        spare = 0.0 if problem.wanted is None else float(self._reach.weight.sum()) - self._wanted + self._slack
        state = state_of(self._reach, self._best, self._prices, times=problem.times, is_part=problem.wanted is not None)
        chance, found_at = chance_of(self._seed), 0
        while time.monotonic() < until_s and int(state.tally[STEP]) - found_at < STALE * len(self._prices):
            limit = self._cost() - self._unit
            if cover_for(self._reach, self._prices, problem.times, spare, limit, state, chance, STEPS):
                if not self._keep(state.is_open.copy()):
                    # Sums that changed step by step are off at the end.
                    break
                found_at = int(state.tally[STEP])

    def _keep(self, is_open: Bools) -> bool:
        """Note a choice if it does what is asked and is cheaper; whether it is."""
        is_better = float(self._prices[is_open].sum()) < self._cost() and self._does(is_open)
        if is_better:
            self._best = is_open
        return is_better

    def _does(self, is_open: Bools) -> bool:
        """Whether a choice covers so much."""
        reach = self._reach
        point = np.repeat(np.arange(len(reach.weight)), np.diff(reach.first_site))
        met = np.bincount(point[is_open[reach.site]], minlength=len(reach.weight)) >= self._problem.times
        return float(reach.weight[met].sum()) >= self._wanted - self._slack

    def _cost(self) -> float:
        return float(self._prices[self._best].sum())

    def _is_proven(self) -> bool:
        return self._least >= self._cost() - self._unit * ENOUGH

    def _left_s(self) -> float:
        return self._until_s - time.monotonic()


def _rounded(problem: SetCoveringProblem, bound: float, found: float) -> float:
    """The bound with what is known of costs: whole numbers, or sums of floats that may be off at the end."""
    tiny = TINY * float(problem.cost.sum())
    bound = max(0.0, float(np.ceil(bound - 1e-6)) if problem.is_whole else bound - tiny)
    return found if bound >= found - 3 * tiny else bound
