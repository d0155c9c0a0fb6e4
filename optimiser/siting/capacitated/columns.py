"""
All clusters that a better answer can be made of, at given prices (Baldacci, Hadjiconstantinou, Maniezzo & Mingozzi
2002, Computers & Operations Research 29).

With prices u of bound L and sigma the greatest rho of a chosen site, a cluster S at site j has the reduced cost
sum_{i in S} (c_ij - u_i) - min(rho_j, sigma): an answer that has it costs at least so much more than L.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimiser.basics.compiled import in_place
from optimiser.siting.capacitated.knapsack import most_worth, pack, sack_of
from optimiser.siting.capacitated.pairs import Bools, Pairs, Places
from optimiser.siting.capacitated.problem import Floats, Ints
from optimiser.siting.capacitated.relaxation import Dual

LOOKS = 40
"""Steps of the enumeration for each cluster that may come out: with more it is given up."""
TRIES = 12
"""Slacks that are tried, until few enough clusters come out."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Columns:
    """Clusters, one after the other."""

    site: Ints
    way: Floats
    """Sum of the ways of each."""
    first: Places
    """Where the customers of each begin, and their end."""
    customer: Ints
    slack: float
    """Every cluster of a reduced cost up to this is there."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Part:
    """A part of the whole: some customers, and sites that no others need."""

    is_in: Bools
    """Of each customer."""
    may_be: Bools
    """Of each site."""


def columns_of(
    pairs: Pairs, dual: Dual, *, slack: float, most: int, part: Part | None = None, tries: int = TRIES
) -> Columns:
    """
    All clusters of a reduced cost up to `slack`; up to less where that would be more than so many.

    Parameters
    ----------
    part
        Whom and where they may be made of; all, if none.
    """
    sites = np.zeros(most, dtype=np.int32)
    ways = np.zeros(most)
    first = np.zeros(most + 1, dtype=np.int64)
    customers = np.zeros(most * 4 * max(4, len(pairs.demand) // max(1, int(dual.chosen.sum()))), dtype=np.int32)
    sigma = float(dual.reduced[dual.chosen].max())
    limit, tried, count = np.minimum(dual.reduced, sigma), slack, 0
    if part is not None:
        limit[~part.may_be] = -np.inf
        dual = dual._replace(price=np.where(part.is_in, dual.price, -np.inf), sack=sack_of(pairs))
    for _ in range(tries):
        count = _enumerate(pairs, dual, limit + tried, sites, ways, first, customers)
        if count >= 0:
            break
        tried *= 0.6
    count, tried = (count, tried) if count >= 0 else (0, 0.0)
    return Columns(
        site=sites[:count],
        way=ways[:count],
        first=first[: count + 1],
        customer=customers[: first[count]],
        slack=tried,
    )


@in_place
def _enumerate(
    pairs: Pairs, dual: Dual, limit: Floats, sites: Ints, ways: Floats, first: Places, customers: Ints
) -> int:
    """Write all clusters that cost no more than the limit of their site at the prices; how many, or -1 if too many."""
    dearest, found, steps = 0.0, 0, 0
    for price in dual.price:
        dearest = max(dearest, price)
    first[0] = 0
    for site in range(len(limit)):
        if dual.reduced[site] > limit[site]:
            continue
        paying = pack(pairs, dual.price, dearest, site, dual.sack)
        count = _add_others(pairs, dual, site, paying, limit[site] - dual.reduced[site])
        cost, room, item, sack = 0.0, pairs.capacity[site], 0, dual.sack
        while True:
            steps += 1
            if steps > LOOKS * len(sites):
                return -1
            if item < count and cost - most_worth(sack, item, paying, room) <= limit[site]:
                sack.is_in[item] = sack.size[item] <= room
                if sack.is_in[item]:
                    cost -= sack.worth[item]
                    room -= sack.size[item]
                item += 1
                continue
            if item == count and cost <= limit[site]:
                end = first[found]
                if found == len(sites) or end + count > len(customers):
                    return -1
                total = 0.0
                for spot in range(count):
                    if sack.is_in[spot]:
                        customers[end] = pairs.customer[sack.pair[spot]]
                        total += pairs.way_at[sack.pair[spot]]
                        end += 1
                if end > first[found]:
                    sites[found], ways[found] = site, total
                    found += 1
                    first[found] = end
            item -= 1
            while item >= 0 and not sack.is_in[item]:
                item -= 1
            if item < 0:
                break
            sack.is_in[item] = False
            cost += sack.worth[item]
            room += sack.size[item]
            item += 1
    return found


@in_place
def _add_others(pairs: Pairs, dual: Dual, site: int, count: int, most: float) -> int:
    """Append the customers that pay less than their way, by so much at most; how many there are with those that pay."""
    sack = dual.sack
    for pair in range(pairs.first_at[site], pairs.first_at[site + 1]):
        customer = pairs.customer[pair]
        worth = dual.price[customer] - pairs.way_at[pair]
        if -most <= worth <= 0.0 and pairs.demand[customer] <= pairs.capacity[site]:
            sack.pair[count], sack.worth[count], sack.size[count] = pair, worth, pairs.demand[customer]
            count += 1
    return count
