"""Who charges where once it is known what stands: the transport problem of one phase as one scenario has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

from optimiser.siting.groups import Groups
from optimiser.siting.plan import Serving
from optimiser.siting.plugs import Standing
from optimiser.siting.problem import SitingProblem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Row = tuple[Ints, Ints, Floats]
"""Rows, columns and values of a matrix."""

SLACK = 5e-7
"""Of a floor: as much a solver may be off."""
TINY = 1e-9
"""A smaller share is none."""


def serve(
    problem: SitingProblem,
    groups: Groups,
    stand: Standing,
    *,
    phase: int,
    scenario: int,
    is_elastic: bool = False,
) -> Serving | None:
    """
    The best that the plugs can do; None where that leaves a floor of the last phase open.

        max  sum v_i w_i d_ij a_ijt   s.t.  sum_jt a_ijt <= 1,  sum_i r_i w_i a_ijt <= L_t(plugs at j),  floors

    With `is_elastic`, as much of the floors as can be had comes first, and the rest as well as it goes with that.
    """
    wishes = problem.wishes
    weight_of_point = problem.weights(wishes.phases[phase], wishes.scenarios[scenario])
    floors = _floors(problem, groups, weight_of_point) if phase == len(wishes.phases) - 1 else []
    weight = groups.totals(weight_of_point)
    uses = _uses(problem, groups, stand)
    if not len(uses.arc):
        return (
            None
            if floors and not is_elastic
            else _told(problem, groups, uses, np.zeros(0), phase=phase, scenario=scenario)
        )
    group = groups.arc_group[uses.arc]
    gain = (problem.unit_value[groups.example] * weight)[group] * groups.arc_worth[uses.arc]
    transport = _Transport(uses, group, weight)
    if is_elastic and floors:
        reached = transport.most_for_floors(floors)
        floors = [(members, min(asked, amount)) for (members, asked), amount in zip(floors, reached, strict=True)]
    share = transport.best(gain, floors)
    return None if share is None else _told(problem, groups, uses, share, phase=phase, scenario=scenario)


def plug_prices(
    problem: SitingProblem, groups: Groups, stand: Standing, *, phase: int, scenario: int
) -> dict[tuple[str, str], float]:
    """
    What an hour's session more or less at each site and kind is worth, by duality.

    With so many fewer at some of them, at least so much is lost. Nothing is told where floors stay open.
    """
    wishes = problem.wishes
    weight_of_point = problem.weights(wishes.phases[phase], wishes.scenarios[scenario])
    floors = _floors(problem, groups, weight_of_point) if phase == len(wishes.phases) - 1 else []
    weight = groups.totals(weight_of_point)
    uses = _uses(problem, groups, stand)
    group = groups.arc_group[uses.arc]
    gain = (problem.unit_value[groups.example] * weight)[group] * groups.arc_worth[uses.arc]
    prices = _Transport(uses, group, weight).prices(gain, floors) if len(uses.arc) else None
    if prices is None:
        return {}
    places = (place for place, count in sorted(stand.plugs.items()) if count > 0)
    return dict(zip(places, prices.tolist(), strict=True))


class _Uses(NamedTuple):
    """Arcs by kind that stands at their site."""

    arc: Ints
    kind: Ints
    place: Ints
    """Number of the site and kind."""
    rate: Floats
    """Sessions an hour of a unit of weight."""
    limit: Floats
    """Sessions an hour, by place."""


class _Transport:
    """Demand to plugs, as a linear programme."""

    def __init__(self, uses: _Uses, group: Ints, weight: Floats) -> None:
        self._uses, self._group, self._weight = uses, group, weight
        count = np.arange(len(group))
        self._rows = [(group, count, np.ones(len(group))), (len(weight) + uses.place, count, uses.rate * weight[group])]
        self._most = [np.ones(len(weight)), uses.limit]

    def best(self, gain: Floats, floors: Sequence[tuple[Bools, float]]) -> Floats | None:
        """Shares that bring most and keep to the floors; None where none do."""
        solved = _solve(gain, *self._with_floors(floors))
        return None if solved is None else self._mended(np.asarray(solved.x, dtype=np.float64))

    def prices(self, gain: Floats, floors: Sequence[tuple[Bools, float]]) -> Floats | None:
        """What a session an hour more or less at each place is worth; None where no shares keep to the floors."""
        solved = _solve(gain, *self._with_floors(floors))
        if solved is None:
            return None
        first = len(self._weight)
        marginals = np.asarray(solved.ineqlin.marginals, dtype=np.float64)
        prices: Floats = -_unit(gain) * marginals[first : first + len(self._uses.limit)]
        return prices

    def _with_floors(self, floors: Sequence[tuple[Bools, float]]) -> tuple[list[Row], list[Floats]]:
        """Rows, and the most of each."""
        rows, most, row = list(self._rows), list(self._most), len(self._weight) + len(self._uses.limit)
        for number, (members, asked) in enumerate(floors):
            inside = np.flatnonzero(members[self._group])
            rows.append((np.full(len(inside), row + number), inside, -self._weight[self._group[inside]]))
            most.append(np.array([-asked * (1 - SLACK)]))
        return rows, most

    def most_for_floors(self, floors: Sequence[tuple[Bools, float]]) -> list[float]:
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

    def _mended(self, share: Floats) -> Floats:
        """The same without what a solver may be off."""
        uses, group, weight = self._uses, self._group, self._weight
        share = np.clip(share, 0.0, 1.0)
        share = share / np.maximum(1.0, np.bincount(group, weights=share, minlength=len(weight)))[group]
        load = np.bincount(uses.place, weights=uses.rate * weight[group] * share, minlength=len(uses.limit))
        over = np.maximum(1.0, load / np.where(uses.limit > 0, uses.limit, 1.0))
        return np.where(uses.rate > 0, share / over[uses.place], share)


def _solved(gain: Floats, rows: list[Row], most: list[Floats], *, upper: Floats | None = None) -> Floats | None:
    solved = _solve(gain, rows, most, upper=upper)
    return None if solved is None else np.asarray(solved.x, dtype=np.float64)


def _solve(gain: Floats, rows: list[Row], most: list[Floats], *, upper: Floats | None = None) -> Any:
    """What the solver tells; None where nothing is possible."""
    row, column, value = map(np.concatenate, zip(*rows, strict=True))
    limits = np.concatenate(most)
    matrix: Any = csr_array((value, (row, column)), shape=(len(limits), len(gain)))
    bounds: Any = np.column_stack([np.zeros(len(gain)), np.ones(len(gain)) if upper is None else upper])
    solved = linprog(-gain / _unit(gain), A_ub=matrix, b_ub=limits, bounds=bounds, method="highs")
    return None if solved.x is None else solved


def _unit(gain: Floats) -> float:
    return max(1e-12, float(np.abs(gain).max(initial=0.0)))


def _uses(problem: SitingProblem, groups: Groups, stand: Standing) -> _Uses:
    """All that are possible, a place numbered for each kind at a site."""
    column = {kind.id: number for number, kind in enumerate(problem.kinds)}
    there: dict[int, list[tuple[int, str]]] = {}
    limit: list[float] = []
    for (site_id, kind_id), count in sorted(stand.plugs.items()):
        if count > 0:
            there.setdefault(problem.site_index[site_id], []).append((len(limit), kind_id))
            limit.append(problem.kind_by_id[kind_id].sessions_per_hour(count))
    segment = [problem.segment_by_id[problem.demand[row].segment] for row in groups.example.tolist()]
    arcs: list[int] = []
    kinds: list[int] = []
    places: list[int] = []
    rates: list[float] = []
    for arc in np.flatnonzero(np.isin(groups.arc_site, list(there))).tolist():
        who = segment[groups.arc_group[arc]]
        fit = [(place, kind) for place, kind in there[int(groups.arc_site[arc])] if kind in who.kinds]
        for place, kind in fit if who.sessions_per_hour > 0 else fit[:1]:
            arcs.append(arc)
            kinds.append(column[kind])
            places.append(place)
            rates.append(who.sessions_per_hour)
    return _Uses(
        arc=np.array(arcs, dtype=np.int64),
        kind=np.array(kinds, dtype=np.int64),
        place=np.array(places, dtype=np.int64),
        rate=np.array(rates, dtype=np.float64),
        limit=np.array(limit, dtype=np.float64),
    )


def _floors(problem: SitingProblem, groups: Groups, weight: Floats) -> list[tuple[Bools, float]]:
    """Groups of each district that has a floor, and how much of its weight is asked for."""
    district = np.array([problem.demand[row].district or "" for row in groups.example], dtype=object)
    asked = ((id_, problem.floor_of(id_) * float(weight[points].sum())) for id_, points in problem.points_of.items())
    return [(district == id_, amount) for id_, amount in asked if amount > 0]


def _told(problem: SitingProblem, groups: Groups, uses: _Uses, share: Floats, *, phase: int, scenario: int) -> Serving:
    """The same for every demand point: all of a group charge as their example does."""
    kept = share > TINY
    arc, kind, share = uses.arc[kept], uses.kind[kept], share[kept]
    group = groups.arc_group[arc]
    order = np.argsort(groups.group, kind="stable")
    first = np.searchsorted(groups.group[order], np.arange(len(groups.example) + 1))
    count = np.diff(first)[group]
    use = np.repeat(np.arange(len(arc)), count)
    within = np.arange(len(use)) - np.repeat(np.cumsum(count) - count, count)
    point = order[first[group[use]] + within]
    pair = groups.near_pair[groups.near_first[point] + groups.arc_place[arc][use]]
    return Serving(phase=phase, scenario=scenario, pair=pair, kind=kind[use].astype(np.int32), share=share[use])
