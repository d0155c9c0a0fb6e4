"""Heuristic separation: grow and repair sets of stations by greedy and tabu moves, looking for short entries."""

from __future__ import annotations

import numpy as np

from optimiser.basics.compiled import compiled, whole
from optimiser.rebalancing.routing_bound.sets import Flags, Floats, Integers

_WALKS = (
    (0.0, 1.0, 0),
    (0.4, 1.0, 0),
    (0.4, -1.0, 0),
    (1.0, 1.0, 0),
    (1.0, -1.0, 0),
    (1.0, 1.0, 7),
    (1.0, -1.0, 7),
)
"""Slope, sign and tenure of the walks from each start; with tenure 0 a walk only grows."""


@compiled
def _walk(
    start: Flags,
    both: Floats,
    demand: Integers,
    capacity: int,
    slope: float,
    sign: float,
    tenure: int,
    tolerance: float,
    found: Flags,
    count: int,
) -> int:
    """
    Change one station at a time from `start`, best first, and note sets that are entered too seldom in `found`.

    `both` is x + x transposed. What a step should lower is x(leaving S) - slope * sign * q(S) / capacity; a station
    that moved stays for `tenure` steps. Returns how many sets are noted now.
    """
    size = len(demand)
    inside = start.copy()
    pull = np.zeros(size)
    members = 0
    net = 0
    leaving = 0.0
    for station in range(1, size):
        if inside[station]:
            members += 1
            net += demand[station]
            for other in range(1, size):
                pull[other] += both[station, other]
    for station in range(1, size):
        if inside[station]:
            leaving -= pull[station] / 2
    leaving += members
    forbidden = np.zeros(size, np.int64)
    for step in range(size):
        best, best_value = -1, np.inf
        for station in range(1, size):
            if forbidden[station] > step:
                continue
            if inside[station]:
                if tenure == 0 or members == 1:
                    continue
                value = pull[station] - 1.0 + slope * sign * demand[station] / capacity
            else:
                value = 1.0 - pull[station] - slope * sign * demand[station] / capacity
            if value < best_value:
                best, best_value = station, value
        if best < 0:
            break
        direction = -1 if inside[best] else 1
        leaving += direction * (1.0 - pull[best])
        members += direction
        net += direction * demand[best]
        inside[best] = not inside[best]
        forbidden[best] = step + tenure
        for other in range(1, size):
            pull[other] += direction * both[best, other]
        needed = max(1, (abs(net) + capacity - 1) // capacity)
        if needed - leaving > tolerance and count < len(found):
            found[count] = inside
            count += 1
    return count


@compiled
def short_sets(both: Floats, demand: Integers, capacity: int, starts: Flags, tolerance: float, most: int) -> Flags:
    """Sets found from each start, in rows of flags: those short of more than `tolerance` entries; may repeat itself."""
    size = len(demand)
    found = np.zeros((most, size), np.bool_)
    count = whole(0)
    for row in range(len(starts)):
        start = starts[row]
        for slope, sign, tenure in _WALKS:
            count = _walk(start, both, demand, capacity, slope, sign, tenure, tolerance, found, count)
    return found[:count]
