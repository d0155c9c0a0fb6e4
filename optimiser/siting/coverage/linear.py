"""
The bound of the linear programme, and what follows from it for sites that are free.

HiGHS's interior point method comes to it soonest where pairs are few; where they are many, our own, whose steps cost
what the sites cost, and which tells a bound at every one of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.blas import one_blas_thread
from optimiser.siting.coverage.interior import Interior
from optimiser.siting.coverage.programme import linear_prices
from optimiser.siting.coverage.reach import Bools, Reach, narrowed, without
from optimiser.siting.coverage.relaxation import FREE, OPEN, Dual, Fixed, dual_of, fix, relax
from optimiser.siting.coverage.standing import Standing

SHARE = 0.6
"""Of the time that is left, what it may take."""
PAIRS_A_SECOND = 15_000
"""Of points and sites, for HiGHS."""
WIDEST = 6_000
"""Free sites, at most, for our own method: its table of them has to fit into memory."""
PACE, STEPS = 2e10, 20
"""Products of two numbers that it takes in a second, and steps that it is to have."""
NEAR, CLOSE = 2e-5, 0.005
"""Of the bound, or of what is still open, how near it comes to that of the linear programme."""


class _Rest(NamedTuple):
    """Sites that are free, and points that none of the settled ones reaches."""

    sites: NDArray[np.int64]
    """Their numbers among all."""
    reach: Reach
    p: int
    """Of them, to be open."""
    sure: float
    """Weight that settled sites cover."""
    dual: Dual
    fixed: Fixed


def bound_linearly(now: Standing) -> Bools | None:
    """Come to that bound, as near as there is time for; the sites that are then open most, or None without any time."""
    settled = now.fixed == OPEN
    unsettled = without(now.reach, settled)
    sites = np.flatnonzero(now.fixed == FREE)
    reach, p = narrowed(unsettled, now.fixed == FREE), now.p - int(settled.sum())
    if not 0 < p < len(sites) or not len(reach.weight):
        return None
    sure = float(now.reach.weight.sum() - unsettled.weight.sum())
    rest = _Rest(sites, reach, p, sure, dual_of(reach), np.full(len(sites), FREE, dtype=np.int8))
    share = _at_once(now, rest)
    if share is None:
        with one_blas_thread():
            share = _from_inside(now, rest)
        if share is not None:
            now.share[:] = settled
            now.share[sites] = share
    if share is None:
        return None
    now.fixed[sites] = rest.fixed
    most: Bools = settled.copy()
    most[sites[np.argsort(-share, kind="stable")[:p]]] = True
    return most


def _at_once(now: Standing, rest: _Rest) -> NDArray[np.float64] | None:
    """By HiGHS; how much sites are open, as far as that is told by their worths."""
    if len(rest.reach.site) > PAIRS_A_SECOND * SHARE * now.left_s():
        return None
    price = linear_prices(rest.reach, rest.p, rest.fixed, seconds=SHARE * now.left_s())
    if price is None:
        return None
    _note(now, rest, price)
    return rest.dual.worth


def _from_inside(now: Standing, rest: _Rest) -> NDArray[np.float64] | None:
    """By our own; how much sites are open."""
    if len(rest.sites) > WIDEST:
        return None
    inside = Interior(rest.reach, rest.p)
    if STEPS * inside.work() > PACE * SHARE * now.left_s():
        return None
    for _ in range(3 * STEPS):
        _note(now, rest, inside.price)
        near = max(NEAR * now.bound, CLOSE * (now.bound - now.known))
        is_near = now.bound - rest.sure - inside.value() <= near
        if is_near or now.is_proven() or now.is_over() or not inside.step():
            break
    return inside.y


def _note(now: Standing, rest: _Rest, price: NDArray[np.float64]) -> None:
    """The bound of these prices, which sites it fixes, and what the others lack."""
    rest.dual.price[:] = price
    bound = relax(rest.reach, rest.p, rest.fixed, rest.dual)
    now.lower(rest.sure + bound)
    fix(rest.fixed, rest.dual, bound, now.limit() - rest.sure)
    now.lack[rest.sites] = np.maximum(rest.dual.edges[0] - rest.dual.worth, 0.0)
