"""
Quantities that are exact for a route: how many bikes up or down at each stop, by dynamic programming over the load.

With convex losses the most that the stops before a gap earn, as a function of the load there, is concave, and so is
what the stops after it can earn. One more stop is a sup-convolution of concave functions: for growing loads after
it the best load before it only ever grows, by one at most, so that a sweep of two pointers does it (the chain is a
min-cost flow; Murota 2003, Discrete Convex Analysis, chapter 6). Inserting a stop with all quantities of its route
chosen anew costs one such sweep.

A station that is visited several times is seen with what its other visits move held still. Swaps follow from the
inventory that a visit leaves, see `Tables`; the slots that junk takes are taken off before.
"""

from __future__ import annotations

from optimiser.basics.compiled import inlined
from optimiser.rebalancing.search.town import State, Town

TINY = 1e-9
"""Price of handling a bike where time is free: bikes are not moved for nothing."""


@inlined
def row_of(town: Town, state: State, visit: int, van: int) -> int:
    """Row of the tables for a visit by a van."""
    return int(town.row[town.station[visit], town.kind[van]] + state.clears[visit])


@inlined
def change_range(town: Town, state: State, visit: int, row: int) -> tuple[int, int, int]:
    """Inventory of the place without this visit, and the fewest and most bikes that may be picked up."""
    place = town.station[visit]
    base = state.inventory[place] + state.moved[visit]
    fewest, most = base - town.high[row], base - town.low[row]
    for other in town.visits[place]:
        # All visits of a station pick up, or all drop off: then their order over the night does not matter.
        if other >= 0 and other != visit and state.route[other] >= 0:
            if state.moved[other] > 0:
                fewest = max(fewest, 0)
            elif state.moved[other] < 0:
                most = min(most, 0)
    return base, fewest, most


@inlined
def without(town: Town, visit: int, row: int, base: int) -> float:
    """What is lost at the place of a visit without it."""
    place = town.station[visit]
    return float(town.idle[place] if town.visits[place, 1] < 0 else town.loss[row, base])


@inlined
def work_of(town: Town, row: int, column: int) -> int:
    """Seconds of swaps and of lifting junk where a visit leaves this inventory."""
    return int(town.swap_s * town.swaps[row, column] + town.bike_s * town.junk[row])


@inlined
def forward(town: Town, state: State, van: int, known: int) -> None:
    """What the load in each gap is worth to the stops before it; known up to a gap already, -1: in none."""
    lift = town.second[van] * town.bike_s + TINY
    low, high = town.load_low[van], town.load_high[van]
    if known < 0:
        state.fore_low[van, 0], state.fore_high[van, 0] = low, high
        for load in range(low, high + 1):
            state.fore[van, 0, load] = -lift * abs(load - town.load[van])
            state.fore_work[van, 0, load] = town.bike_s * abs(load - town.load[van])
    start = max(known, 0)
    low, high = state.fore_low[van, start], state.fore_high[van, start]
    for gap in range(start, state.size[van]):
        visit = state.tour[van, gap]
        row = row_of(town, state, visit, van)
        aboard = state.aboard[van, gap]
        is_call = town.station[visit] >= town.near.shape[0]
        state.aboard[van, gap + 1] = 0 if is_call else aboard + town.junk[row]
        unloads_s = town.bike_s * aboard if is_call else 0
        losses = town.loss[row]
        base, fewest, most = change_range(town, state, visit, row)
        lost = without(town, visit, row, base)
        before, before_work = state.fore[van, gap], state.fore_work[van, gap]
        after, after_work = state.fore[van, gap + 1], state.fore_work[van, gap + 1]
        first = max(0, low + fewest)
        last = min(town.slots[van] - state.aboard[van, gap + 1], high + most)
        load = low
        for reached in range(first, last + 1):
            lowest, highest = max(low, reached - most), min(high, reached - fewest)
            load = min(max(load, lowest), highest)
            worth = before[load] + lost - losses[base - reached + load] - lift * abs(reached - load)
            while load < highest:
                more = before[load + 1] + lost - losses[base - reached + load + 1]
                more -= lift * abs(reached - load - 1)
                if more <= worth:
                    break
                load, worth = load + 1, more
            after[reached] = worth
            work_s = town.bike_s * abs(reached - load) + work_of(town, row, base - reached + load)
            after_work[reached] = before_work[load] + work_s + unloads_s
        low, high = first, last
        state.fore_low[van, gap + 1], state.fore_high[van, gap + 1] = low, high


@inlined
def backward(town: Town, state: State, van: int, known: int) -> None:
    """
    What the load in each gap is worth to the stops after it, once `forward` knows the junk on board; known for so many
    stops at the end already, -1: not even without one.
    """
    lift = town.second[van] * town.bike_s + TINY
    slots, size = town.slots[van], state.size[van]
    if known < 0:
        low, high = 0, min(slots - state.aboard[van, size], town.load_home[van])
        state.back_low[van, 0], state.back_high[van, 0] = low, high
        for load in range(low, high + 1):
            state.back[van, 0, load] = 0.0
            state.back_work[van, 0, load] = 0
    start = max(known, 0)
    low, high = state.back_low[van, start], state.back_high[van, start]
    for left in range(start, size):
        gap = size - 1 - left
        visit = state.tour[van, gap]
        row = row_of(town, state, visit, van)
        is_call = town.station[visit] >= town.near.shape[0]
        unloads_s = town.bike_s * state.aboard[van, gap] if is_call else 0
        losses = town.loss[row]
        base, fewest, most = change_range(town, state, visit, row)
        lost = without(town, visit, row, base)
        after, after_work = state.back[van, left], state.back_work[van, left]
        before, before_work = state.back[van, left + 1], state.back_work[van, left + 1]
        first, last = max(0, low - most), min(slots - state.aboard[van, gap], high - fewest)
        reached = low
        for load in range(first, last + 1):
            lowest, highest = max(low, load + fewest), min(high, load + most)
            reached = min(max(reached, lowest), highest)
            worth = after[reached] + lost - losses[base - reached + load] - lift * abs(reached - load)
            while reached < highest:
                more = after[reached + 1] + lost - losses[base - reached - 1 + load]
                more -= lift * abs(reached + 1 - load)
                if more <= worth:
                    break
                reached, worth = reached + 1, more
            before[load] = worth
            work_s = town.bike_s * abs(reached - load) + work_of(town, row, base - reached + load)
            before_work[load] = after_work[reached] + work_s + unloads_s
        low, high = first, last
        state.back_low[van, left + 1], state.back_high[van, left + 1] = low, high
