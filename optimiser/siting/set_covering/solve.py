"""Open the cheapest sites that cover what has to be, and prove that none are cheaper."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from optimiser.siting.coverage.problem import CoverageProblem
from optimiser.siting.coverage.reach import Bools, Reach, narrowed, reach_of
from optimiser.siting.set_covering.cost import cost
from optimiser.siting.set_covering.greedy import cover_greedily
from optimiser.siting.set_covering.problem import SLACK, Floats, Longs, SetCoveringProblem
from optimiser.siting.set_covering.programme import cover_all, cover_enough
from optimiser.siting.set_covering.reduction import core_of, keep_points, needed
from optimiser.siting.status import Status

TINY = 1e-9
"""Of the cost of all sites, the allowance for sums of floating-point numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCoveringAnswer:
    """A choice of sites and what none can undercut."""

    sites: tuple[int, ...]
    """In order."""
    cost: float
    lower_bound: float
    status: Status


def solve(problem: SetCoveringProblem, *, seconds: float) -> SetCoveringAnswer:
    """
    Cheapest choice found in `seconds` of wall time, with a proven bound.

    Points and sites that do not matter left out, sites that have to be open opened, a greedy choice, and an integer
    programme.
    """
    until_s = time.monotonic() + seconds
    forced, sites, reach = _reduced(problem)
    prices = problem.cost[sites]
    least = 0.0
    is_open = np.zeros(len(sites), dtype=np.bool_)
    if len(reach.weight):
        is_open, least = _close(problem, reach, prices, until_s - time.monotonic())
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


def _close(problem: SetCoveringProblem, reach: Reach, prices: Floats, seconds: float) -> tuple[Bools, float]:
    """The cheapest choice found of what is left, and its bound."""
    total = float(reach.weight.sum())
    wanted = total if problem.wanted is None else min(total, problem.wanted)
    greedy = cover_greedily(reach, prices, times=problem.times, wanted=wanted - SLACK * total)
    unit = 1.0 - 1e-6 if problem.is_whole else max(TINY, TINY * float(problem.cost.sum()))
    if problem.wanted is None:
        told = cover_all(reach, prices, times=problem.times, unit=unit, seconds=seconds, start=greedy)
    else:
        told = cover_enough(reach, prices, times=problem.times, wanted=wanted, unit=unit, seconds=seconds)
    if told.values is not None:
        found = told.values[: len(prices)] > 0.5
        if float(prices[found].sum()) < float(prices[greedy].sum()) and _does(reach, found, problem.times, wanted):
            greedy = found
    return greedy, max(0.0, told.bound)


def _does(reach: Reach, is_open: Bools, times: int, wanted: float) -> bool:
    """Whether a choice covers so much."""
    point = np.repeat(np.arange(len(reach.weight)), np.diff(reach.first_site))
    met = np.bincount(point[is_open[reach.site]], minlength=len(reach.weight)) >= times
    return float(reach.weight[met].sum()) >= wanted - SLACK * float(reach.weight.sum())


def _rounded(problem: SetCoveringProblem, bound: float, found: float) -> float:
    """The bound with what is known of costs: whole numbers, or sums of floats that may be off at the end."""
    tiny = TINY * float(problem.cost.sum())
    bound = float(np.ceil(bound - 1e-6)) if problem.is_whole else bound
    return found if bound >= found - 2 * tiny else max(0.0, bound - tiny)
