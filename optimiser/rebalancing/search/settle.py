"""Routes whose stops change: what they carry, earn and cost is chosen and measured anew, no more than needs be."""

from __future__ import annotations

import numpy as np

from optimiser.basics.compiled import in_place, inlined, whole
from optimiser.rebalancing.search.drive import price_route, set_ways, spare_batteries
from optimiser.rebalancing.search.lines import lines_of, measure
from optimiser.rebalancing.search.loads import TINY, backward, change_range, forward, row_of, work_of
from optimiser.rebalancing.search.town import Floats, Ints, State, Town


@in_place
def settle(town: Town, state: State, van: int) -> None:
    """Choose the best quantities of a route whose stops have changed, and set what it earns and costs."""
    size = state.size[van]
    is_laden, is_shared = town.first_junk[van] > 0, False
    for spot in range(size):
        visit = state.tour[van, spot]
        state.route[visit], state.spot[visit] = van, spot
        is_laden |= town.junk[row_of(town, state, visit, van)] > 0
        is_shared |= _is_shared(town, state, visit)
    if is_shared or state.is_shared[van] or town.is_fixed:
        # What others move may have changed, or the tour with nobody keeping count.
        forget(state, van)
    set_ways(town, state, van, max(0, state.fore_known[van]), size - max(0, state.back_known[van]))
    if town.is_fixed:
        measure(lines_of(town, state), van)
    else:
        forward(town, state, van, state.fore_known[van])
        if is_laden or state.is_laden[van]:
            state.back_known[van] = -1
        backward(town, state, van, state.back_known[van])
    state.fore_known[van], state.back_known[van] = size, size
    state.is_laden[van], state.is_shared[van] = is_laden, is_shared
    state.is_broken[van] = False
    lifts = 0
    if town.is_fixed:
        for spot in range(size):
            visit = state.tour[van, spot]
            station = town.station[visit]
            state.moved[visit] = town.start[station] - town.low[station]
            state.inventory[station] = town.low[station]
            lifts += abs(state.moved[visit])
        state.best[van] = -town.second[van] * town.bike_s * lifts
        state.work_s[van] = town.bike_s * lifts
    else:
        lifts = _choose(town, state, van)
        spare_batteries(town, state, van)
    state.lifts[van] = lifts
    price_route(town, state, van)


@inlined
def _is_shared(town: Town, state: State, visit: int) -> bool:
    """Whether its station has another visit on a route."""
    is_shared = False
    if town.visits[town.station[visit], 1] >= 0:
        for other in town.visits[town.station[visit]]:
            if other >= 0 and other != visit and state.route[other] >= 0:
                is_shared = True
    return is_shared


@inlined
def forget(state: State, van: int) -> None:
    """What loads are worth in a route is to be seen anew: more has changed than its stops."""
    state.fore_known[van], state.back_known[van] = -1, -1


@inlined
def _choose(town: Town, state: State, van: int) -> int:
    """Walk along the best loads; bikes handled."""
    lift = town.second[van] * town.bike_s + TINY
    back = state.back[van]
    size = state.size[van]
    low, high = max(state.back_low[van, size], town.load_low[van]), min(state.back_high[van, size], town.load_high[van])
    load, worth = town.load[van], -np.inf
    for other in range(low, high + 1):
        value = back[size, other] - lift * abs(other - town.load[van])
        if value > worth:
            load, worth = other, value
    state.best[van], state.begins[van] = worth, load
    if size == 0:
        load, state.best[van], state.begins[van] = town.load[van], 0.0, town.load[van]
    elif low > high:
        # No load fits; whoever asked takes the change back.
        state.is_broken[van] = True
    lifts = abs(load - town.load[van])
    work_s = town.bike_s * lifts
    for gap in range(size):
        visit = state.tour[van, gap]
        left = size - 1 - gap
        place, row = town.station[visit], row_of(town, state, visit, van)
        losses = town.loss[row]
        base, fewest, most = change_range(town, state, visit, row)
        lowest = max(state.back_low[van, left], load + fewest)
        highest = min(state.back_high[van, left], load + most)
        reached = load
        if lowest > highest:
            state.is_broken[van] = True
        else:
            hint = min(max(load + state.moved[visit], lowest), highest)
            reached = _summit(back[left], losses, base + load, lift, load, lowest, highest, hint)
        column = min(max(base - reached + load, town.low[row]), town.high[row])
        state.moved[visit] = reached - load
        state.inventory[place] = base - state.moved[visit]
        state.swapped[visit] = town.swaps[row, column]
        state.lost[place] = town.truth[row, state.swapped[visit], column]
        lifts += abs(reached - load)
        work_s += town.bike_s * abs(reached - load) + work_of(town, row, column)
        if place >= town.near.shape[0]:
            work_s += town.bike_s * state.aboard[van, gap]
        load = reached
    state.work_s[van] = work_s
    return int(lifts)


@inlined
def _summit(
    worth: Floats, losses: Floats, bikes: int, lift: float, load: int, lowest: int, highest: int, hint: int
) -> int:
    """The load after a stop that is worth most: what that is rises and then falls, mostly near the last summit."""
    reached, best = hint, worth[hint] - losses[bikes - hint] - lift * abs(hint - load)
    for step in (-1, 1):
        while lowest <= reached + step <= highest:
            other = reached + step
            value = worth[other] - losses[bikes - other] - lift * abs(other - load)
            if value <= best:
                break
            reached, best = other, value
    return reached


@inlined
def is_late(town: Town, state: State, van: int) -> bool:
    """Whether a van is back after its shift ends; what other visits of its stations move may have changed since."""
    is_far = state.time_s[van] > town.shift_s[van] or state.metres[van] > town.range_m[van]
    return bool(is_far or state.is_broken[van])


@in_place
def settle_in_time(town: Town, state: State, van: int) -> None:
    """Settle a route, and leave its last visits out where the shift ends before them."""
    settle(town, state, van)
    while is_late(town, state, van) and state.size[van] > 0:
        take_out(town, state, whole(state.tour[van, state.size[van] - 1]))
        settle(town, state, van)


@in_place
def take_out(town: Town, state: State, visit: int) -> None:
    """Leave a visit out; its route is not settled yet."""
    van, spot = state.route[visit], state.spot[visit]
    size = state.size[van]
    state.fore_known[van] = min(state.fore_known[van], spot)
    state.back_known[van] = min(state.back_known[van], size - 1 - spot)
    for position in range(spot, size - 1):
        moved = state.tour[van, position + 1]
        state.tour[van, position] = moved
        state.spot[moved] = position
    state.tour[van, size - 1] = -1
    state.size[van] = size - 1
    place = town.station[visit]
    state.inventory[place] += state.moved[visit]
    if town.visits[place, 1] < 0:
        state.lost[place] = town.idle_truth[place]
    else:
        state.lost[place] = town.truth[town.row[place, 0], 0, state.inventory[place]]
    state.moved[visit], state.swapped[visit], state.clears[visit] = 0, 0, 0
    state.route[visit], state.spot[visit] = -1, -1


@in_place
def put_in(state: State, visit: int, van: int, gap: int) -> None:
    """Put a visit into a gap of a tour; its route is not settled yet."""
    state.fore_known[van] = min(state.fore_known[van], gap)
    state.back_known[van] = min(state.back_known[van], state.size[van] - gap)
    for position in range(state.size[van], gap, -1):
        state.tour[van, position] = state.tour[van, position - 1]
    state.tour[van, gap] = visit
    state.size[van] += 1
    state.route[visit], state.spot[visit] = van, gap


@inlined
def swap_tails(state: State, van: int, gap: int, other: int, cut: int, scratch: Ints) -> None:
    """Exchange what follows a gap of a tour with what follows one of another; neither is settled yet."""
    size, other_size = state.size[van], state.size[other]
    for spot in range(gap, size):
        scratch[spot - gap] = state.tour[van, spot]
    for spot in range(cut, other_size):
        state.tour[van, gap + spot - cut] = state.tour[other, spot]
    for spot in range(size - gap):
        state.tour[other, cut + spot] = scratch[spot]
    state.size[van], state.size[other] = gap + other_size - cut, cut + size - gap
    _forget_after(state, van, gap)
    _forget_after(state, other, cut)


@inlined
def _forget_after(state: State, van: int, gap: int) -> None:
    """A tour has become another from a gap on."""
    state.fore_known[van] = min(state.fore_known[van], gap)
    state.back_known[van] = min(state.back_known[van], 0)
    for spot in range(state.size[van], state.tour.shape[1]):
        state.tour[van, spot] = -1
