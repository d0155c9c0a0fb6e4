"""Third stage: best-first branching; the bound is the least over all halves still open."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from optimiser.rebalancing.routing_bound.branches import EntriesLimit, Limit, Split, routes_of, splits
from optimiser.rebalancing.routing_bound.linear_program import Solution
from optimiser.rebalancing.routing_bound.load_relaxation import LoadRelaxation
from optimiser.rebalancing.routing_bound.loaded_arcs import EntriesRow
from optimiser.rebalancing.routing_bound.result import Budget
from optimiser.rebalancing.routing_bound.separation import Separator

_TRIAL_STEPS = 40
"""Pivots of the dual simplex spent on trying one half."""
_ROUNDS = 2
"""Rounds of separation in a branch."""


@dataclass(order=True)
class _Branch:
    value: float
    number: int
    limits: tuple[Limit, ...] = field(compare=False)
    basis: Any = field(compare=False)


class Tree:
    """Open branches of one relaxation."""

    def __init__(self, relaxation: LoadRelaxation, separator: Separator, budget: Budget, value: float) -> None:
        self.relaxation, self.separator, self.budget = relaxation, separator, budget
        self.looked_into = 0
        self.routes: tuple[tuple[int, ...], ...] | None = None
        """The best plan, where a branch turned out whole."""
        self._made = 0
        self._base = {number: (row.low, row.high) for number, row in enumerate(relaxation.extra)}
        self._number = {row.key: number for number, row in enumerate(relaxation.extra)}
        self._open = [_Branch(value, 0, (), None)]

    def search(self) -> None:
        """Branch until the bound meets the upper bound or a branch turns out whole; `SpentError` before that."""
        while self._open:
            branch = heapq.heappop(self._open)
            try:
                self.budget.improve(branch.value)
                if self.budget.enough(branch.value):
                    return
                halves = self._look_into(branch)
            except BaseException:
                heapq.heappush(self._open, branch)
                raise
            if halves is None:
                return
            for half in halves:
                heapq.heappush(self._open, half)
        self.budget.improve(self.budget.upper_bound)

    def _look_into(self, branch: _Branch) -> list[_Branch] | None:
        """Its halves; empty where it holds nothing better than known, None where its solution is a plan."""
        self.looked_into += 1
        if not self._apply(branch.limits):
            return []
        value, solution = self._solve(branch)
        if self.budget.enough(value):
            return []
        if self._open and value > self._open[0].value + 0.5 and branch.value < value:
            # Others come first now; come back with what was learnt.
            self._made += 1
            return [_Branch(value, self._made, branch.limits, self.relaxation.program.basis())]
        arcs, values = self.relaxation.arc_values(solution)
        candidates = splits(arcs, values, self.separator.demand, self.separator.capacity)
        if not candidates:
            self.budget.improve(value)
            self.routes = routes_of(arcs, values)
            return None
        basis = self.relaxation.program.basis()
        split = self._best_split(candidates, branch.limits, basis, solution.value)
        halves = []
        for limit in split:
            self._made += 1
            halves.append(_Branch(value, self._made, (*branch.limits, limit), basis))
        return halves

    def _solve(self, branch: _Branch) -> tuple[float, Solution]:
        relaxation, budget = self.relaxation, self.budget
        if branch.basis is not None:
            relaxation.program.start_from(branch.basis)
        value, rounds, joined = branch.value, 0, False
        while True:
            budget.spend()
            solution = relaxation.program.solve(seconds=budget.seconds_left, after_columns=joined)
            if solution is None:
                budget.give_up()
            proven, reduced = relaxation.prove(solution.prices)
            value = max(value, proven)
            if budget.enough(value):
                return value, solution
            joined = relaxation.price_in(reduced) > 0
            if joined:
                continue
            if rounds == _ROUNDS:
                return value, solution
            rounds += 1
            known = np.zeros((0, relaxation.size), dtype=bool)
            rows = self.separator.broken(*relaxation.arc_values(solution), known)
            first = len(relaxation.extra)
            if not relaxation.add_rows(rows):
                return value, solution
            for number, row in enumerate(relaxation.extra[first:], first):
                self._base[number] = (row.low, row.high)
                self._number[row.key] = number

    def _apply(self, limits: tuple[Limit, ...]) -> bool:
        """Make the relaxation that of a branch; False where its limits leave nothing."""
        relaxation = self.relaxation
        barred = np.zeros(len(relaxation.arcs), dtype=bool)
        rows = dict(self._base)
        for limit in limits:
            bars = limit.bars(relaxation.arcs)
            if bars is not None:
                barred |= bars
            if isinstance(limit, EntriesLimit):
                number = self._row_of(limit)
                low, high = rows.get(number, self._base[number])
                rows[number] = (max(low, limit.low), min(high, limit.high))
        if any(low > high for low, high in rows.values()):
            return False
        relaxation.bar(barred)
        for number, (low, high) in rows.items():
            relaxation.limit(number, low, high)
        return True

    def _row_of(self, limit: EntriesLimit) -> int:
        free = EntriesRow(limit.members, -np.inf, np.inf)
        if free.key not in self._number:
            number = len(self.relaxation.extra)
            self.relaxation.add_rows([free])
            self.relaxation.add_relief(number)
            self._base[number] = (-np.inf, np.inf)
            self._number[free.key] = number
        return self._number[free.key]

    def _best_split(self, candidates: list[Split], limits: tuple[Limit, ...], basis: Any, value: float) -> Split:
        """The split whose halves cost most more than now, by a few pivots each."""
        best, best_score = candidates[0], -1.0
        for split in candidates:
            gains = []
            for limit in split:
                if not self._apply((*limits, limit)):
                    gains.append(self.relaxation.price)
                    continue
                self.relaxation.program.start_from(basis)
                self.budget.spend()
                solution = self.relaxation.program.solve(seconds=self.budget.seconds_left, steps=_TRIAL_STEPS)
                gains.append(max(1e-3, solution.value - value) if solution is not None else 1e-3)
            score = gains[0] * gains[1]
            if score > best_score:
                best, best_score = split, score
        return best
