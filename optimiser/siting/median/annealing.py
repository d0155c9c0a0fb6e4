"""
Exchanges of an open site and a closed one that are made when that pays or chance allows, at first often, then ever less
(simulated annealing: Kirkpatrick, Gelatt & Vecchi 1983, Science 220; for the p-median Chiyoshi & Galvao 2000, Annals of
Operations Research 96).
"""

from __future__ import annotations

import numpy as np

from optimiser.basics.chance import Chance, below, draw
from optimiser.basics.compiled import in_place, inlined, whole
from optimiser.siting.median.interchange import count_losses, exchange, gain_of, serve
from optimiser.siting.median.nearness import Bools, Nearness, Served
from optimiser.siting.median.problem import Floats
from optimiser.siting.median.relaxation import copy_into

LOTS = 2
"""Open sites that are drawn besides those that are nearest to the demand won."""

TOTAL, LEAST, HEAT = range(3)
"""Figures of a search: what its choice costs, what its best does, and the temperature."""


@in_place
def begin(nearness: Nearness, is_open: Bools, may_change: Bools, served: Served, figures: Floats) -> int:
    """Serve demand from a choice; how many of its sites may close."""
    figures[TOTAL] = serve(nearness, is_open, served)
    figures[LEAST] = figures[TOTAL]
    return whole(count_losses(is_open, may_change, served))


@in_place
def anneal(
    nearness: Nearness,
    is_open: Bools,
    may_change: Bools,
    count: int,
    served: Served,
    best: Bools,
    figures: Floats,
    chance: Chance,
    moves: int,
) -> None:
    """Try so many exchanges at a temperature; `best` becomes the cheapest choice where that is news."""
    sites = len(is_open)
    for _ in range(moves):
        site = below(chance, sites)
        if is_open[site] or not may_change[site]:
            continue
        gain = gain_of(nearness, site, served)
        place = _closing(served, count, chance, sites)
        more = served.loss[served.open[place]] - served.spared[served.open[place]] - gain
        for other in range(served.touched[sites]):
            served.spared[served.touched[other]] = 0.0
        if more <= 0.0 or more < -figures[HEAT] * np.log(max(draw(chance), 1e-300)):
            exchange(nearness, is_open, served, place, site)
            figures[TOTAL] += more
            if figures[TOTAL] < figures[LEAST] * (1.0 - 1e-12):
                figures[LEAST] = figures[TOTAL]
                copy_into(best, is_open)


@inlined
def _closing(served: Served, count: int, chance: Chance, sites: int) -> int:
    """Which of the open sites that lose demand, or are drawn, would leave the least behind: its place among all."""
    place = below(chance, count)
    least = served.loss[served.open[place]] - served.spared[served.open[place]]
    for _ in range(LOTS - 1):
        other = below(chance, count)
        loss = served.loss[served.open[other]] - served.spared[served.open[other]]
        if loss < least:
            place, least = other, loss
    for other in range(served.touched[sites]):
        site = served.touched[other]
        if served.loss[site] - served.spared[site] < least:
            place, least = whole(served.place[site]), served.loss[site] - served.spared[site]
    return place
