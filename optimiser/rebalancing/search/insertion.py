"""What one more stop would bring, anywhere, with all quantities of its route chosen anew."""

from __future__ import annotations

import numpy as np

from optimiser.basics.compiled import inlined
from optimiser.rebalancing.search.loads import TINY, change_range
from optimiser.rebalancing.search.town import Floats, Ints, State, Town


@inlined
def detour(town: Town, state: State, van: int, gap: int, station: int) -> tuple[int, int]:
    """Seconds and metres that a stop adds to the driving of a route."""
    seconds = town.seconds[town.speed[van]]
    size = state.size[van]
    before = town.origin[van] if gap == 0 else town.station[state.tour[van, gap - 1]]
    after = town.goal[van] if gap == size else town.station[state.tour[van, gap]]
    more_s = seconds[before, station] + seconds[station, after]
    more_m = town.metres[before, station] + town.metres[station, after]
    if size:
        more_s -= seconds[before, after]
        more_m -= town.metres[before, after]
    return more_s, more_m


@inlined
def price_of(town: Town, state: State, van: int, gap: int, station: int) -> tuple[float, int]:
    """Price of driving and stopping there as well, and its seconds; bikes are not handled yet."""
    more_s, more_m = detour(town, state, van, gap, station)
    more_s += town.stop_s
    price = town.second * more_s + town.metre * more_m
    if state.size[van] == 0:
        price += town.use[van]
    return price, more_s


@inlined
def excess_of(town: Town, state: State, van: int, gap: int, change: int) -> int:
    """Bikes without a slot once the load changes in a gap by so many."""
    reached = state.carried[van, gap] + change
    low = min(state.fore_low[van, gap], reached + state.back_low[van, gap])
    high = max(state.fore_high[van, gap], reached + state.back_high[van, gap])
    return int(max(0, high - low - town.slots[van]))


@inlined
def worth_of(
    town: Town, state: State, van: int, gap: int, visit: int, before: Floats, lifts_before: Ints, low: int, high: int
) -> tuple[float, int]:
    """
    Most that a route earns with one more visit in a gap, and the bikes then handled.

    `before` and `lifts_before` tell of the stops before it for loads low..high: `fore`, or what `after_first` filled.
    """
    lift = town.second * town.bike_s + TINY
    losses = town.loss[town.station[visit]]
    base, fewest, most = change_range(town, state, visit)
    first, last = max(state.back_low[van, gap], low + fewest), min(state.back_high[van, gap], high + most)
    best, lifts = -np.inf, 0
    load = low
    for reached in range(first, last + 1):
        lowest, highest = max(low, reached - most), min(high, reached - fewest)
        load = min(max(load, lowest), highest)
        worth = before[load] - losses[base - reached + load] - lift * abs(reached - load)
        while load < highest:
            more = before[load + 1] - losses[base - reached + load + 1] - lift * abs(reached - load - 1)
            if more <= worth:
                break
            load, worth = load + 1, more
        worth += state.back[van, gap, reached]
        if worth > best:
            best = worth
            lifts = lifts_before[load] + abs(reached - load) + state.back_lifts[van, gap, reached]
        elif worth < best - TINY:
            break
    return best + losses[base], lifts


@inlined
def after_first(
    town: Town, state: State, van: int, gap: int, visit: int, after: Floats, lifts_after: Ints
) -> tuple[int, int]:
    """Fill what the load is worth in a gap once a visit is put before it; loads that are possible."""
    lift = town.second * town.bike_s + TINY
    losses = town.loss[town.station[visit]]
    base, fewest, most = change_range(town, state, visit)
    low, high = state.fore_low[van, gap], state.fore_high[van, gap]
    first, last = max(0, low + fewest), min(town.slots[van], high + most)
    load = low
    for reached in range(first, last + 1):
        lowest, highest = max(low, reached - most), min(high, reached - fewest)
        load = min(max(load, lowest), highest)
        worth = state.fore[van, gap, load] - losses[base - reached + load] - lift * abs(reached - load)
        while load < highest:
            more = state.fore[van, gap, load + 1] - losses[base - reached + load + 1]
            more -= lift * abs(reached - load - 1)
            if more <= worth:
                break
            load, worth = load + 1, more
        after[reached] = worth + losses[base]
        lifts_after[reached] = state.fore_lifts[van, gap, load] + abs(reached - load)
    return first, last


@inlined
def gain_of_pair(
    town: Town,
    state: State,
    van: int,
    gap: int,
    first: int,
    second: int,
    after: Floats,
    lifts_after: Ints,
    is_waking: bool,
) -> float:
    """
    Money saved by two visits, one after the other, in a gap; minus infinity where they do not fit.

    With `is_waking` a van that stands in its depot is not charged for leaving it: others may come to share that.
    """
    one, two = town.station[first], town.station[second]
    seconds = town.seconds[town.speed[van]]
    size = state.size[van]
    here = town.origin[van] if gap == 0 else town.station[state.tour[van, gap - 1]]
    there = town.goal[van] if gap == size else town.station[state.tour[van, gap]]
    more_s = seconds[here, one] + seconds[one, two] + seconds[two, there] + 2 * town.stop_s
    more_m = town.metres[here, one] + town.metres[one, two] + town.metres[two, there]
    price = 0.0
    if size:
        more_s -= seconds[here, there]
        more_m -= town.metres[here, there]
    else:
        price = town.use[van]
    price += town.second * more_s + town.metre * more_m
    if is_waking and size == 0:
        price = town.second * (seconds[one, two] + 2 * town.stop_s) + town.metre * town.metres[one, two]
    if state.time_s[van] + more_s - town.bike_s * state.lifts[van] > town.shift_s[van]:
        return -np.inf
    low, high = after_first(town, state, van, gap, first, after, lifts_after)
    worth, lifts = worth_of(town, state, van, gap, second, after, lifts_after, low, high)
    if state.time_s[van] + more_s + town.bike_s * (lifts - state.lifts[van]) > town.shift_s[van]:
        return -np.inf
    return float(worth - state.best[van] - price)


@inlined
def gain_in(town: Town, state: State, van: int, gap: int, visit: int, slot_price: float) -> float:
    """Money saved by a visit in a gap of a route, missing slots priced; minus infinity where it does not fit."""
    station = town.station[visit]
    if town.is_fixed:
        change = town.start[station] - town.low[station]
        price, more_s = price_of(town, state, van, gap, station)
        handling_s = town.bike_s * abs(change)
        if state.time_s[van] + more_s + handling_s > town.shift_s[van]:
            return -np.inf
        more = excess_of(town, state, van, gap, change) - state.excess[van]
        return float(-price - town.second * handling_s - slot_price * more)
    price, more_s = price_of(town, state, van, gap, station)
    if state.time_s[van] + more_s - town.bike_s * state.lifts[van] > town.shift_s[van]:
        return -np.inf
    low, high = state.fore_low[van, gap], state.fore_high[van, gap]
    worth, lifts = worth_of(town, state, van, gap, visit, state.fore[van, gap], state.fore_lifts[van, gap], low, high)
    if state.time_s[van] + more_s + town.bike_s * (lifts - state.lifts[van]) > town.shift_s[van]:
        return -np.inf
    return float(worth - state.best[van] - price)
