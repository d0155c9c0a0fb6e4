"""
A closed site takes the place of an open one when that pays or chance allows, at first often, then ever less (simulated
annealing: Kirkpatrick, Gelatt & Vecchi 1983, Science 220). On the way, one site more or less than asked for may be
open, at a price that follows how often there are more or fewer (strategic oscillation: Glover 1977, Decision
Sciences 8): so that what is missing in one place comes from another far away.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimiser.basics.chance import Chance, below, draw
from optimiser.basics.compiled import in_place, inlined, summing, whole
from optimiser.siting.coverage.problem import Floats, Ints
from optimiser.siting.coverage.reach import Bools, Reach

ALONE = 0.2
"""How often a site opens or closes without another."""
FOLLOWS = 0.001
"""Of the temperature, that the price of a site changes by each time."""
SHIFT = 0.5
"""How often an exchange is one with a site that reaches much the same."""
MISSING = 0.3
"""Else, how often a site is tried because it reaches a point that no open one does."""
LOOKS = 10
"""Points among which such a one is looked for."""
NEAR = 0.8
"""Else, how often the site that closes is one that reaches the same."""
NOBODY, SEVERAL = -1, -2
"""In place of the only open site that reaches a point."""


class Choice(NamedTuple):
    """Sites that are open, and what follows from them; changed in place."""

    is_open: Bools
    """Shape (sites,)."""
    times: Ints
    """Open sites that reach each point, shape (points,)."""
    total: Ints
    """Sum of their numbers: where there is one, it is that one."""
    alone: Ints
    """Where there is one, its number; else NOBODY or SEVERAL."""
    loss: Floats
    """Weight that an open site would leave behind, shape (sites,)."""
    opened: Ints
    """Room for the sites that are open."""
    place: Ints
    """Where in it each is."""


def choice_of(reach: Reach) -> Choice:
    """All sites closed."""
    points, sites = len(reach.weight), len(reach.first_point) - 1
    return Choice(
        is_open=np.zeros(sites, dtype=np.bool_),
        times=np.zeros(points, dtype=np.int32),
        total=np.zeros(points, dtype=np.int32),
        alone=np.full(points, NOBODY, dtype=np.int32),
        loss=np.zeros(sites),
        opened=np.zeros(sites, dtype=np.int32),
        place=np.zeros(sites, dtype=np.int32),
    )


@in_place
def open_site(reach: Reach, choice: Choice, site: int) -> None:
    """Open one."""
    choice.is_open[site], own = True, 0.0
    for point in reach.point[reach.first_point[site] : reach.first_point[site + 1]]:
        alone = choice.alone[point]
        if alone == NOBODY:
            own += reach.weight[point]
            choice.alone[point] = site
        elif alone != SEVERAL:
            choice.loss[alone] -= reach.weight[point]
            choice.alone[point] = SEVERAL
        choice.times[point] += 1
        choice.total[point] += site
    choice.loss[site] = own


@in_place
def close_site(reach: Reach, choice: Choice, site: int) -> None:
    """Close one."""
    choice.is_open[site] = False
    for point in reach.point[reach.first_point[site] : reach.first_point[site + 1]]:
        times = choice.times[point] - 1
        choice.times[point] = times
        choice.total[point] -= site
        if times == 0:
            choice.alone[point] = NOBODY
        elif times == 1:
            choice.alone[point] = choice.total[point]
            choice.loss[choice.total[point]] += reach.weight[point]


@summing
def wins(reach: Reach, choice: Choice, site: int, without: int) -> float:
    """
    Weight that a closed site would win, once another one is closed, which may be none: NOBODY.

    Nearly all of the time goes here: no branches, and indices without a sign, so that points are looked at together.
    """
    won = 0.0
    for pair in range(reach.first_point[site], reach.first_point[site + 1]):
        point = np.uint64(reach.point[pair])
        alone = choice.alone[point]
        won += reach.weight[point] if (alone == NOBODY) | (alone == without) else 0.0
    return won


@in_place
def fill(reach: Reach, choice: Choice, may_change: Bools, count: int, blur: Floats, worth: Floats) -> None:
    """
    Open so many more sites, each the one that wins most once what it wins is multiplied by a factor of its own.

    What a site wins can only become less, so few are looked at anew (Minoux 1978). `worth` is room for each site.
    """
    for site in range(len(worth)):
        worth[site] = np.inf if may_change[site] and not choice.is_open[site] else -np.inf
    left = count
    while left > 0:
        best = 0
        for site in range(len(worth)):
            if worth[site] > worth[best]:
                best = site
        if worth[best] < 0.0:
            break
        now = wins(reach, choice, best, NOBODY) * blur[best]
        if now < worth[best]:
            worth[best] = now
        else:
            open_site(reach, choice, best)
            worth[best] = -np.inf
            left -= 1


@in_place
def anneal(
    reach: Reach,
    near: Ints,
    choice: Choice,
    may_change: Bools,
    best: Bools,
    state: Floats,
    wanted: int,
    chance: Chance,
    temperature: float,
    moves: int,
) -> None:
    """
    Try so many moves at a temperature.

    Parameters
    ----------
    near
        Sites that reach much the same as each, shape (sites, some), the most alike first.
    best
        Becomes the sites of the best choice where that is better than what is known.
    state
        What the choice covers, what the best of all does, and the price of one more site.
    wanted
        Sites to be open, of those that may change.
    """
    count = _list(choice, may_change)
    for _ in range(moves):
        least = temperature * np.log(max(draw(chance), 1e-300))
        if draw(chance) < ALONE:
            state[2] = max(0.0, state[2] + FOLLOWS * temperature * (count - wanted))
            if draw(chance) < 0.5:
                if count >= wanted and count > 1:
                    count = _close_one(reach, choice, state, chance, count, least)
            elif count <= wanted:
                count = _open_one(reach, choice, may_change, state, chance, count, least)
        elif count > 0:
            _exchange(reach, near, choice, may_change, state, chance, count, least)
        if count == wanted and state[0] > state[1] + 1e-9 * state[1]:
            state[1] = state[0]
            for site in range(len(best)):
                best[site] = choice.is_open[site]


@inlined
def _list(choice: Choice, may_change: Bools) -> int:
    """Note the open sites that may close; how many."""
    count = 0
    for site in range(len(choice.is_open)):
        if choice.is_open[site] and may_change[site]:
            choice.opened[count], choice.place[site] = site, count
            count += 1
    return count


@in_place
def _close_one(reach: Reach, choice: Choice, state: Floats, chance: Chance, count: int, least: float) -> int:
    """Close a site if its price allows; how many are then open."""
    leaving = whole(choice.opened[below(chance, count)])
    loss = choice.loss[leaving]
    if state[2] - loss <= least:
        return count
    close_site(reach, choice, leaving)
    state[0] -= loss
    last = choice.opened[count - 1]
    choice.opened[choice.place[leaving]], choice.place[last] = last, choice.place[leaving]
    return count - 1


@in_place
def _open_one(
    reach: Reach, choice: Choice, may_change: Bools, state: Floats, chance: Chance, count: int, least: float
) -> int:
    """Open a site if it is worth its price; how many are then open."""
    entering = _entering(reach, choice, chance)
    if choice.is_open[entering] or not may_change[entering]:
        return count
    won = wins(reach, choice, entering, NOBODY)
    if won - state[2] <= least:
        return count
    open_site(reach, choice, entering)
    state[0] += won
    choice.opened[count], choice.place[entering] = entering, count
    return count + 1


@in_place
def _exchange(
    reach: Reach,
    near: Ints,
    choice: Choice,
    may_change: Bools,
    state: Floats,
    chance: Chance,
    count: int,
    least: float,
) -> None:
    """Open a site for another if that pays."""
    leaving = whole(choice.opened[below(chance, count)])
    if draw(chance) < SHIFT:
        share = draw(chance)
        entering = whole(near[leaving, whole(near.shape[1] * share * share)])
    else:
        entering = _entering(reach, choice, chance)
        if draw(chance) < NEAR:
            start = reach.first_point[entering]
            point = reach.point[start + below(chance, reach.first_point[entering + 1] - start)]
            alone = choice.alone[point]
            if alone >= 0 and may_change[alone]:
                leaving = whole(alone)
    if choice.is_open[entering] or not may_change[entering]:
        return
    more = wins(reach, choice, entering, leaving) - choice.loss[leaving]
    if more <= least:
        return
    close_site(reach, choice, leaving)
    open_site(reach, choice, entering)
    choice.opened[choice.place[leaving]], choice.place[entering] = entering, choice.place[leaving]
    state[0] += more


@inlined
def _entering(reach: Reach, choice: Choice, chance: Chance) -> int:
    """Any site, or one that reaches a point which nobody does."""
    site = below(chance, len(choice.is_open))
    if draw(chance) < MISSING:
        for _ in range(LOOKS):
            point = below(chance, len(reach.weight))
            if choice.alone[point] == NOBODY:
                start = reach.first_site[point]
                site = whole(reach.site[start + below(chance, reach.first_site[point + 1] - start)])
                break
    return site
