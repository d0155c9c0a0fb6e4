"""Choose the stations that cover most flow and prove how good the choice is."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from optimiser.siting.coverage.reach import Bools
from optimiser.siting.flow.cost import covered
from optimiser.siting.flow.interchange import fill, interchange, stations_of
from optimiser.siting.flow.needs import Needs, needs_of
from optimiser.siting.flow.problem import FlowProblem
from optimiser.siting.flow.programme import close
from optimiser.siting.status import Status

STARTS = 20
"""Choices, greedy in part, that are improved before the integer programme."""
START_SHARE = 0.2
"""Of the time, for them at most."""
GREED = 0.6
"""Of what a node wins, that counts in a start for sure."""
PAIRS_A_SECOND = 20_000
"""Of trips and needs: with less time for them the integer programme has no first bound, and cannot be broken off."""
TINY = 1e-9
"""Of all flow, the allowance for sums of floating-point numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowAnswer:
    """A choice of stations and what none can exceed."""

    sites: tuple[int, ...]
    """Nodes, in order."""
    covered: float
    upper_bound: float
    status: Status


def solve(problem: FlowProblem, *, seconds: float, seed: int = 1) -> FlowAnswer:
    """
    Best choice found in `seconds` of wall time, with a proven bound.

    Needs of all arcs merged, interchange from choices that are greedy in part, and an integer programme.
    """
    return _Search(problem, seconds=seconds, seed=seed).answer()


class _Search:
    """Keeps the best choice and the bound."""

    def __init__(self, problem: FlowProblem, *, seconds: float, seed: int) -> None:
        self.problem = problem
        self._started_s, self._seconds = time.monotonic(), seconds
        self._random = np.random.default_rng(seed)
        self._needs: Needs = needs_of(problem)
        self._nodes = len(self._needs.nodes)
        self.p = min(problem.p, self._nodes)
        self._best = np.arange(self._nodes) < self.p
        self._known = 0.0
        self._bound = float(self._needs.flow.sum())
        self._tiny = TINY * self._bound

    def answer(self) -> FlowAnswer:
        """Search until the choice is proven or time is up."""
        if self.p < self._nodes:
            self._start(STARTS, START_SHARE)
            if not self._is_proven() and len(self._needs.need) <= PAIRS_A_SECOND * self._left_s():
                self._close()
            self._start(np.inf, 1.0)
        sites = self._filled()
        found = covered(self.problem, sites)
        bound = self._rounded(found)
        status = Status.PROVEN if bound == found else Status.BOUNDED
        return FlowAnswer(sites=sites, covered=found, upper_bound=bound, status=status)

    def _start(self, count: float, share: float) -> None:
        """Improve so many choices of their own, at least one, within a share of the time."""
        while count > 0 and not self._is_proven():
            stations = stations_of(self._needs)
            won = fill(self._needs, stations, self.p, self._random.random((self.p, self._nodes)), GREED)
            order = self._random.permutation(self._nodes).astype(np.int32)
            self._keep(stations.is_open, interchange(self._needs, stations, order, won))
            count -= 1
            if self._left_s() <= (1.0 - share) * self._seconds:
                break

    def _keep(self, is_open: Bools, reached: float) -> None:
        if reached > self._known + self._tiny:
            self._known = reached
            self._best[:] = is_open

    def _close(self) -> None:
        """Hand it to an integer programme."""
        closed = close(self._needs, self.p, self._best, known=self._known, unit=self._unit(), seconds=self._left_s())
        if closed.is_open is not None:
            sites = self._needs.nodes[closed.is_open].tolist()
            self._keep(closed.is_open, covered(self.problem, sites))
        self._bound = min(self._bound, max(self._known, closed.bound))

    def _filled(self) -> tuple[int, ...]:
        """As many stations as are asked for: what is still missing covers nothing more."""
        taken = self._needs.nodes[self._best].tolist()
        others = np.setdiff1d(np.arange(self.problem.nodes), taken)[: self.problem.p - len(taken)]
        return tuple(sorted([*taken, *others.tolist()]))

    def _unit(self) -> float:
        """By less than this no choice is told to cover more than the best: whole numbers differ by 1."""
        return 1.0 - 1e-6 if self.problem.is_whole else self._tiny

    def _rounded(self, found: float) -> float:
        """The bound with what is known of flows: whole numbers, or sums of floats that may be off at the end."""
        bound = float(np.floor(self._bound + 1e-6)) if self.problem.is_whole else self._bound
        return found if bound <= found + 2 * self._tiny else bound + self._tiny

    def _is_proven(self) -> bool:
        return self._bound <= self._known + max(self._unit(), 2 * self._tiny)

    def _left_s(self) -> float:
        return self._seconds - (time.monotonic() - self._started_s)
