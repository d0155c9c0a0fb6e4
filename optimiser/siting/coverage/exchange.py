"""
A closed site takes the place of an open one, the best pair each time, those that have just changed left alone for a
while (tabu search: Glover 1989, ORSA Journal on Computing 1).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimiser.basics.compiled import in_place, inlined, whole
from optimiser.siting.coverage.problem import Floats, Ints
from optimiser.siting.coverage.reach import Bools, Reach

SHORTEST, SPREAD = 5, 10
"""Exchanges for which a site is left alone at least, and up to so many more."""


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
    shared: Floats
    """Room for a figure of each site; nothing is left there."""
    opened: Ints
    """Room for the sites that are open."""
    free_from: Ints
    """Exchange from which a site may change again, shape (sites,)."""


def choice_of(reach: Reach) -> Choice:
    """All sites closed."""
    points, sites = len(reach.weight), len(reach.first_point) - 1
    weight = np.repeat(reach.weight, np.diff(reach.first_site))
    return Choice(
        is_open=np.zeros(sites, dtype=np.bool_),
        times=np.zeros(points, dtype=np.int32),
        total=np.zeros(points, dtype=np.int32),
        gain=np.bincount(reach.site, weights=weight, minlength=sites).astype(np.float64),
        shared=np.zeros(sites),
        opened=np.zeros(sites, dtype=np.int32),
        free_from=np.zeros(sites, dtype=np.int32),
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
def exchange(
    reach: Reach,
    choice: Choice,
    may_change: Bools,
    best: Bools,
    reached: float,
    known: float,
    draws: Floats,
    done: int,
) -> tuple[float, float]:
    """
    An exchange for each draw, the best that is allowed each time; what the choice then covers, and the best of all.

    Parameters
    ----------
    best
        Becomes the sites of the best choice where that is better than `known`.
    reached
        What the choice covers.
    draws
        Numbers in [0, 1).
    done
        Exchanges before.
    """
    for number in range(len(draws)):
        step = done + number
        wins, entering, leaving = _best_pair(reach, choice, may_change, step, known - reached)
        if entering < 0:
            break
        close_site(reach, choice, leaving)
        open_site(reach, choice, entering)
        reached += wins
        rest = SHORTEST + int(draws[number] * SPREAD)
        choice.free_from[leaving], choice.free_from[entering] = step + 1 + rest, step + 1 + rest // 2
        if reached > known + 1e-9 * known:
            known = reached
            for site in range(len(best)):
                best[site] = choice.is_open[site]
    return reached, known


@inlined
def _best_pair(reach: Reach, choice: Choice, may_change: Bools, step: int, lacking: float) -> tuple[float, int, int]:
    """The exchange that wins most, of sites that may change now or that make a better choice than any so far."""
    count = 0
    for site in range(len(choice.is_open)):
        if choice.is_open[site] and may_change[site]:
            choice.opened[count] = site
            count += 1
    most, entering, leaving = -np.inf, -1, -1
    for site in range(len(choice.is_open)):
        # What leaves costs nothing at best.
        if choice.is_open[site] or not may_change[site] or choice.gain[site] <= most:
            continue
        is_free = choice.free_from[site] <= step
        points = reach.point[reach.first_point[site] : reach.first_point[site + 1]]
        for point in points:
            if choice.times[point] == 1:
                choice.shared[choice.total[point]] += reach.weight[point]
        for other in choice.opened[:count]:
            wins = choice.gain[site] - choice.gain[other] + choice.shared[other]
            if wins > most and ((is_free and choice.free_from[other] <= step) or wins > lacking + 1e-9):
                most, entering, leaving = wins, site, whole(other)
        for point in points:
            if choice.times[point] == 1:
                choice.shared[choice.total[point]] = 0.0
    return most, entering, leaving
