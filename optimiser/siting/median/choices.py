"""Looks for better choices: from sites at random, from the best known, and from what relaxations suggest."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from optimiser.basics.chance import chance_of
from optimiser.siting.median.annealing import HEAT, TOTAL, anneal, begin
from optimiser.siting.median.interchange import interchange, serve
from optimiser.siting.median.nearness import Bools, served_of
from optimiser.siting.median.problem import Floats
from optimiser.siting.median.relaxation import FREE, OPEN
from optimiser.siting.median.standing import Ground, Standing

SHAKEN = 60
"""One of so many sites is exchanged at random at most, and one more."""
SUGGESTED = 5
"""Choices near the best that are improved after each suggestion."""
HOT, COLD = 0.3, 0.01
"""Temperatures at the start and at the end, of what an open site costs on average."""
MOVES = 2000
"""Exchanges between two looks at the clock."""
REACHED = 50
"""Points that a site reaches: where they are more on average, fewer exchanges are tried."""


class Choices:
    """For one thread, with chance of its own."""

    def __init__(self, now: Standing, *, seed: int, stream: int = 0) -> None:
        self._now = now
        self._random, self._chance = np.random.default_rng([seed, stream] if stream else seed), chance_of(seed, stream)

    def start(self, count: int) -> None:
        """Improve choices at random."""
        now = self._now
        for _ in range(count):
            if now.is_over() and np.isfinite(now.known):
                break
            ground, fixed = now.ground, now.ground.fixed.copy()
            is_open, free = fixed == OPEN, np.flatnonzero(fixed == FREE)
            is_open[self._random.choice(free, now.p - int(is_open.sum()), replace=False)] = True
            self.improve(ground, is_open)

    def shake(self, count: int) -> None:
        """
        Exchange some sites of the best choice at random, and improve what that gives (Hansen & Mladenovic 1997).

        Until so many in a row have brought nothing.
        """
        now, left, before = self._now, count, self._now.known
        while left > 0 and not now.is_over():
            left = count if now.known < before else left - 1
            before, ground = now.known, now.ground
            is_open = self._near(now.best, ground, 1 + now.p // SHAKEN)
            if is_open is None:
                break
            self.improve(ground, is_open)

    def anneal(self, exchanges: int, seconds: float, is_over: Callable[[], bool]) -> Bools:
        """
        Simulated annealing from the best choice, for so many exchanges for each site and so long at most.

        The choice of the problem's sites that it ends with, also where that is not the best.
        """
        now, ground = self._now, self._now.ground
        is_open = self._near(now.best, ground, 0)
        if is_open is None:
            return now.best.copy()
        may_change, best, figures = ground.fixed == FREE, is_open.copy(), np.zeros(3)
        served = served_of(ground.nearness.points, ground.nearness.sites)
        count = begin(ground.short, is_open, may_change, served, figures)
        unit, begun_s, done = figures[TOTAL] / now.p, time.monotonic(), 0
        moves = exchanges * min(len(is_open), REACHED * len(is_open) ** 2 / max(1, len(ground.short.near)))
        while count and not is_over():
            over = max(done / moves, (time.monotonic() - begun_s) / max(seconds, 1e-9))
            if over >= 1.0:
                break
            figures[HEAT] = unit * HOT * (COLD / HOT) ** over
            anneal(ground.short, is_open, may_change, count, served, best, figures, self._chance, MOVES)
            done += MOVES
        self.improve(ground, best)
        chosen = np.zeros(len(now.best), dtype=np.bool_)
        chosen[ground.sites[best]] = True
        return chosen

    def take_over(self, choice: Bools) -> None:
        """Improve a choice of the problem's sites, or of as many of them as are left."""
        ground = self._now.ground
        is_open = self._near(choice, ground, 0)
        if is_open is not None:
            self.improve(ground, is_open)

    def suggest(self, ground: Ground, share: Floats) -> None:
        """Improve the choice of the sites that a relaxation opens most."""
        is_open = np.zeros(len(share), dtype=np.bool_)
        is_open[np.argsort(-share, kind="stable")[: self._now.p]] = True
        self.improve(ground, is_open)
        self.shake(SUGGESTED)

    def _near(self, choice: Bools, ground: Ground, most: int) -> Bools | None:
        """A choice with one to so many sites exchanged, and those that are not left; None where it cannot be."""
        now, fixed = self._now, ground.fixed.copy()
        may_change = fixed == FREE
        is_open: Bools = choice[ground.sites] & may_change | (fixed == OPEN)
        closing = self._random.permutation(np.flatnonzero(is_open & may_change))
        moved = min(len(closing), int(self._random.integers(1, 1 + most))) if most else 0
        moved = max(moved, int(is_open.sum()) - now.p)
        closed = np.flatnonzero(~is_open & may_change)
        is_open[closing[:moved]] = False
        missing = now.p - int(is_open.sum())
        if not 0 <= missing <= len(closed):
            return None
        is_open[self._random.choice(closed, missing, replace=False)] = True
        return is_open

    def improve(self, ground: Ground, is_open: Bools) -> None:
        """Interchange in place, and keep what comes out if it is the best."""
        points, sites = ground.nearness.points, ground.nearness.sites
        served, order = served_of(points, sites), self._random.permutation(sites).astype(np.int32)
        total = interchange(ground.short, is_open, ground.fixed == FREE, order, served)
        if total <= self._now.known:
            self._now.keep(ground, is_open, serve(ground.nearness, is_open, served))
