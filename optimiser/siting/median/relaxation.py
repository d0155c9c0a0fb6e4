"""
What no choice can undercut: each demand point's going to one site relaxed at a price (Narula, Ogbu & Samuelsson 1977).

    L(u) = sum_i u_i + min { sum_j rho_j y_j : sum_j y_j = p },   rho_j = sum_i min(0, c_ij - u_i)

Any u gives a bound, if none is above what its point pays for having no site within reach; steps along the subgradient
1 - (open sites nearer than u_i) raise it. With a bound L and a choice that costs U, a closed site that would make L
exceed U when opened stays closed, and an open one likewise stays open (reduced costs; Beasley 1993).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.compiled import in_place, inlined, summing, whole
from optimiser.siting.median.nearness import Nearness
from optimiser.siting.median.problem import Floats

FREE, OPEN, CLOSED = 0, 1, -1
STALE = 20
"""Steps without a better bound after which they get shorter."""
SHORTEST = 0.0002
"""Steps shorter than this hardly change the bound any more."""

AT_ONCE = 6
"""Pairs that are added at once, in the time of one that is found by a list."""

Fixed = NDArray[np.int8]


class Dual(NamedTuple):
    """Prices and what follows from them; changed in place."""

    price: Floats
    """u, shape (demand,)."""
    best_price: Floats
    """That gave the best bound."""
    reduced: Floats
    """rho, shape (sites,)."""
    chosen: NDArray[np.bool_]
    """Sites open in the relaxation."""
    excess: Floats
    """Subgradient, shape (demand,)."""
    scratch: Floats
    pace: Floats
    """Length of a step, of the way to what is known; steps without a better bound; pairs of points and sites that the
    prices reach; the best bound."""
    edges: Floats
    """Greatest reduced cost of a free site that is open, least of one that is not."""


def dual_of(points: int, sites: int) -> Dual:
    """Room for it."""
    return Dual(
        price=np.zeros(points),
        best_price=np.zeros(points),
        reduced=np.zeros(sites),
        chosen=np.zeros(sites, dtype=np.bool_),
        excess=np.zeros(points),
        scratch=np.zeros(sites),
        pace=np.array([0.0, 0.0, 0.0, -np.inf]),
        edges=np.zeros(2),
    )


@in_place
def relax(nearness: Nearness, p: int, fixed: Fixed, dual: Dual) -> float:
    """The bound of the prices as they are; infinity where too many sites, or too few, can be open."""
    total = _reduce_costs(nearness, fixed, dual)
    left, free = p, 0
    for site in range(len(fixed)):
        dual.chosen[site] = fixed[site] == OPEN
        if fixed[site] == OPEN:
            total += dual.reduced[site]
            left -= 1
        elif fixed[site] == FREE:
            dual.scratch[free] = dual.reduced[site]
            free += 1
    if left < 0 or left > free:
        return np.inf
    return total + _choose(fixed, dual, whole(left), whole(free))


@inlined
def _reduce_costs(nearness: Nearness, fixed: Fixed, dual: Dual) -> float:
    """Set rho of the sites that are not closed; the sum of all prices."""
    points, total, left = len(dual.price), 0.0, 0
    for point in range(points):
        total += dual.price[point]
    for site in range(len(fixed)):
        dual.reduced[site] = 0.0
        left += fixed[site] != CLOSED
    # Where all sites reach everybody, whole columns are added several pairs at once, and those of closed sites are not.
    if len(nearness.near) == points * len(fixed) and left * points < AT_ONCE * dual.pace[2]:
        for site in range(len(fixed)):
            if fixed[site] != CLOSED:
                dual.reduced[site] = _saved(nearness.back[site * points : (site + 1) * points], dual.price)
        return total
    pairs = 0
    for point in range(points):
        price = dual.price[point]
        for pair in range(nearness.first[point], nearness.first[point + 1]):
            if nearness.way[pair] >= price:
                break
            dual.reduced[nearness.near[pair]] += nearness.way[pair] - price
            pairs += 1
    dual.pace[2] = pairs
    return total


@summing
def _saved(way: Floats, price: Floats) -> float:
    """What is left of the ways below their prices, 0 or less."""
    total = 0.0
    for point in range(len(way)):
        total += min(0.0, way[point] - price[point])
    return total


@inlined
def _choose(fixed: Fixed, dual: Dual, left: int, free: int) -> float:
    """Open the `left` free sites of least reduced costs; their sum. Sets the edges."""
    edge = -np.inf
    if left > 0:
        edge = _smallest(dual.scratch, free, left)
    total, count = 0.0, 0
    for site in range(len(fixed)):
        if fixed[site] == FREE and dual.reduced[site] < edge:
            dual.chosen[site] = True
            total += dual.reduced[site]
            count += 1
    beyond = np.inf
    for site in range(len(fixed)):
        if fixed[site] == FREE and not dual.chosen[site]:
            if dual.reduced[site] == edge and count < left:
                dual.chosen[site] = True
                total += edge
                count += 1
            else:
                beyond = min(beyond, dual.reduced[site])
    dual.edges[0], dual.edges[1] = edge, beyond
    return total


@inlined
def within(nearness: Nearness, point: int, price: float) -> float:
    """The price between what the nearest site costs and what having none within reach does; none else can be best."""
    beyond, first = nearness.beyond[point], nearness.first[point]
    least = nearness.way[first] if first < nearness.first[point + 1] else beyond
    return float(min(beyond, max(least, price)))


@inlined
def copy_into(target: NDArray[Any], source: NDArray[Any]) -> None:
    """Make all figures of one array those of another."""
    for index in range(len(source)):
        target[index] = source[index]


@in_place
def _smallest(values: Floats, count: int, rank: int) -> float:
    """The `rank`-th smallest of the first `count` values, which change places (Hoare 1961)."""
    low, high, wanted = 0, count - 1, rank - 1
    while low < high:
        pivot = values[(low + high) // 2]
        left, right = low, high
        while left <= right:
            while values[left] < pivot:
                left += 1
            while values[right] > pivot:
                right -= 1
            if left <= right:
                values[left], values[right] = values[right], values[left]
                left += 1
                right -= 1
        if wanted <= right:
            high = right
        elif wanted >= left:
            low = left
        else:
            break
    return float(values[wanted])


@in_place
def ascend(nearness: Nearness, p: int, fixed: Fixed, dual: Dual, limit: float, known: float, steps: int) -> float:
    """
    Raise the bound by so many steps at most from the prices as they are, and fix what reduced costs allow.

    The prices become those of the best bound, which is the answer; parameters are those of `climb`.
    """
    dual.pace[1], dual.pace[3] = 0.0, -np.inf
    climb(nearness, p, fixed, dual, limit, known, steps)
    copy_into(dual.price, dual.best_price)
    return float(max(dual.pace[3], relax(nearness, p, fixed, dual)))


@in_place
def climb(nearness: Nearness, p: int, fixed: Fixed, dual: Dual, limit: float, known: float, steps: int) -> float:
    """
    Go on by so many steps at most, and fix what reduced costs allow; the best bound of all steps so far.

    Parameters
    ----------
    limit
        A bound from here on proves that nothing cheaper is left: whoever asks wants no more.
    known
        What the best choice so far costs.
    """
    for _ in range(steps):
        value = relax(nearness, p, fixed, dual)
        if value > dual.pace[3]:
            dual.pace[3], dual.pace[1] = value, 0.0
            copy_into(dual.best_price, dual.price)
        else:
            dual.pace[1] += 1.0
            if dual.pace[1] >= STALE:
                dual.pace[0], dual.pace[1] = dual.pace[0] / 2.0, 0.0
                copy_into(dual.price, dual.best_price)
                value = relax(nearness, p, fixed, dual)
        if dual.pace[3] >= limit or dual.pace[0] < SHORTEST:
            break
        fix(fixed, dual, value, limit)
        norm = _subgradient(nearness, dual)
        if norm == 0.0:
            dual.pace[0] = 0.0
            break
        step = dual.pace[0] * max(known - value, 1e-6 * abs(known) + 1e-9) / norm
        for point in range(len(dual.price)):
            dual.price[point] = within(nearness, point, dual.price[point] + step * dual.excess[point])
    return float(dual.pace[3])


@in_place
def fix(fixed: Fixed, dual: Dual, value: float, limit: float) -> None:
    """Fix sites whose change would raise the bound to the limit."""
    for site in range(len(fixed)):
        if fixed[site] != FREE:
            continue
        if dual.chosen[site]:
            if value - dual.reduced[site] + dual.edges[1] >= limit:
                fixed[site] = OPEN
        elif value + dual.reduced[site] - dual.edges[0] >= limit:
            fixed[site] = CLOSED


@in_place
def _subgradient(nearness: Nearness, dual: Dual) -> float:
    """Set what demand is served too little or too often; its squares' sum."""
    for point in range(len(dual.price)):
        dual.excess[point] = 1.0
    pairs = 0
    for site in range(len(dual.chosen)):
        if dual.chosen[site]:
            pairs += nearness.first_point[site + 1] - nearness.first_point[site]
    # By site where few are open, by point where prices reach few sites.
    if pairs < dual.pace[2]:
        for site in range(len(dual.chosen)):
            if dual.chosen[site]:
                for pair in range(nearness.first_point[site], nearness.first_point[site + 1]):
                    if nearness.back[pair] < dual.price[nearness.point[pair]]:
                        dual.excess[nearness.point[pair]] -= 1.0
    else:
        for point in range(len(dual.price)):
            for pair in range(nearness.first[point], nearness.first[point + 1]):
                if nearness.way[pair] >= dual.price[point]:
                    break
                dual.excess[point] -= dual.chosen[nearness.near[pair]]
    norm = 0.0
    for point in range(len(dual.price)):
        if dual.excess[point] > 0.0 and dual.price[point] >= nearness.beyond[point]:
            # It may not rise: at this price the point has what it needs.
            dual.excess[point] = 0.0
        norm += dual.excess[point] ** 2
    return norm
