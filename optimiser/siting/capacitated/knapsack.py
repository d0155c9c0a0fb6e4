"""
Which customers a site would take at given prices: a knapsack for each site, bounded by the items that pay most for
their room (Dantzig 1957, Operations Research 5), solved depth first (Horowitz & Sahni 1974, Journal of the ACM 21).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimiser.basics.compiled import in_place
from optimiser.siting.capacitated.pairs import Bools, Pairs, Places
from optimiser.siting.capacitated.problem import Floats

NODES = 20_000
"""After so many the knapsack is given up: Dantzig's bound then stands for it."""


class Sack(NamedTuple):
    """Items of one site, those first that pay most for their room; changed in place."""

    pair: Places
    """Of each item, its pair among those of sites."""
    worth: Floats
    """What it brings, above 0."""
    size: Floats
    is_in: Bools
    """Whether the item is in now."""
    was_in: Bools
    """Whether it is in the best filling."""


def sack_of(pairs: Pairs) -> Sack:
    """Room for the items of any site."""
    most = int(np.diff(pairs.first_at).max())
    return Sack(
        pair=np.zeros(most, dtype=np.int64),
        worth=np.zeros(most),
        size=np.zeros(most),
        is_in=np.zeros(most, dtype=np.bool_),
        was_in=np.zeros(most, dtype=np.bool_),
    )


@in_place
def pack(pairs: Pairs, price: Floats, dearest: float, site: int, sack: Sack) -> int:
    """Collect the customers that pay more than their way to a site, in order of what they pay for room; how many."""
    count, capacity = 0, pairs.capacity[site]
    for pair in range(pairs.first_at[site], pairs.first_at[site + 1]):
        way = pairs.way_at[pair]
        if way >= dearest:
            break
        customer = pairs.customer[pair]
        worth, size = price[customer] - way, pairs.demand[customer]
        if worth > 0.0 and size <= capacity:
            sack.pair[count], sack.worth[count], sack.size[count] = pair, worth, size
            count += 1
    _sort(sack, count)
    return count


@in_place
def _sort(sack: Sack, count: int) -> None:
    """By worth for size, greatest first (Shell 1959)."""
    gap = 1
    while 3 * gap + 1 < count:
        gap = 3 * gap + 1
    while gap > 0:
        for spot in range(gap, count):
            pair, worth, size = sack.pair[spot], sack.worth[spot], sack.size[spot]
            other = spot
            while other >= gap and sack.worth[other - gap] * size < worth * sack.size[other - gap]:
                last = other - gap
                sack.pair[other], sack.worth[other], sack.size[other] = (
                    sack.pair[last],
                    sack.worth[last],
                    sack.size[last],
                )
                other = last
            sack.pair[other], sack.worth[other], sack.size[other] = pair, worth, size
        gap //= 3


@in_place
def most_worth(sack: Sack, start: int, count: int, room: float) -> float:
    """At least what the items from one on can bring, if the last of them may be taken in part."""
    total = 0.0
    for item in range(start, count):
        size = sack.size[item]
        if size > room:
            total += sack.worth[item] * room / size
            break
        room -= size
        total += sack.worth[item]
    return total


@in_place
def fill(sack: Sack, count: int, capacity: float) -> tuple[float, bool]:
    """The most that items which fit together bring, and whether that is proven; `was_in` tells which they are."""
    best, worth, room, item = 0.0, 0.0, capacity, 0
    for spot in range(count):
        sack.is_in[spot] = sack.was_in[spot] = False
    for _ in range(NODES):
        while item < count:
            if worth + most_worth(sack, item, count, room) <= best * (1.0 + 1e-12):
                break
            while item < count and sack.size[item] <= room:
                sack.is_in[item] = True
                worth += sack.worth[item]
                room -= sack.size[item]
                item += 1
            item += 1
        if worth > best:
            best = worth
            for spot in range(count):
                sack.was_in[spot] = sack.is_in[spot]
        item = min(item, count) - 1
        while item >= 0 and not sack.is_in[item]:
            item -= 1
        if item < 0:
            return best, True
        sack.is_in[item] = False
        worth -= sack.worth[item]
        room += sack.size[item]
        item += 1
    return best, False
