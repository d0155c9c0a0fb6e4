"""Where a search stands: the best choice, the bound, what is fixed, and the time; threads may share it."""

from __future__ import annotations

import threading
import time
from typing import NamedTuple

import numpy as np

from optimiser.siting.coverage.alike import Alike, alike_of
from optimiser.siting.coverage.problem import CoverageProblem
from optimiser.siting.coverage.reach import Bools, Longs, Reach, narrowed, reach_of, undominated
from optimiser.siting.coverage.relaxation import CLOSED, FREE

ALIKE = 15
"""Sites for each that reach much the same and are tried in its place."""
UNLIKELY = 0.2
"""Of the sites of a better choice, how many may be others than likely ones."""
LACKING = 0.1
"""Of what a site of a better choice may lack in the mean, what those lack among which new choices begin."""
TINY = 1e-9
"""Relative allowance for sums of floating-point numbers."""


class Ground(NamedTuple):
    """Sites among which choices are searched, and who reaches whom there."""

    sites: Longs
    """Their numbers among all that are left."""
    reach: Reach
    alike: Alike

    def spread(self, is_open: Bools, count: int) -> Bools:
        """A choice of these sites as one of all, of which there are so many."""
        spread = np.zeros(count, dtype=np.bool_)
        spread[self.sites[is_open]] = True
        return spread


class Standing:
    """Of the sites that are left once those are left out that others can stand for."""

    def __init__(self, problem: CoverageProblem, *, seconds: float, enough: float | None = None) -> None:
        self._started_s, self._seconds, self._enough = time.monotonic(), seconds, enough
        whole = reach_of(problem)
        is_left = undominated(whole)
        self.sites = np.flatnonzero(is_left)
        """Their numbers in the problem."""
        self.reach = narrowed(whole, is_left)
        self.alike = alike_of(self.reach, ALIKE)
        self.p = min(problem.p, len(self.sites))
        self.fixed = np.full(len(self.sites), FREE, dtype=np.int8)
        self.lack = np.zeros(len(self.sites))
        """Of what a site has to be worth to be open in the relaxation, by the best prices known; 0 where it is."""
        self.share = np.zeros(len(self.sites))
        """How much each is open in the linear programme, where that is known."""
        self.best = np.zeros(len(self.sites), dtype=np.bool_)
        self.known = 0.0
        self.bound = float(self.reach.weight.sum())
        self.is_whole = problem.is_whole
        self._lock = threading.Lock()
        self.core = self.ground()
        """Where new choices begin: all that is left, unless it is told which few sites good ones open."""

    def keep(self, is_open: Bools, reached: float) -> None:
        """Note a choice if it is the best."""
        with self._lock:
            if reached > self.known + TINY * reached:
                self.known = reached
                self.best[:] = is_open

    def best_choice(self) -> tuple[float, Bools]:
        """What the best choice covers, and a copy of it."""
        with self._lock:
            return self.known, self.best.copy()

    def lower(self, bound: float) -> None:
        """Note a bound; what is fixed for good covers no more than what is known."""
        with self._lock:
            self.bound = min(self.bound, max(bound, self.known))

    def narrow(self) -> Bools:
        """
        Forget sites that stay closed for good, but those of the best choice; which are left.

        Points that then have the same sites are one. No other thread may be at work.
        """
        left: Bools = (self.fixed != CLOSED) | self.best
        fixed = self.fixed[left]
        fixed[fixed == CLOSED] = FREE
        self.reach, self.sites, self.best, self.fixed = (
            narrowed(self.reach, left),
            self.sites[left],
            self.best[left],
            fixed,
        )
        self.lack, self.share, self.alike = self.lack[left], self.share[left], alike_of(self.reach, ALIKE)
        self.core = self.ground()
        return left

    def ground(self) -> Ground:
        """All that is left."""
        return Ground(np.arange(len(self.sites)), self.reach, self.alike)

    def concentrate(self) -> None:
        """
        Begin new choices among the best one's sites and those alone that lack next to nothing.

        There are far fewer points that differ in which of these reach them: exchanges take a fraction of the time.
        """
        least = LACKING * max(self.bound - self.known, 0.0) / self.p
        left = self.best_choice()[1] | ((self.fixed != CLOSED) & (self.lack <= least))
        if int(left.sum()) >= 2 * self.p:
            reach = narrowed(self.reach, left)
            self.core = Ground(np.flatnonzero(left), reach, alike_of(reach, ALIKE))

    def likely(self) -> Bools:
        """
        Free sites that a better choice is likely to open.

        What its sites lack is in all no more than what bound and best choice differ by, so few lack far more than most.
        """
        is_free: Bools = self.fixed == FREE
        is_likely: Bools = is_free & (self.lack <= max(self.bound - self.known, 0.0) / (UNLIKELY * self.p))
        return is_likely if int(is_likely.sum()) >= 2 * self.p else is_free

    def unit(self) -> float:
        """By less than this no choice is told to cover more than the best: whole numbers differ by 1."""
        return 1.0 - 1e-6 if self.is_whole else max(TINY, TINY * self.known)

    def limit(self) -> float:
        """A bound from here down proves the best choice."""
        return self.known + self.unit()

    def is_proven(self) -> bool:
        """Whether nothing can be better by a unit; or, where it is asked for so much alone, whether that can be."""
        if self._enough is not None and (self.known >= self._enough or self.bound < self._enough):
            return True
        return self.bound <= self.limit()

    def rounded(self, found: float) -> float:
        """The bound with what is known of weights: whole numbers, or sums of floats that may be off at the end."""
        bound = float(np.floor(self.bound + 1e-6)) if self.is_whole else self.bound
        return found if bound <= found + 2 * TINY * abs(found) else bound + TINY * abs(bound)

    def gap(self) -> float:
        """What may be missing, of the bound."""
        return (self.bound - self.known) / self.bound if self.bound > 0 else 0.0

    def free(self) -> int:
        """Sites that may still be either."""
        return int((self.fixed == FREE).sum())

    def over(self) -> float:
        """Of the time, what is used up."""
        return (time.monotonic() - self._started_s) / max(self._seconds, 1e-6)

    def left_s(self) -> float:
        """Of the time, what is left."""
        return self._seconds - (time.monotonic() - self._started_s)

    def is_over(self) -> bool:
        """Whether time is up."""
        return self.left_s() <= 0.0

    def end(self) -> None:
        """Say that time is up: others end."""
        self._seconds = 0.0
