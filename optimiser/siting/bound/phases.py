"""The bound over all phases, lowered in a thread beside the search."""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np

from optimiser.siting.arrays import Arrays, Floats
from optimiser.siting.bound.relaxation import Relaxation
from optimiser.siting.bound.tree import Tree
from optimiser.siting.groups import Groups
from optimiser.siting.problem import Site, SitingProblem

SETTLED = 0.1
"""Length of a step at which prices have settled: floors are then rewarded, and once more, what is built lately tells
which floors whole builds do not keep."""
SHORTEST = 0.0005
"""Of a step; shorter ones hardly change the bound any more."""


class Bound:
    """What no plan can bring, over all phases."""

    def __init__(self, problem: SitingProblem, groups: Groups) -> None:
        self._weight = np.array([phase.weight for phase in problem.wishes.phases])
        self._reachable = _reachable_values(problem, groups)
        self._lowest = float(self._weight @ self._reachable)
        self._relaxation: Relaxation | None = None
        self._known = 0.0
        self._stop = threading.Event()

    @property
    def value(self) -> float:
        """The best bound so far."""
        return self._lowest

    def lower(self, bound: float) -> None:
        """Note a bound."""
        self._lowest = min(self._lowest, bound)

    def know(self, value: float) -> None:
        """Note what a plan brings."""
        self._known = max(self._known, value)

    def begin(self, arrays: Sequence[Arrays], known: Sequence[float]) -> None:
        """Prepare for steps, given what each phase of a plan brings."""
        self.know(float(self._weight @ known))
        guess = guess_of(np.array(known), self._reachable, np.array([its.limits.money for its in arrays]))
        self._relaxation = Relaxation(arrays, weight=self._weight, guess=guess)

    @contextmanager
    def running(self, steps: int | None) -> Iterator[None]:
        """Step in a thread of its own until the block ends, or so many steps, all of them."""
        with ThreadPoolExecutor(1) as pool:
            beside = pool.submit(self._run, steps)
            try:
                yield
            finally:
                if steps is None:
                    self._stop.set()
            beside.result()

    def _run(self, steps: int | None) -> None:
        """
        Lower the bound as far as prices do, then branch while there is time.

        Floors that can hardly be kept raise their rewards so far that no other price settles; so they come later.
        """
        relaxation = self._relaxation
        assert relaxation is not None
        relaxation.find_money_prices()
        is_rounded = False
        for _ in itertools.count() if steps is None else range(steps):
            if not relaxation.asks_floors:
                if relaxation.pace < SETTLED:
                    relaxation.ask_floors()
            elif not is_rounded and relaxation.pace < SETTLED:
                is_rounded = True
                relaxation.round_floors()
            if self._stop.is_set() or relaxation.pace < SHORTEST:
                break
            relaxation.step(relaxation.relax(), self._known)
            self.lower(relaxation.bound)
        if steps is not None or self._stop.is_set():
            return
        tree = Tree(relaxation, known=lambda: self._known, is_over=self._stop.is_set)
        while not self._stop.is_set() and tree.grow():
            self.lower(tree.bound)


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
