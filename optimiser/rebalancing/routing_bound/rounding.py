"""Rounded load inequalities: separation over all multipliers, for given sets of stations."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

import numpy as np

from optimiser.basics.compiled import compiled
from optimiser.rebalancing.routing_bound.sets import Flags, Floats, Integers


@dataclass(frozen=True, slots=True)
class Multipliers:
    """
    All pairs r = a / b, s = k / b with 0 < a < b <= capacity, 0 <= k < b, and how they round each load.

    `out[m, l]` = ceil(r l + s) weighs an arc that leaves the set with load l, `into[m, l]` = floor(r l + s) one that
    enters it.
    """

    numerator: Integers
    denominator: Integers
    out: Floats
    into: Floats

    @classmethod
    def up_to(cls, capacity: int, *, widest: int) -> Multipliers:
        """Denominators up to `capacity`, but not above `widest`."""
        triples = [
            (a, b, k)
            for b in range(2, min(capacity, widest) + 1)
            for a in range(1, b)
            if gcd(a, b) == 1
            for k in range(b)
        ] or [(1, 2, 0)]
        a, b, k = np.array(triples, dtype=np.int64).T
        scaled = a[:, None] * np.arange(capacity + 1) + k[:, None]
        return cls(a, b, (-(-scaled // b[:, None])).astype(np.float64), (scaled // b[:, None]).astype(np.float64))


@compiled
def best_rounding(
    sets: Flags,
    tail: Integers,
    head: Integers,
    load: Integers,
    value: Floats,
    demand: Integers,
    numerator: Integers,
    denominator: Integers,
    out: Floats,
    into: Floats,
) -> tuple[Floats, Integers]:
    """For each set the most violated rounded load inequality: by how much, and which multiplier (-1: none)."""
    count = len(sets)
    loads = out.shape[1]
    violation = np.zeros(count)
    chosen = np.full(count, -1, np.int64)
    leaving = np.zeros(loads)
    entering = np.zeros(loads)
    for row in range(count):
        leaving[:] = 0.0
        entering[:] = 0.0
        net = 0
        for station in range(1, len(demand)):
            if sets[row, station]:
                net += demand[station]
        for arc in range(len(tail)):
            starts, ends = sets[row, tail[arc]], sets[row, head[arc]]
            if starts and not ends:
                leaving[load[arc]] += value[arc]
            elif ends and not starts:
                entering[load[arc]] += value[arc]
        leave_at = np.nonzero(leaving)[0]
        enter_at = np.nonzero(entering)[0]
        for m in range(len(numerator)):
            short = float(-((-numerator[m] * net) // denominator[m]))
            for at in leave_at:
                short -= out[m, at] * leaving[at]
            for at in enter_at:
                short += into[m, at] * entering[at]
            if short > violation[row] + 1e-9:
                violation[row] = short
                chosen[row] = m
    return violation, chosen
