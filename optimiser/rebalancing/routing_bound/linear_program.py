"""A linear program that grows by rows and columns and starts each solve from the last basis; solved by HiGHS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from optimiser.rebalancing.routing_bound.sets import Floats, Integers


@dataclass(frozen=True, slots=True)
class Sparse:
    """Rows (or columns) one after another: entry `k` of row `r` lies at `starts[r] <= k < starts[r + 1]`."""

    starts: Integers
    indices: Integers
    values: Floats

    @classmethod
    def from_rows(cls, indices: Sequence[Integers], values: Sequence[Floats]) -> Sparse:
        """One pair of arrays per row."""
        starts = np.zeros(len(indices) + 1, dtype=np.int64)
        np.cumsum([len(row) for row in indices], out=starts[1:])
        if not indices:
            return cls(starts, np.zeros(0, dtype=np.int64), np.zeros(0))
        return cls(starts, np.concatenate(indices), np.concatenate(values))

    @classmethod
    def from_triples(cls, count: int, rows: Sequence[Integers], columns: Sequence[Integers], values: Any) -> Sparse:
        """Entries in any order, as pieces; `count` rows."""
        row, column, value = np.concatenate(rows), np.concatenate(columns), np.concatenate(values)
        order = np.argsort(row, kind="stable")
        starts = np.zeros(count + 1, dtype=np.int64)
        np.cumsum(np.bincount(row, minlength=count), out=starts[1:])
        return cls(starts, column[order], value[order])


@dataclass(frozen=True, slots=True)
class Solution:
    """The optimum of a linear program; row prices are positive where the lower limit binds."""

    value: float
    columns: Floats
    prices: Floats


class LinearProgram:
    """Minimise cost over columns within 0 and an upper limit; rows between two limits."""

    def __init__(self) -> None:
        # Loaded here and not above: only who asks for a bound pays for it.
        import highspy

        self._highs = highspy.Highs()
        self._highspy = highspy
        for option, value in (("output_flag", False), ("threads", 1), ("presolve", "off"), ("solver", "simplex")):
            self._highs.setOptionValue(option, value)
        self.rows = 0
        self.columns = 0

    def add_rows(self, low: Floats, high: Floats, entries: Sparse | None = None) -> None:
        """Append rows over the columns that exist; without entries, rows that later columns fill."""
        if entries is None:
            entries = Sparse(np.zeros(len(low) + 1, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))
        self._highs.addRows(
            len(low),
            np.asarray(low, dtype=np.float64),
            np.asarray(high, dtype=np.float64),
            len(entries.indices),
            entries.starts[:-1].astype(np.int32),
            entries.indices.astype(np.int32),
            entries.values.astype(np.float64),
        )
        self.rows += len(low)

    def add_columns(self, cost: Floats, high: Floats, entries: Sparse) -> None:
        """Append columns over the rows that exist."""
        self._highs.addCols(
            len(cost),
            np.asarray(cost, dtype=np.float64),
            np.zeros(len(cost)),
            np.asarray(high, dtype=np.float64),
            len(entries.indices),
            entries.starts[:-1].astype(np.int32),
            entries.indices.astype(np.int32),
            entries.values.astype(np.float64),
        )
        self.columns += len(cost)

    def remove_rows(self, rows: Integers) -> None:
        """Forget rows; later ones move up."""
        if len(rows):
            self._highs.deleteRows(len(rows), rows.astype(np.int32))
            self.rows -= len(rows)

    def limit_columns(self, columns: Integers, high: Floats) -> None:
        """Change upper limits of columns."""
        self._highs.changeColsBounds(
            len(columns), columns.astype(np.int32), np.zeros(len(columns)), np.asarray(high, dtype=np.float64)
        )

    def limit_row(self, row: int, low: float, high: float) -> None:
        """Change the limits of a row."""
        self._highs.changeRowBounds(row, low, high)

    def basis(self) -> tuple[list[Any], list[Any]]:
        """Where the last solve ended, to start from there again."""
        basis = self._highs.getBasis()
        return list(basis.col_status), list(basis.row_status)

    def start_from(self, basis: tuple[list[Any], list[Any]]) -> None:
        """Take up a basis; columns and rows that came later stay out of it."""
        status = self._highspy.HighsBasisStatus
        columns, rows = basis
        start = self._highspy.HighsBasis()
        start.col_status = columns + [status.kLower] * (self.columns - len(columns))
        start.row_status = rows + [status.kBasic] * (self.rows - len(rows))
        start.valid = True
        start.alien = False
        self._highs.setBasis(start)

    def solve_inside(self, *, seconds: float | None) -> Solution | None:
        """The optimum by an interior point method, from scratch and on to a corner from where pivots may go on."""
        for option, value in (("solver", "ipm"), ("presolve", "on")):
            self._highs.setOptionValue(option, value)
        try:
            return self.solve(seconds=seconds)
        finally:
            for option, value in (("solver", "simplex"), ("presolve", "off")):
                self._highs.setOptionValue(option, value)

    def solve(self, *, seconds: float | None, after_columns: bool = False, steps: int | None = None) -> Solution | None:
        """
        The optimum; None where time ran out or the engine failed.

        `after_columns` says that the last basis is still feasible, so that the primal simplex starts from it.
        With `steps` the dual simplex ends after so many pivots, and what it has then counts as an answer.
        """
        highs, status = self._highs, self._highspy.HighsModelStatus
        highs.setOptionValue("simplex_strategy", 4 if after_columns else 1)
        highs.setOptionValue("simplex_iteration_limit", 2**31 - 1 if steps is None else steps)
        # HiGHS counts the time of all its runs together.
        limit = float("inf") if seconds is None else highs.getRunTime() + max(0.01, seconds)
        highs.setOptionValue("time_limit", limit)
        highs.run()
        ended = highs.getModelStatus()
        if ended != status.kOptimal and not (steps is not None and ended == status.kIterationLimit):
            return None
        answer = highs.getSolution()
        return Solution(
            highs.getInfo().objective_function_value,
            np.array(answer.col_value),
            np.array(answer.row_dual),
        )
