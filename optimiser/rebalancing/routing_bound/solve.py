"""Runs the three stages within limits and reports the bound."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.errors import InvalidProblem
from optimiser.basics.result import StopReason
from optimiser.rebalancing.routing_bound.arc_relaxation import ArcRelaxation
from optimiser.rebalancing.routing_bound.load_relaxation import LoadRelaxation
from optimiser.rebalancing.routing_bound.loaded_arcs import EntriesRow, LoadedArcs, RoundedLoadRow
from optimiser.rebalancing.routing_bound.result import Budget, OnBound, RoutingBound, ShouldStop, SpentError
from optimiser.rebalancing.routing_bound.separation import Separator, entered_seldom, unlike
from optimiser.rebalancing.routing_bound.sets import Floats, Integers, SetRows
from optimiser.rebalancing.routing_bound.tree import Tree

_FIRST_ARCS = 4_000
"""Loaded arcs that the second stage starts with, besides those the first stage uses."""
_MANY_ROWS = 1_500
"""From so many flow rows on, the second stage starts from inside."""
_STALLED_ROUNDS = 5
"""A stage ends when so many rounds in a row bring next to nothing."""


def routing_lower_bound(
    cost: NDArray[np.int64],
    demand: NDArray[np.int64],
    capacity: int,
    *,
    seconds: float | None,
    rounds: int | None = None,
    upper_bound: float | None = None,
    should_stop: ShouldStop | None = None,
    on_bound: OnBound | None = None,
) -> RoutingBound:
    """
    Proven lower bound on the cost of routes that serve every station once with identical vans.

    Parameters
    ----------
    cost
        Of arcs, shape (n, n), depot first; not symmetric, at least 0, the diagonal is ignored.
    demand
        Bikes to pick up (or to bring, below 0) at each vertex; the depot's is ignored.
    capacity
        Bikes that a van holds. It may leave and return with any load.
    seconds
        Wall-clock time; None for no limit.
    rounds
        Linear programs solved at most; with `seconds=None` the bound does not depend on the machine.
    upper_bound
        Cost of known routes. Speeds the search up; the bound never exceeds it.
    should_stop
        Asked before every linear program.
    on_bound
        Told every better bound, in rising order.

    Raises
    ------
    InvalidProblem
        When shapes differ, or a station's demand is more than a van holds: then there are no routes at all.
    """
    cost, demand = _validated(cost, demand, capacity)
    off_diagonal = cost[~np.eye(len(cost), dtype=bool)]
    unit = int(np.gcd.reduce(off_diagonal)) if len(off_diagonal) else 1
    budget = Budget(
        seconds=seconds,
        rounds=rounds,
        unit=max(1, unit),
        upper_bound=upper_bound,
        should_stop=should_stop,
        on_bound=on_bound,
    )
    budget.improve(0.0)
    run = _Run(cost, demand, capacity, budget)
    try:
        run.through()
        reason = StopReason.OPTIMAL
    except SpentError as spent:
        reason = spent.reason
    return RoutingBound(
        value=budget.value,
        arc_value=float(min(run.arc_value, budget.value)),
        root_value=float(min(max(run.arc_value, run.root_value), budget.value)),
        rounds=budget.rounds,
        branches=run.tree.looked_into if run.tree else 0,
        rows=run.rows(),
        routes=run.tree.routes if run.tree else None,
        stop_reason=StopReason.OPTIMAL if budget.value >= budget.upper_bound else reason,
    )


def _validated(cost: Integers, demand: Integers, capacity: int) -> tuple[Integers, Integers]:
    size = len(demand)
    if cost.shape != (size, size) or not size:
        raise InvalidProblem(f"routing bound: costs have shape {cost.shape}, must be {size} x {size} and not empty")
    demand = demand.astype(np.int64).copy()
    demand[0] = 0
    cost = cost.astype(np.int64).copy()
    np.fill_diagonal(cost, 0)
    if (cost < 0).any():
        raise InvalidProblem(f"routing bound: the cheapest arc costs {cost.min()}, must be at least 0")
    worst = int(np.argmax(np.abs(demand)))
    if abs(int(demand[worst])) > capacity:
        raise InvalidProblem(f"routing bound: vertex {worst} has demand {demand[worst]}, a van holds {capacity}")
    return cost, demand


class _Run:
    """One call: what is known so far."""

    def __init__(self, cost: Integers, demand: Integers, capacity: int, budget: Budget) -> None:
        self.cost, self.demand, self.capacity, self.budget = cost, demand, capacity, budget
        self.arc_value = self.root_value = 0.0
        self.relaxation: LoadRelaxation | None = None
        self.tree: Tree | None = None

    def rows(self) -> dict[str, int]:
        """Inequalities of the second stage by family, those forgotten since left out."""
        extra = [] if self.relaxation is None else self.relaxation.extra
        return dict(sorted(Counter(str(row.key[0]) for row in extra).items()))

    def through(self) -> None:
        """All stages; ends when the bound cannot rise any more."""
        if len(self.demand) == 1:
            return
        sets = SetRows(self.demand, self.capacity)
        value, reduced = self._arc_stage(sets)
        if self.budget.enough(self.arc_value):
            return
        relaxation, separator = self._load_stage(sets, value, reduced)
        if self.budget.enough(self.root_value):
            return
        self.tree = Tree(relaxation, separator, self.budget, self.root_value)
        self.tree.search()

    def _arc_stage(self, sets: SetRows) -> tuple[float, Floats]:
        """Degrees and set inequalities; returns what the last round proved, and its reduced costs."""
        relaxation = ArcRelaxation(self.cost, sets)
        relaxation.add_sets((np.arange(len(self.demand)) > 0)[None, :])
        stall = _Stall(0.0002)
        joined = False
        while True:
            self.budget.spend()
            solution = relaxation.program.solve(seconds=self.budget.seconds_left, after_columns=joined)
            if solution is None:
                self.budget.give_up()
            value, reduced = relaxation.prove(solution.prices)
            self.arc_value = max(self.arc_value, value)
            self.budget.improve(value)
            if self.budget.enough(value):
                return value, reduced
            joined = relaxation.add_arcs(reduced < -1e-6) > 0
            if joined:
                continue
            stalled = stall.after(value)
            found, _ = entered_seldom(relaxation.flow(solution), self.demand, self.capacity)
            if stalled or not len(found):
                relaxation.drop_idle(solution.prices, patience=1)
                return value, reduced
            relaxation.drop_idle(solution.prices, patience=8)
            relaxation.add_sets(found[unlike(found, 150)])

    def _load_stage(self, sets: SetRows, value: float, reduced: Floats) -> tuple[LoadRelaxation, Separator]:
        """Loaded arcs with all families of rows, up to where they stop paying."""
        budget = self.budget
        usable = value + np.maximum(0.0, reduced) < _worth(budget)
        np.fill_diagonal(usable, False)
        arcs = LoadedArcs.possible(usable, self.demand, self.capacity)
        by_arc = reduced[arcs.tail, arcs.head]
        start = np.sort(np.argsort(by_arc, kind="stable")[: max(_FIRST_ARCS, int((by_arc <= 1e-6).sum()))])
        price = float((self.cost[0, 1:] + self.cost[1:, 0]).sum()) + 1.0
        relaxation = LoadRelaxation(self.cost, self.demand, self.capacity, arcs=arcs, start=start, price=price)
        self.relaxation = relaxation
        relaxation.add_rows(
            [
                EntriesRow(members, -np.inf, float(limit))
                for members, limit in zip(sets.members, sets.limits, strict=True)
            ]
        )
        separator = Separator(self.demand, self.capacity)
        stall = _Stall(0.0001)
        self.root_value = self.arc_value
        # From nothing an interior point is faster where there are many rows; the simplex takes over from its corner.
        inside = relaxation.fixed_rows >= _MANY_ROWS
        joined = False
        while True:
            budget.spend()
            if inside:
                solution = relaxation.program.solve_inside(seconds=budget.seconds_left)
            else:
                solution = relaxation.program.solve(seconds=budget.seconds_left, after_columns=joined)
            inside = False
            if solution is None:
                budget.give_up()
            value, costs = relaxation.prove(solution.prices)
            better = value > self.root_value
            self.root_value = max(self.root_value, value)
            budget.improve(value)
            if budget.enough(value):
                return relaxation, separator
            joined = relaxation.price_in(costs) > 0
            if joined:
                continue
            arcs_in_use, values = relaxation.arc_values(solution)
            if better:
                relaxation.discard(value + np.maximum(0.0, costs) >= _worth(budget))
            relaxation.drop_idle(solution.prices, patience=4)
            known = [row.members for row in relaxation.extra if isinstance(row, EntriesRow | RoundedLoadRow)]
            rows = separator.broken(arcs_in_use, values, np.array(known, dtype=bool).reshape(-1, len(self.demand)))
            if stall.after(value) or not relaxation.add_rows(rows):
                return relaxation, separator


def _worth(budget: Budget) -> float:
    """Plans that cost so much or more are of no interest."""
    return budget.upper_bound - budget.unit + 1e-3


class _Stall:
    """Notices that a value no longer rises."""

    def __init__(self, least: float) -> None:
        self._least, self._rounds, self._best = least, 0, 0.0

    def after(self, value: float) -> bool:
        """True when the last rounds together brought less than `least` times the value."""
        if value > self._best * (1 + self._least):
            self._best, self._rounds = value, 0
        else:
            self._rounds += 1
        return self._rounds >= _STALLED_ROUNDS
