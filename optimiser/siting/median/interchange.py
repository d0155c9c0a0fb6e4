"""
Interchange: a site that is closed takes the place of an open one for as long as that pays (Teitz & Bart 1968).

What each open site would leave behind is kept up to date; a site that is looked at wins demand and spares some of that,
both found in one pass over the demand within its reach (Resende & Werneck 2007, European Journal of Operational
Research 182, after Whitaker 1983).
"""

from __future__ import annotations

import numpy as np

from optimiser.basics.compiled import in_place, inlined, whole
from optimiser.siting.median.nearness import Bools, Nearness, Served
from optimiser.siting.median.problem import Ints

SLACK = 1e-11
"""Of the cost: exchanges that gain less are chance of rounding."""


@in_place
def serve(nearness: Nearness, is_open: Bools, served: Served) -> float:
    """Find the nearest and the second nearest open site of all demand; what all ways cost."""
    total = 0.0
    for point in range(len(nearness.beyond)):
        _serve_one(nearness, is_open, served, point)
        total += served.first_way[point]
    return total


@in_place
def _serve_one(nearness: Nearness, is_open: Bools, served: Served, point: int) -> None:
    beyond = nearness.beyond[point]
    served.first[point], served.first_way[point], served.second_way[point] = -1, beyond, beyond
    for pair in range(nearness.first[point], nearness.first[point + 1]):
        site = nearness.near[pair]
        if is_open[site]:
            if served.first[point] >= 0:
                served.second_way[point] = nearness.way[pair]
                break
            served.first[point], served.first_way[point] = site, nearness.way[pair]


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
    sites = len(order)
    total = serve(nearness, is_open, served)
    count = count_losses(is_open, may_change, served)
    smallest = _closing(served, count)
    tried, position = 0, 0
    while tried < sites and smallest >= 0:
        site = order[position]
        position = position + 1 if position + 1 < sites else 0
        tried += 1
        if is_open[site] or not may_change[site]:
            continue
        gain = gain_of(nearness, site, served)
        touched = whole(served.touched[sites])
        # The least loss is either the least of all, or of those of which something is spared.
        least = served.loss[served.open[smallest]]
        for place in range(touched):
            other = served.touched[place]
            least = min(least, served.loss[other] - served.spared[other])
        place = _closing(served, count) if gain - least > SLACK * (1.0 + total) else smallest
        loss = served.loss[served.open[place]] - served.spared[served.open[place]]
        for other in range(touched):
            served.spared[served.touched[other]] = 0.0
        if gain - loss > SLACK * (1.0 + total):
            exchange(nearness, is_open, served, place, site)
            total -= gain - loss
            tried = 0
            smallest = _closing(served, count)
    return total


@inlined
def exchange(nearness: Nearness, is_open: Bools, served: Served, place: int, site: int) -> None:
    """Open a site in the place of an open one."""
    closing = served.open[place]
    served.open[place], served.place[site] = site, place
    is_open[site], is_open[closing] = True, False
    served.loss[site] = 0.0
    _follow(nearness, is_open, site, served)
    _follow(nearness, is_open, closing, served)


@inlined
def _closing(served: Served, count: int) -> int:
    """Which of the open sites would leave the least behind; -1 where there is none."""
    place, least = -1, np.inf
    for other in range(count):
        loss = served.loss[served.open[other]] - served.spared[served.open[other]]
        if loss < least:
            place, least = other, loss
    return place


@inlined
def count_losses(is_open: Bools, may_change: Bools, served: Served) -> int:
    """Set what each open site would leave behind, and list those that may change; how many."""
    count = 0
    for site in range(len(is_open)):
        served.loss[site], served.spared[site] = 0.0, 0.0
        if is_open[site] and may_change[site]:
            served.open[count], served.place[site] = site, count
            count += 1
        elif is_open[site]:
            # What may not be closed is never the least.
            served.loss[site] = np.inf
    for point in range(len(served.first)):
        if served.first[point] >= 0:
            served.loss[served.first[point]] += served.second_way[point] - served.first_way[point]
    return count


@inlined
def gain_of(nearness: Nearness, site: int, served: Served) -> float:
    """What demand saves that a new site is nearest to; sets what open sites then leave behind less."""
    gain, touched = 0.0, 0
    for pair in range(nearness.first_point[site], nearness.first_point[site + 1]):
        point, way = nearness.point[pair], nearness.back[pair]
        second = served.second_way[point]
        if way < second:
            nearest, nearest_way = served.first[point], served.first_way[point]
            gain += max(0.0, nearest_way - way)
            spared = second - max(way, nearest_way)
            if nearest >= 0 and spared > 0.0:
                if served.spared[nearest] == 0.0:
                    served.touched[touched] = nearest
                    touched += 1
                served.spared[nearest] += spared
    served.touched[len(served.touched) - 1] = touched
    return gain


@inlined
def _follow(nearness: Nearness, is_open: Bools, site: int, served: Served) -> None:
    """Serve anew the demand that the opening or the closing of a site concerns."""
    for pair in range(nearness.first_point[site], nearness.first_point[site + 1]):
        point = nearness.point[pair]
        if nearness.back[pair] <= served.second_way[point]:
            nearest = served.first[point]
            if nearest >= 0:
                served.loss[nearest] -= served.second_way[point] - served.first_way[point]
            _serve_one(nearness, is_open, served, point)
            nearest = served.first[point]
            if nearest >= 0:
                served.loss[nearest] += served.second_way[point] - served.first_way[point]
