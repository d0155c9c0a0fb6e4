"""A route whose quantities are chosen, driven: its metres, its clock, its batteries."""

from __future__ import annotations

import numpy as np

from optimiser.basics.compiled import in_place, inlined, whole
from optimiser.rebalancing.search.town import OUT_M, OUT_S, State, Town


@inlined
def set_ways(town: Town, state: State, van: int, first: int, last: int) -> None:
    """Measure the ways into the stops from one to another, of which the one after the last stop is the end depot."""
    size, speed = state.size[van], town.speed[van]
    here = town.origin[van] if first == 0 else town.station[state.tour[van, first - 1]]
    for spot in range(first, min(last + 1, size)):
        visit = state.tour[van, spot]
        there = town.station[visit]
        state.way_s[visit] = town.ways[speed, here, there, OUT_S]
        state.way_m[visit] = town.ways[speed, here, there, OUT_M]
        here = there
    if last >= size:
        state.home_s[van] = town.ways[speed, here, town.goal[van], OUT_S]
        state.home_m[van] = town.ways[speed, here, town.goal[van], OUT_M]


@in_place
def price_route(town: Town, state: State, van: int) -> None:
    """Set time, length and price of a route."""
    size = state.size[van]
    state.wait_s[van] = 0
    if size == 0:
        state.price[van], state.paid_s[van], state.time_s[van], state.metres[van] = 0.0, 0, 0, 0
        return
    time_s, metres = state.home_s[van], state.home_m[van]
    for spot in range(size):
        visit = state.tour[van, spot]
        time_s += state.way_s[visit] + town.stop_s[town.station[visit]]
        metres += state.way_m[visit]
    if town.has_clock:
        time_s += _break(town, state, van, time_s + state.work_s[van])
    # Handling of ready bikes is priced with what they are worth, swaps and junk with what their stations lose.
    state.paid_s[van] = time_s + state.wait_s[van] + _unloading_s(town, state, van)
    state.price[van] = town.metre * metres + town.use[van]
    state.time_s[van] = time_s + state.work_s[van] + state.wait_s[van]
    state.metres[van] = metres


@inlined
def _unloading_s(town: Town, state: State, van: int) -> int:
    """Seconds in which junk is unloaded at calls."""
    unloading_s = 0
    if town.near.shape[0] < len(town.start):
        for spot in range(state.size[van]):
            if town.station[state.tour[van, spot]] >= town.near.shape[0]:
                unloading_s += town.bike_s * state.aboard[van, spot]
    return unloading_s


@inlined
def _break(town: Town, state: State, van: int, busy_s: int) -> int:
    """Follow the clock, with a break where one is due; its seconds."""
    break_s = whole(0)
    follow(town, state, van, break_s)
    if town.break_s[van] > 0 and town.begin_s[van] + busy_s + state.wait_s[van] > town.break_to_s[van]:
        break_s = whole(town.break_s[van])
        follow(town, state, van, break_s)
    return int(break_s)


@in_place
def follow(town: Town, state: State, van: int, break_s: int) -> None:
    """Set when a van leaves for each gap and how long it waits, and see whether opening hours and break are kept."""
    clock = town.begin_s[van] + town.bike_s * abs(state.begins[van] - town.load[van])
    wait_s, late = 0, False
    is_due = break_s > 0
    for spot in range(state.size[van] + 1):
        if is_due and clock >= town.break_from_s[van]:
            late |= clock > town.break_to_s[van]
            clock += break_s
            is_due = False
        state.clock[van, spot] = clock
        if spot == state.size[van]:
            break
        visit = state.tour[van, spot]
        there = town.station[visit]
        clock += state.way_s[visit]
        waits_s = max(0, town.opens_s[there] - clock)
        wait_s += waits_s
        row = town.row[there, town.kind[van]] + state.clears[visit]
        handled = abs(state.moved[visit]) + town.junk[row]
        if there >= town.near.shape[0]:
            handled += state.aboard[van, spot]
        clock += waits_s + town.stop_s[there] + town.bike_s * handled + town.swap_s * state.swapped[visit]
        late |= clock > town.closes_s[there]
    state.wait_s[van] = wait_s
    state.is_broken[van] |= late or is_due


@in_place
def spare_batteries(town: Town, state: State, van: int) -> None:
    """Between two calls at depots no more swaps than batteries: those go first that bring least."""
    if town.kind[van] == 1 or town.truth.shape[1] == 1:
        return
    first, used, packs = 0, 0, town.first_packs[van]
    for spot in range(state.size[van] + 1):
        is_end = spot == state.size[van] or town.station[state.tour[van, spot]] >= town.near.shape[0]
        if not is_end:
            used += state.swapped[state.tour[van, spot]]
            continue
        for _ in range(used - packs):
            if not _swap_one_less(town, state, van, first, spot):
                state.is_broken[van] = True
                break
        for gap in range(first, spot + 1):
            state.spare[van, gap] = max(0, packs - used)
        # The gap right before a call belongs to what is before it, the one after it to what follows.
        first, used, packs = spot + 1, 0, town.packs[van]


@inlined
def _swap_one_less(town: Town, state: State, van: int, first: int, end: int) -> bool:
    """Give up the swap that costs least to give up, among stops first..end - 1; False where none can be."""
    least, chosen = np.inf, -1
    for spot in range(first, end):
        visit = state.tour[van, spot]
        swaps = state.swapped[visit]
        if swaps > 0:
            place = town.station[visit]
            row = town.row[place, town.kind[van]] + state.clears[visit]
            column = state.inventory[place]
            more = town.truth[row, swaps - 1, column] - town.truth[row, swaps, column]
            if more < least:
                least, chosen = more, visit
    if chosen < 0:
        return False
    place = town.station[chosen]
    state.swapped[chosen] -= 1
    state.lost[place] += least
    state.work_s[van] -= town.swap_s
    return True
