"""The bound over all phases: each phase by itself, with all the money that has come by then."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np

from optimiser.siting.arrays import Arrays
from optimiser.siting.bound.relaxation import Relaxation
from optimiser.siting.groups import Groups
from optimiser.siting.problem import Site, SitingProblem

SHORTEST = 0.002
"""Of a step; shorter ones hardly change the bound any more."""
FIRST_STEPS, TURN = 150, 20
"""Of each phase before the next has its first turn, and a later one."""


class Bound:
    """
    What no plan can bring, over all phases.

    A phase that could begin anew, and spend everything that has come by its end at once, brings at least what it brings
    in any plan; so the sum of such phases is a bound.
    """

    def __init__(self, problem: SitingProblem, groups: Groups) -> None:
        self._weight = [phase.weight for phase in problem.wishes.phases]
        self._phase = _reachable_values(problem, groups)
        self._whole = np.inf
        self._relaxations: list[Relaxation] = []
        self._known: Sequence[float] = ()
        self._stop = threading.Event()

    @property
    def value(self) -> float:
        """The best bound so far."""
        return min(self._whole, sum(weight * value for weight, value in zip(self._weight, self._phase, strict=True)))

    def lower(self, bound: float) -> None:
        """Note a bound over all phases that was found otherwise."""
        self._whole = min(self._whole, bound)

    def begin(self, arrays: Sequence[Arrays], known: Sequence[float]) -> None:
        """Prepare for steps, given what each phase of a plan brings."""
        self._known = known
        for phase in reversed(range(len(arrays))):
            self._relaxations.insert(0, Relaxation(arrays[phase], guess=max(known[phase], 1e-9)))

    @contextmanager
    def running(self, steps: int | None) -> Iterator[None]:
        """Step in a thread of its own until the block ends, or so many steps for each phase, all of them."""
        with ThreadPoolExecutor(1) as pool:
            beside = pool.submit(self._run, steps)
            try:
                yield
            finally:
                if steps is None:
                    self._stop.set()
            beside.result()

    def _run(self, steps: int | None) -> None:
        """Phase after phase, those first whose steps are still long."""
        taken = [0] * len(self._relaxations)
        for phase in reversed(range(len(taken))):
            if phase + 1 < len(taken):
                self._relaxations[phase].begin_like(self._relaxations[phase + 1])
            while not self._stop.is_set() and not self._is_done(phase, taken[phase], steps):
                self._step(phase)
                taken[phase] += 1
                if steps is None and taken[phase] >= FIRST_STEPS:
                    break
        while not self._stop.is_set():
            left = [phase for phase in range(len(taken)) if not self._is_done(phase, taken[phase], steps)]
            if not left:
                return
            phase = max(left, key=lambda one: self._relaxations[one].pace)
            for _ in range(TURN):
                self._step(phase)
                taken[phase] += 1

    def _is_done(self, phase: int, taken: int, steps: int | None) -> bool:
        return self._relaxations[phase].pace < SHORTEST or (steps is not None and taken >= steps)

    def _step(self, phase: int) -> None:
        relaxation, best = self._relaxations[phase], self._relaxations[phase].bound
        relaxation.step(relaxation.relax(), self._known[phase], best)
        self._phase[phase] = min(self._phase[phase], relaxation.bound)


def _reachable_values(problem: SitingProblem, groups: Groups) -> list[float]:
    """What each phase would bring if everybody had a charger at the best site within reach that can be paid for."""
    values = []
    for number, phase in enumerate(problem.wishes.phases):
        is_usable = np.array(
            [site.is_required or _is_paid(problem, site, number) for site in problem.sites], dtype=bool
        )
        arcs = np.flatnonzero(is_usable[groups.arc_site])
        best = np.zeros(len(groups.example))
        np.maximum.at(best, groups.arc_group[arcs], groups.arc_worth[arcs])
        unit = problem.unit_value[groups.example] * best
        weights = [(item.probability, groups.totals(problem.weights(phase, item))) for item in problem.wishes.scenarios]
        values.append(sum(chance * float(unit @ weight) for chance, weight in weights))
    return values


def _is_paid(problem: SitingProblem, site: Site, phase: int) -> bool:
    """Whether the money that has come by the end of a phase pays for a plug at a site."""
    budgets = [item.budget for item in problem.wishes.phases[: phase + 1]]
    prices = [kind.plug_cost for kind in problem.kinds if problem.may_add(site, kind)]
    if any(budget is None for budget in budgets):
        return bool(prices)
    return bool(prices) and site.open_cost + min(prices) <= math.fsum(budget or 0.0 for budget in budgets) + 1e-9
