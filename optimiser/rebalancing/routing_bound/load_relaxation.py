"""Second stage: a linear program over loaded arcs; arcs, rows and limits of branches join as they matter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from optimiser.rebalancing.routing_bound.linear_program import LinearProgram, Solution, Sparse
from optimiser.rebalancing.routing_bound.loaded_arcs import EntriesRow, LoadedArcs, Row
from optimiser.rebalancing.routing_bound.sets import Flags, Floats, Integers

_NEWCOMERS = 4_000
"""Loaded arcs that may join at once."""
_STRAY = 1e-4
"""A reduced cost above minus this is as good as none."""


class LoadRelaxation:
    """
    The program and all loaded arcs that it may draw on.

    Columns are first one per station, a van there and straight back at a high price, which keeps every branch feasible,
    then the arcs numbered in `used`. Rows are one visit per station, as much flow out of (station, load) as into it,
    then `extra`.
    """

    def __init__(
        self, cost: Integers, demand: Integers, capacity: int, *, arcs: LoadedArcs, start: Integers, price: float
    ) -> None:
        self.cost, self.demand, self.capacity = cost, demand, capacity
        self.size, self.loads = len(cost), capacity + 1
        self.arcs, self.price = arcs, price
        self.arc_cost: Floats = cost[arcs.tail, arcs.head].astype(np.float64)
        self.extra: list[Row] = []
        self.keys: set[tuple[object, ...]] = set()
        self.idle: Integers = np.zeros(0, dtype=np.int64)
        self.program = LinearProgram()
        self.stations = self.size - 1
        self.fixed_rows = self.stations * (1 + self.loads)
        level = np.concatenate([np.ones(self.stations), np.zeros(self.stations * self.loads)])
        self.program.add_rows(level, level)
        visits = np.arange(self.stations)
        depot, served = np.zeros(self.stations, dtype=np.int64), demand[1:]
        load, after = np.maximum(0, -served), np.maximum(0, served)
        self.there = LoadedArcs(depot, visits + 1, load, after)
        self.back = LoadedArcs(visits + 1, depot, after, after)
        self.program.add_columns(
            np.full(self.stations, price),
            np.full(self.stations, np.inf),
            Sparse(np.arange(self.stations + 1), visits, np.ones(self.stations)),
        )
        self.column = np.full(len(arcs), -1, dtype=np.int64)
        self.used: Integers = np.zeros(0, dtype=np.int64)
        self.barred: Flags = np.zeros(len(arcs), dtype=bool)
        """Arcs that the present branch forbids."""
        self.add_arcs(start)

    def add_arcs(self, chosen: Integers) -> None:
        """Put arcs that are not there yet into the program."""
        arcs = self.arcs[chosen]
        each = np.arange(len(arcs))
        ends, starts = arcs.head > 0, arcs.tail > 0
        node = self.stations
        columns = [each[ends], each[ends], each[starts]]
        rows = [
            arcs.head[ends] - 1,
            node + (arcs.head[ends] - 1) * self.loads + arcs.after[ends],
            node + (arcs.tail[starts] - 1) * self.loads + arcs.load[starts],
        ]
        values = [np.ones(int(ends.sum())), -np.ones(int(ends.sum())), np.ones(int(starts.sum()))]
        for number, row in enumerate(self.extra):
            weights = row.weights(arcs)
            nonzero = np.flatnonzero(weights)
            columns.append(nonzero)
            rows.append(np.full(len(nonzero), self.fixed_rows + number))
            values.append(weights[nonzero])
        self.column[chosen] = self.program.columns + each
        self.used = np.concatenate([self.used, chosen])
        high = np.where(self.barred[chosen], 0.0, np.inf)
        self.program.add_columns(self.arc_cost[chosen], high, Sparse.from_triples(len(arcs), columns, rows, values))

    def add_rows(self, rows: Sequence[Row]) -> int:
        """Put rows that are not there yet into the program; returns how many."""
        fresh = [row for row in rows if row.key not in self.keys]
        if not fresh:
            return 0
        arcs = self.arcs[self.used]
        indices, values = [], []
        for row in fresh:
            self.keys.add(row.key)
            weights, single = row.weights(arcs), row.weights(self.there) + row.weights(self.back)
            nonzero, priced = np.flatnonzero(weights), np.flatnonzero(single)
            indices.append(np.concatenate([priced, self.column[self.used[nonzero]]]))
            values.append(np.concatenate([single[priced], weights[nonzero]]))
        low, high = np.array([row.low for row in fresh]), np.array([row.high for row in fresh])
        self.program.add_rows(low, high, Sparse.from_rows(indices, values))
        self.extra += fresh
        self.idle = np.concatenate([self.idle, np.zeros(len(fresh), dtype=np.int64)])
        return len(fresh)

    def add_relief(self, number: int) -> None:
        """Let an extra row be met from below at a high price, so that no branch lacks a solution."""
        entry = Sparse(np.array([0, 1]), np.array([self.fixed_rows + number]), np.ones(1))
        self.program.add_columns(np.array([self.price]), np.array([np.inf]), entry)

    def drop_idle(self, prices: Floats, *, patience: int) -> None:
        """Forget extra rows that had no price for `patience` rounds; they may come back."""
        quiet = np.abs(prices[self.fixed_rows :]) < 1e-4
        self.idle = np.where(quiet, self.idle + 1, 0)
        gone = self.idle >= patience
        if gone.sum() < 20:
            return
        self.program.remove_rows(self.fixed_rows + np.flatnonzero(gone))
        self.keys -= {row.key for row, leaves in zip(self.extra, gone, strict=True) if leaves}
        self.extra = [row for row, leaves in zip(self.extra, gone, strict=True) if not leaves]
        self.idle = self.idle[~gone]

    def bar(self, barred: Flags) -> None:
        """Forbid arcs of the present branch, and allow all others."""
        changed = self.used[self.barred[self.used] != barred[self.used]]
        self.barred = barred
        if len(changed):
            self.program.limit_columns(self.column[changed], np.where(barred[changed], 0.0, np.inf))

    def limit(self, number: int, low: float, high: float) -> None:
        """Change the limits of an extra row of the present branch."""
        row = self.extra[number]
        if isinstance(row, EntriesRow) and (row.low, row.high) != (low, high):
            self.extra[number] = EntriesRow(row.members, low, high)
            self.program.limit_row(self.fixed_rows + number, low, high)

    def arc_values(self, solution: Solution) -> tuple[LoadedArcs, Floats]:
        """Arcs with a value above 0, and the values."""
        values = solution.columns[self.column[self.used]]
        positive = np.flatnonzero(values > 1e-6)
        return self.arcs[self.used[positive]], values[positive]

    def prove(self, prices: Floats) -> tuple[float, Floats]:
        """
        Bound that any row prices prove for the present branch, and the reduced costs of all arcs, also unused ones.

        A price with no limit behind it counts as 0. A plan drives each arc once at most, with one load, and pays
        for the least reduced cost of that arc where it is negative.
        """
        arcs = self.arcs
        visit = np.concatenate([[0.0], prices[: self.stations]])
        node = np.zeros((self.size, self.loads))
        node[1:] = prices[self.stations : self.fixed_rows].reshape(self.stations, self.loads)
        reduced = self.arc_cost - visit[arcs.head] - node[arcs.tail, arcs.load] + node[arcs.head, arcs.after]
        value = float(visit.sum())
        inside = np.zeros((self.size, self.size))
        for row, price in zip(self.extra, prices[self.fixed_rows :], strict=True):
            limit = row.low if price > 0 else row.high
            if abs(price) < 1e-9 or not np.isfinite(limit):
                continue
            value += float(price) * limit
            if isinstance(row, EntriesRow):
                inside += price * np.outer(row.members, row.members)
            else:
                reduced -= price * row.weights(arcs)
        reduced -= inside[arcs.tail, arcs.head]
        least = np.zeros((self.size, self.size))
        open_ = ~self.barred
        np.minimum.at(least, (arcs.tail[open_], arcs.head[open_]), reduced[open_])
        return value + float(least.sum()), reduced

    def price_in(self, reduced: Floats) -> int:
        """Put unused arcs with a negative reduced cost into the program; returns how many."""
        wanted = np.flatnonzero((reduced < -_STRAY) & (self.column < 0) & ~self.barred)
        if len(wanted) > _NEWCOMERS:
            wanted = np.sort(wanted[np.argsort(reduced[wanted], kind="stable")[:_NEWCOMERS]])
        if len(wanted):
            self.add_arcs(wanted)
        return len(wanted)

    def discard(self, hopeless: Flags) -> None:
        """Forget arcs that no plan better than the one known uses; those in the program are shut."""
        shut = self.used[hopeless[self.used]]
        if len(shut):
            self.program.limit_columns(self.column[shut], np.zeros(len(shut)))
        kept = ~hopeless
        new_number = np.cumsum(kept) - 1
        self.used = new_number[self.used[kept[self.used]]]
        self.arcs, self.arc_cost = self.arcs[kept], self.arc_cost[kept]
        self.column, self.barred = self.column[kept], self.barred[kept]
