"""Ruin, recreate, and accept what is better or by chance not much worse, again and again."""

from __future__ import annotations

import numpy as np

from optimiser.basics.chance import Chance, below, draw
from optimiser.basics.compiled import in_place, whole
from optimiser.rebalancing.search.calls import call, leave_out_idle_calls
from optimiser.rebalancing.search.copies import (
    copy_van,
    cost_of,
    difference,
    loss_difference,
    missed,
    seconds_of,
    uncount,
    uneven,
)
from optimiser.rebalancing.search.desk import Desk
from optimiser.rebalancing.search.lines import lines_of
from optimiser.rebalancing.search.looks import left_out, wants_of
from optimiser.rebalancing.search.recreate import MUCH_FIRST, WAYS, order, recreate
from optimiser.rebalancing.search.ruin import ruin
from optimiser.rebalancing.search.segment_moves import move_segments
from optimiser.rebalancing.search.settle import is_late, settle, settle_in_time
from optimiser.rebalancing.search.tails import exchange_tails
from optimiser.rebalancing.search.town import Floats, Ints, State, Town

NEWCOMERS = 6
"""Visits left out so far that are tried beside those just taken out, at most."""
PASSES = 3
"""How often the first routes are gone over for stops that pay now."""
WAKING = 0.1
"""How often a van in its depot may leave it for less than that costs."""
CALLING = 0.2
"""How often a touched van gets a call at a depot in mid-shift."""


@in_place
def begin(town: Town, state: State, chance: Chance, desk: Desk, slot_price: float) -> float:
    """Put in whatever pays or must be, from empty routes; what it costs."""
    for van in range(len(town.slots)):
        settle(town, state, van)
    for _ in range(1 if town.is_fixed else PASSES):
        count = 0
        for visit in range(len(town.station)):
            if state.route[visit] < 0 and town.station[visit] < town.near.shape[0]:
                desk.chosen[count] = visit
                count += 1
        way = whole(below(chance, WAYS)) if town.is_fixed else whole(MUCH_FIRST)
        order(town, state, desk.chosen, whole(count), way, chance, desk.keys)
        recreate(town, state, desk, whole(count), chance, slot_price, 1.0)
    for van in range(len(town.slots)):
        if is_late(town, state, van):
            # Others have come to its stations since, and it does more at the rest.
            settle_in_time(town, state, van)
    desk.is_touched[:] = False
    return cost_of(town, state)


@in_place
def anneal(
    town: Town,
    now: State,
    trial: State,
    best: State,
    costs: Floats,
    chance: Chance,
    desk: Desk,
    rounds: int,
    temperature: float,
    mean: float,
    slot_price: float,
    segments: int,
) -> int:
    """
    So many rounds at a temperature.

    `now` and `trial` are the same at the start and in the end; `best` is only ever replaced by what is cheaper. `costs`
    holds what `now` costs, what `best` really costs, the slots that `now` misses, and of its costs what `eased` tells.
    Each round tries so many moves of segments first.
    Answers how often a better best was found.
    """
    found = 0
    stations = town.near.shape[0]
    for _ in range(rounds):
        if segments:
            _move_segments(town, now, trial, costs, chance, desk, temperature, slot_price, segments)
            found += keep(town, now, best, costs)
        seed = town.seeds[below(chance, len(town.seeds))]
        count = ruin(town, trial, seed, mean, chance, desk.is_touched, desk.chosen)
        count = _newcomers(town, trial, seed, chance, desk.chosen, count)
        broken = -1
        for van in range(len(town.slots)):
            if desk.is_touched[van]:
                settle(town, trial, van)
                broken = van
        if broken >= 0 and not town.is_fixed:
            exchange_tails(town, trial, whole(broken), whole(seed), chance, temperature, desk)
        if stations < len(town.start) and draw(chance) < CALLING:
            call(town, trial, chance, desk.is_touched)
        order(town, trial, desk.chosen, count, whole(below(chance, WAYS)), chance, desk.keys)
        recreate(town, trial, desk, count, chance, slot_price, WAKING)
        if stations < len(town.start):
            leave_out_idle_calls(town, trial, desk.is_touched)
        more, late = _more(town, now, trial, desk), 0
        cost, excess = costs[0] + more, costs[2]
        for van in range(len(town.slots)):
            if desk.is_touched[van]:
                excess += trial.excess[van] - now.excess[van]
                late += is_late(town, trial, van)
        if late == 0 and more + slot_price * (excess - costs[2]) < -temperature * np.log(max(draw(chance), 1e-300)):
            costs[0], costs[2] = cost, excess
            for van in range(len(town.slots)):
                if desk.is_touched[van]:
                    costs[3] += town.pressure[van] * (seconds_of(town, trial, van) - seconds_of(town, now, van))
                    copy_van(town, trial, now, van)
            found += keep(town, now, best, costs)
        else:
            for van in range(len(town.slots)):
                if desk.is_touched[van]:
                    copy_van(town, now, trial, van)
        desk.is_touched[:] = False
    return found


@in_place
def keep(town: Town, now: State, best: State, costs: Floats) -> int:
    """Make `best` what `now` is where that is really cheaper and misses no slot; 1 if so."""
    if costs[2] > 0 or costs[0] - costs[3] >= costs[1] - 1e-9:
        return 0
    costs[1] = costs[0] - costs[3]
    for van in range(len(town.slots)):
        copy_van(town, now, best, van)
    return 1


@in_place
def _move_segments(
    town: Town,
    now: State,
    trial: State,
    costs: Floats,
    chance: Chance,
    desk: Desk,
    temperature: float,
    slot_price: float,
    segments: int,
) -> None:
    """Try moves of whole segments on `now`, and make `trial` the same."""
    lines = lines_of(town, now)
    saved = move_segments(lines, chance, temperature, slot_price, segments, desk.is_touched, desk.chosen)
    missing = 0
    for van in range(len(town.slots)):
        if desk.is_touched[van]:
            settle(town, now, van)
            missing += now.excess[van] - trial.excess[van]
            copy_van(town, now, trial, van)
            desk.is_touched[van] = False
    costs[0] -= saved + slot_price * missing
    costs[2] += missing


@in_place
def _more(town: Town, now: State, trial: State, desk: Desk) -> float:
    """What the trial costs more."""
    more = 0.0
    for visit in range(len(town.must)):
        if town.must[visit]:
            more += town.must_price * ((trial.route[visit] < 0) - (now.route[visit] < 0))
    for van in range(len(town.slots)):
        if desk.is_touched[van]:
            more += difference(town, now, trial, van)
            if not town.is_fixed:
                more = loss_difference(town, now, trial, van, more, desk.is_counted)
    if not town.is_fixed:
        for van in range(len(town.slots)):
            if desk.is_touched[van]:
                uncount(town, now, van, desk.is_counted)
                uncount(town, trial, van, desk.is_counted)
        more += uneven(town, trial) - uneven(town, now)
        if len(town.floor):
            more += town.zone_price * (missed(town, trial) - missed(town, now))
    return more


@in_place
def _newcomers(town: Town, state: State, seed: int, chance: Chance, chosen: Ints, count: int) -> int:
    """Add visits near the seed that are left out."""
    if town.is_fixed:
        return count
    most = 0.0
    for rank in range(-1, town.near.shape[1]):
        station = seed if rank < 0 else town.near[seed, rank]
        if left_out(town, state, station) >= 0:
            most = max(most, state.lost[station] - town.least[station])
    added, taken = 0, count
    for rank in range(-1, town.near.shape[1]):
        station = seed if rank < 0 else town.near[seed, rank]
        if added >= NEWCOMERS:
            break
        if (state.lost[station] - town.least[station]) < most * draw(chance):
            continue
        visit = left_out(town, state, station)
        if visit < 0 or wants_of(town, state, station) == 0:
            continue
        is_new = True
        for position in range(taken):
            if chosen[position] == visit:
                is_new = False
        if is_new:
            chosen[count] = visit
            count += 1
            added += 1
    return count
