"""
What no assignment can undercut: that every customer is served once, relaxed at a price (Mulvey & Beck 1984, European
Journal of Operational Research 18).

    L(u) = sum_i u_i + min { sum_j rho_j y_j : sum_j y_j = p },
    rho_j = min { sum_i (c_ij - u_i) x_i : sum_i q_i x_i <= Q_j, x binary }

Any u gives a bound; steps along the subgradient 1 - (how often a customer is served) raise it. A knapsack is solved
only where its own bound could be among the p least.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimiser.basics.compiled import in_place
from optimiser.siting.capacitated.knapsack import Sack, fill, most_worth, pack, sack_of
from optimiser.siting.capacitated.pairs import Bools, Pairs
from optimiser.siting.capacitated.problem import Floats

STALE = 20
"""Steps without a better bound after which they get shorter."""
SHORTEST = 0.0002
"""Steps shorter than this hardly change the bound any more."""
KEPT = 0.7
"""Of each direction, that the next one keeps (Crowder 1976): steps zigzag less."""


class Dual(NamedTuple):
    """Prices and what follows from them; changed in place."""

    price: Floats
    """u, shape (customers,)."""
    highest: Floats
    """That prices may be: with more, sites that are not listed would count."""
    best_price: Floats
    """That gave the best bound."""
    reduced: Floats
    """rho or less, shape (sites,)."""
    is_filled: Bools
    """Whether it was the knapsack that told it."""
    chosen: Bools
    """Sites open in the relaxation."""
    served: Floats
    """How often each customer is."""
    is_taken: Bools
    """Of each pair at a filled site, whether the site takes the customer."""
    direction: Floats
    """Shape (customers,)."""
    pace: Floats
    """Length of a step, of the way to what is known, and steps without a better bound."""
    sack: Sack


def dual_of(pairs: Pairs, highest: Floats | None) -> Dual:
    """Every customer's price is its way to the nearest site."""
    customers, sites = len(pairs.demand), len(pairs.capacity)
    nearest = np.minimum.reduceat(pairs.way, pairs.first[:-1])
    return Dual(
        price=nearest.copy(),
        highest=np.full(customers, np.inf) if highest is None else highest,
        best_price=nearest.copy(),
        reduced=np.zeros(sites),
        is_filled=np.zeros(sites, dtype=np.bool_),
        chosen=np.zeros(sites, dtype=np.bool_),
        served=np.zeros(customers),
        is_taken=np.zeros(len(pairs.site), dtype=np.bool_),
        direction=np.zeros(customers),
        pace=np.ones(2),
        sack=sack_of(pairs),
    )


def relax(pairs: Pairs, p: int, dual: Dual) -> float:
    """The bound of the prices as they are."""
    dearest = float(dual.price.max())
    _estimate(pairs, dual, dearest)
    if p < len(dual.reduced):
        edge = np.partition(dual.reduced, p - 1)[p - 1]
        _fill_below(pairs, dual, dearest, edge)
        edge = np.partition(np.where(dual.is_filled, dual.reduced, np.inf), p - 1)[p - 1]
    else:
        edge = np.inf
    _fill_below(pairs, dual, dearest, edge)
    dual.chosen[:] = False
    dual.chosen[np.lexsort((~dual.is_filled, dual.reduced))[:p]] = True
    return float(dual.price.sum() + dual.reduced[dual.chosen].sum())


@in_place
def _estimate(pairs: Pairs, dual: Dual, dearest: float) -> None:
    """Set rho as if a customer could be served in part."""
    for site in range(len(dual.reduced)):
        count = pack(pairs, dual.price, dearest, site, dual.sack)
        dual.reduced[site] = -most_worth(dual.sack, 0, count, pairs.capacity[site])
        dual.is_filled[site] = False


@in_place
def _fill_below(pairs: Pairs, dual: Dual, dearest: float, edge: float) -> None:
    """Solve the knapsacks of sites whose rho is at most so much and not yet told by one."""
    for site in range(len(dual.reduced)):
        if dual.reduced[site] <= edge and not dual.is_filled[site]:
            count = pack(pairs, dual.price, dearest, site, dual.sack)
            worth, is_proven = fill(dual.sack, count, pairs.capacity[site])
            if is_proven:
                dual.reduced[site] = -worth
            dual.is_filled[site] = True
            for pair in range(pairs.first_at[site], pairs.first_at[site + 1]):
                dual.is_taken[pair] = False
            for item in range(count):
                dual.is_taken[dual.sack.pair[item]] = dual.sack.was_in[item]


def ascend(pairs: Pairs, p: int, dual: Dual, *, limit: float, known: float, steps: int) -> float:
    """
    Raise the bound by so many steps at most; the best bound, whose prices are then set.

    Parameters
    ----------
    limit
        A bound from here on proves that nothing cheaper is left.
    known
        What the best assignment so far costs.
    """
    best = -np.inf
    dual.best_price[:] = dual.price
    for _ in range(steps):
        value = relax(pairs, p, dual)
        if value > best:
            best, dual.pace[1] = value, 0.0
            dual.best_price[:] = dual.price
        else:
            dual.pace[1] += 1.0
            if dual.pace[1] >= STALE:
                dual.pace[0], dual.pace[1] = dual.pace[0] / 2.0, 0.0
                dual.price[:] = dual.best_price
                dual.direction[:] = 0.0
                value = relax(pairs, p, dual)
        if best >= limit or dual.pace[0] < SHORTEST:
            break
        _count(pairs, dual)
        dual.direction[:] = KEPT * dual.direction + (1.0 - KEPT) * (1.0 - dual.served)
        is_stuck = ((dual.direction > 0) & (dual.price >= dual.highest)) | ((dual.direction < 0) & (dual.price <= 0))
        dual.direction[is_stuck] = 0.0
        norm = float((dual.direction**2).sum())
        if norm == 0.0:
            dual.pace[0] = 0.0
            break
        length = dual.pace[0] * max(known - value, 1e-6 * abs(known) + 1e-9) / norm
        dual.price[:] = np.clip(dual.price + length * dual.direction, 0.0, dual.highest)
    dual.price[:] = dual.best_price
    return max(best, relax(pairs, p, dual))


@in_place
def _count(pairs: Pairs, dual: Dual) -> None:
    """Set how often customers are served by the sites that are chosen."""
    dual.served[:] = 0.0
    for site in range(len(dual.chosen)):
        if dual.chosen[site]:
            for pair in range(pairs.first_at[site], pairs.first_at[site + 1]):
                if dual.is_taken[pair]:
                    dual.served[pairs.customer[pair]] += 1.0
