"""
Demand points with the same two sites nearest taken for one: a first look at what is large.

A choice costs groups no less than their points, since all of a group go to one site; where few of the sites are open it
hardly ever costs more.
"""

from __future__ import annotations

import numpy as np

from optimiser.basics.compiled import in_place
from optimiser.siting.median.nearness import Longs, Nearness, nearness_from
from optimiser.siting.median.problem import Floats, Ints
from optimiser.siting.median.relaxation import within

NONE = -1


def groups_of(nearness: Nearness) -> Longs:
    """The group of each point."""
    sites, counts = nearness.sites, np.diff(nearness.first)
    key = np.zeros(nearness.points, dtype=np.int64)
    for rank in (0, 1):
        ranked, is_there = np.full(nearness.points, sites, dtype=np.int64), counts > rank
        ranked[is_there] = nearness.near[nearness.first[:-1][is_there] + rank]
        key = key * (sites + 1) + ranked
    return np.unique(key, return_inverse=True)[1]


def gathered(nearness: Nearness, group: Longs) -> Nearness:
    """Groups as points, with the ways of all of theirs summed; whoever does not reach a site pays for that."""
    sites, order = nearness.sites, np.argsort(group, kind="stable")
    begins = np.concatenate([[0], np.cumsum(np.bincount(group))])
    counts = np.zeros(len(begins), dtype=np.int64)
    _count_sites(nearness, order, begins, np.full(sites, NONE, dtype=np.int64), counts)
    first = np.cumsum(counts)
    near, way, beyond = np.empty(first[-1], dtype=np.int32), np.empty(first[-1]), np.zeros(len(begins) - 1)
    _sum_ways(nearness, order, begins, np.full(sites, NONE, dtype=np.int64), first, near, way, beyond)
    return nearness_from(first, near, way, beyond, sites)


def spread(nearness: Nearness, groups: Nearness, group: Longs, price: Floats) -> Floats:
    """Prices of points that sum up to those of their groups, between ways to the same two sites."""
    prices = np.zeros(nearness.points)
    _spread(nearness, groups, group, price, prices)
    return prices


@in_place
def _count_sites(nearness: Nearness, order: Longs, begins: Longs, seen: Longs, counts: Longs) -> None:
    for group in range(len(begins) - 1):
        for member in range(begins[group], begins[group + 1]):
            point = order[member]
            for pair in range(nearness.first[point], nearness.first[point + 1]):
                if seen[nearness.near[pair]] != group:
                    seen[nearness.near[pair]] = group
                    counts[group + 1] += 1


@in_place
def _sum_ways(
    nearness: Nearness, order: Longs, begins: Longs, place: Longs, first: Longs, near: Ints, way: Floats, beyond: Floats
) -> None:
    for group in range(len(begins) - 1):
        end = first[group]
        for member in range(begins[group], begins[group + 1]):
            beyond[group] += nearness.beyond[order[member]]
        for member in range(begins[group], begins[group + 1]):
            point = order[member]
            for pair in range(nearness.first[point], nearness.first[point + 1]):
                site = nearness.near[pair]
                if place[site] < first[group]:
                    place[site] = end
                    near[end], way[end] = site, beyond[group]
                    end += 1
                way[place[site]] -= nearness.beyond[point] - nearness.way[pair]


@in_place
def _spread(nearness: Nearness, groups: Nearness, group: Longs, price: Floats, prices: Floats) -> None:
    for point in range(len(prices)):
        here = group[point]
        below = above = groups.first[here]
        while above < groups.first[here + 1] and groups.way[above] < price[here]:
            below, above = above, above + 1
        low, low_sum = _way(nearness, point, groups.near[below]), groups.way[below]
        high, high_sum = nearness.beyond[point], groups.beyond[here]
        if above < groups.first[here + 1]:
            high, high_sum = _way(nearness, point, groups.near[above]), groups.way[above]
        share = (price[here] - low_sum) / (high_sum - low_sum) if high_sum > low_sum else 0.0
        prices[point] = within(nearness, point, low + share * (high - low))


@in_place
def _way(nearness: Nearness, point: int, site: int) -> float:
    """What the way costs, or having none."""
    for pair in range(nearness.first[point], nearness.first[point + 1]):
        if nearness.near[pair] == site:
            return float(nearness.way[pair])
    return float(nearness.beyond[point])
