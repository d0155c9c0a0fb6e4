"""What one more stop would bring, anywhere, with all quantities of its route chosen anew."""

from __future__ import annotations

import numpy as np

from optimiser.basics.compiled import in_place, inlined
from optimiser.rebalancing.search.lines import slots_missing
from optimiser.rebalancing.search.loads import TINY, change_range, row_of, without, work_of
from optimiser.rebalancing.search.town import BACK_M, BACK_S, OUT_M, OUT_S, Floats, Ints, State, Town


@inlined
def detour(town: Town, state: State, van: int, gap: int, station: int) -> tuple[int, int]:
    """Seconds and metres that a stop adds to the driving of a route."""
    here, there, way_s, way_m = ends(town, state, van, gap)
    ways = town.ways[town.speed[van], station]
    return ways[here, BACK_S] + ways[there, OUT_S] - way_s, ways[here, BACK_M] + ways[there, OUT_M] - way_m


@inlined
def ends(town: Town, state: State, van: int, gap: int) -> tuple[int, int, int, int]:
    """Places before and after a gap, and seconds and metres between them; none where a van stays in its depot."""
    here = town.origin[van] if gap == 0 else town.station[state.tour[van, gap - 1]]
    there, way_s, way_m = town.goal[van], state.home_s[van], state.home_m[van]
    if gap < state.size[van]:
        visit = state.tour[van, gap]
        there, way_s, way_m = town.station[visit], state.way_s[visit], state.way_m[visit]
    elif gap == 0:
        way_s, way_m = 0, 0
    return here, there, way_s, way_m


@inlined
def price_of(town: Town, state: State, van: int, gap: int, station: int) -> tuple[float, int]:
    """Price of driving and stopping there as well, and its seconds; bikes are not handled yet."""
    more_s, more_m = detour(town, state, van, gap, station)
    more_s += town.stop_s[station]
    price = town.second[van] * more_s + town.metre * more_m
    if state.size[van] == 0:
        price += town.use[van]
    if state.metres[van] + more_m > town.range_m[van]:
        price = np.inf
    return price, more_s


@inlined
def is_in_time(town: Town, state: State, van: int, gap: int, station: int) -> bool:
    """Whether a van that leaves for a gap as it does now is done at a station before that closes."""
    before = town.origin[van] if gap == 0 else town.station[state.tour[van, gap - 1]]
    arrival_s = state.clock[van, gap] + town.ways[town.speed[van], station, before, BACK_S]
    return bool(max(arrival_s, town.opens_s[station]) + town.stop_s[station] <= town.closes_s[station])


@inlined
def junk_fits(town: Town, state: State, van: int, gap: int, junk: int) -> bool:
    """Whether there are slots for junk from a gap on until the next call at a depot."""
    fits = True
    if junk > 0:
        for later in range(gap, state.size[van] + 1):
            if state.aboard[van, later] + junk > town.slots[van]:
                fits = False
            is_end = later == state.size[van]
            if not is_end and town.station[state.tour[van, later]] >= town.near.shape[0]:
                break
    return fits


@inlined
def leaves_in_time(town: Town, state: State, van: int, more_s: int, work_s: int) -> bool:
    """Whether a shift suffices for so many seconds of driving more and so much handling in all; waits may give way."""
    whole_s = state.time_s[van] - state.wait_s[van] - state.work_s[van] + more_s + work_s
    return bool(whole_s <= town.shift_s[van])


@inlined
def excess_of(town: Town, state: State, van: int, gap: int, change: int) -> int:
    """Bikes without a slot, squared, once the load changes in a gap by so many."""
    reached = state.carried[van, gap] + change
    left = state.size[van] - gap
    low = min(state.fore_low[van, gap], reached + state.back_low[van, left])
    high = max(state.fore_high[van, gap], reached + state.back_high[van, left])
    return slots_missing(town.slots[van], high - low)


@inlined
def worth_of(
    town: Town,
    state: State,
    van: int,
    gap: int,
    visit: int,
    kind: int,
    before: Floats,
    work_before: Ints,
    low: int,
    high: int,
) -> tuple[float, int]:
    """
    Most that a route earns with one more visit in a gap, and the seconds of handling then.

    `before` and `work_before` tell of the stops before it for loads low..high: `fore`, or what `after_first` filled.
    `kind` is that of the van, or that of one without batteries where it has none to spare.
    """
    lift = town.second[van] * town.bike_s + TINY
    row = town.row[town.station[visit], kind] + state.clears[visit]
    losses = town.loss[row]
    base, fewest, most = change_range(town, state, visit, row)
    left = state.size[van] - gap
    first, last = max(state.back_low[van, left], low + fewest), min(state.back_high[van, left], high + most)
    best, work_s = -np.inf, 0
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
        worth += state.back[van, left, reached]
        if worth > best:
            best = worth
            work_s = work_before[load] + town.bike_s * abs(reached - load) + state.back_work[van, left, reached]
            work_s += work_of(town, row, base - reached + load)
        elif worth < best - TINY:
            break
    return best + without(town, visit, row, base), work_s


@inlined
def after_first(
    town: Town, state: State, van: int, gap: int, visit: int, after: Floats, work_after: Ints
) -> tuple[int, int]:
    """Fill what the load is worth in a gap once a visit is put before it; loads that are possible."""
    lift = town.second[van] * town.bike_s + TINY
    row = row_of(town, state, visit, van)
    losses = town.loss[row]
    base, fewest, most = change_range(town, state, visit, row)
    lost = without(town, visit, row, base)
    low, high = state.fore_low[van, gap], state.fore_high[van, gap]
    aboard = 0 if town.station[visit] >= town.near.shape[0] else state.aboard[van, gap]
    first, last = max(0, low + fewest), min(town.slots[van] - aboard, high + most)
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
        after[reached] = worth + lost
        work_s = town.bike_s * abs(reached - load) + work_of(town, row, base - reached + load)
        work_after[reached] = state.fore_work[van, gap, load] + work_s
    return first, last


@in_place
def gain_of_pair(
    town: Town,
    state: State,
    van: int,
    gap: int,
    first: int,
    second: int,
    after: Floats,
    work_after: Ints,
    is_waking: bool,
) -> float:
    """
    Money saved by two visits, one after the other, in a gap; minus infinity where they do not fit.

    With `is_waking` a van that stands in its depot is not charged for leaving it: others may come to share that.
    """
    one, two = town.station[first], town.station[second]
    here, there, way_s, way_m = ends(town, state, van, gap)
    of_one, of_two = town.ways[town.speed[van], one], town.ways[town.speed[van], two]
    between_s = of_one[two, OUT_S] + town.stop_s[one] + town.stop_s[two]
    more_s = of_one[here, BACK_S] + between_s + of_two[there, OUT_S] - way_s
    more_m = of_one[here, BACK_M] + of_one[two, OUT_M] + of_two[there, OUT_M] - way_m
    price = town.second[van] * more_s + town.metre * more_m
    if state.size[van] == 0:
        price += town.use[van]
        if is_waking:
            price = town.second[van] * between_s + town.metre * of_one[two, OUT_M]
    if state.metres[van] + more_m > town.range_m[van] or not leaves_in_time(town, state, van, more_s, 0):
        return -np.inf
    most = state.lost[one] - town.least[one] + state.lost[two] - town.least[two]
    if len(town.floor) == 0 and price > most:
        # Others on the route may gain from two more stops as well, but hardly ever enough.
        return -np.inf
    if town.has_clock and not is_in_time(town, state, van, gap, one):
        return -np.inf
    low, high = after_first(town, state, van, gap, first, after, work_after)
    kind = town.kind[van]
    worth, work_s = worth_of(town, state, van, gap, second, kind, after, work_after, low, high)
    if not leaves_in_time(town, state, van, more_s, work_s):
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
        return float(-price - town.second[van] * handling_s - slot_price * more)
    price, more_s = price_of(town, state, van, gap, station)
    fits = price < np.inf and leaves_in_time(town, state, van, more_s, 0)
    fits = fits and (not town.has_clock or is_in_time(town, state, van, gap, station))
    if not (fits and junk_fits(town, state, van, gap, town.junk[row_of(town, state, visit, van)])):
        return -np.inf
    low, high = state.fore_low[van, gap], state.fore_high[van, gap]
    kind = town.kind[van] if state.spare[van, gap] > 0 else 1
    before, work_before = state.fore[van, gap], state.fore_work[van, gap]
    worth, work_s = worth_of(town, state, van, gap, visit, kind, before, work_before, low, high)
    if not leaves_in_time(town, state, van, more_s, work_s):
        return -np.inf
    return float(worth - state.best[van] - price)
