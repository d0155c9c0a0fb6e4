"""Choose the sites that cover most and prove how good the choice is."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from optimiser.basics.chance import chance_of
from optimiser.siting.coverage.cost import covered
from optimiser.siting.coverage.exchange import Choice, anneal, choice_of, fill, open_site
from optimiser.siting.coverage.problem import CoverageProblem
from optimiser.siting.coverage.programme import close
from optimiser.siting.coverage.reach import Bools, narrowed, reach_of, undominated
from optimiser.siting.coverage.relaxation import CLOSED, FREE, OPEN, SHORTEST, descend, dual_of, relax
from optimiser.siting.status import Status

STEPS = 100
"""Subgradient steps between two looks at the choice that they suggest."""
MOVES = 20_000
"""Exchanges between two looks at the clock."""
HOT, COLD = 0.03, 0.001
"""Temperatures at the start and at the end, of what an open site covers on average."""
FIRST_SHARE, SHARE = 0.1, 0.4
"""Of the time, for exchanges before the bound, and until an integer programme has the rest; at most."""
FIRST_MOVES, MORE_MOVES = 200, 4000
"""The same as exchanges for each site."""
GREED = 0.7
"""Of what a site wins, that counts in a start for sure."""
PAIRS_A_SECOND = 20_000
"""Of points and sites: with less time for them the integer programme has no first bound, and cannot be broken off."""
TINY = 1e-9
"""Relative allowance for sums of floating-point numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageAnswer:
    """A choice of sites and what none can exceed."""

    sites: tuple[int, ...]
    """In order."""
    covered: float
    upper_bound: float
    status: Status


def solve(problem: CoverageProblem, *, seconds: float, seed: int = 1) -> CoverageAnswer:
    """
    Best choice found in `seconds` of wall time, with a proven bound.

    Points and sites merged, simulated annealing, Lagrangian relaxation, sites fixed by reduced worths, and an
    integer programme over the rest.
    """
    return _Search(problem, seconds=seconds, seed=seed).answer()


class _Search:
    """Keeps the best choice, the bound, and which sites can still be either."""

    def __init__(self, problem: CoverageProblem, *, seconds: float, seed: int) -> None:
        self.problem = problem
        self._started_s, self._seconds = time.monotonic(), seconds
        self._random, self._chance = np.random.default_rng(seed), chance_of(seed)
        whole = reach_of(problem)
        is_left = undominated(whole)
        self._sites = np.flatnonzero(is_left)
        """Sites that are left."""
        self._reach = narrowed(whole, is_left)
        self.p = min(problem.p, len(self._sites))
        self._fixed = np.zeros(len(self._sites), dtype=np.int8)
        self._best = np.zeros(len(self._sites), dtype=np.bool_)
        self._known = 0.0
        self._bound = float(self._reach.weight.sum())

    def answer(self) -> CoverageAnswer:
        """Search until the choice is proven or time is up."""
        if self.p < len(self._sites):
            self._search(FIRST_SHARE, FIRST_MOVES)
            self._tighten_bound()
            if not self._is_proven():
                left = 1.0 - self._over()
                self._search(min(left, max(FIRST_SHARE, left - 1.0 + SHARE)), MORE_MOVES)
            if not self._is_proven() and not self._is_over():
                self._close()
            while not self._is_proven() and not self._is_over():
                self._search(1.0 - self._over(), np.inf)
        else:
            self._best[:] = True
        sites = self._filled([int(site) for site in self._sites[self._best]])
        found = covered(self.problem, sites)
        bound = self._rounded(found)
        return CoverageAnswer(
            sites=sites,
            covered=found,
            upper_bound=bound,
            status=Status.PROVEN if bound == found else Status.BOUNDED,
        )

    def _search(self, share: float, moves: float) -> None:
        """Exchanges from a choice of its own, for a share of the time and so many for each site at most."""
        choice = self._choice(self._fixed == OPEN)
        left = self.p - int(choice.is_open.sum())
        draws = self._random.random((left, len(self._sites)))
        fill(self._reach, choice, self._fixed == FREE, left, draws, GREED)
        self._anneal(choice, HOT, share, moves * len(self._sites))

    def _choice(self, is_open: Bools) -> Choice:
        """These sites open."""
        choice = choice_of(self._reach)
        for site in np.flatnonzero(is_open):
            open_site(self._reach, choice, int(site))
        return choice

    def _anneal(self, choice: Choice, hot: float, share: float, most: float) -> None:
        """Exchanges from a choice on, ever colder, for a share of the time and so many at most."""
        reached = own = float(self._reach.weight[choice.times > 0].sum())
        best, free = choice.is_open.copy(), self._fixed == FREE
        self._keep(best, own)
        started, unit, done = self._over(), reached / self.p, 0
        while not self._is_proven():
            fraction = max(done / most, (self._over() - started) / max(share, 1e-9))
            if fraction >= 1.0:
                break
            temperature, moves = unit * hot * (COLD / hot) ** fraction, int(min(MOVES, most - done))
            reached, own = anneal(self._reach, choice, free, best, reached, own, self._chance, temperature, moves)
            self._keep(best, own)
            done += moves

    def _keep(self, is_open: Bools, reached: float) -> None:
        if reached > self._known + TINY * reached:
            self._known = reached
            self._best[:] = is_open

    def _tighten_bound(self) -> None:
        """Subgradient steps, and a choice from those that they suggest, until the bound hardly falls."""
        dual = dual_of(self._reach)
        while not self._is_proven() and dual.pace[0] >= SHORTEST and not self._is_over():
            limit, known = self._limit(), self._known
            bound = descend(self._reach, self.p, self._fixed, dual, limit=limit, known=known, steps=STEPS)
            self._bound = min(self._bound, max(bound, self._known))
            if np.isfinite(relax(self._reach, self.p, self._fixed, dual)):
                self._anneal(self._choice(dual.chosen), COLD, 1.0, MOVES)

    def _close(self) -> None:
        """Hand what is left to an integer programme, where there is time for it."""
        left = self._fixed != CLOSED
        reach = narrowed(self._reach, left)
        seconds = self._seconds - (time.monotonic() - self._started_s)
        if len(reach.site) > PAIRS_A_SECOND * seconds:
            return
        closed = close(reach, self.p, self._fixed[left], self._best[left], unit=self._unit(), seconds=seconds)
        if closed.is_open is not None:
            is_open = np.zeros(len(self._sites), dtype=np.bool_)
            is_open[np.flatnonzero(left)[closed.is_open]] = True
            self._anneal(self._choice(is_open), COLD, 1.0, MOVES)
        # What is closed for good covers no more than what is known.
        self._bound = min(self._bound, max(self._known, closed.bound))

    def _filled(self, sites: list[int]) -> tuple[int, ...]:
        """As many sites as are asked for: what is still missing covers nothing more."""
        taken = set(sites)
        others = (site for site in range(self.problem.sites) if site not in taken)
        return tuple(sorted([*sites, *(next(others) for _ in range(self.problem.p - len(sites)))]))

    def _unit(self) -> float:
        """By less than this no choice is told to cover more than the best: whole numbers differ by 1."""
        return 1.0 - 1e-6 if self.problem.is_whole else max(TINY, TINY * self._known)

    def _limit(self) -> float:
        """A bound from here down proves the best choice."""
        return self._known + self._unit()

    def _rounded(self, found: float) -> float:
        """The bound with what is known of weights: whole numbers, or sums of floats that may be off at the end."""
        bound = float(np.floor(self._bound + 1e-6)) if self.problem.is_whole else self._bound
        return found if bound <= found + 2 * TINY * abs(found) else bound + TINY * abs(bound)

    def _is_proven(self) -> bool:
        return self._bound <= self._limit()

    def _over(self) -> float:
        """Of the time, what is used up."""
        return (time.monotonic() - self._started_s) / max(self._seconds, 1e-6)

    def _is_over(self) -> bool:
        return self._over() >= 1.0
