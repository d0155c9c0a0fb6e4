"""Which site serves whom: customers as linked lists at the sites that serve them, and what follows from them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimiser.basics.compiled import in_place, inlined
from optimiser.siting.capacitated.pairs import Bools, Pairs
from optimiser.siting.capacitated.problem import Floats, Ints

NOBODY = -1


class Clusters(NamedTuple):
    """An assignment; changed in place."""

    site_of: Ints
    """Of each customer."""
    load: Floats
    """Of each site."""
    is_open: Bools
    head: Ints
    """A customer of each site, or nobody."""
    after: Ints
    """The next one of the same site, or nobody."""
    before: Ints
    size: Ints
    """Customers of each site."""
    opened: Ints
    """Sites that are open, shape (p,)."""
    place: Ints
    """Where in it each is."""
    loss: Floats
    """What closing each site cost when it was last tried; 0 where it was not."""
    moved: Ints
    """Room for customers that a move takes along, twice as many as there are."""
    origin: Ints
    """And for where they came from."""


def clusters_of(pairs: Pairs, sites: Ints, assignment: Ints) -> Clusters:
    """These sites open, and customers assigned to them."""
    customers, count = len(pairs.demand), len(pairs.capacity)
    clusters = Clusters(
        site_of=np.zeros(customers, dtype=np.int32),
        load=np.zeros(count),
        is_open=np.zeros(count, dtype=np.bool_),
        head=np.full(count, NOBODY, dtype=np.int32),
        after=np.full(customers, NOBODY, dtype=np.int32),
        before=np.full(customers, NOBODY, dtype=np.int32),
        size=np.zeros(count, dtype=np.int32),
        opened=np.array(sites, dtype=np.int32),
        place=np.full(count, NOBODY, dtype=np.int32),
        loss=np.zeros(count),
        moved=np.zeros(2 * customers, dtype=np.int32),
        origin=np.zeros(2 * customers, dtype=np.int32),
    )
    clusters.is_open[sites] = True
    clusters.place[sites] = np.arange(len(sites))
    for customer, site in enumerate(assignment):
        enter(pairs, clusters, customer, int(site))
    return clusters


@in_place
def enter(pairs: Pairs, clusters: Clusters, customer: int, site: int) -> None:
    """Assign a customer that no site serves."""
    head = clusters.head[site]
    clusters.site_of[customer] = site
    clusters.before[customer], clusters.after[customer] = NOBODY, head
    if head != NOBODY:
        clusters.before[head] = customer
    clusters.head[site] = customer
    clusters.load[site] += pairs.demand[customer]
    clusters.size[site] += 1


@in_place
def leave(pairs: Pairs, clusters: Clusters, customer: int) -> None:
    """Take a customer from its site."""
    site, before, after = clusters.site_of[customer], clusters.before[customer], clusters.after[customer]
    if before == NOBODY:
        clusters.head[site] = after
    else:
        clusters.after[before] = after
    if after != NOBODY:
        clusters.before[after] = before
    clusters.size[site] -= 1
    clusters.load[site] = clusters.load[site] - pairs.demand[customer] if clusters.size[site] else 0.0


@in_place
def move_site(pairs: Pairs, clusters: Clusters, old: int, new: int) -> None:
    """Close a site and open another, which serves its customers."""
    spot = clusters.place[old]
    clusters.is_open[old], clusters.is_open[new] = False, True
    clusters.opened[spot], clusters.place[new], clusters.place[old] = new, spot, NOBODY
    while clusters.head[old] != NOBODY:
        customer = clusters.head[old]
        leave(pairs, clusters, customer)
        enter(pairs, clusters, customer, new)


@inlined
def excess(pairs: Pairs, site: int, load: float) -> float:
    """What a load is beyond the capacity of its site, but for rounding."""
    over = load - pairs.capacity[site]
    if over <= 1e-9 * max(1.0, pairs.capacity[site]):
        over = 0.0
    return float(over)
