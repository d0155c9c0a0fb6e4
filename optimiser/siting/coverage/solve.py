"""Choose the sites that cover most and prove how good the choice is."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from optimiser.siting.coverage.annealing import COLD, HOT, MOVES, Annealing
from optimiser.siting.coverage.brood import FIRST, Brood
from optimiser.siting.coverage.cost import covered
from optimiser.siting.coverage.linear import bound_linearly
from optimiser.siting.coverage.problem import CoverageProblem
from optimiser.siting.coverage.programme import close
from optimiser.siting.coverage.reach import Bools, narrowed
from optimiser.siting.coverage.relaxation import CLOSED, PATIENT, SHORTEST, STALE, descend, dual_of, relax
from optimiser.siting.coverage.standing import Standing
from optimiser.siting.coverage.tightening import Tightening
from optimiser.siting.status import Status

STEPS = 100
"""Subgradient steps between two looks at the choice that they suggest, and at the clock."""
FIRST_SHARE, SHARE = 0.1, 0.1
"""Of the time, for exchanges before the bound, and from each later start; at most."""
LARGE = 500_000
"""Pairs from which on the bound of the linear programme is looked for at once, in the second thread."""
SOON_SHARE, SETTLED = 0.02, 0.1
"""There, of the time, for exchanges before it; of the free sites, what steps on the bound have to settle to go on."""
FIRST_MOVES, MORE_MOVES = 200, 4000
"""The same as exchanges for each site."""
WARM = HOT / 2
"""Temperature from which the best choice is searched on."""
BRED_SHARE = 0.35
"""Of the time, for breeding choices between two joins."""
JOINED_SHARE, BETWEEN_SHARE = 0.15, 0.05
"""Of the time, for joining choices, at most, and for the same while choices are bred."""
PAIRS_A_SECOND = 20_000
"""Of points and sites: with less time for them a programme has no bound, and cannot be broken off."""
MANY = 0.3
"""Of all sites, from which on those that stay closed are forgotten."""
RUNS = 120
"""Short runs in all the time there is, from which on choices are bred, in both threads where there are few pairs."""
WIDE = 2e-3
"""Gap from which on both threads breed."""
FEW, NEAR = 500, 1e-3
"""Free sites, or a gap, from which an integer programme may prove the best choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageAnswer:
    """A choice of sites and what none can exceed."""

    sites: tuple[int, ...]
    """In order."""
    covered: float
    upper_bound: float
    status: Status


def solve(problem: CoverageProblem, *, seconds: float, seed: int = 1, enough: float | None = None) -> CoverageAnswer:
    """
    Best choice found in `seconds` of wall time, with a proven bound; the first that covers enough, where that is asked.

    Points and sites merged, simulated annealing, Lagrangian relaxation, sites fixed by reduced worths; then an integer
    programme where little is left, else more steps on the bound beside more annealing, in two threads, and good choices
    joined. What ends before time is up is repeatable up to where two threads begin. `enough` ends all of it: with a
    choice that covers so much, or a bound below that.
    """
    return _Search(problem, seconds=seconds, seed=seed, enough=enough).answer()


class _Search:
    """One search, and the choices that may be joined."""

    def __init__(self, problem: CoverageProblem, *, seconds: float, seed: int, enough: float | None) -> None:
        self._problem, self._now = problem, Standing(problem, seconds=seconds, enough=enough)
        self._main, self._other = (Annealing(self._now, seed=seed, stream=stream) for stream in range(2))
        self._brood = Brood(self._now, seed=seed)
        self._is_large = len(self._now.reach.site) >= LARGE
        self._is_quick = False
        """Whether there is time for many short runs."""

    def answer(self) -> CoverageAnswer:
        """Search until the choice is proven or time is up."""
        now = self._now
        if now.p < len(now.sites) and self._is_large:
            self._main.from_a_start(SOON_SHARE, FIRST_MOVES)
            if not now.is_proven():
                self._search_on()
        elif now.p < len(now.sites):
            self._main.from_a_start(FIRST_SHARE, FIRST_MOVES)
            self._tighten_bound(self._main, STALE)
            if not now.is_proven() and now.free() <= FEW:
                self._main.from_a_start(min(1.0 - now.over(), SHARE), MORE_MOVES)
                self._close(self._main)
            if not (now.is_proven() or now.is_over()):
                self._search_on()
        else:
            now.best[:] = True
        sites = self._filled([int(site) for site in now.sites[now.best]])
        found = covered(self._problem, sites)
        bound = now.rounded(found)
        return CoverageAnswer(
            sites=sites,
            covered=found,
            upper_bound=bound,
            status=Status.PROVEN if bound == found else Status.BOUNDED,
        )

    def _tighten_bound(self, annealing: Annealing, stale: int, settled: float = 0.0) -> None:
        """Subgradient steps, and choices that they suggest, until the bound hardly falls, or settles too little."""
        now = self._now
        dual, free = dual_of(now.reach, stale), [np.inf, np.inf]
        while not now.is_proven() and dual.pace[0] >= SHORTEST and not now.is_over():
            free.append(now.free())
            if free[-1] > (1.0 - settled) * free[-3]:
                break
            limit, known = now.limit(), now.known
            now.lower(descend(now.reach, now.p, now.fixed, dual, limit=limit, known=known, steps=STEPS))
            if np.isfinite(relax(now.reach, now.p, now.fixed, dual)):
                annealing.from_choice(dual.chosen, COLD, 1.0, MOVES)

    def _search_on(self) -> None:
        """In a second thread, what bounds and then helps; here, new choices, and what comes of joining them."""
        now = self._now
        self._is_quick = not self._is_large and self._main.is_quick(RUNS, FIRST)
        with ThreadPoolExecutor(1) as pool:
            beside = pool.submit(self._bound)
            try:
                while not (now.is_proven() or now.is_over()):
                    self._look_round(beside.done)
                    if beside.done() and not (now.is_proven() or now.is_over()):
                        beside.result()
                        self._narrow()
                        beside = pool.submit(self._beside)
            finally:
                now.end()
            beside.result()

    def _look_round(self, is_enough: Callable[[], bool]) -> None:
        """New choices, bred where there is time for many, and joined, and the best one searched on."""
        now, core, started = self._now, self._now.core, self._now.over()
        if self._are_bred():
            while self._are_bred() and not (now.is_over() or is_enough() or now.over() >= started + BRED_SHARE):
                self._brood.breed(self._main)
        else:
            for _ in range(2):
                self._main.from_a_start(SHARE, np.inf, lambda: is_enough() or now.core is not core)
        if not is_enough():
            self._join()
            if self._are_bred():
                self._renew()
            else:
                self._main.from_choice(now.best, WARM, SHARE, np.inf)

    def _are_bred(self) -> bool:
        """Whether both threads breed: where long runs alone come near the bound, one goes on with these."""
        return self._is_quick and self._now.gap() > WIDE

    def _renew(self) -> None:
        """For a share of the time, what is around one place of the best choice after the other annealed anew."""
        now, started = self._now, self._now.over()
        while not (now.is_proven() or now.is_over() or now.over() >= started + SHARE):
            self._main.from_child(now.best_choice()[1], self._brood.district(), HOT, FIRST)

    def _beside(self) -> None:
        """The integer programme where it may prove the best, then more choices, bred where there is time for many."""
        now = self._now
        if now.gap() <= NEAR or now.free() <= FEW:
            self._close(self._other)
        if self._is_large:
            self._brood.breed(self._other)
        is_quick = self._is_quick or (self._is_large and self._other.is_quick(RUNS, FIRST))
        while not (now.is_proven() or now.is_over()):
            if is_quick:
                self._brood.breed(self._other)
                continue
            self._other.from_a_start(SHARE, np.inf)
            self._other.from_choice(now.best, WARM, SHARE, np.inf)

    def _narrow(self) -> None:
        """Go on with what is left alone."""
        left = self._now.narrow()
        for annealing in (self._main, self._other):
            annealing.narrow(left)
        self._brood.narrow(left)
        if self._is_large:
            self._now.concentrate()

    def _bound(self) -> None:
        """
        Come to the bound of the linear programme, as near as there is time for, and fix what follows.

        Ends where so many sites stay closed that all is to go on without them; else goes on itself.
        """
        now = self._now
        if self._is_large:
            self._tighten_bound(self._other, STALE, SETTLED)
        most = bound_linearly(now)
        if most is None:
            self._tighten_bound(self._other, PATIENT)
        elif not (now.is_proven() or now.is_over()):
            self._other.from_choice(most, COLD, 1.0, MOVES)
        if self._is_open():
            if self._is_large:
                now.concentrate()
                if now.gap() > NEAR:
                    Tightening(now).go_on()
            if self._is_open():
                self._beside()

    def _is_open(self) -> bool:
        """Whether few sites stay closed."""
        return float((self._now.fixed == CLOSED).mean()) < MANY

    def _close(self, annealing: Annealing) -> None:
        """Hand what is left to an integer programme, where there is time for it."""
        now = self._now
        left = now.fixed != CLOSED
        reach = narrowed(now.reach, left)
        if now.is_proven() or len(reach.site) > PAIRS_A_SECOND * now.left_s():
            return
        closed = close(reach, now.p, now.fixed[left], now.best[left], unit=now.unit(), seconds=now.left_s())
        if closed.is_open is not None:
            annealing.from_choice(_spread(closed.is_open, left), COLD, 1.0, MOVES)
        now.lower(closed.bound)

    def _join(self) -> None:
        """The best choice of sites that good choices open, by an integer programme; it says nothing of the bound."""
        now = self._now
        left = np.logical_or.reduce([now.best, *self._main.good(), *self._other.good(), *self._brood.choices()])
        reach, seconds = narrowed(now.reach, left), now.left_s()
        if now.is_proven() or int(left.sum()) == now.p or len(reach.site) > PAIRS_A_SECOND * seconds:
            return
        share = BETWEEN_SHARE if self._are_bred() else JOINED_SHARE
        seconds = min(seconds, share * seconds / max(1.0 - now.over(), 1e-6))
        fixed = np.zeros(int(left.sum()), dtype=np.int8)
        closed = close(reach, now.p, fixed, now.best[left], unit=now.unit(), seconds=seconds)
        if closed.is_open is not None:
            self._main.from_choice(_spread(closed.is_open, left), COLD, 1.0, MOVES)

    def _filled(self, sites: list[int]) -> tuple[int, ...]:
        """As many sites as are asked for: what is still missing covers nothing more."""
        taken = set(sites)
        others = (site for site in range(self._problem.sites) if site not in taken)
        return tuple(sorted([*sites, *(next(others) for _ in range(self._problem.p - len(sites)))]))


def _spread(is_open: Bools, left: Bools) -> Bools:
    """A choice of the sites that are left as one of all."""
    spread = np.zeros(len(left), dtype=np.bool_)
    spread[np.flatnonzero(left)[is_open]] = True
    return spread
