"""Demand to plugs as a linear programme: the most that it brings, the most for floors, and the fairest of the best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import block_array, csr_array

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Row = tuple[Ints, Ints, Floats]
"""Rows, columns and values of a matrix."""
Part = tuple[Bools, float]
"""The groups that live in a district, and an amount of its weight."""

SLACK = 5e-7
"""Of a floor: as much a solver may be off."""
SAME = 1e-9
"""Of what is brought: as much sums may be off."""
NOISE = 1e-6
"""Of a group: as few are left by what a solver is off."""
PRICED = 1e-6
"""Of the greatest gain, or of all that districts hold back: a smaller price is none."""


class Uses(NamedTuple):
    """Arcs by kind that stands at their site."""

    arc: Ints
    kind: Ints
    place: Ints
    """Number of the site and kind."""
    rate: Floats
    """Sessions an hour of a unit of weight."""
    limit: Floats
    """Sessions an hour, by place."""


class Transport:
    """Demand to plugs, as a linear programme."""

    def __init__(self, uses: Uses, group: Ints, weight: Floats) -> None:
        self._uses, self._group, self._weight = uses, group, weight
        count = np.arange(len(group))
        self._rows = [(group, count, np.ones(len(group))), (len(weight) + uses.place, count, uses.rate * weight[group])]
        self._most = [np.ones(len(weight)), uses.limit]

    def best(self, gain: Floats, floors: Sequence[Part]) -> Floats | None:
        """Shares that bring most and keep to the floors; None where none do."""
        solved = _solve(gain, *self._with_floors(floors))
        return None if solved is None else self._mended(np.asarray(solved.x, dtype=np.float64))

    def prices(self, gain: Floats, floors: Sequence[Part]) -> Floats | None:
        """What a session an hour more or less at each place is worth; None where no shares keep to the floors."""
        solved = _solve(gain, *self._with_floors(floors))
        if solved is None:
            return None
        first = len(self._weight)
        marginals = np.asarray(solved.ineqlin.marginals, dtype=np.float64)
        prices: Floats = -_unit(gain) * marginals[first : first + len(self._uses.limit)]
        return prices

    def _with_floors(self, floors: Sequence[Part]) -> tuple[list[Row], list[Floats]]:
        """Rows, and the most of each."""
        rows, most, row = list(self._rows), list(self._most), len(self._weight) + len(self._uses.limit)
        for number, (members, asked) in enumerate(floors):
            inside = np.flatnonzero(members[self._group])
            rows.append((np.full(len(inside), row + number), inside, -self._weight[self._group[inside]]))
            most.append(np.array([-asked * (1 - SLACK)]))
        return rows, most

    def most_for_floors(self, floors: Sequence[Part]) -> list[float]:
        """Weight of each district that can be served: as much of all floors as possible, as evenly as that allows."""
        count, row = len(self._group), len(self._weight) + len(self._uses.limit)
        rows, most = list(self._rows), list(self._most)
        for number, (members, _) in enumerate(floors):
            inside = np.flatnonzero(members[self._group])
            # What counts for a floor, in the last columns, is no more than what is served.
            rows.append((np.full(len(inside), row + number), inside, -self._weight[self._group[inside]]))
            rows.append((np.array([row + number]), np.array([count + number]), np.ones(1)))
            most.append(np.zeros(1))
        asked = np.array([amount for _, amount in floors])
        counted, row = count + np.arange(len(floors)), row + len(floors)
        upper = np.concatenate([np.ones(count), asked])
        gain = np.concatenate([np.zeros(count), np.ones(len(floors))])
        solved = _solved(gain, rows, most, upper=upper)
        if solved is None:
            return [0.0] * len(floors)
        # As much once more, with the greatest share that all floors are kept to, in one more column.
        even = np.full(len(floors), count + len(floors))
        each, minus = row + 1 + np.arange(len(floors)), -np.ones(len(floors))
        rows += [(np.full(len(floors), row), counted, minus), (each, even, asked), (each, counted, minus)]
        most += [np.array([-solved[counted].sum() * (1 - SLACK)]), np.zeros(len(floors))]
        fair = _solved(np.append(0.0 * gain, 1.0), rows, most, upper=np.append(upper, 1.0))
        return [float(amount) for amount in (solved if fair is None else fair)[counted]]

    def fairest(self, gain: Floats, floors: Sequence[Part], districts: Sequence[Part]) -> Floats | None:
        """
        Of all shares that bring most and keep to the floors, the fairest; None where none keep to them.

            max  e   s.t.  all that they bring,  served in k >= e W_k for each district k,  or as much as is held of it

        A district that holds e back, as its price tells, is held at e, and the others go on without it. So of the
        district that is served least as much is served as can be; then of the next one, and so on.

        Parameters
        ----------
        districts
            The groups that live in each, and the weight W_k of all its people, also of those within reach of no plug.
        """
        best = _solve(gain, *self._with_floors(floors))
        if best is None:
            return None
        ties = _Ties(gain, *self._with_floors(floors), best)
        served = [
            np.where(members[self._group], self._weight[self._group] / total, 0.0) for members, total in districts
        ]
        going, held = [part for part in served if part.any()], list[tuple[Floats, float]]()
        while going:
            fair = ties.evened(going, held)
            if fair is None:
                break
            least, prices = fair
            back = [price > PRICED for price in prices]
            if not any(back):
                break  # All of them are served wholly.
            held += [(part, least) for part, is_back in zip(going, back, strict=True) if is_back]
            going = [part for part, is_back in zip(going, back, strict=True) if not is_back]
        return self._mended(ties.share)

    def _mended(self, share: Floats) -> Floats:
        """The same without what a solver may be off."""
        uses, group, weight = self._uses, self._group, self._weight
        share = np.clip(share, 0.0, 1.0)
        share = share / np.maximum(1.0, np.bincount(group, weights=share, minlength=len(weight)))[group]
        load = np.bincount(uses.place, weights=uses.rate * weight[group] * share, minlength=len(uses.limit))
        over = np.maximum(1.0, load / np.where(uses.limit > 0, uses.limit, 1.0))
        return self._whole(np.where(uses.rate > 0, share / over[uses.place], share))

    def _whole(self, share: Floats) -> Floats:
        """The same with groups served wholly of whom next to nobody is left, where their plugs have room."""
        uses, group, weight = self._uses, self._group, self._weight
        total, load = np.bincount(group, weights=share, minlength=len(weight)), uses.rate * weight[group]
        lacking = np.flatnonzero((total >= 1.0 - NOISE) & (total < 1.0))
        room = (uses.limit - np.bincount(uses.place, weights=load * share, minlength=len(uses.limit)))[uses.place]
        order = np.lexsort((np.where(share > 0, np.where(load > 0, room, np.inf), -np.inf), group))
        roomiest = order[np.searchsorted(group[order], lacking, side="right") - 1]
        more = np.zeros(len(share))
        more[roomiest] = 1.0 - total[lacking]
        taken = np.bincount(uses.place, weights=load * more, minlength=len(uses.limit))[uses.place]
        return np.where((load > 0) & (taken > room), share, share + more)


class _Ties:
    """Shares that bring as much as the best ones: only those change that have no price where they are."""

    def __init__(self, gain: Floats, rows: list[Row], most: list[Floats], best: Any) -> None:
        self.share = np.asarray(best.x, dtype=np.float64)
        self._free = np.flatnonzero(np.abs(best.lower.marginals + best.upper.marginals) <= PRICED)
        self._fixed = self.share.copy()
        self._fixed[self._free] = 0.0
        limits = np.append(np.concatenate(most), best.fun * (1 - SAME))
        brings = (np.full(len(gain), len(limits) - 1), np.arange(len(gain)), -gain / _unit(gain))
        matrix = _matrix([*rows, brings], (len(limits), len(gain)))
        left = limits - matrix @ self._fixed
        is_asked = np.diff(matrix[:, self._free].indptr) > 0
        self._matrix, self._left = matrix[:, self._free][is_asked], left[is_asked]

    def evened(self, going: Sequence[Floats], held: Sequence[tuple[Floats, float]]) -> tuple[float, list[float]] | None:
        """
        Take those by which the least of some parts is as much as can be; how much that is, and the price of each part.

        Of each part, what all of each share would serve; of those that are held, how much of it at least. None, and
        nothing is changed, where the solver finds none.
        """
        parts = np.array([*going, *(part for part, _ in held)])
        least = np.array([0.0] * len(going) + [-amount * (1 - SLACK) for _, amount in held])
        is_going = (np.arange(len(parts)) < len(going)).astype(np.float64)
        rows: Any = [
            [self._matrix, csr_array((len(self._left), 1))],
            [csr_array(-parts[:, self._free]), csr_array(is_going[:, None])],
        ]
        matrix: Any = block_array(rows, format="csr")
        solved = linprog(
            np.append(np.zeros(len(self._free)), -1.0),
            A_ub=matrix,
            b_ub=np.append(self._left, least + parts @ self._fixed),
            bounds=(0.0, 1.0),
            method="highs",
        )
        if solved.x is None:
            return None
        self.share = self._fixed.copy()
        self.share[self._free] = solved.x[:-1]
        return float(solved.x[-1]), (-solved.ineqlin.marginals[len(self._left) :][: len(going)]).tolist()


def _solved(gain: Floats, rows: list[Row], most: list[Floats], *, upper: Floats | None = None) -> Floats | None:
    solved = _solve(gain, rows, most, upper=upper)
    return None if solved is None else np.asarray(solved.x, dtype=np.float64)


def _solve(gain: Floats, rows: list[Row], most: list[Floats], *, upper: Floats | None = None) -> Any:
    """What the solver tells; None where nothing is possible."""
    limits = np.concatenate(most)
    matrix = _matrix(rows, (len(limits), len(gain)))
    bounds: Any = np.column_stack([np.zeros(len(gain)), np.ones(len(gain)) if upper is None else upper])
    solved = linprog(-gain / _unit(gain), A_ub=matrix, b_ub=limits, bounds=bounds, method="highs")
    return None if solved.x is None else solved


def _matrix(rows: list[Row], shape: tuple[int, int]) -> Any:
    """All rows in one."""
    row, column, value = map(np.concatenate, zip(*rows, strict=True))
    return csr_array((value, (row, column)), shape=shape)


def _unit(gain: Floats) -> float:
    return max(1e-12, float(np.abs(gain).max(initial=0.0)))
