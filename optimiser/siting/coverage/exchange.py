"""
A closed site takes the place of an open one when that pays or chance allows, at first often, then ever less (simulated
annealing: Kirkpatrick, Gelatt & Vecchi 1983, Science 220).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimiser.basics.chance import Chance, below, draw
from optimiser.basics.compiled import in_place, inlined, whole
from optimiser.siting.coverage.problem import Floats, Ints
from optimiser.siting.coverage.reach import Bools, Reach

MISSING = 0.5
"""How often a site is tried because it reaches a point that no open one does."""
LOOKS = 10
"""Points among which such a one is looked for."""
NEAR = 0.8
"""How often the site that closes is one that reaches the same."""


class Choice(NamedTuple):
    """Sites that are open, and what follows from them; changed in place."""

    is_open: Bools
    """Shape (sites,)."""
    times: Ints
    """Open sites that reach each point, shape (points,)."""
    total: Ints
    """Sum of their numbers: where there is one, it is that one."""
    gain: Floats
    """Weight that nobody reaches but the site, shape (sites,); of an open site, what it would leave behind."""
    opened: Ints
    """Room for the sites that are open."""
    place: Ints
    """Where in it each is."""


def choice_of(reach: Reach) -> Choice:
    """All sites closed."""
    points, sites = len(reach.weight), len(reach.first_point) - 1
    weight = np.repeat(reach.weight, np.diff(reach.first_site))
    return Choice(
        is_open=np.zeros(sites, dtype=np.bool_),
        times=np.zeros(points, dtype=np.int32),
        total=np.zeros(points, dtype=np.int32),
        gain=np.bincount(reach.site, weights=weight, minlength=sites).astype(np.float64),
        opened=np.zeros(sites, dtype=np.int32),
        place=np.zeros(sites, dtype=np.int32),
    )


@in_place
def open_site(reach: Reach, choice: Choice, site: int) -> None:
    """Open one."""
    choice.is_open[site] = True
    for point in reach.point[reach.first_point[site] : reach.first_point[site + 1]]:
        times, weight = choice.times[point], reach.weight[point]
        if times == 0:
            # The others can no longer win it; the site itself would leave it behind.
            _add_to_all(reach, choice, point, -weight)
            choice.gain[site] += weight
        elif times == 1:
            choice.gain[choice.total[point]] -= weight
        choice.times[point] = times + 1
        choice.total[point] += site


@in_place
def close_site(reach: Reach, choice: Choice, site: int) -> None:
    """Close one."""
    choice.is_open[site] = False
    for point in reach.point[reach.first_point[site] : reach.first_point[site + 1]]:
        times, weight = choice.times[point] - 1, reach.weight[point]
        choice.times[point] = times
        choice.total[point] -= site
        if times == 0:
            choice.gain[site] -= weight
            _add_to_all(reach, choice, point, weight)
        elif times == 1:
            choice.gain[choice.total[point]] += weight


@inlined
def _add_to_all(reach: Reach, choice: Choice, point: int, more: float) -> None:
    """Change what a point adds to the gain of every site that reaches it."""
    for site in reach.site[reach.first_site[point] : reach.first_site[point + 1]]:
        choice.gain[site] += more


@in_place
def fill(reach: Reach, choice: Choice, may_change: Bools, count: int, draws: Floats, greed: float) -> None:
    """Open so many more sites, each the one that wins most once all gains are blurred by a draw of its own."""
    for number in range(count):
        best, most = -1, -1.0
        for site in range(len(choice.is_open)):
            if may_change[site] and not choice.is_open[site]:
                worth = choice.gain[site] * (greed + (1.0 - greed) * draws[number, site]) + 1e-12 * draws[number, site]
                if worth > most:
                    best, most = site, worth
        if best < 0:
            break
        open_site(reach, choice, best)


@in_place
def anneal(
    reach: Reach,
    choice: Choice,
    may_change: Bools,
    best: Bools,
    reached: float,
    known: float,
    chance: Chance,
    temperature: float,
    moves: int,
) -> tuple[float, float]:
    """
    Try so many exchanges at a temperature; what the choice then covers, and the best of all.

    Parameters
    ----------
    best
        Becomes the sites of the best choice where that is better than `known`.
    reached
        What the choice covers.
    """
    count = _list(choice, may_change)
    if count == 0:
        return reached, known
    for _ in range(moves):
        entering = _entering(reach, choice, chance)
        if choice.is_open[entering] or not may_change[entering]:
            continue
        leaving = _leaving(reach, choice, may_change, entering, count, chance)
        least = temperature * np.log(max(draw(chance), 1e-300))
        # What leaves costs nothing at best.
        if choice.gain[entering] <= least:
            continue
        wins = choice.gain[entering] - choice.gain[leaving]
        for point in reach.point[reach.first_point[entering] : reach.first_point[entering + 1]]:
            if choice.times[point] == 1 and choice.total[point] == leaving:
                wins += reach.weight[point]
        if wins <= least:
            continue
        close_site(reach, choice, leaving)
        open_site(reach, choice, entering)
        spot = choice.place[leaving]
        choice.opened[spot], choice.place[entering] = entering, spot
        reached += wins
        if reached > known + 1e-9 * known:
            known = reached
            for site in range(len(best)):
                best[site] = choice.is_open[site]
    return reached, known


@inlined
def _list(choice: Choice, may_change: Bools) -> int:
    """Note the open sites that may close; how many."""
    count = 0
    for site in range(len(choice.is_open)):
        if choice.is_open[site] and may_change[site]:
            choice.opened[count], choice.place[site] = site, count
            count += 1
    return count


@inlined
def _entering(reach: Reach, choice: Choice, chance: Chance) -> int:
    """Any site, or one that reaches a point which nobody does."""
    site = below(chance, len(choice.is_open))
    if draw(chance) < MISSING:
        for _ in range(LOOKS):
            point = below(chance, len(reach.weight))
            if choice.times[point] == 0:
                start = reach.first_site[point]
                site = whole(reach.site[start + below(chance, reach.first_site[point + 1] - start)])
                break
    return site


@inlined
def _leaving(reach: Reach, choice: Choice, may_change: Bools, entering: int, count: int, chance: Chance) -> int:
    """An open site: any, or one that alone reaches a point of the other."""
    site = whole(choice.opened[below(chance, count)])
    if draw(chance) < NEAR:
        start = reach.first_point[entering]
        point = reach.point[start + below(chance, reach.first_point[entering + 1] - start)]
        if choice.times[point] == 1 and may_change[choice.total[point]]:
            site = whole(choice.total[point])
    return site
