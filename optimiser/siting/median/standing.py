"""Where a search stands: the best choice, the bound, the sites that are left, and the time; threads may share it."""

from __future__ import annotations

import threading
import time
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimiser.siting.median.nearness import Bools, Nearness, narrowed, shortened
from optimiser.siting.median.relaxation import CLOSED, Fixed

LISTED = 12
"""Nearest sites of a point that interchange looks at, for each that there is to an open one."""
TINY = 1e-9
"""Relative allowance for sums of floating-point numbers."""


class Ground(NamedTuple):
    """Sites that are left, and demand."""

    nearness: Nearness
    short: Nearness
    """What interchange looks at: lists that hardly ever end before an open site, where that makes them much shorter."""
    sites: NDArray[np.int64]
    """Their numbers in the problem."""
    fixed: Fixed
    """Which of them stay open, or closed; changed in place."""


class Standing:
    """Of a p-median; of a part of one, for as long as that of the whole is not proven."""

    def __init__(
        self, nearness: Nearness, p: int, *, is_whole: bool, until_s: float, within: Standing | None = None
    ) -> None:
        self.p, self.is_whole, self.until_s, self._within = p, is_whole, until_s, within
        self.best = np.zeros(nearness.sites, dtype=np.bool_)
        self.known, self.bound = np.inf, 0.0
        self._lock = threading.Lock()
        self.ground = self._ground(nearness, np.arange(nearness.sites), np.zeros(nearness.sites, dtype=np.int8))

    def _ground(self, nearness: Nearness, sites: NDArray[np.int64], fixed: Fixed) -> Ground:
        most = LISTED * nearness.sites // self.p
        is_shorter = most * nearness.points < len(nearness.near) / 2
        return Ground(nearness, shortened(nearness, most) if is_shorter else nearness, sites, fixed)

    def reduce(self) -> None:
        """Forget the sites that no better choice opens; whoever searches among them goes on, but not from there."""
        ground, left = self.ground, self.ground.fixed != CLOSED
        self.ground = self._ground(narrowed(ground.nearness, left), ground.sites[left], ground.fixed[left])

    def keep(self, ground: Ground, is_open: Bools, total: float) -> None:
        """Note a choice if none is better. One that costs the same is as good, and another place to go on from."""
        with self._lock:
            if total <= self.known:
                self.known = total
                self.best[:] = False
                self.best[ground.sites[is_open]] = True

    def lift(self, bound: float) -> None:
        """Note a bound; what is fixed for good costs no less than what is known."""
        with self._lock:
            self.bound = max(self.bound, min(self.known, bound))

    def unit(self) -> float:
        """By less than this no choice is told to be cheaper than the best: whole numbers differ by 1."""
        return 1.0 - 1e-6 if self.is_whole else TINY * self.known

    def limit(self) -> float:
        """A bound from here on proves the best choice."""
        return self.known - self.unit()

    def is_proven(self) -> bool:
        """Whether nothing can be better by a unit."""
        return self.bound >= self.limit()

    def rounded(self, found: float) -> float:
        """The bound with what is known of costs: whole numbers, or sums of floats that may be off at the end."""
        bound = float(np.ceil(self.bound - 1e-6)) if self.is_whole else self.bound
        return found if bound >= found - 2 * TINY * abs(found) else bound - TINY * abs(bound)

    def left_s(self) -> float:
        """Of the time, what is left."""
        if self._within is not None and self._within.is_proven():
            return 0.0
        return self.until_s - time.monotonic()

    def is_over(self) -> bool:
        """Whether time is up."""
        return self.left_s() <= 0.0
