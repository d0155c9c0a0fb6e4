"""
What no choice can exceed: that a point is covered by its own sites alone, relaxed at a price (Galvao & ReVelle 1996,
European Journal of Operational Research 88).

    U(u) = sum_i (w_i - u_i) + max { sum_j rho_j y_j : sum_j y_j = p },   rho_j = sum_{i: j in N_i} u_i

Any u with 0 <= u_i <= w_i gives a bound; steps along the subgradient (open sites within reach) - 1 lower it. With a
bound U and a choice that covers L, a closed site that would make U fall below L when opened stays closed, and an open
one likewise stays open.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.compiled import in_place, inlined
from optimiser.siting.coverage.problem import Floats, Ints
from optimiser.siting.coverage.reach import Bools, Reach

FREE, OPEN, CLOSED = 0, 1, -1
STALE, PATIENT = 20, 150
"""Steps without a better bound after which they get shorter, in haste and where there is time: then the bound ends at a
third to a sixth of the distance from that of the linear programme."""
SHORTEST = 0.0002
"""Steps shorter than this hardly change the bound any more."""
KEPT = 0.9
"""Of each direction, that the next one keeps (Crowder 1976): steps zigzag less."""

Fixed = NDArray[np.int8]


class Dual(NamedTuple):
    """Prices and what follows from them; changed in place."""

    price: Floats
    """u, shape (points,)."""
    best_price: Floats
    """That gave the best bound."""
    worth: Floats
    """rho, shape (sites,)."""
    chosen: Bools
    """Sites open in the relaxation."""
    times: Ints
    """Of them, within reach of each point; room that each step fills anew."""
    direction: Floats
    """Shape (points,)."""
    pace: Floats
    """Length of a step, of the way to what is known; steps without a better bound, and how many of these shorten it."""
    best: Floats
    """The best bound so far, one figure."""
    edges: Floats
    """Least worth of a free site that is open, greatest of one that is not."""


def dual_of(reach: Reach, stale: int = STALE) -> Dual:
    """Every point's price is half its weight; so many steps without a better bound are allowed."""
    points, sites = len(reach.weight), len(reach.first_point) - 1
    return Dual(
        price=reach.weight / 2.0,
        best_price=reach.weight / 2.0,
        worth=np.zeros(sites),
        chosen=np.zeros(sites, dtype=np.bool_),
        times=np.zeros(points, dtype=np.int32),
        direction=np.zeros(points),
        pace=np.array([1.0, 0.0, float(stale)]),
        best=np.full(1, np.inf),
        edges=np.zeros(2),
    )


def relax(reach: Reach, p: int, fixed: Fixed, dual: Dual) -> float:
    """The bound of the prices as they are; minus infinity where too many sites, or too few, can be open."""
    return worths(reach, dual) + choose(p, fixed, dual)


def choose(p: int, fixed: Fixed, dual: Dual) -> float:
    """Open the sites that are worth most; what these are worth, minus infinity where they are too many or too few."""
    np.equal(fixed, OPEN, out=dual.chosen)
    left, free = p - int(dual.chosen.sum()), np.flatnonzero(fixed == FREE)
    if not 0 <= left <= len(free):
        return -np.inf
    order = free[np.argsort(-dual.worth[free], kind="stable")]
    dual.chosen[order[:left]] = True
    dual.edges[0] = dual.worth[order[left - 1]] if left else np.inf
    dual.edges[1] = dual.worth[order[left]] if left < len(order) else -np.inf
    return float(dual.worth[dual.chosen].sum())


@in_place
def worths(reach: Reach, dual: Dual) -> float:
    """Set rho; the sum of what points keep of their weights."""
    total = 0.0
    for point in range(len(dual.price)):
        total += reach.weight[point] - dual.price[point]
    for site in range(len(dual.worth)):
        worth = 0.0
        for point in reach.point[reach.first_point[site] : reach.first_point[site + 1]]:
            worth += dual.price[point]
        dual.worth[site] = worth
    return total


def descend(reach: Reach, p: int, fixed: Fixed, dual: Dual, *, limit: float, known: float, steps: int) -> float:
    """
    Lower the bound by so many steps at most, and fix what reduced worths allow; the best bound.

    Parameters
    ----------
    limit
        A bound of this or less proves that nothing better is left.
    known
        What the best choice so far covers.
    """
    for _ in range(steps):
        value = relax(reach, p, fixed, dual)
        if value < dual.best[0]:
            dual.best[0], dual.pace[1] = value, 0.0
            dual.best_price[:] = dual.price
        else:
            dual.pace[1] += 1.0
            if dual.pace[1] >= dual.pace[2]:
                dual.pace[0], dual.pace[1] = dual.pace[0] / 2.0, 0.0
                dual.price[:] = dual.best_price
                dual.direction[:] = 0.0
                value = relax(reach, p, fixed, dual)
        if dual.best[0] <= limit or dual.pace[0] < SHORTEST:
            break
        fix(fixed, dual, value, limit)
        norm = _turn(reach, dual)
        if norm == 0.0:
            dual.pace[0] = 0.0
            break
        _step(reach, dual, dual.pace[0] * max(value - known, 1e-6 * abs(known) + 1e-9) / norm)
    dual.price[:] = dual.best_price
    return min(float(dual.best[0]), relax(reach, p, fixed, dual))


def fix(fixed: Fixed, dual: Dual, value: float, limit: float) -> None:
    """Fix sites whose change would bring the bound down to the limit."""
    free = fixed == FREE
    fixed[free & dual.chosen & (value - dual.worth + dual.edges[1] <= limit)] = OPEN
    fixed[free & ~dual.chosen & (value + dual.worth - dual.edges[0] <= limit)] = CLOSED


@in_place
def _turn(reach: Reach, dual: Dual) -> float:
    """Turn the direction towards the subgradient, counted from the few sites that are open; the sum of its squares."""
    norm = 0.0
    dual.times[:] = 0
    for site in range(len(dual.chosen)):
        if dual.chosen[site]:
            for point in reach.point[reach.first_point[site] : reach.first_point[site + 1]]:
                dual.times[point] += 1
    for point in range(len(dual.price)):
        slope = dual.times[point] - 1.0
        kept = KEPT * dual.direction[point] + (1.0 - KEPT) * slope
        if _is_stuck(dual.price[point], reach.weight[point], kept):
            kept = 0.0
        dual.direction[point] = kept
        norm += kept * kept
    return norm


@inlined
def _is_stuck(price: float, weight: float, slope: float) -> bool:
    """Whether a price cannot go further that way."""
    return (slope > 0.0 and price <= 0.0) or (slope < 0.0 and price >= weight)


@in_place
def _step(reach: Reach, dual: Dual, length: float) -> None:
    for point in range(len(dual.price)):
        moved = dual.price[point] - length * dual.direction[point]
        dual.price[point] = min(max(moved, 0.0), reach.weight[point])
