"""Finds inequalities that a fractional solution breaks, most broken first."""

from __future__ import annotations

import numpy as np

from optimiser.rebalancing.routing_bound.loaded_arcs import EntriesRow, LoadedArcs, NoReturnRow, RoundedLoadRow, Row
from optimiser.rebalancing.routing_bound.min_cut import disconnected_sets, overloaded_sets
from optimiser.rebalancing.routing_bound.rounding import Multipliers, best_rounding
from optimiser.rebalancing.routing_bound.set_search import short_sets
from optimiser.rebalancing.routing_bound.sets import Flags, Floats, Integers, least_entries

_NOTED = 40_000
"""Sets that one search may note before it stops looking."""
_LEAST = 0.02
"""Inequalities broken by less are left alone."""
_TRIED = 2_500
"""Sets tried for rounded loads, those shortest of entries first."""


def entered_seldom(
    flow: Floats, demand: Integers, capacity: int, *, slack: float = 0.0, also: Flags | None = None
) -> tuple[Flags, Floats]:
    """
    Sets of stations that the arc values `flow` (n x n) enter too seldom, and by how much, most first.

    With `slack`, also sets that could lose so much before they are. Connectivity is exact: every disconnected
    set broken by more than the least that counts leads to one that is found.
    """
    size = len(demand)
    exact = [disconnected_sets(flow, _LEAST), overloaded_sets(flow, demand / capacity)]
    starts = distinct(np.concatenate([np.eye(size, dtype=bool)[1:], *exact]))
    found = [starts, short_sets(flow + flow.T, demand, capacity, starts, _LEAST - slack, _NOTED)]
    if also is not None:
        found.append(also)
    sets = distinct(np.concatenate(found))
    sets = sets[sets.any(axis=1)]
    short = least_entries(sets, demand, capacity) - leaving(sets, flow)
    order = np.argsort(-short, kind="stable")
    order = order[short[order] > _LEAST - slack]
    return sets[order], short[order]


def distinct(sets: Flags) -> Flags:
    """Each set once, in a fixed order; told apart by the sum of one large number per station."""
    number = np.random.default_rng(1).integers(1, 2**62, size=sets.shape[1])
    _, first = np.unique(sets.astype(np.int64) @ number, return_index=True)
    return np.asarray(sets[np.sort(first)])


def leaving(members: Flags, flow: Floats) -> Floats:
    """x(arcs leaving S) of each set, by |S| - x(arcs inside S)."""
    inside = members.astype(np.float64)
    return np.asarray(inside.sum(axis=1) - ((inside @ flow) * inside).sum(axis=1))


def unlike(sets: Flags, most: int) -> Integers:
    """Positions of the first `most` sets, passing over those much like several chosen before."""
    chosen: list[int] = []
    sizes = sets.sum(axis=1)
    for row in range(len(sets)):
        if len(chosen) >= most:
            break
        if chosen:
            common = (sets[chosen] & sets[row]).sum(axis=1)
            if (common > 0.8 * np.maximum(sizes[chosen], sizes[row])).sum() >= 3:
                continue
        chosen.append(row)
    return np.array(chosen, dtype=np.int64)


class Separator:
    """Looks for broken rows over loaded arcs."""

    def __init__(self, demand: Integers, capacity: int) -> None:
        self.demand, self.capacity = demand, capacity
        self.multipliers = Multipliers.up_to(capacity, widest=30)

    def broken(self, arcs: LoadedArcs, values: Floats, known: Flags) -> list[Row]:
        """Rows broken by the solution; `known` sets are tried for rounded loads too."""
        size = len(self.demand)
        flow = np.zeros((size, size))
        np.add.at(flow, (arcs.tail, arcs.head), values)
        sets, short = entered_seldom(flow, self.demand, self.capacity, slack=0.35, also=known)
        return [
            *self._entries(sets[short > _LEAST]),
            *self._rounded(sets[:_TRIED], arcs, values),
            *self._returns(arcs, values),
        ]

    def _entries(self, sets: Flags) -> list[Row]:
        sets = sets[unlike(sets, 60)]
        least = least_entries(sets, self.demand, self.capacity)
        return [EntriesRow(row, -np.inf, float(row.sum() - needed)) for row, needed in zip(sets, least, strict=True)]

    def _rounded(self, sets: Flags, arcs: LoadedArcs, values: Floats) -> list[Row]:
        table = self.multipliers
        violation, multiplier = best_rounding(
            sets, arcs.tail, arcs.head, arcs.load, values, self.demand,
            table.numerator, table.denominator, table.out, table.into,
        )  # fmt: skip
        order = np.argsort(-violation, kind="stable")[:400]
        order = order[violation[order] > 2 * _LEAST]
        order = order[unlike(sets[order], 80)]
        rows: list[Row] = []
        for position in order:
            m = int(multiplier[position])
            net = int(self.demand[sets[position]].sum())
            low = float(-(-int(table.numerator[m]) * net // int(table.denominator[m])))
            rows.append(RoundedLoadRow(sets[position], m, table.out[m], table.into[m], low))
        return rows

    def _returns(self, arcs: LoadedArcs, values: Floats) -> list[Row]:
        size, loads = len(self.demand), self.capacity + 1
        through = np.zeros((size, loads))
        np.add.at(through, (arcs.head, arcs.after), values)
        between = np.flatnonzero((arcs.tail > 0) & (arcs.head > 0))
        moved = np.zeros((size, size, loads))
        moved[arcs.tail[between], arcs.head[between], arcs.load[between]] = values[between]
        tail, head, after = arcs.tail[between], arcs.head[between], arcs.after[between]
        broken = values[between] + moved[head, tail, after] - through[head, after]
        order = np.argsort(-broken, kind="stable")[:200]
        return [
            NoReturnRow(int(tail[k]), int(head[k]), int(arcs.load[between[k]]), int(after[k]))
            for k in order
            if broken[k] > _LEAST and moved[head[k], tail[k], after[k]] > 0
        ]
