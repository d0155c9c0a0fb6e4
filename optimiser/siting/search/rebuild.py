"""
Tears down what is built here and there, and builds anew whatever brings most for its money (ruin and recreate:
Schrimpf et al. 2000, Journal of Computational Physics 159).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.chance import Chance, below, draw
from optimiser.basics.compiled import in_place, whole
from optimiser.siting.arrays import Floats
from optimiser.siting.search.copying import copy_ground, copy_touched, forget_touched
from optimiser.siting.search.flow import (
    LEAST,
    Desk,
    crowd_in,
    fill_up,
    note_built,
    note_gone,
    turn_out,
)
from optimiser.siting.search.gains import know_gains
from optimiser.siting.search.ground import (
    Counts,
    Ground,
    Land,
    capacity,
    is_built,
    may_build,
    put,
    score,
    tear_down,
    upgrade_for,
)

FEW = 6
"""Sites torn down around one place, at most."""
WHOLE_NODES = 0.2
"""How often all sites at a grid node are torn down instead."""
OTHERS = 10
"""Sites anywhere that are looked at as well when something is built anew."""
NEIGHBOURS = 12
"""Of each site that is torn down, that are looked at when something is built anew."""
BLUR = 0.25
"""By as much what a site seems to bring may be off."""


Fees = tuple[float, float, float]
"""
Share of an upgrade that its first use has to earn, as others will use it too; what a new site is charged, and the share
of its fee that a kilowatt is.
"""


class Lists(NamedTuple):
    """Sites that a round is about; room for all."""

    site: Counts
    is_in: NDArray[np.bool_]
    size: Counts
    """Shape (1,)."""
    most: Counts
    """New plugs that may come to each of them, shape (sites, kinds); where all phases are searched at once."""
    gain: Floats
    """What these bring in all phases, shape (sites, kinds, plugs + 1)."""
    cost: Floats


def lists_for(land: Land) -> Lists:
    """Empty."""
    sites, shape = len(land.open_cost), (*land.most.shape, land.takes.shape[1])
    return Lists(
        site=np.zeros(sites, dtype=np.int64),
        is_in=np.zeros(sites, dtype=np.bool_),
        size=np.zeros(1, dtype=np.int64),
        most=np.zeros_like(land.most),
        gain=np.zeros(shape),
        cost=np.ones(shape),
    )


@in_place
def fees_of(land: Land, chance: Chance) -> Fees:
    """Of a round: in every other one new sites are charged nothing, and in every other one kilowatts."""
    share, of_site, of_kw = draw(chance), draw(chance), draw(chance)
    return share, land.fee * max(0.0, 2.0 * of_site - 1.0), max(0.0, 2.0 * of_kw - 1.0)


@in_place
def charge_for(land: Land, ground: Ground, site: int, kind: int, count: int, cost: float, fees: Fees) -> float:
    """What so many more plugs are charged when builds are compared: nothing is scarce that has no limit."""
    share, fee, of_kw = fees
    power = of_kw * land.kw_fee[land.node[site]] * count * land.grid_kw[kind] if land.node[site] >= 0 else 0.0
    if np.isinf(ground.money[0]):
        return 1.0 + power
    charge = cost + power - (1.0 - share) * upgrade_for(land, ground, site, kind, count)
    if fee > 0.0 and land.is_new[site] and not is_built(ground, site):
        charge += fee
    return max(charge, 1e-9)


@in_place
def enter(lists: Lists, site: int) -> None:
    """Add a site, once."""
    if not lists.is_in[site]:
        lists.is_in[site] = True
        lists.site[lists.size[0]] = site
        lists.size[0] += 1


@in_place
def empty(lists: Lists) -> None:
    """Take all out."""
    for at in range(lists.size[0]):
        lists.is_in[lists.site[at]] = False
    lists.size[0] = 0


@in_place
def rebuild(land: Land, ground: Ground, desk: Desk, lists: Lists, chance: Chance) -> None:
    """One round: tear down, build anew."""
    torn = pick(land, ground, lists, chance)
    for at in range(torn):
        ruin(land, ground, lists.site[at])
    build_anew(land, ground, desk, lists, chance, BLUR, fees_of(land, chance))
    settle(land, ground, desk, lists)


@in_place
def pick(land: Land, ground: Ground, lists: Lists, chance: Chance) -> int:
    """Sites to tear down, so many at the head of the list, and others that may be built instead."""
    empty(lists)
    for _ in range(1 + below(chance, 2)):
        centre = any_built(ground, chance)
        if land.node[centre] >= 0 and draw(chance) < WHOLE_NODES:
            pick_node(land, ground, lists, land.node[centre])
        else:
            pick_around(land, ground, lists, centre, 1 + below(chance, FEW), chance)
    torn = whole(lists.size[0])
    for at in range(torn):
        _add_neighbours(land, lists, lists.site[at], chance)
    for _ in range(OTHERS):
        enter(lists, below(chance, len(land.open_cost)))
    return torn


@in_place
def look_around(land: Land, ground: Ground, desk: Desk, lists: Lists) -> None:
    """Let everybody know what stands."""
    empty(lists)
    for site in range(len(land.open_cost)):
        enter(lists, site)
        note_built(land, ground, site)
    settle(land, ground, desk, lists)


@in_place
def rebuild_all(land: Land, ground: Ground, desk: Desk, lists: Lists, chance: Chance, blur: float) -> None:
    """The same, and build what can be, anywhere."""
    look_around(land, ground, desk, lists)
    build_anew(land, ground, desk, lists, chance, blur, (1.0, 0.0, 0.0))
    settle(land, ground, desk, lists)


@in_place
def any_built(ground: Ground, chance: Chance) -> int:
    """A site where something is built, or any."""
    site = below(chance, len(ground.plugs))
    for _ in range(50):
        if is_built(ground, site):
            break
        site = below(chance, len(ground.plugs))
    return site


@in_place
def pick_node(land: Land, ground: Ground, lists: Lists, node: int) -> None:
    """Enter all sites at a grid node where something is built."""
    for site in range(len(land.node)):
        if land.node[site] == node and is_built(ground, site) and not land.is_forced[site]:
            enter(lists, site)


@in_place
def ruin(land: Land, ground: Ground, site: int) -> None:
    """Tear down what is built at a site; whoever was served there is left."""
    tear_down(land, ground, site)
    turn_out(land, ground, site)
    note_gone(land, ground, site)


@in_place
def pick_around(land: Land, ground: Ground, lists: Lists, centre: int, few: int, chance: Chance) -> None:
    """Enter a site where something is built, and others that somebody within its reach could go to as well."""
    site = centre
    for _ in range(4 * few):
        if is_built(ground, site) and not land.is_forced[site] and not lists.is_in[site]:
            enter(lists, site)
            few -= 1
            if few <= 0:
                return
        start, end = land.first_arc[centre], land.first_arc[centre + 1]
        if end == start:
            return
        group = land.arc_group[start + below(chance, end - start)]
        start, end = land.first_own[group], land.first_own[group + 1]
        site = land.arc_site[land.own_arc[start + below(chance, end - start)]]


@in_place
def _add_neighbours(land: Land, lists: Lists, site: int, chance: Chance) -> None:
    """Some of the sites that somebody within reach of this one could go to as well."""
    start, end = land.first_arc[site], land.first_arc[site + 1]
    for _ in range(min(NEIGHBOURS, end - start)):
        group = land.arc_group[start + below(chance, end - start)]
        own, last = land.first_own[group], land.first_own[group + 1]
        enter(lists, land.arc_site[land.own_arc[own + below(chance, last - own)]])


@in_place
def settle(land: Land, ground: Ground, desk: Desk, lists: Lists) -> None:
    """At the sites in the list, fill whatever has room, and let those in who bring more."""
    for at in range(lists.size[0]):
        site = lists.site[at]
        for kind in range(ground.plugs.shape[1]):
            room = capacity(land, ground, site, kind)
            if room > ground.used[site, kind] + LEAST:
                fill_up(land, ground, desk, site, kind)
            if room > 0.0:
                crowd_in(land, ground, site, kind)


@in_place
def build_anew(land: Land, ground: Ground, desk: Desk, lists: Lists, chance: Chance, blur: float, fees: Fees) -> None:
    """Of the sites in the list build whatever brings most for what it is charged, again and again."""
    begin_to_know(ground, lists)
    for _ in range(1000):
        best, best_site, best_kind, best_count = 0.0, whole(-1), whole(-1), whole(0)
        for at in range(lists.size[0]):
            site = lists.site[at]
            blurred = 1.0 - blur * draw(chance)
            know_gains(land, ground, site)
            for kind in range(ground.plugs.shape[1]):
                for count in range(1, land.most[site, kind] - ground.plugs[site, kind] + 1):
                    cost = may_build(land, ground, site, kind, count)
                    if cost < 0.0:
                        break
                    charge = charge_for(land, ground, site, kind, count, cost, fees)
                    ratio = blurred * ground.gain[site, kind, count] / charge
                    if ratio > best * (1 + 1e-9):
                        best, best_site, best_kind, best_count = ratio, site, kind, count
        if best_site < 0:
            return
        put(land, ground, best_site, best_kind, best_count)
        ground.is_known[best_site] = False
        note_built(land, ground, best_site)
        fill_up(land, ground, desk, best_site, best_kind)


@in_place
def begin_to_know(ground: Ground, lists: Lists) -> None:
    """What more plugs would bring at the sites in the list is not known yet."""
    for at in range(lists.size[0]):
        ground.is_known[lists.site[at]] = False


@in_place
def anneal(
    land: Land,
    now: Ground,
    trial: Ground,
    best: Ground,
    desk: Desk,
    lists: Lists,
    chance: Chance,
    temperature: float,
    rounds: int,
) -> None:
    """So many rounds at a temperature; `now` goes on, `best` is kept."""
    copy_ground(now, trial)
    for _ in range(rounds):
        rebuild(land, trial, desk, lists, chance)
        least = temperature * np.log(max(draw(chance), 1e-300))
        if score(land, trial, land.price) > score(land, now, land.price) + least:
            copy_touched(land, trial, now, trial)
            if score(land, now, land.penalty) > score(land, best, land.penalty) + 1e-9 * abs(best.total[0]):
                copy_ground(now, best)
        else:
            copy_touched(land, now, trial, trial)
        forget_touched(trial)
