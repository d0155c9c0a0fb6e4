"""The bound over all phases, lowered in a thread beside the search."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np

from optimiser.siting.arrays import Arrays, Floats
from optimiser.siting.bound.apart import Apart
from optimiser.siting.bound.relaxation import Relaxation
from optimiser.siting.bound.settling import settle
from optimiser.siting.bound.tree import Tree
from optimiser.siting.groups import Groups
from optimiser.siting.problem import Site, SitingProblem


class Bound:
    """What no plan can bring, over all phases."""

    def __init__(self, problem: SitingProblem, groups: Groups) -> None:
        self._weight = np.array([phase.weight for phase in problem.wishes.phases])
        self._reachable = _reachable_values(problem, groups)
        self._lowest = float(self._weight @ self._reachable)
        self._relaxation: Relaxation | None = None
        self._apart: Apart | None = None
        self._known = 0.0
        self._stop = threading.Event()

    @property
    def value(self) -> float:
        """The best bound so far."""
        return self._lowest

    def lower(self, bound: float) -> None:
        """Note a bound."""
        self._lowest = min(self._lowest, bound)

    def lower_phase(self, phase: int, bound: float, *, is_closed: bool = False) -> None:
        """Note a bound of a phase by itself, and whether there is nothing left to find out."""
        if self._apart is not None:
            self._apart.lower(phase, bound, is_closed=is_closed)

    def know(self, value: float) -> None:
        """Note what a plan brings."""
        self._known = max(self._known, value)

    def begin(self, arrays: Sequence[Arrays], known: Sequence[float]) -> None:
        """Prepare for steps, given what each phase of a plan brings."""
        self.know(float(self._weight @ known))
        guess = guess_of(np.array(known), self._reachable, np.array([its.limits.money for its in arrays]))
        self._apart = Apart(
            arrays,
            self._weight,
            self._weight * self._reachable,
            known=self._brings,
            is_over=self._stop.is_set,
            tell=self.lower,
        )
        self._relaxation = Relaxation(arrays, weight=self._weight, guess=guess)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Step in a thread of its own until the block ends."""
        with ThreadPoolExecutor(1) as pool:
            beside = pool.submit(self._run)
            try:
                yield
            finally:
                self._stop.set()
            beside.result()

    def step(self, steps: int, *, is_over: Callable[[], bool] = lambda: False) -> None:
        """So many steps, unless it is over before; what is known does not change meanwhile, so that they repeat."""
        assert self._relaxation is not None
        settle(self._relaxation, known=self._brings, is_over=is_over, tell=self.lower, steps=steps)

    def _run(self) -> None:
        """Lower the bound as far as prices do, then branch while there is time, at first phase by phase."""
        relaxation, apart = self._relaxation, self._apart
        assert relaxation is not None
        assert apart is not None
        settle(relaxation, known=self._brings, is_over=self._stop.is_set, tell=self.lower, steps=None)
        if self._stop.is_set():
            return
        if len(self._weight) > 1:
            apart.grow()
        tree = Tree(relaxation, known=self._brings, is_over=self._stop.is_set)
        while not self._stop.is_set() and tree.grow():
            self.lower(tree.bound)

    def _brings(self) -> float:
        """What a plan does, as far as is known."""
        return self._known


def guess_of(known: Floats, reachable: Floats, money: Floats) -> Floats:
    """
    What each phase may bring: what a plan does, and no less than the phase that brings most, for its demand and money.

    A plan that builds late brings nothing early, and prices that begin with nothing hardly get off.
    """
    most = int(known.argmax())
    paid = np.divide(money, max(money[most], 1e-9), out=np.ones_like(money), where=np.isfinite(money))
    guess: Floats = np.maximum(known, known[most] / max(reachable[most], 1e-9) * reachable * np.minimum(paid, 1.0))
    return guess


def _reachable_values(problem: SitingProblem, groups: Groups) -> Floats:
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
    return np.array(values)


def _is_paid(problem: SitingProblem, site: Site, phase: int) -> bool:
    """Whether the money that has come by the end of a phase pays for a plug at a site."""
    budgets = [item.budget for item in problem.wishes.phases[: phase + 1]]
    prices = [kind.plug_cost for kind in problem.kinds if problem.may_add(site, kind)]
    if any(budget is None for budget in budgets):
        return bool(prices)
    return bool(prices) and site.open_cost + min(prices) <= math.fsum(budget or 0.0 for budget in budgets) + 1e-9
