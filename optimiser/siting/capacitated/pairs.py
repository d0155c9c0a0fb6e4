"""Customers and sites as arrays, from either side and by nearness: what all loops look at."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.compiled import in_place, whole
from optimiser.siting.capacitated.problem import CapacitatedProblem, Floats, Ints

Bools = NDArray[np.bool_]
Places = NDArray[np.int64]

NEAR, NEAR_CLUSTERS = 8, 3.0
"""Sites that a customer looks at: so many, and those that would be open among so many clusters."""


class Pairs(NamedTuple):
    """A capacitated p-median as arrays."""

    first: Places
    """Where the sites of each customer begin, shape (customers + 1,)."""
    site: Ints
    """Rising for each customer."""
    way: Floats
    first_at: Places
    """Where the customers of each site begin, shape (sites + 1,)."""
    customer: Ints
    """Nearest first for each site."""
    way_at: Floats
    near: Ints
    """The nearest sites that have room for each customer, nearest first and then anew, shape (customers, any)."""
    near_way: Floats
    """Their ways, the same shape."""
    demand: Floats
    capacity: Floats
    missing: float
    """What serving from a site that may not is taken to cost: more than all of any answer."""


def pairs_of(problem: CapacitatedProblem) -> Pairs:
    """Sort pairs by customer and by site."""
    customer = problem.customer
    by_site = np.lexsort((problem.way, problem.site))
    has_room = problem.demand[customer] <= problem.capacity[problem.site]
    by_nearness = np.lexsort((problem.way, ~has_room, customer))
    first_at = np.concatenate([[0], np.cumsum(np.bincount(problem.site, minlength=problem.sites))])
    roomy = np.bincount(customer[has_room], minlength=problem.customers)
    wide = min(int(roomy.max()), int(NEAR + NEAR_CLUSTERS * problem.sites / problem.p))
    nearest = by_nearness[problem.first[:-1, None] + np.arange(wide) % roomy[:, None]]
    return Pairs(
        first=problem.first.astype(np.int64),
        site=np.ascontiguousarray(problem.site, dtype=np.int32),
        way=np.ascontiguousarray(problem.way, dtype=np.float64),
        first_at=first_at.astype(np.int64),
        customer=customer[by_site].astype(np.int32),
        way_at=problem.way[by_site].astype(np.float64),
        near=np.ascontiguousarray(problem.site[nearest], dtype=np.int32),
        near_way=np.ascontiguousarray(problem.way[nearest], dtype=np.float64),
        demand=np.ascontiguousarray(problem.demand, dtype=np.float64),
        capacity=np.ascontiguousarray(problem.capacity, dtype=np.float64),
        missing=1.0 + problem.customers * float(problem.way.max()),
    )


@in_place
def way_between(pairs: Pairs, customer: int, site: int) -> float:
    """What serving costs, whether the site may serve or not."""
    low, end = pairs.first[customer], pairs.first[customer + 1]
    if end - low == len(pairs.capacity):
        return float(pairs.way[low + site])
    high = end
    while low < high:
        middle = (low + high) // 2
        if pairs.site[middle] < site:
            low = middle + 1
        else:
            high = middle
    if low < end and pairs.site[low] == site:
        return float(pairs.way[low])
    return pairs.missing


@in_place
def ways_of(pairs: Pairs, site_of: Ints, ways: Floats) -> None:
    """Set what serving each customer from its site costs."""
    for customer in range(len(site_of)):
        ways[customer] = way_between(pairs, customer, whole(site_of[customer]))


@in_place
def copy_into(target: NDArray[Any], source: NDArray[Any]) -> None:
    """Make all figures of one array those of another."""
    for index in range(len(source)):
        target[index] = source[index]
