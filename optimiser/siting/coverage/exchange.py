"""
A closed site takes the place of an open one when that pays or chance allows, at first often, then ever less (simulated
annealing: Kirkpatrick, Gelatt & Vecchi 1983, Science 220). On the way, one site more or less than asked for may be
open, at a price that follows how often there are more or fewer (strategic oscillation: Glover 1977, Decision
Sciences 8): so that what is missing in one place comes from another far away.
"""

from __future__ import annotations

import numpy as np

from optimiser.basics.chance import Chance, below, draw
from optimiser.basics.compiled import in_place, inlined, whole
from optimiser.siting.coverage.alike import Alike
from optimiser.siting.coverage.choice import (
    MISSED,
    NOBODY,
    Choice,
    close_site,
    lone_of,
    open_site,
    take_place,
    won_of,
)
from optimiser.siting.coverage.problem import Floats
from optimiser.siting.coverage.reach import Bools, Reach

ALONE = 0.2
"""How often a site opens or closes without another."""
FOLLOWS = 0.001
"""Of the temperature, that the price of a site changes by each time."""
SHIFT = 0.5
"""How often an exchange is one with a site that reaches much the same."""
MISSING = 0.3
"""Else, how often a site is tried because it reaches a point that no open one does."""
NEAR = 0.8
"""Else, how often the site that closes is one that reaches the same."""
NEVER = -40.0
"""Temperatures that a move may lose at most: chance allows more once in 10 ** 17 times."""


@in_place
def anneal(
    reach: Reach,
    alike: Alike,
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
    best
        Becomes the sites of the best choice where that is better than what is known.
    state
        What the choice covers, what the best of all does, and the price of one more site.
    wanted
        Sites to be open, of those that may change.
    """
    count = _list(choice, may_change)
    for _ in range(moves):
        if draw(chance) < ALONE:
            state[2] = max(0.0, state[2] + FOLLOWS * temperature * (count - wanted))
            if draw(chance) < 0.5:
                if count >= wanted and count > 1:
                    count = _close_one(reach, choice, state, chance, count, temperature)
            elif count <= wanted:
                count = _open_one(reach, choice, may_change, state, chance, count, temperature)
        elif count > 0:
            if draw(chance) < SHIFT:
                _shift(reach, alike, choice, may_change, state, chance, count, temperature)
            else:
                _exchange(reach, choice, may_change, state, chance, count, temperature)
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
            choice.movable[count] = choice.number[site]
            count += 1
    return count


@inlined
def _is_allowed(more: float, chance: Chance, temperature: float) -> bool:
    """Whether what wins so much may be done: what loses by chance alone, which is drawn only where it can matter."""
    return more > 0.0 or (more > NEVER * temperature and more > temperature * np.log(max(draw(chance), 1e-300)))


@inlined
def _close_one(reach: Reach, choice: Choice, state: Floats, chance: Chance, count: int, temperature: float) -> int:
    """Close a site if its price allows; how many are then open."""
    place = below(chance, count)
    number = choice.movable[place]
    loss = choice.loss[number]
    if not _is_allowed(state[2] - loss, chance, temperature):
        return count
    close_site(reach, choice, whole(choice.site[number]))
    choice.movable[place] = choice.movable[count - 1]
    state[0] -= loss
    return count - 1


@inlined
def _open_one(
    reach: Reach,
    choice: Choice,
    may_change: Bools,
    state: Floats,
    chance: Chance,
    count: int,
    temperature: float,
) -> int:
    """Open a site if it is worth its price; how many are then open."""
    entering = _entering(reach, choice, chance)
    if choice.is_open[entering] or not may_change[entering]:
        return count
    start, end = reach.first_point[entering], reach.first_point[entering + 1]
    won = won_of(reach.weight, choice.alone, reach.point, start, end, NOBODY)
    if not _is_allowed(won - state[2], chance, temperature):
        return count
    open_site(reach, choice, entering)
    choice.movable[count] = choice.number[entering]
    state[0] += won
    return count + 1


@inlined
def _shift(
    reach: Reach,
    alike: Alike,
    choice: Choice,
    may_change: Bools,
    state: Floats,
    chance: Chance,
    count: int,
    temperature: float,
) -> None:
    """Open a site for one that reaches much the same, the more alike the more often; only what differs is looked at."""
    number, share = choice.movable[below(chance, count)], draw(chance)
    leaving, rank = whole(choice.site[number]), whole(alike.site.shape[1] * share * share)
    entering, pair = whole(alike.site[leaving, rank]), leaving * alike.site.shape[1] + rank
    if choice.is_open[entering] or not may_change[entering]:
        return
    come, come_end = alike.first_come[pair], alike.first_come[pair + 1]
    gone, gone_end = alike.first_gone[pair], alike.first_gone[pair + 1]
    more = won_of(reach.weight, choice.alone, alike.come, come, come_end, NOBODY)
    more -= lone_of(reach.weight, choice.alone, alike.gone, gone, gone_end, number)
    if _is_allowed(more, chance, temperature):
        take_place(reach, choice, leaving, entering, alike.gone[gone:gone_end], alike.come[come:come_end])
        state[0] += more


@inlined
def _exchange(
    reach: Reach,
    choice: Choice,
    may_change: Bools,
    state: Floats,
    chance: Chance,
    count: int,
    temperature: float,
) -> None:
    """Open a site for any other, or for one that reaches the same."""
    number, entering = choice.movable[below(chance, count)], _entering(reach, choice, chance)
    start, end = reach.first_point[entering], reach.first_point[entering + 1]
    if draw(chance) < NEAR:
        alone = choice.alone[reach.point[start + below(chance, end - start)]]
        if alone >= 0 and may_change[choice.site[alone]]:
            number = alone
    if choice.is_open[entering] or not may_change[entering]:
        return
    more = won_of(reach.weight, choice.alone, reach.point, start, end, number) - choice.loss[number]
    if _is_allowed(more, chance, temperature):
        leaving = whole(choice.site[number])
        gone = reach.point[reach.first_point[leaving] : reach.first_point[leaving + 1]]
        take_place(reach, choice, leaving, entering, gone, reach.point[start:end])
        state[0] += more


@inlined
def _entering(reach: Reach, choice: Choice, chance: Chance) -> int:
    """Any site, or one that reaches a point which nobody does."""
    site = below(chance, len(choice.is_open))
    if draw(chance) < MISSING and choice.tally[MISSED] > 0:
        point = choice.missed[below(chance, choice.tally[MISSED])]
        start = reach.first_site[point]
        site = whole(reach.site[start + below(chance, reach.first_site[point + 1] - start)])
    return site
