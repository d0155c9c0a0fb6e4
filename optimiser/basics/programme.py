"""Linear and integer programmes that are stated row by row and solved by HiGHS."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

GAP, RELATIVE_GAP = 1e-7, 1e-7
"""In money, and of the cost: a choice that is better by less is as good."""
WHOLE = 1e-9
"""As good as whole."""


@dataclass(frozen=True, slots=True)
class Solved:
    """What a programme came to."""

    cost: float
    values: Floats
    """Of each column."""
    is_best: bool = True
    """Whether nothing is better; not where the time was over."""


class Programme:
    """Minimise cost over columns between limits, some of them whole, and rows between limits."""

    def __init__(self) -> None:
        self._cost: list[float] = []
        self._lower: list[float] = []
        self._upper: list[float] = []
        self._whole: list[int] = []
        self._rows: list[int] = []
        self._columns: list[int] = []
        self._values: list[float] = []
        self._row_lower: list[float] = []
        self._row_upper: list[float] = []

    @property
    def whole(self) -> tuple[int, ...]:
        """Columns that must be whole."""
        return tuple(self._whole)

    def column(self, *, cost: float = 0.0, lower: float = 0.0, upper: float = math.inf, is_whole: bool = False) -> int:
        """Add a column; its position is returned."""
        if is_whole:
            self._whole.append(len(self._cost))
        self._cost.append(cost)
        self._lower.append(lower)
        self._upper.append(upper)
        return len(self._cost) - 1

    def columns(self, cost: Floats, *, upper: float = math.inf) -> Ints:
        """Add a column for each cost; their positions are returned."""
        first = len(self._cost)
        self._cost.extend(cost.tolist())
        self._lower.extend([0.0] * len(cost))
        self._upper.extend([upper] * len(cost))
        return np.arange(first, first + len(cost))

    def row(
        self, entries: Iterable[tuple[int, float]] = (), *, lower: float = -math.inf, upper: float = math.inf
    ) -> int:
        """Add a row: columns that are in it with their factors, which add up; its position is returned."""
        row = len(self._row_lower)
        for column, value in entries:
            self.put(row, column, value)
        self._row_lower.append(lower)
        self._row_upper.append(upper)
        return row

    def put(self, row: int, column: int, value: float) -> None:
        """Let a column into a row that is there already."""
        self._rows.append(row)
        self._columns.append(column)
        self._values.append(value)

    def put_all(self, rows: Ints, columns: Ints, values: Floats | float) -> None:
        """The same for many."""
        self._rows.extend(rows.tolist())
        self._columns.extend(columns.tolist())
        self._values.extend(np.broadcast_to(np.asarray(values, dtype=np.float64), rows.shape).tolist())

    def add_cost(self, column: int, cost: float) -> None:
        """Let a column cost more."""
        self._cost[column] += cost

    def fix(self, values: dict[int, float]) -> None:
        """Leave columns no choice; they need not be whole any longer."""
        for column, value in values.items():
            self._lower[column] = self._upper[column] = value
        self._whole = [column for column in self._whole if column not in values]

    def solve(self, *, seconds: float = math.inf, goes_on: bool = True) -> Solved | None:
        """
        Solve it in one thread; None where nothing is possible.

        Integer programmes that are not done in so many seconds give the best found, and go on where there is none yet,
        unless told not to.
        """
        # Loading it costs time that who asks for no charges does not need.
        import highspy

        highs = self._loaded(seconds)
        highs.run()
        found = highspy.SolutionStatus.kSolutionStatusFeasible
        if (
            goes_on
            and highs.getModelStatus() == highspy.HighsModelStatus.kTimeLimit
            and (highs.getInfo().primal_solution_status != found)
        ):
            highs.setOptionValue("time_limit", math.inf)
            highs.run()
        info = highs.getInfo()
        if info.primal_solution_status != found:
            return None
        values = np.array(highs.getSolution().col_value, dtype=np.float64)
        is_best = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return Solved(info.objective_function_value, values, is_best)

    def least_cost(self, *, whole: int) -> float:
        """
        Least cost where one column is whole, and none else has to be; infinite where nothing is possible.

        The cost is convex in what that column is held at, so that one of the two whole numbers beside its best is best.
        """
        import highspy

        highs = self._loaded(math.inf, is_linear=True)
        highs.run()
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return math.inf
        value, cost = float(highs.getSolution().col_value[whole]), float(highs.getInfo().objective_function_value)
        if abs(value - round(value)) < WHOLE:
            return cost
        costs = []
        for held in (math.floor(value), math.ceil(value)):
            highs.changeColBounds(whole, float(held), float(held))
            highs.run()
            if highs.getModelStatus() == highspy.HighsModelStatus.kOptimal:
                costs.append(float(highs.getInfo().objective_function_value))
        return min(costs, default=math.inf)

    def dual_bound(self, *, nodes: int) -> float:
        """
        What no solution costs less than, proven by so many nodes of branch and bound at most.

        Infinite where nothing is possible, minus infinity where nothing is proven.
        """
        import highspy

        highs = self._loaded(math.inf)
        highs.setOptionValue("mip_max_nodes", nodes)
        highs.run()
        if highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            return math.inf
        bound = float(highs.getInfo().mip_dual_bound)
        return bound if self._whole and math.isfinite(bound) else -math.inf

    def loaded(self, *, is_linear: bool = False) -> Any:
        """The solver with the programme in it, for who goes on with rows of their own."""
        return self._loaded(math.inf, is_linear=is_linear)

    def _loaded(self, seconds: float, *, is_linear: bool = False) -> Any:
        import highspy

        highs = highspy.Highs()
        for name, option in (
            ("output_flag", False),
            ("threads", 1),
            ("primal_feasibility_tolerance", 1e-9),
            ("dual_feasibility_tolerance", 1e-9),
            ("mip_feasibility_tolerance", 1e-8),
            ("mip_abs_gap", GAP),
            ("mip_rel_gap", RELATIVE_GAP),
            ("time_limit", seconds),
        ):
            highs.setOptionValue(name, option)
        highs.passModel(self._model(is_linear=is_linear))
        return highs

    def _model(self, *, is_linear: bool) -> object:
        import highspy

        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(self._cost), len(self._row_lower)
        model.col_cost_ = np.array(self._cost, dtype=np.float64)
        model.col_lower_ = np.array(self._lower, dtype=np.float64)
        model.col_upper_ = np.array(self._upper, dtype=np.float64)
        model.row_lower_ = np.array(self._row_lower, dtype=np.float64)
        model.row_upper_ = np.array(self._row_upper, dtype=np.float64)
        shape = (len(self._row_lower), len(self._cost))
        matrix = sparse.csr_array((self._values, (self._rows, self._columns)), shape=shape, dtype=np.float64)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = matrix.indptr.astype(np.int32)
        model.a_matrix_.index_ = matrix.indices.astype(np.int32)
        model.a_matrix_.value_ = matrix.data
        if self._whole and not is_linear:
            kinds = np.zeros(len(self._cost), dtype=np.int64)
            kinds[self._whole] = 1
            names = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            model.integrality_ = [names[kind] for kind in kinds.tolist()]
        return model
