"""
Quantities that are exact for a route: how many bikes up or down at each stop, by dynamic programming over the load.

With convex losses the most that the stops before a gap earn, as a function of the load there, is concave, and so is
what the stops after it can earn. One more stop is a sup-convolution of concave functions: for growing loads after
it the best load before it only ever grows, by one at most, so that a sweep of two pointers does it (the chain is a
min-cost flow; Murota 2003, Discrete Convex Analysis, chapter 6). Inserting a stop with all quantities of its route
chosen anew costs one such sweep.

A station that is visited several times is seen with what its other visits move held still.
"""

from __future__ import annotations

import numpy as np

from optimiser.basics.compiled import in_place, inlined
from optimiser.rebalancing.search.town import State, Town

TINY = 1e-9
"""Price of handling a bike where time is free: bikes are not moved for nothing."""


@inlined
def change_range(town: Town, state: State, visit: int) -> tuple[int, int, int]:
    """Inventory of the station without this visit, and the fewest and most bikes that may be picked up."""
    station = town.station[visit]
    base = state.inventory[station] + state.moved[visit]
    fewest, most = base - town.high[station], base - town.low[station]
    for other in town.visits[station]:
        # All visits of a station pick up, or all drop off: then their order over the night does not matter.
        if other >= 0 and other != visit and state.route[other] >= 0:
            if state.moved[other] > 0:
                fewest = max(fewest, 0)
            elif state.moved[other] < 0:
                most = min(most, 0)
    return base, fewest, most


@inlined
def forward(town: Town, state: State, van: int) -> None:
    """What the load in each gap is worth to the stops before it."""
    if town.is_fixed:
        _forward_fixed(town, state, van)
        return
    lift = town.second * town.bike_s + TINY
    slots = town.slots[van]
    low, high = town.load_low[van], town.load_high[van]
    state.fore_low[van, 0], state.fore_high[van, 0] = low, high
    for load in range(low, high + 1):
        state.fore[van, 0, load] = -lift * abs(load - town.load[van])
        state.fore_lifts[van, 0, load] = abs(load - town.load[van])
    for gap in range(state.size[van]):
        visit = state.tour[van, gap]
        losses = town.loss[town.station[visit]]
        base, fewest, most = change_range(town, state, visit)
        before, before_lifts = state.fore[van, gap], state.fore_lifts[van, gap]
        after, after_lifts = state.fore[van, gap + 1], state.fore_lifts[van, gap + 1]
        first, last = max(0, low + fewest), min(slots, high + most)
        load = low
        for reached in range(first, last + 1):
            lowest, highest = max(low, reached - most), min(high, reached - fewest)
            load = min(max(load, lowest), highest)
            worth = before[load] + losses[base] - losses[base - reached + load] - lift * abs(reached - load)
            while load < highest:
                more = before[load + 1] + losses[base] - losses[base - reached + load + 1]
                more -= lift * abs(reached - load - 1)
                if more <= worth:
                    break
                load, worth = load + 1, more
            after[reached], after_lifts[reached] = worth, before_lifts[load] + abs(reached - load)
        low, high = first, last
        state.fore_low[van, gap + 1], state.fore_high[van, gap + 1] = low, high


@inlined
def backward(town: Town, state: State, van: int) -> None:
    """What the load in each gap is worth to the stops after it; whatever is left on board stays in the depot."""
    if town.is_fixed:
        _backward_fixed(town, state, van)
        return
    lift = town.second * town.bike_s + TINY
    slots, size = town.slots[van], state.size[van]
    low, high = 0, slots
    state.back_low[van, size], state.back_high[van, size] = low, high
    state.back[van, size, : slots + 1] = 0.0
    state.back_lifts[van, size, : slots + 1] = 0
    for gap in range(size - 1, -1, -1):
        visit = state.tour[van, gap]
        losses = town.loss[town.station[visit]]
        base, fewest, most = change_range(town, state, visit)
        after, after_lifts = state.back[van, gap + 1], state.back_lifts[van, gap + 1]
        before, before_lifts = state.back[van, gap], state.back_lifts[van, gap]
        first, last = max(0, low - most), min(slots, high - fewest)
        reached = low
        for load in range(first, last + 1):
            lowest, highest = max(low, load + fewest), min(high, load + most)
            reached = min(max(reached, lowest), highest)
            worth = after[reached] + losses[base] - losses[base - reached + load] - lift * abs(reached - load)
            while reached < highest:
                more = after[reached + 1] + losses[base] - losses[base - reached - 1 + load]
                more -= lift * abs(reached + 1 - load)
                if more <= worth:
                    break
                reached, worth = reached + 1, more
            before[load], before_lifts[load] = worth, after_lifts[reached] + abs(reached - load)
        low, high = first, last
        state.back_low[van, gap], state.back_high[van, gap] = low, high


@inlined
def _forward_fixed(town: Town, state: State, van: int) -> None:
    """Sums of load before each gap, and how far they ever reach."""
    carried, low, high = 0, 0, 0
    state.carried[van, 0], state.fore_low[van, 0], state.fore_high[van, 0] = 0, 0, 0
    for gap in range(state.size[van]):
        station = town.station[state.tour[van, gap]]
        carried += town.start[station] - town.low[station]
        low, high = min(low, carried), max(high, carried)
        state.carried[van, gap + 1] = carried
        state.fore_low[van, gap + 1], state.fore_high[van, gap + 1] = low, high
    state.excess[van] = max(0, high - low - town.slots[van])


@inlined
def _backward_fixed(town: Town, state: State, van: int) -> None:
    """The same after each gap, counted from the load there."""
    size = state.size[van]
    low, high = 0, 0
    state.back_low[van, size], state.back_high[van, size] = 0, 0
    for gap in range(size - 1, -1, -1):
        station = town.station[state.tour[van, gap]]
        change = town.start[station] - town.low[station]
        low, high = min(0, low + change), max(0, high + change)
        state.back_low[van, gap], state.back_high[van, gap] = low, high


@in_place
def settle(town: Town, state: State, van: int) -> None:
    """Choose the best quantities of a route whose stops have changed, and set what it earns and costs."""
    size = state.size[van]
    for spot in range(size):
        visit = state.tour[van, spot]
        state.route[visit], state.spot[visit] = van, spot
    forward(town, state, van)
    backward(town, state, van)
    lifts = 0
    if town.is_fixed:
        for spot in range(size):
            visit = state.tour[van, spot]
            station = town.station[visit]
            state.moved[visit] = town.start[station] - town.low[station]
            state.inventory[station] = town.low[station]
            lifts += abs(state.moved[visit])
        state.best[van] = -town.second * town.bike_s * lifts
    else:
        lifts = _choose(town, state, van)
    state.lifts[van] = lifts
    _price_route(town, state, van)


@inlined
def _choose(town: Town, state: State, van: int) -> int:
    """Walk along the best loads; bikes handled."""
    lift = town.second * town.bike_s + TINY
    back = state.back[van]
    low, high = max(state.back_low[van, 0], town.load_low[van]), min(state.back_high[van, 0], town.load_high[van])
    load, worth = low, -np.inf
    for other in range(low, high + 1):
        value = back[0, other] - lift * abs(other - town.load[van])
        if value > worth:
            load, worth = other, value
    state.best[van] = worth
    lifts = abs(load - town.load[van])
    for gap in range(state.size[van]):
        visit = state.tour[van, gap]
        station = town.station[visit]
        losses = town.loss[station]
        base, fewest, most = change_range(town, state, visit)
        lowest, highest = (
            max(state.back_low[van, gap + 1], load + fewest),
            min(state.back_high[van, gap + 1], load + most),
        )
        reached, worth = lowest, -np.inf
        for other in range(lowest, highest + 1):
            value = back[gap + 1, other] - losses[base - other + load] - lift * abs(other - load)
            if value > worth:
                reached, worth = other, value
        state.moved[visit] = reached - load
        state.inventory[station] = base - state.moved[visit]
        lifts += abs(reached - load)
        load = reached
    return int(lifts)


@inlined
def _price_route(town: Town, state: State, van: int) -> None:
    size = state.size[van]
    if size == 0:
        state.price[van], state.time_s[van] = 0.0, 0
        return
    seconds = town.seconds[town.speed[van]]
    here, metres, time_s = town.origin[van], 0, 0
    for spot in range(size):
        there = town.station[state.tour[van, spot]]
        time_s += seconds[here, there]
        metres += town.metres[here, there]
        here = there
    time_s += seconds[here, town.goal[van]] + size * town.stop_s
    metres += town.metres[here, town.goal[van]]
    state.price[van] = town.second * time_s + town.metre * metres + town.use[van]
    state.time_s[van] = time_s + town.bike_s * state.lifts[van]


@inlined
def is_late(town: Town, state: State, van: int) -> bool:
    """Whether a van is back after its shift ends; what other visits of its stations move may have changed since."""
    return bool(state.time_s[van] > town.shift_s[van])


@in_place
def take_out(town: Town, state: State, visit: int) -> None:
    """Leave a visit out; its route is not settled yet."""
    van, spot = state.route[visit], state.spot[visit]
    size = state.size[van]
    for position in range(spot, size - 1):
        moved = state.tour[van, position + 1]
        state.tour[van, position] = moved
        state.spot[moved] = position
    state.tour[van, size - 1] = -1
    state.size[van] = size - 1
    state.inventory[town.station[visit]] += state.moved[visit]
    state.moved[visit] = 0
    state.route[visit], state.spot[visit] = -1, -1


@in_place
def put_in(state: State, visit: int, van: int, gap: int) -> None:
    """Put a visit into a gap of a tour; its route is not settled yet."""
    for position in range(state.size[van], gap, -1):
        state.tour[van, position] = state.tour[van, position - 1]
    state.tour[van, gap] = visit
    state.size[van] += 1
    state.route[visit], state.spot[visit] = van, gap
