"""
Parts of a large town that several searches change at once, each its own vans and stations.

What a van does elsewhere hardly matters for a round, so that two threads get twice as far together as each of them
alone. Borders turn from one division to the next: what lies on both sides of one will soon be in the middle of a part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimiser.basics.chance import Chance, below
from optimiser.basics.compiled import in_place, whole
from optimiser.rebalancing.search.settle import settle_in_time, take_out
from optimiser.rebalancing.search.town import BACK_S, OUT_M, OUT_S, Floats, Ints, State, Town


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Sector:
    """What one search may change."""

    vans: Ints
    town: Town
    """The whole town, in which only these vans may stop, and only at the stations of this part."""


def sectors_of(town: Town, state: State, chance: Chance, count: int) -> list[Sector]:
    """Divide a town along lines at right angles to a direction drawn by chance, with as many stops in each part."""
    across = _across(town, chance)
    part_of_van, borders = _divide(town, state, across, count)
    part_of_place = np.searchsorted(borders, across, side="right").astype(np.int32)
    for van in range(len(town.slots)):
        # Where vans of two parts stop at one station, the part of either will do.
        part_of_place[town.station[state.tour[van, : state.size[van]]]] = part_of_van[van]
        part_of_place[town.calls[van][town.calls[van] >= 0]] = part_of_van[van]
    return [_sector(town, part_of_van == part, part_of_place == part) for part in range(count)]


def _across(town: Town, chance: Chance) -> Floats:
    """How far each place lies towards one of two stations far from each other."""
    stations, places = town.near.shape[0], len(town.start)
    one = below(chance, stations)
    measure = OUT_S if town.ways[0, one, :, OUT_S].any() else OUT_M
    other = int(np.argmax(town.ways[0, one, :stations, measure]))
    back = measure + BACK_S - OUT_S
    return town.ways[0, one, :places, back].astype(np.float64) - town.ways[0, other, :places, back]


def _divide(town: Town, state: State, across: Floats, count: int) -> tuple[Ints, Floats]:
    """Part of each van, and where on the way across one part ends and the next begins."""
    driving = np.flatnonzero(state.size)
    middle = np.array([across[town.station[state.tour[van, : state.size[van]]]].mean() for van in driving])
    order = np.argsort(middle, kind="stable")
    before = np.cumsum(state.size[driving[order]]) - state.size[driving[order]] / 2
    part = np.minimum((before * count / max(1, state.size.sum())).astype(np.int32), count - 1)
    # Vans in their depots are dealt out in turn.
    part_of_van = (np.arange(len(town.slots)) % count).astype(np.int32)
    part_of_van[driving[order]] = part
    ends = np.searchsorted(part, np.arange(1, count))
    if not len(driving):
        return part_of_van, np.quantile(across, np.arange(1, count) / count)
    middle = middle[order]
    borders = (middle[np.maximum(ends - 1, 0)] + middle[np.minimum(ends, len(middle) - 1)]) / 2
    return part_of_van, borders


def _sector(town: Town, is_van: np.ndarray, is_place: np.ndarray) -> Sector:
    seeds = np.flatnonzero(is_place[: town.near.shape[0]]).astype(np.int32)
    return Sector(
        vans=np.flatnonzero(is_van).astype(np.int32),
        town=town._replace(
            allowed=town.allowed & is_van[:, None] & is_place[None, :],
            seeds=seeds if len(seeds) else town.seeds,
        ),
    )


@in_place
def mend(town: Town, state: State) -> None:
    """See to stations where vans of several parts stop: all that they do must fit together."""
    for place in range(town.near.shape[0]):
        if town.visits[place, 1] < 0:
            continue
        first, moved, most_up, most_down = -1, 0, 0, 0
        for visit in town.visits[place]:
            if visit >= 0 and state.route[visit] >= 0:
                first = visit if first < 0 else first
                moved += state.moved[visit]
                most_up, most_down = max(most_up, state.moved[visit]), min(most_down, state.moved[visit])
        row, inventory = town.row[place, 0], town.start[place] - moved
        fits = town.low[row] <= inventory <= town.high[row] and (most_up == 0 or most_down == 0)
        if first < 0 or fits:
            state.inventory[place], state.lost[place] = inventory, town.truth[row, 0, inventory]
            continue
        for visit in town.visits[place]:
            if visit >= 0 and visit != first and state.route[visit] >= 0:
                van = whole(state.route[visit])
                state.inventory[place] = town.start[place] - state.moved[first] - state.moved[visit]
                take_out(town, state, whole(visit))
                settle_in_time(town, state, van)
