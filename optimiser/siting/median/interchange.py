"""
Interchange: a site that is closed takes the place of an open one for as long as that pays (Teitz & Bart 1968).

What a site brings, and what each open one would leave behind, is counted for all open ones at once in one pass over
the demand (Whitaker 1983; Hansen & Mladenovic 1997, Location Science 5).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.compiled import in_place, inlined
from optimiser.siting.median.nearness import Ints, Nearness, Served

Bools = NDArray[np.bool_]
SLACK = 1e-9


@in_place
def serve(nearness: Nearness, is_open: Bools, served: Served) -> float:
    """Find the nearest and the second nearest open site of all demand; what all ways cost."""
    total = 0.0
    for point in range(nearness.cost.shape[0]):
        _serve_one(nearness, is_open, served, point)
        total += served.first_way[point]
    return total


@in_place
def _serve_one(nearness: Nearness, is_open: Bools, served: Served, point: int) -> None:
    found = False
    served.second_way[point] = np.inf
    for rank in range(nearness.near.shape[1]):
        site = nearness.near[point, rank]
        if is_open[site]:
            if found:
                served.second_way[point] = nearness.way[point, rank]
                break
            served.first[point], served.first_way[point] = site, nearness.way[point, rank]
            found = True


@in_place
def interchange(nearness: Nearness, is_open: Bools, may_change: Bools, order: Ints, served: Served) -> float:
    """
    Improve a choice in place until no exchange pays; what it costs then.

    Parameters
    ----------
    may_change
        Whether a site may be opened or closed.
    order
        Sites, as they are tried.
    """
    sites = nearness.cost.shape[1]
    total = serve(nearness, is_open, served)
    tried, position = 0, 0
    while tried < sites:
        site = order[position]
        position = position + 1 if position + 1 < sites else 0
        tried += 1
        if is_open[site] or not may_change[site]:
            continue
        gain = _gain(nearness, site, served)
        closing, least = -1, np.inf
        for other in range(sites):
            if is_open[other] and may_change[other] and served.loss[other] < least:
                closing, least = other, served.loss[other]
        if closing >= 0 and gain - least > SLACK:
            is_open[site], is_open[closing] = True, False
            total -= gain - least
            tried = 0
            _follow(nearness, is_open, site, closing, served)
    return total


@inlined
def _gain(nearness: Nearness, site: int, served: Served) -> float:
    """What demand saves that a new site is nearest to; sets what each open site would leave behind."""
    gain = 0.0
    served.loss[:] = 0.0
    way = nearness.column[site]
    for point in range(len(way)):
        if way[point] < served.first_way[point]:
            gain += served.first_way[point] - way[point]
        else:
            served.loss[served.first[point]] += min(way[point], served.second_way[point]) - served.first_way[point]
    return gain


@inlined
def _follow(nearness: Nearness, is_open: Bools, site: int, closed: int, served: Served) -> None:
    """Serve anew the demand that an exchange concerns."""
    for point in range(nearness.cost.shape[0]):
        furthest = served.second_way[point]
        if nearness.column[site, point] < furthest or nearness.column[closed, point] <= furthest:
            _serve_one(nearness, is_open, served, point)
