"""
Customers change their sites and sites their places when that pays or chance allows, at first often, then ever less
(simulated annealing: Kirkpatrick, Gelatt & Vecchi 1983, Science 220). Beyond its capacity a site may be loaded at a
price, which follows how often that happens.
"""

from __future__ import annotations

import numpy as np

from optimiser.basics.chance import Chance, below, draw
from optimiser.basics.compiled import in_place, inlined, whole
from optimiser.siting.capacitated.clusters import NOBODY, Clusters, enter, excess, leave, move_site
from optimiser.siting.capacitated.pairs import Pairs, copy_into, way_between
from optimiser.siting.capacitated.problem import Floats, Ints

SWAP = 0.5
"""How often two customers change places, rather than that one goes to another site."""
JUMP = 0.1
"""How often a site opens in one place for one that closes elsewhere."""
LOTS = 6
"""Open sites that are drawn, of which the one closes that was missed least when it was last tried."""
GATHERED = 2
"""Customers that a new site asks, for each site that a customer looks at."""
LOOKS = 3.0
"""Customers whose ways are looked at for each try to move a site, on average."""

TOTAL, OVER, KNOWN, PRICE, HEAT, FITTING = range(6)
"""Figures of a search: ways, excess, best so far, price of excess, temperature, and moves that ended without excess."""


@in_place
def anneal(pairs: Pairs, clusters: Clusters, best: Ints, figures: Floats, chance: Chance, moves: int) -> None:
    """Try so many moves at a temperature; `best` becomes what is cheapest without excess, where that is news."""
    customers, wide = pairs.near.shape
    figures[FITTING] = 0.0
    for _ in range(moves):
        one = below(chance, customers)
        if draw(chance) < JUMP:
            _try_jump(pairs, clusters, figures, chance, one)
        rank = draw(chance)
        near = whole(pairs.near[one, int(wide * rank * rank)])
        here = whole(clusters.site_of[one])
        other = whole(pairs.customer[pairs.first_at[near]])
        there = near if clusters.is_open[near] else whole(clusters.site_of[other])
        if there == here:
            if not clusters.is_open[near] and draw(chance) * clusters.size[here] < LOOKS:
                _try_site(pairs, clusters, figures, chance, here, near)
        elif draw(chance) < SWAP and clusters.site_of[other] == there:
            _try_swap(pairs, clusters, figures, chance, one, other)
        else:
            _try_shift(pairs, clusters, figures, chance, one, there)
        if figures[OVER] == 0.0:
            figures[FITTING] += 1.0
            if figures[TOTAL] < figures[KNOWN] * (1.0 - 1e-9):
                figures[KNOWN] = figures[TOTAL]
                copy_into(best, clusters.site_of)


@inlined
def _is_taken(figures: Floats, chance: Chance, more: float, over: float) -> bool:
    """Whether a change of ways and excess is made; keeps the figures where it is."""
    worse = more + figures[PRICE] * over
    is_taken = worse <= 0.0 or worse < -figures[HEAT] * np.log(max(draw(chance), 1e-300))
    if is_taken:
        figures[TOTAL] += more
        figures[OVER] += over
        if figures[OVER] < 1e-6:
            figures[OVER] = 0.0
    return bool(is_taken)


@in_place
def _try_shift(pairs: Pairs, clusters: Clusters, figures: Floats, chance: Chance, customer: int, there: int) -> None:
    here, demand = whole(clusters.site_of[customer]), pairs.demand[customer]
    more = way_between(pairs, customer, there) - way_between(pairs, customer, here)
    over = excess(pairs, there, clusters.load[there] + demand) - excess(pairs, there, clusters.load[there])
    over += excess(pairs, here, clusters.load[here] - demand) - excess(pairs, here, clusters.load[here])
    if _is_taken(figures, chance, more, over):
        leave(pairs, clusters, customer)
        enter(pairs, clusters, customer, there)


@in_place
def _try_swap(pairs: Pairs, clusters: Clusters, figures: Floats, chance: Chance, one: int, other: int) -> None:
    here, there = whole(clusters.site_of[one]), whole(clusters.site_of[other])
    more = way_between(pairs, one, there) - way_between(pairs, one, here)
    more += way_between(pairs, other, here) - way_between(pairs, other, there)
    shift = pairs.demand[one] - pairs.demand[other]
    over = excess(pairs, there, clusters.load[there] + shift) - excess(pairs, there, clusters.load[there])
    over += excess(pairs, here, clusters.load[here] - shift) - excess(pairs, here, clusters.load[here])
    if _is_taken(figures, chance, more, over):
        leave(pairs, clusters, one)
        leave(pairs, clusters, other)
        enter(pairs, clusters, one, there)
        enter(pairs, clusters, other, here)


@in_place
def _try_site(pairs: Pairs, clusters: Clusters, figures: Floats, chance: Chance, old: int, new: int) -> None:
    more, customer = 0.0, whole(clusters.head[old])
    while customer != NOBODY:
        more += way_between(pairs, customer, new) - way_between(pairs, customer, old)
        customer = whole(clusters.after[customer])
    load = clusters.load[old]
    over = excess(pairs, new, load) - excess(pairs, old, load)
    if _is_taken(figures, chance, more, over):
        move_site(pairs, clusters, old, new)


@in_place
def _try_jump(pairs: Pairs, clusters: Clusters, figures: Floats, chance: Chance, one: int) -> None:
    """Open a site near a customer and close another, with all that follows for those whom they serve."""
    rank = draw(chance)
    new = whole(pairs.near[one, int(pairs.near.shape[1] * rank * rank)])
    if clusters.is_open[new]:
        return
    old = whole(clusters.opened[below(chance, len(clusters.opened))])
    for _ in range(LOTS):
        other = whole(clusters.opened[below(chance, len(clusters.opened))])
        if clusters.loss[other] < clusters.loss[old]:
            old = other
    won, won_over, count = _gather(pairs, clusters, new)
    clusters.is_open[new], clusters.is_open[old] = True, False
    won_over -= excess(pairs, old, clusters.load[old])
    lost, lost_over, count = _scatter(pairs, clusters, figures[PRICE], old, count)
    clusters.loss[old] = lost + figures[PRICE] * lost_over
    if clusters.size[old] == 0 and _is_taken(figures, chance, lost - won, lost_over + won_over):
        spot = clusters.place[old]
        clusters.opened[spot], clusters.place[new], clusters.place[old] = new, spot, NOBODY
        clusters.loss[new] = 0.0
        return
    clusters.is_open[new], clusters.is_open[old] = False, True
    for step in range(count - 1, -1, -1):
        customer = whole(clusters.moved[step])
        leave(pairs, clusters, customer)
        enter(pairs, clusters, customer, whole(clusters.origin[step]))


@inlined
def _gather(pairs: Pairs, clusters: Clusters, new: int) -> tuple[float, float, int]:
    """Let a new site serve whom it is nearer to, while it has room; ways saved, excess added, how many were moved."""
    saved, over, count, first = 0.0, 0.0, 0, pairs.first_at[new]
    for pair in range(first, min(pairs.first_at[new + 1], first + GATHERED * pairs.near.shape[1])):
        customer = whole(pairs.customer[pair])
        here, demand = whole(clusters.site_of[customer]), pairs.demand[customer]
        less = way_between(pairs, customer, here) - pairs.way_at[pair]
        if less > 0.0 and clusters.load[new] + demand <= pairs.capacity[new]:
            over += excess(pairs, here, clusters.load[here] - demand) - excess(pairs, here, clusters.load[here])
            saved += less
            leave(pairs, clusters, customer)
            enter(pairs, clusters, customer, new)
            clusters.moved[count], clusters.origin[count] = customer, here
            count += 1
    return saved, over, count


@inlined
def _scatter(pairs: Pairs, clusters: Clusters, price: float, old: int, count: int) -> tuple[float, float, int]:
    """Let all customers of a site go to the best of the others that are near; stops where there is none for one."""
    more, over = 0.0, 0.0
    while clusters.head[old] != NOBODY:
        customer = whole(clusters.head[old])
        own, demand = way_between(pairs, customer, old), pairs.demand[customer]
        least, there, there_more, there_over = np.inf, NOBODY, 0.0, 0.0
        for spot in range(pairs.near.shape[1]):
            site = whole(pairs.near[customer, spot])
            if clusters.is_open[site]:
                way = pairs.near_way[customer, spot] - own
                if way >= least:
                    break
                beyond = excess(pairs, site, clusters.load[site] + demand) - excess(pairs, site, clusters.load[site])
                if way + price * beyond < least:
                    least, there, there_more, there_over = way + price * beyond, site, way, beyond
        if there == NOBODY:
            more = np.inf
            break
        more += there_more
        over += there_over
        leave(pairs, clusters, customer)
        enter(pairs, clusters, customer, there)
        clusters.moved[count], clusters.origin[count] = customer, old
        count += 1
    return more, over, count
