"""First stage: a linear program over arcs with degrees and set inequalities; arcs and rows join when they matter."""

from __future__ import annotations

import numpy as np

from optimiser.rebalancing.routing_bound.linear_program import LinearProgram, Solution, Sparse
from optimiser.rebalancing.routing_bound.sets import Flags, Floats, Integers, SetRows

_NEAREST = 8
"""Arcs out of and into each vertex to start with."""


class ArcRelaxation:
    """
    The program and its arcs.

    Rows: one arc out of each station, one into it, as many out of the depot as into it, set inequalities.
    """

    def __init__(self, cost: Integers, sets: SetRows) -> None:
        self.cost, self.sets, self.size = cost, sets, len(cost)
        self.used: Flags = np.eye(self.size, dtype=bool)
        self.tails: Integers = np.zeros(0, dtype=np.int64)
        self.heads: Integers = np.zeros(0, dtype=np.int64)
        self.stations = self.size - 1
        degree = np.concatenate([np.ones(2 * self.stations), [0.0]])
        self.fixed_rows = len(degree)
        self.program = LinearProgram()
        self.program.add_rows(degree, degree)
        wanted = np.zeros_like(self.used)
        apart = cost.astype(np.float64)
        np.fill_diagonal(apart, np.inf)
        np.put_along_axis(wanted, np.argsort(apart, axis=1, kind="stable")[:, :_NEAREST], True, axis=1)
        np.put_along_axis(wanted, np.argsort(apart, axis=0, kind="stable")[:_NEAREST], True, axis=0)
        wanted[0, :] = wanted[:, 0] = True
        self.add_arcs(wanted)

    def add_arcs(self, wanted: Flags) -> int:
        """Put arcs that are not there yet into the program; returns how many."""
        tails, heads = np.nonzero(wanted & ~self.used)
        if not len(tails):
            return 0
        self.used[tails, heads] = True
        each = np.arange(len(tails))
        row, inside = np.nonzero(self.sets.members[:, tails] & self.sets.members[:, heads])
        depot = 2 * self.stations
        entries = Sparse.from_triples(
            len(tails),
            [each, each, inside],
            [
                np.where(tails > 0, tails - 1, depot),
                np.where(heads > 0, self.stations + heads - 1, depot),
                self.fixed_rows + row,
            ],
            [np.ones(len(tails)), np.where(heads > 0, 1.0, -1.0), np.ones(len(row))],
        )
        self.program.add_columns(self.cost[tails, heads].astype(np.float64), np.full(len(tails), np.inf), entries)
        self.tails = np.concatenate([self.tails, tails])
        self.heads = np.concatenate([self.heads, heads])
        return len(tails)

    def add_sets(self, members: Flags) -> int:
        """Put set inequalities into the program; returns how many were new."""
        taken = self.sets.add(members)
        if not len(taken):
            return 0
        inside = taken[:, self.tails] & taken[:, self.heads]
        rows = [np.flatnonzero(row) for row in inside]
        self.program.add_rows(
            np.full(len(taken), -np.inf),
            self.sets.limits[-len(taken) :].astype(np.float64),
            Sparse.from_rows(rows, [np.ones(len(row)) for row in rows]),
        )
        return len(taken)

    def flow(self, solution: Solution) -> Floats:
        """Arc values as a matrix."""
        flow = np.zeros((self.size, self.size))
        flow[self.tails, self.heads] = np.maximum(0.0, solution.columns)
        return flow

    def prove(self, prices: Floats) -> tuple[float, Floats]:
        """
        Bound that any row prices prove, and the reduced cost of every arc, also of those not in the program.

        Wrong signs are cut off, and each arc, which a plan uses at most once, pays for its negative reduced cost.
        """
        depot = prices[2 * self.stations]
        out = np.concatenate([[depot], prices[: self.stations]])
        into = np.concatenate([[-depot], prices[self.stations : 2 * self.stations]])
        set_prices = np.maximum(0.0, -prices[self.fixed_rows :])
        reduced = self.cost - out[:, None] - into[None, :] + self.sets.arc_prices(set_prices)
        np.fill_diagonal(reduced, 0.0)
        value = prices[: 2 * self.stations].sum() - float(set_prices @ self.sets.limits)
        return value + float(np.minimum(0.0, reduced).sum()), reduced

    def drop_idle(self, prices: Floats, *, patience: int) -> None:
        """Forget set inequalities that had no price for `patience` rounds."""
        idle = prices[self.fixed_rows :] > -1e-7
        self.sets.idle = np.where(idle, self.sets.idle + 1, 0)
        kept = self.sets.idle < patience
        if not kept.all():
            self.program.remove_rows(self.fixed_rows + np.flatnonzero(~kept))
            self.sets.keep(kept)
