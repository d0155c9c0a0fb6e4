"""
All phases at once: what is torn down in one is torn down in all, and what a phase builds stands in all that follow.

The phases are handed over as a tuple of always the same length, so that nothing is compiled anew for another number.
"""

from __future__ import annotations

import numpy as np

from optimiser.basics.chance import Chance, draw
from optimiser.basics.compiled import in_place, whole
from optimiser.siting.arrays import Floats
from optimiser.siting.search.copying import copy_ground, copy_touched, forget_touched
from optimiser.siting.search.flow import Desk, fill_up, note_built
from optimiser.siting.search.gains import know_gains
from optimiser.siting.search.ground import Counts, Ground, Land, may_build, put, score
from optimiser.siting.search.rebuild import BLUR, Fees, Lists, begin_to_know, charge_for, fees_of, pick, ruin, settle

MOST_PHASES = 8
"""That are searched together; more are left as they are found one after the other."""

Lands = tuple[Land, ...]
Grounds = tuple[Ground, ...]


@in_place
def anneal_together(
    lands: Lands,
    now: Grounds,
    trial: Grounds,
    best: Grounds,
    weight: Floats,
    desk: Desk,
    lists: Lists,
    chance: Chance,
    temperature: float,
    rounds: int,
) -> None:
    """So many rounds at a temperature; `now` goes on, `best` is kept. There are as many phases as weights."""
    phases = len(weight)
    for phase in range(phases):
        copy_ground(now[phase], trial[phase])
    for _ in range(rounds):
        _rebuild(lands, trial, weight, desk, lists, chance)
        reached = _total(lands, trial, weight)
        if reached > _total(lands, now, weight) + temperature * np.log(max(draw(chance), 1e-300)):
            is_best = reached > _total(lands, best, weight) + 1e-9 * abs(reached)
            for phase in range(phases):
                copy_touched(lands[phase], trial[phase], now[phase], trial[phase])
                if is_best:
                    copy_ground(trial[phase], best[phase])
        else:
            for phase in range(phases):
                copy_touched(lands[phase], now[phase], trial[phase], trial[phase])
        for phase in range(phases):
            forget_touched(trial[phase])


@in_place
def _total(lands: Lands, grounds: Grounds, weight: Floats) -> float:
    total = 0.0
    for phase in range(len(weight)):
        total += weight[phase] * score(lands[phase], grounds[phase], lands[phase].penalty)
    return total


@in_place
def _rebuild(lands: Lands, grounds: Grounds, weight: Floats, desk: Desk, lists: Lists, chance: Chance) -> None:
    """One round: tear down around some sites in all phases, build anew from the first on."""
    phases = len(weight)
    torn = pick(lands[phases - 1], grounds[phases - 1], lists, chance)
    for phase in range(phases):
        for at in range(torn):
            ruin(lands[phase], grounds[phase], lists.site[at])
    fees = fees_of(lands[phases - 1], chance)
    for phase in range(phases):
        _build_anew(lands, grounds, weight, phase, desk, lists, chance, fees)
    for phase in range(phases):
        settle(lands[phase], grounds[phase], desk, lists)


@in_place
def _build_anew(
    lands: Lands,
    grounds: Grounds,
    weight: Floats,
    phase: int,
    desk: Desk,
    lists: Lists,
    chance: Chance,
    fees: Fees,
) -> None:
    """In one phase build whatever brings most from then on for its money, again and again."""
    land, ground = lands[phase], grounds[phase]
    for later in range(phase, len(weight)):
        begin_to_know(grounds[later], lists)
    for _ in range(1000):
        _price_builds(land, ground, weight[phase], lists, fees)
        for later in range(phase + 1, len(weight)):
            _look_ahead(lands[later], grounds[later], ground.plugs, weight[later], lists)
        best, best_site, best_kind, best_count = 0.0, whole(-1), whole(-1), whole(0)
        for at in range(lists.size[0]):
            site = lists.site[at]
            blurred = 1.0 - BLUR * draw(chance)
            for kind in range(ground.plugs.shape[1]):
                for count in range(1, lists.most[site, kind] + 1):
                    ratio = blurred * lists.gain[site, kind, count] / lists.cost[site, kind, count]
                    if ratio > best * (1 + 1e-9):
                        best, best_site, best_kind, best_count = ratio, site, kind, count
        if best_site < 0:
            return
        wanted = ground.plugs[best_site, best_kind] + best_count
        for later in range(phase, len(weight)):
            more = wanted - grounds[later].plugs[best_site, best_kind]
            if more > 0:
                put(lands[later], grounds[later], best_site, best_kind, more)
                grounds[later].is_known[best_site] = False
                note_built(lands[later], grounds[later], best_site)
                fill_up(lands[later], grounds[later], desk, best_site, best_kind)


@in_place
def _price_builds(land: Land, ground: Ground, weight: float, lists: Lists, fees: Fees) -> None:
    """What may be built in a phase at the sites in the list, what that brings in the phase, and costs."""
    for at in range(lists.size[0]):
        site = lists.site[at]
        know_gains(land, ground, site)
        for kind in range(ground.plugs.shape[1]):
            lists.most[site, kind] = 0
            for count in range(1, land.most[site, kind] - ground.plugs[site, kind] + 1):
                cost = may_build(land, ground, site, kind, count)
                if cost < 0.0:
                    break
                lists.most[site, kind] = count
                lists.cost[site, kind, count] = charge_for(land, ground, site, kind, count, cost, fees)
                lists.gain[site, kind, count] = weight * ground.gain[site, kind, count]


@in_place
def _look_ahead(land: Land, ground: Ground, plugs: Counts, weight: float, lists: Lists) -> None:
    """Add what it brings in a later phase that lacks some of these plugs; what has no room there may not be built."""
    for at in range(lists.size[0]):
        site = lists.site[at]
        know_gains(land, ground, site)
        for kind in range(plugs.shape[1]):
            for count in range(1, lists.most[site, kind] + 1):
                more = plugs[site, kind] + count - ground.plugs[site, kind]
                if more <= 0:
                    continue
                if may_build(land, ground, site, kind, more) < 0.0:
                    lists.most[site, kind] = count - 1
                    break
                lists.gain[site, kind, count] += weight * ground.gain[site, kind, more]
