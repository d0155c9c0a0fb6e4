"""
Cheaper coverings looked for by exchange, with points that are left uncovered counting ever more (row weighting local
search: Gao, Weise & Li 2015, European Journal of Operational Research 246; here with costs, backup, and a part only).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimiser.basics.chance import Chance, below
from optimiser.basics.compiled import in_place, whole
from optimiser.siting.coverage.reach import Bools, Reach
from optimiser.siting.set_covering.problem import Floats, Longs

OPEN, MISSING, LAST, STEP = range(4)
"""Tally of a state: open sites, points not covered, the site that opened last, steps so far."""
COST, WEIGHT = range(2)
"""Sums of a state: what the open sites cost, what the points weigh that are not covered."""
FREE_COST = 1e-12
"""Sites that cost nothing are worth more than all others, by what they cover."""


class State(NamedTuple):
    """Where the exchange stands."""

    is_open: Bools
    opened: Longs
    """Open sites, and where each site is among them."""
    slot: Longs
    met: Longs
    """Open sites within reach of each point."""
    counts_for: Floats
    """Of each point, what it counts: ever more while it is not covered."""
    more: Floats
    """Of each point, by how much more at a time, and at first."""
    score: Floats
    """What the points count that a closed site would bring nearer to being covered, or an open one holds alone."""
    since: Longs
    """Step in which each site last opened or closed."""
    missing: Longs
    """Points that are not covered, and where each point is among them."""
    place: Longs
    tally: Longs
    total: Floats


def state_of(reach: Reach, start: Bools, price: Floats, *, times: int, is_part: bool) -> State:
    """With these sites open. Where only a part is to be covered, points count by their weight."""
    points, sites = len(reach.weight), len(start)
    more = reach.weight / reach.weight.mean() if is_part else np.ones(points)
    owner = np.repeat(np.arange(points), np.diff(reach.first_site))
    state = State(
        is_open=np.zeros(sites, dtype=np.bool_),
        opened=np.zeros(sites, dtype=np.int64),
        slot=np.zeros(sites, dtype=np.int64),
        met=np.zeros(points, dtype=np.int64),
        counts_for=more.copy(),
        more=more,
        score=np.bincount(reach.site, weights=more[owner], minlength=sites).astype(np.float64),
        since=np.zeros(sites, dtype=np.int64),
        missing=np.arange(points),
        place=np.arange(points),
        tally=np.array([0, points, -1, 0]),
        total=np.array([0.0, float(reach.weight.sum())]),
    )
    for site in np.flatnonzero(start):
        open_site(reach, price, times, state, int(site))
    return state


def cover_with(reach: Reach, start: Bools, count: int, chance: Chance, *, steps: int) -> Bools | None:
    """So many sites that cover every point, from a choice on in so many steps; None where none were found."""
    price = np.ones(len(start))
    state = state_of(reach, start, price, times=1, is_part=False)
    return state.is_open if cover_for(reach, price, 1, 0.0, count + 0.5, state, chance, steps) else None


@in_place
def cover_for(
    reach: Reach, price: Floats, times: int, spare: float, limit: float, state: State, chance: Chance, steps: int
) -> bool:
    """
    Exchange in place; whether a choice is reached that costs no more than the limit.

    Points are covered by so many sites; those that are not may weigh as much as there is to spare.
    """
    for _ in range(steps):
        is_met = state.tally[MISSING] == 0 or state.total[WEIGHT] <= spare
        if is_met and state.total[COST] <= limit:
            return True
        state.tally[STEP] += 1
        _close_least(reach, price, times, state)
        while state.total[COST] > limit and state.tally[OPEN] > 0:
            _close_least(reach, price, times, state)
        while state.tally[MISSING] > 0 and state.total[WEIGHT] > spare:
            best = _best_for(reach, price, limit, state, state.missing[below(chance, state.tally[MISSING])])
            if best < 0:
                break
            open_site(reach, price, times, state, best)
            state.since[best], state.tally[LAST] = state.tally[STEP], best
        for number in range(state.tally[MISSING]):
            point = state.missing[number]
            state.counts_for[point] += state.more[point]
            for site in reach.site[reach.first_site[point] : reach.first_site[point + 1]]:
                state.score[site] += state.more[point]
    return False


@in_place
def _close_least(reach: Reach, price: Floats, times: int, state: State) -> None:
    """Close the site that is missed least for its cost, and of these the one that is open longest; not the last."""
    worst, least = -1, np.inf
    for number in range(state.tally[OPEN]):
        site = state.opened[number]
        missed = state.score[site] / max(price[site], FREE_COST)
        is_older = missed == least and worst >= 0 and state.since[site] < state.since[worst]
        if site != state.tally[LAST] and (missed < least or is_older):
            worst, least = site, missed
    if worst < 0 and state.tally[OPEN] > 0:
        worst = state.opened[0]
    if worst >= 0:
        close_site(reach, price, times, state, worst)
        state.since[worst] = state.tally[STEP]


@in_place
def _best_for(reach: Reach, price: Floats, limit: float, state: State, point: int) -> int:
    """Of the sites that reach a point and can be paid, not closed just now, what brings most for its cost; or -1."""
    best, most = -1, -1.0
    for site in reach.site[reach.first_site[point] : reach.first_site[point + 1]]:
        if state.is_open[site] or state.since[site] == state.tally[STEP] or state.total[COST] + price[site] > limit:
            continue
        worth = state.score[site] / max(price[site], FREE_COST)
        if worth > most or (worth == most and state.since[site] < state.since[best]):
            best, most = whole(site), worth
    return best


@in_place
def open_site(reach: Reach, price: Floats, times: int, state: State, site: int) -> None:
    """Open one: what it covers no other closed site has to, and what it covers besides no other open one has to."""
    state.is_open[site] = True
    state.opened[state.tally[OPEN]], state.slot[site] = site, state.tally[OPEN]
    state.tally[OPEN] += 1
    state.total[COST] += price[site]
    state.score[site] = 0.0
    for point in reach.point[reach.first_point[site] : reach.first_point[site + 1]]:
        counts = state.counts_for[point]
        state.met[point] += 1
        if state.met[point] <= times:
            state.score[site] += counts
        if state.met[point] == times:
            state.tally[MISSING] -= 1
            moved = state.missing[state.tally[MISSING]]
            state.missing[state.place[point]], state.place[moved] = moved, state.place[point]
            state.total[WEIGHT] -= reach.weight[point]
        if times <= state.met[point] <= times + 1:
            is_spare = state.met[point] > times
            for other in reach.site[reach.first_site[point] : reach.first_site[point + 1]]:
                if other != site and state.is_open[other] == is_spare:
                    state.score[other] -= counts


@in_place
def close_site(reach: Reach, price: Floats, times: int, state: State, site: int) -> None:
    """Close one: `open_site` undone."""
    state.is_open[site] = False
    state.tally[OPEN] -= 1
    moved_site = state.opened[state.tally[OPEN]]
    state.opened[state.slot[site]], state.slot[moved_site] = moved_site, state.slot[site]
    state.total[COST] -= price[site]
    state.score[site] = 0.0
    for point in reach.point[reach.first_point[site] : reach.first_point[site + 1]]:
        counts = state.counts_for[point]
        state.met[point] -= 1
        if state.met[point] < times:
            state.score[site] += counts
        if state.met[point] == times - 1:
            state.missing[state.tally[MISSING]], state.place[point] = point, state.tally[MISSING]
            state.tally[MISSING] += 1
            state.total[WEIGHT] += reach.weight[point]
        if times - 1 <= state.met[point] <= times:
            is_spare = state.met[point] == times
            for other in reach.site[reach.first_site[point] : reach.first_site[point + 1]]:
                if other != site and state.is_open[other] == is_spare:
                    state.score[other] += counts
