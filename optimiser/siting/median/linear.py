"""
The linear relaxation by rows, as they are needed (Duran-Mateluna, Ales & Elloumi 2023, European Journal of Operational
Research 308; Benders 1962).

    min  sum_i theta_i
    s.t. theta_i >= D - sum_{j: c_ij < D} (D - c_ij) y_j  for all ways D of i,   sum_j y_j = p,   0 <= y <= 1

Which D is violated most is where the sites by nearness have been opened once in all. The duals l_iD of the rows give
prices u_i = sum_D l_iD D to the Lagrangian relaxation, whose bound is at least that of the duals, and is computed here:
no tolerance of the solver enters it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from optimiser.basics.compiled import in_place
from optimiser.siting.median.nearness import Longs, Nearness
from optimiser.siting.median.problem import Floats, Ints
from optimiser.siting.median.relaxation import CLOSED, OPEN, Dual, Fixed, dual_of, relax

VIOLATED = 1e-6
"""Of what a point pays: less is no violation of a row."""
ALMOST = 1e-9
"""Sites opened by so little less than once in all are enough."""


class Relaxed(NamedTuple):
    """What the relaxation came to with some sites fixed."""

    bound: float
    """No choice of those sites costs less."""
    price: Floats
    """That gives it, shape (points,)."""
    share: Floats
    """By which each site is open, shape (sites,)."""


class Linear:
    """The relaxation in HiGHS; rows found for one set of fixed sites hold for all, and are kept."""

    def __init__(self, nearness: Nearness, p: int, price: Floats) -> None:
        """Begin with the rows just below and above these prices."""
        # Loading it costs time that most runs do not need.
        import highspy

        self.nearness, self._p = nearness, p
        self.dual: Dual = dual_of(nearness.points, nearness.sites)
        self._least = np.where(
            np.diff(nearness.first) > 0, np.append(nearness.way, 0.0)[nearness.first[:-1]], nearness.beyond
        )
        self._point, self._reach = np.zeros(0, dtype=np.int32), np.zeros(0)
        sites, points = nearness.sites, nearness.points
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = sites + points, 1
        model.col_cost_ = np.concatenate([np.zeros(sites), np.ones(points)])
        model.col_lower_ = np.concatenate([np.zeros(sites), self._least])
        model.col_upper_ = np.concatenate([np.ones(sites), np.full(points, np.inf)])
        model.row_lower_ = model.row_upper_ = np.array([float(p)])
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.array([0, sites], dtype=np.int32)
        model.a_matrix_.index_, model.a_matrix_.value_ = np.arange(sites, dtype=np.int32), np.ones(sites)
        self.highs: Any = highspy.Highs()
        for name, option in (("output_flag", False), ("threads", 1), ("presolve", "off"), ("solver", "simplex")):
            self.highs.setOptionValue(name, option)
        self.highs.passModel(model)
        self._solved = highspy.HighsModelStatus.kOptimal
        below, above = np.zeros(points), np.zeros(points)
        _ways_around(nearness, price, below, above)
        everyone = np.arange(points, dtype=np.int32)
        self._add(np.concatenate([everyone, everyone]), np.concatenate([below, above]))

    def fix(self, fixed: Fixed) -> None:
        """Close and open sites."""
        sites = self.nearness.sites
        lower, upper = (fixed == OPEN).astype(float), (fixed != CLOSED).astype(float)
        self.highs.changeColsBounds(sites, np.arange(sites, dtype=np.int32), lower, upper)

    def relax(self, fixed: Fixed, *, limit: float, left_s: Callable[[], float]) -> Relaxed:
        """
        Add rows until none is violated, the bound is at the limit, or no time is left.

        `dual` holds what the bound follows from.
        """
        opened, left = int((fixed == OPEN).sum()), int((fixed != CLOSED).sum())
        is_possible = opened <= self._p <= left
        best = Relaxed(bound=-np.inf if is_possible else np.inf, price=self._least, share=np.zeros(len(fixed)))
        if not is_possible:
            return best
        self.fix(fixed)
        while True:
            self.highs.setOptionValue("time_limit", self.highs.getRunTime() + max(0.0, left_s()))
            self.highs.run()
            if self.highs.getModelStatus() != self._solved:
                break
            solution = self.highs.getSolution()
            values = np.array(solution.col_value)
            share, theta = values[: self.nearness.sites], values[self.nearness.sites :]
            self.dual.price[:] = self._price(np.array(solution.row_dual)[1:])
            bound = relax(self.nearness, self._p, fixed, self.dual)
            best = Relaxed(bound=bound, price=self.dual.price.copy(), share=share)
            reach = np.full(self.nearness.points, -1.0)
            _separate(self.nearness, share, theta, reach)
            point = np.flatnonzero(reach >= 0.0).astype(np.int32)
            if not len(point) or bound >= limit or left_s() <= 0.0:
                break
            self._add(point, reach[point])
        return best

    def _price(self, dual: Floats) -> Floats:
        weight = np.maximum(dual, 0.0)
        points = self.nearness.points
        price = np.bincount(self._point, weights=weight * self._reach, minlength=points)
        left = 1.0 - np.bincount(self._point, weights=weight, minlength=points)
        price += np.maximum(left, 0.0) * self._least
        return np.clip(price, self._least, self.nearness.beyond)

    def _add(self, point: Ints, reach: Floats) -> None:
        """Rows of points at these ways."""
        counts = np.zeros(len(point), dtype=np.int64)
        _count_within(self.nearness, point, reach, counts)
        first = np.concatenate([[0], np.cumsum(counts + 1)])
        index, value = np.empty(int(first[-1]), dtype=np.int32), np.empty(int(first[-1]))
        _write_rows(self.nearness, point, reach, first, index, value)
        self.highs.addRows(
            len(point), reach, np.full(len(point), np.inf), len(index), first[:-1].astype(np.int32), index, value
        )
        self._point, self._reach = np.concatenate([self._point, point]), np.concatenate([self._reach, reach])


@in_place
def _ways_around(nearness: Nearness, price: Floats, below: Floats, above: Floats) -> None:
    """Of each point the last way below its price and the first at it or above."""
    for point in range(len(price)):
        below[point], above[point] = 0.0, nearness.beyond[point]
        for pair in range(nearness.first[point], nearness.first[point + 1]):
            if nearness.way[pair] >= price[point]:
                above[point] = nearness.way[pair]
                break
            below[point] = nearness.way[pair]


@in_place
def _separate(nearness: Nearness, share: Floats, theta: Floats, reach: Floats) -> None:
    """Set the way of each point's row that is violated most, if one is."""
    for point in range(len(theta)):
        opened, paid, ways = 0.0, nearness.beyond[point], 0.0
        for pair in range(nearness.first[point], nearness.first[point + 1]):
            opened += share[nearness.near[pair]]
            ways += share[nearness.near[pair]] * nearness.way[pair]
            if opened >= 1.0 - ALMOST:
                paid = nearness.way[pair]
                break
        value = paid * (1.0 - opened) + ways
        if value > theta[point] + VIOLATED * max(1.0, value):
            reach[point] = paid


@in_place
def _count_within(nearness: Nearness, point: Ints, reach: Floats, counts: Longs) -> None:
    for row in range(len(point)):
        for pair in range(nearness.first[point[row]], nearness.first[point[row] + 1]):
            if nearness.way[pair] >= reach[row]:
                break
            counts[row] += 1


@in_place
def _write_rows(nearness: Nearness, point: Ints, reach: Floats, first: Longs, index: Ints, value: Floats) -> None:
    sites = len(nearness.first_point) - 1
    for row in range(len(point)):
        place, pair = first[row], nearness.first[point[row]]
        while place < first[row + 1] - 1:
            index[place], value[place] = nearness.near[pair], reach[row] - nearness.way[pair]
            place += 1
            pair += 1
        index[place], value[place] = sites + point[row], 1.0
