"""
Sites that are open, and what each would leave behind, kept as sites open and close.

An open site has a number, which the site that takes its place takes over: where that one reaches much the same, what
both reach has not to be looked at.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimiser.basics.compiled import in_place, inlined, summing
from optimiser.siting.coverage.problem import Floats, Ints
from optimiser.siting.coverage.reach import Bools, Reach

NOBODY, SEVERAL = -1, -2
"""In place of the only open site that reaches a point."""
SPARE, MISSED = range(2)
"""Tallied: numbers that no site has, and points that nobody covers."""


class Choice(NamedTuple):
    """Sites that are open, and what follows from them; changed in place."""

    is_open: Bools
    """Shape (sites,)."""
    number: Ints
    """Of each open site, shape (sites,)."""
    site: Ints
    """That has each number."""
    loss: Floats
    """Weight that the site of each number would leave behind."""
    times: Ints
    """Open sites that reach each point, shape (points,)."""
    total: Ints
    """Sum of their numbers: where there is one, it is that one."""
    alone: Ints
    """Where there is one, its number; else NOBODY or SEVERAL."""
    spare: Ints
    """Numbers that no site has: the first of it, as many as are tallied."""
    missed: Ints
    """Points that nobody covers, likewise."""
    place: Ints
    """Where in it each is."""
    tally: Ints
    """How many are SPARE and MISSED."""
    movable: Ints
    """Room for the numbers of sites that may close."""


def choice_of(reach: Reach, is_open: Bools | None = None) -> Choice:
    """All sites closed, but those that are told to be open."""
    points, sites = len(reach.weight), len(reach.first_point) - 1
    choice = Choice(
        is_open=np.zeros(sites, dtype=np.bool_),
        number=np.zeros(sites, dtype=np.int32),
        site=np.zeros(sites, dtype=np.int32),
        loss=np.zeros(sites),
        times=np.zeros(points, dtype=np.int32),
        total=np.zeros(points, dtype=np.int32),
        alone=np.full(points, NOBODY, dtype=np.int32),
        spare=np.arange(sites, dtype=np.int32),
        missed=np.arange(points, dtype=np.int32),
        place=np.arange(points, dtype=np.int32),
        tally=np.array([sites, points], dtype=np.int32),
        movable=np.zeros(sites, dtype=np.int32),
    )
    for site in np.flatnonzero(is_open) if is_open is not None else ():
        open_site(reach, choice, int(site))
    return choice


@in_place
def open_site(reach: Reach, choice: Choice, site: int) -> None:
    """Open one."""
    choice.tally[SPARE] -= 1
    number = choice.spare[choice.tally[SPARE]]
    choice.is_open[site], choice.number[site], choice.site[number] = True, number, site
    choice.loss[number] = 0.0
    for point in reach.point[reach.first_point[site] : reach.first_point[site + 1]]:
        _come(reach, choice, point, number)


@in_place
def close_site(reach: Reach, choice: Choice, site: int) -> None:
    """Close one."""
    number = choice.number[site]
    choice.is_open[site] = False
    choice.spare[choice.tally[SPARE]] = number
    choice.tally[SPARE] += 1
    for point in reach.point[reach.first_point[site] : reach.first_point[site + 1]]:
        _go(reach, choice, point, number)


@inlined
def take_place(reach: Reach, choice: Choice, leaving: int, entering: int, gone: Ints, come: Ints) -> None:
    """
    Close one site and open another with its number.

    `gone` are the points that the one reaches, `come` those of the other; what both reach may be left out of both.
    """
    number = choice.number[leaving]
    choice.is_open[leaving] = False
    choice.is_open[entering], choice.number[entering], choice.site[number] = True, number, entering
    for point in come:
        _come(reach, choice, point, number)
    for point in gone:
        _go(reach, choice, point, number)


@inlined
def _come(reach: Reach, choice: Choice, point: int, number: int) -> None:
    """One more site reaches a point."""
    alone = choice.alone[point]
    if alone == NOBODY:
        choice.alone[point] = number
        choice.loss[number] += reach.weight[point]
        choice.tally[MISSED] -= 1
        last = choice.missed[choice.tally[MISSED]]
        choice.missed[choice.place[point]], choice.place[last] = last, choice.place[point]
    elif alone != SEVERAL:
        choice.alone[point] = SEVERAL
        choice.loss[alone] -= reach.weight[point]
    choice.times[point] += 1
    choice.total[point] += number


@inlined
def _go(reach: Reach, choice: Choice, point: int, number: int) -> None:
    """One site less reaches a point."""
    times = choice.times[point] - 1
    choice.times[point] = times
    choice.total[point] -= number
    if times == 0:
        choice.alone[point] = NOBODY
        choice.loss[number] -= reach.weight[point]
        choice.missed[choice.tally[MISSED]], choice.place[point] = point, choice.tally[MISSED]
        choice.tally[MISSED] += 1
    elif times == 1:
        alone = choice.total[point]
        choice.alone[point] = alone
        choice.loss[alone] += reach.weight[point]


@summing
def won_of(weight: Floats, alone: Ints, points: Ints, start: int, end: int, without: int) -> float:
    """
    Of a stretch of points, the weight that nobody covers once the site of a number, which may be NOBODY, is closed.

    Nearly all of the time goes here: no branches, and indices without a sign, so that points are looked at together.
    """
    won = 0.0
    for place in range(start, end):
        point = np.uint64(points[place])
        won += weight[point] if (alone[point] == NOBODY) | (alone[point] == without) else 0.0
    return won


@summing
def lone_of(weight: Floats, alone: Ints, points: Ints, start: int, end: int, number: int) -> float:
    """Of a stretch of points, the weight that only the site of a number covers."""
    lone = 0.0
    for place in range(start, end):
        point = np.uint64(points[place])
        lone += weight[point] if alone[point] == number else 0.0
    return lone


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
        start, end = reach.first_point[best], reach.first_point[best + 1]
        now = won_of(reach.weight, choice.alone, reach.point, start, end, NOBODY) * blur[best]
        if now < worth[best]:
            worth[best] = now
        else:
            open_site(reach, choice, best)
            worth[best] = -np.inf
            left -= 1
