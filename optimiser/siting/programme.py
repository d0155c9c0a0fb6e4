"""Integer programmes that the location models end with, solved by HiGHS; bounds allow for its tolerances."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ENOUGH = 0.99
"""Of a unit: a smaller gap proves the best choice."""
SUBSTITUTIONS = 2**8 + 2**12
"""Rules of HiGHS's presolve (columns that are free, aggregators) that put sums in the place of what counts them."""
TOLERANCE, FINEST = 1e-6, 1e-10
"""What values and rows may be off unless less is asked for, and the least that the solver knows."""
SPARE, SPARE_SHARE = 1e-3, 1e-9
"""Of a unit, and of the bound: as much may be lost by the tolerances of the solver."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Programme:
    """min cost x, row_lower <= A x <= row_upper, lower <= x <= upper, some x whole; entries of A in any order."""

    cost: Floats
    lower: Floats
    upper: Floats
    is_whole: NDArray[np.bool_]
    row: Ints
    """Of each entry of A."""
    column: Ints
    value: Floats
    row_lower: Floats
    """Infinite where a row has no such limit."""
    row_upper: Floats
    tolerance: float = TOLERANCE
    """What whole values, and rows, may be off."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Told:
    """What the programme came to."""

    bound: float
    """Nothing costs less; infinite where nothing is possible."""
    values: Floats | None
    """The best found, or none."""


def solve_programme(
    programme: Programme,
    *,
    unit: float,
    seconds: float,
    start: Floats | None = None,
    is_reduced: bool = False,
    keeps_counts: bool = False,
    enough: float = -np.inf,
    most_nodes: int | None = None,
    should_stop: Callable[[], bool] | None = None,
    on_bound: Callable[[float], None] | None = None,
) -> Told:
    """
    Solve it in so many seconds, in one thread.

    Parameters
    ----------
    unit
        Nothing is looked for that is not cheaper than what is found by so much.
    start
        Values to begin with.
    is_reduced
        Whether there is nothing left to simplify: looking for it is not broken off when time is up.
    keeps_counts
        Whether columns that only count others are kept, to be branched on.
    enough
        What costs no more ends the search.
    most_nodes
        Of the search tree, after which the best found is told.
    should_stop
        Asked now and then, not while it is simplified; the best found is then told.
    on_bound
        Told the bound now and then, on the way.
    """
    # Loading it costs time that most runs do not need.
    import highspy

    columns = len(programme.cost)
    highs = highspy.Highs()
    for name, option in (
        ("output_flag", False),
        ("threads", 1),
        ("presolve", "off" if is_reduced else "on"),
        ("time_limit", max(0.1, seconds)),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", unit * ENOUGH),
        ("mip_feasibility_tolerance", max(FINEST, programme.tolerance)),
        ("objective_target", enough),
        ("presolve_rule_off", SUBSTITUTIONS if keeps_counts else 0),
    ):
        highs.setOptionValue(name, option)
    if most_nodes is not None:
        highs.setOptionValue("mip_max_nodes", most_nodes)
    highs.passModel(_model_of(programme))
    if start is not None:
        highs.setSolution(columns, np.arange(columns, dtype=np.int32), start)
    if should_stop is not None or on_bound is not None:

        def look(event: Any) -> None:
            if on_bound is not None:
                on_bound(_safe(event.data_out.mip_dual_bound, unit))
            event.interrupt(should_stop is not None and should_stop())

        highs.cbMipInterrupt.subscribe(look)
    highs.run()
    if highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return Told(bound=np.inf, values=None)
    info = highs.getInfo()
    bound = _safe(info.mip_dual_bound, unit)
    is_found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    return Told(bound=bound, values=np.array(highs.getSolution().col_value) if is_found else None)


def _safe(bound: float, unit: float) -> float:
    """A bound of the solver without what its tolerances may lose."""
    return bound - max(SPARE * unit, SPARE_SHARE * abs(bound)) if np.isfinite(bound) else -np.inf


def prices_of(programme: Programme, *, seconds: float, is_interior: bool = False) -> Floats | None:
    """
    Dual values of the rows where nothing has to be whole; None where there are none, or time was short.

    Parameters
    ----------
    is_interior
        Whether an interior point method finds them, on the programme as it is: quicker where it is large, and between
        the corners where several are best.
    """
    import highspy

    highs = highspy.Highs()
    for name, option in (("output_flag", False), ("threads", 1), ("time_limit", max(0.1, seconds))):
        highs.setOptionValue(name, option)
    if is_interior:
        for name, word in (("solver", "ipx"), ("run_crossover", "off"), ("presolve", "off")):
            highs.setOptionValue(name, word)
    highs.passModel(_model_of(replace(programme, is_whole=np.zeros(len(programme.cost), dtype=np.bool_))))
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.array(highs.getSolution().row_dual)


def bound_of(programme: Programme, prices: Floats) -> tuple[float, Floats]:
    """
    What no values cost less than, whatever the prices of rows, and the reduced cost of each variable.

    A row without a limit on one side has no price on that side. Variables have limits on both sides.
    """
    price = np.where(np.isinf(programme.row_upper), np.maximum(prices, 0.0), prices)
    price = np.where(np.isinf(programme.row_lower), np.minimum(price, 0.0), price)
    spent = price[programme.row] * programme.value
    reduced = programme.cost - np.bincount(programme.column, weights=spent, minlength=len(programme.cost))
    limit = np.where(price > 0, programme.row_lower, np.where(price < 0, programme.row_upper, 0.0))
    least = np.minimum(reduced * programme.lower, reduced * programme.upper)
    return float((price * limit).sum() + least.sum()), reduced.astype(np.float64)


def _model_of(programme: Programme) -> Any:
    """The same for the solver."""
    import highspy

    order = np.lexsort((programme.row, programme.column))
    columns, rows = len(programme.cost), len(programme.row_lower)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = columns, rows
    model.col_cost_, model.col_lower_, model.col_upper_ = programme.cost, programme.lower, programme.upper
    model.row_lower_, model.row_upper_ = programme.row_lower, programme.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.searchsorted(programme.column[order], np.arange(columns + 1)).astype(np.int32)
    model.a_matrix_.index_ = programme.row[order].astype(np.int32)
    model.a_matrix_.value_ = programme.value[order]
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    model.integrality_ = [kinds[is_whole] for is_whole in programme.is_whole.tolist()]
    return model
