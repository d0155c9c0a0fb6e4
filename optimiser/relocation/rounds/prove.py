"""Bounds a night by rounds, case by case: who sets out, and whether any car comes back to where it was."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimiser.relocation.plan import Plan
from optimiser.relocation.problem import Problem
from optimiser.relocation.rounds.cases import Case, cases
from optimiser.relocation.rounds.clock import Choice
from optimiser.relocation.rounds.jobs import HOUR_S
from optimiser.relocation.rounds.model import RoundsModel
from optimiser.relocation.rounds.walks import plan_of, plans_from
from optimiser.relocation.rounds.ways import Row, broken_ways
from optimiser.relocation.rounds.work import Task, Work

Floats = NDArray[np.float64]
ROUNDING = 1e-6
"""In money: what the tolerances of the solver may lose."""

RISE = 1e-4
"""Of the cost of the plan at hand: what a bound rises by to be told of."""

NO_HEURISTICS = {
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_feasibility_jump": False,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_root_reduced_cost": False,
    "mip_allow_restart": False,
}
"""Of a solver that needs no solutions: the cost of the plan at hand is told, and cuts off what is dearer."""


class Proof:
    """The least that any plan costs, up to that of a plan at hand."""

    def __init__(
        self,
        problem: Problem,
        *,
        below: float,
        left_s: Callable[[], float],
        offer: Callable[[tuple[Plan, ...]], float] | None = None,
        on_rise: Callable[[], None] | None = None,
    ) -> None:
        self._wide = RoundsModel(problem)
        self._problem, self._work, self._offer = problem, Work(left_s, on_rise), offer
        self._below = below - self._wide.fixed
        self._ways: list[Row] = []

    def least(self) -> float:
        """
        What no plan costs less than, and at most the cost of the plan at hand; holds whenever it is broken off.

        All cases are bounded by linear programmes before any is by whole numbers, the least of them first.
        """
        known = list(cases(self._wide, self._problem.drivers))
        for step in (self._relax, self._narrow):
            steps = (partial(step, case) for case in known if case.bound <= self._below)
            self._work.do(partial(next, steps, None))
        self._work.do(partial(self._next_branch, known))
        return self._wide.fixed + min(self._below, *(case.bound for case in known))

    def _next_branch(self, known: list[Case]) -> Task | None:
        """
        A case in which whole numbers are to be looked for.

        Those in which no car comes back to where it was are first, as they give plans; then that of the least bound.
        """
        left = [case for case in known if case.linear is not None and case.bound <= self._below - ROUNDING]
        if not left:
            return None
        first = min(left, key=lambda case: (case.returns, case.bound))
        linear, first.linear = first.linear, None
        return partial(self._branch, first, linear)

    def _narrow(self, case: Case) -> None:
        """Bound a case by when its drivers are home at the latest in any cheaper plan."""
        if case.linear is not None and not self._work.is_over():
            case.model = RoundsModel(self._problem, self._ends_s(case))
            self._relax(case)

    def _relax(self, case: Case) -> None:
        """Bound a case by its linear programme, with all ways that its solutions broke."""
        case.linear, highs = None, self._loaded(case, case.fixed, is_linear=True)
        while not self._work.is_over():
            highs.run()
            self._work.rounds -= 1
            status = highs.getModelStatus().name
            if status == "kInfeasible":
                case.bound = math.inf
            if status != "kOptimal":
                return
            case.linear, case.bound = highs, max(case.bound, float(highs.getInfo().objective_function_value))
            self._rise(case, case.bound)
            if case.bound > self._below or not (rows := broken_ways(case.model, _values(highs))):
                return
            self._ways += rows
            _add(highs, rows)

    def _branch(self, case: Case, linear: Any) -> Callable[[], None] | None:
        """Bound a case by whole numbers, with all ways that its solutions broke; a cheaper solution is to be tried."""
        values, dearer = _values(linear), np.array(linear.getSolution().col_dual)
        left = min(self._below, case.floor) - float(linear.getInfo().objective_function_value)
        useless = (values < ROUNDING) & (dearer > left + ROUNDING)
        fixed = case.fixed | {
            column: (0.0, 0.0) for column in case.model.programme.whole if useless[column] and column not in case.fixed
        }
        while not self._work.is_over():
            highs = self._loaded(case, fixed, is_linear=False)
            for name, value in NO_HEURISTICS.items():
                highs.setOptionValue(name, value)
            # What is no cheaper than the plan at hand is not looked into; where nothing is, that is the bound.
            below = min(self._below, case.floor)
            highs.setOptionValue("objective_bound", below + ROUNDING)
            self._work.limit(highs)
            highs.cbMipInterrupt.subscribe(lambda event: self._watch(case, event))
            highs.run()
            self._work.count(highs)
            status = highs.getModelStatus().name
            if status == "kInfeasible":
                case.bound = max(case.bound, below)
                return None
            dual = float(highs.getInfo().mip_dual_bound)
            if math.isfinite(dual):
                case.bound = max(case.bound, min(dual, below))
            if status != "kOptimal" or case.bound > min(self._below, case.floor) - ROUNDING:
                return None
            if not (rows := broken_ways(case.model, _values(highs))):
                return partial(self._try, case, linear, _values(highs))
            self._ways += rows
        return None

    def _watch(self, case: Case, event: Any) -> None:
        """Tell how far branch and bound of a case has come, and stop it when all is over or nothing cheaper is left."""
        bound = float(event.data_out.mip_dual_bound)
        self._rise(case, bound)
        event.interrupt(self._work.is_over() or bound > self._below)

    def _rise(self, case: Case, bound: float) -> None:
        if bound > case.told + RISE * max(1.0, self._below):
            case.told = bound
            self._work.tell_rise()

    def _try(self, case: Case, linear: Any, values: Floats) -> None:
        """
        If a whole solution is a plan that costs less than the one at hand, that one is at hand from now on.

        If by the clock all plans of the same jobs cost more than the solution, others are looked for.
        """
        self._tell(plans_from(self._problem, case.model, values))
        if case.returns or self._work.is_over():
            return
        choice = Choice(case.model, values)
        least, turns = choice.cheapest(self._below + self._wide.fixed)
        if turns:
            self._tell((plan_of(self._problem, case.model, ((turn.crew, turn.ends_s) for turn in turns)),))
        least -= self._wide.fixed
        if least > case.bound + ROUNDING:
            case.floor = min(case.floor, least)
            case.rows.append(choice.other_row())
            case.linear = linear

    def _tell(self, plans: tuple[Plan, ...]) -> None:
        """Offer plans; the one at hand may have become cheaper."""
        if self._offer is not None:
            self._below = min(self._below, self._offer(plans) - self._wide.fixed)

    def _ends_s(self, case: Case) -> list[float]:
        """When each driver is home at the latest in any plan of the case that costs less than the one at hand."""
        linear = case.linear
        costs = np.array(linear.getLp().col_cost_, dtype=np.float64)
        columns = np.flatnonzero(costs).astype(np.int32)
        linear.addRow(-math.inf, self._below + ROUNDING, len(columns), columns, costs[columns])
        linear.changeColsCost(len(columns), columns, np.zeros(len(columns)))
        ends_s = []
        for crew in case.model.crews:
            end_s = float(crew.driver.shift_end_s)
            if self._work.is_over():
                ends_s.append(end_s)
                continue
            linear.changeColCost(crew.hours, -1.0)
            linear.run()
            if linear.getModelStatus().name == "kOptimal":
                hours = -float(linear.getInfo().objective_function_value)
                # Who stays at home is home before the night begins.
                is_used = case.fixed[crew.used][1] > 0
                end_s = min(end_s, crew.driver.shift_start_s + HOUR_S * hours + 1.0) if is_used else 0.0
            ends_s.append(end_s)
            linear.changeColCost(crew.hours, 0.0)
        return ends_s

    def _loaded(self, case: Case, bounds: dict[int, tuple[float, float]], *, is_linear: bool) -> Any:
        highs = case.model.programme.loaded(is_linear=is_linear)
        _add(highs, [*case.rows, *self._ways])
        for column, (lower, upper) in bounds.items():
            highs.changeColBounds(column, lower, upper)
        return highs


def _values(highs: Any) -> Floats:
    return np.array(highs.getSolution().col_value, dtype=np.float64)


def _add(highs: Any, rows: list[Row]) -> None:
    used = [[(column, factor) for column, factor in factors.items() if factor] for factors, _ in rows]
    starts = np.cumsum([0, *(len(entries) for entries in used)], dtype=np.int32)
    columns = np.array([column for entries in used for column, _ in entries], dtype=np.int32)
    values = np.array([factor for entries in used for _, factor in entries], dtype=np.float64)
    least = np.array([amount for _, amount in rows], dtype=np.float64)
    highs.addRows(len(rows), least, np.full(len(rows), math.inf), len(columns), starts[:-1], columns, values)
