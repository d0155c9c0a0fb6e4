"""What it gains that two routes go on as each other from two of their gaps, all quantities of both chosen anew."""

from __future__ import annotations

import numpy as np

from optimiser.basics.compiled import inlined
from optimiser.rebalancing.search.insertion import ends
from optimiser.rebalancing.search.town import OUT_M, OUT_S, Ints, State, Town

SLACK_S = 600
"""By how much shifts may be too short for the quantities as they are: new ones may take less time."""


@inlined
def measure(town: Town, state: State, van: int, heads: Ints, tails: Ints) -> None:
    """Seconds until a van has done the stops before each gap, and from when it comes to the first one after."""
    size, busy_s = state.size[van], _loading_s(town, state, van)
    heads[0], tails[size] = busy_s, 0
    for spot in range(size):
        visit = state.tour[van, spot]
        tails[spot] = -busy_s - state.way_s[visit]
        busy_s += state.way_s[visit] + _stop_s(town, state, visit)
        heads[spot + 1] = busy_s
    for spot in range(size):
        tails[spot] += busy_s + state.home_s[van]


@inlined
def _loading_s(town: Town, state: State, van: int) -> int:
    """Seconds in the start depot."""
    return int(town.bike_s * abs(state.begins[van] - town.load[van]))


@inlined
def _stop_s(town: Town, state: State, visit: int) -> int:
    """Seconds at a stop."""
    return int(town.stop_s[town.station[visit]] + town.bike_s * abs(state.moved[visit]))


@inlined
def best_cut(
    town: Town, state: State, van: int, heads: Ints, tails: Ints, other: int, least: float
) -> tuple[float, int, int]:
    """What the best exchange with another van gains, and the gaps of both; -1 where none gains more than `least`."""
    size, other_size, longest = state.size[van], state.size[other], state.tour.shape[1]
    ways = town.ways[town.speed[van]]
    best, own_gap, other_gap = least, -1, -1
    most_s, other_most_s = town.shift_s[van] - town.break_s[van], town.shift_s[other] - town.break_s[other]
    head_s = _loading_s(town, state, other)
    whole_s = head_s + state.home_s[other]
    for spot in range(other_size):
        visit = state.tour[other, spot]
        whole_s += state.way_s[visit] + _stop_s(town, state, visit)
    for cut in range(other_size + 1):
        other_here, other_there, way_s, way_m = ends(town, state, other, cut)
        tail_s = whole_s - head_s - way_s if cut < other_size else 0
        for gap in range(size + 1):
            left, other_left = size - gap, other_size - cut
            if heads[gap] + tail_s > most_s + SLACK_S:
                break
            if head_s + tails[gap] > other_most_s + SLACK_S or gap + cut == 0 or left + other_left == 0:
                continue
            if not (0 < gap + other_left <= longest and 0 < cut + left <= longest):
                continue
            here, there, old_s, old_m = ends(town, state, van, gap)
            one, two = ways[here, other_there], ways[other_here, there]
            more_s = one[OUT_S] + two[OUT_S] - old_s - way_s
            more_m = one[OUT_M] + two[OUT_M] - old_m - way_m
            if heads[gap] + one[OUT_S] + tail_s > most_s + SLACK_S:
                continue
            if head_s + two[OUT_S] + tails[gap] > other_most_s + SLACK_S:
                continue
            worth, work_s = _joined(state, van, gap, other, other_left)
            other_worth, other_work_s = _joined(state, other, cut, van, left)
            gain = worth + other_worth - state.best[van] - state.best[other]
            gain -= town.second[van] * more_s + town.metre * more_m
            if gain > best:
                time_s = work_s + one[OUT_S] + _before(town, state, van, gap) + _after(town, state, other, cut)
                other_time_s = other_work_s + two[OUT_S] + _before(town, state, other, cut)
                other_time_s += _after(town, state, van, gap)
                if time_s <= most_s and other_time_s <= other_most_s:
                    best, own_gap, other_gap = gain, gap, cut
        if cut < other_size:
            head_s += way_s + _stop_s(town, state, state.tour[other, cut])
    return best, own_gap, other_gap


@inlined
def _joined(state: State, van: int, gap: int, other: int, left: int) -> tuple[float, int]:
    """What stops of a van before a gap and the last ones of another earn with the best load between, and handling."""
    low = max(state.fore_low[van, gap], state.back_low[other, left])
    high = min(state.fore_high[van, gap], state.back_high[other, left])
    best, work_s = -np.inf, 0
    for load in range(low, high + 1):
        worth = state.fore[van, gap, load] + state.back[other, left, load]
        if worth > best:
            best, work_s = worth, state.fore_work[van, gap, load] + state.back_work[other, left, load]
    return best, work_s


@inlined
def _before(town: Town, state: State, van: int, gap: int) -> int:
    """Seconds of driving to the stops before a gap and of stopping there, handling apart."""
    total_s = 0
    for spot in range(gap):
        visit = state.tour[van, spot]
        total_s += state.way_s[visit] + town.stop_s[town.station[visit]]
    return total_s


@inlined
def _after(town: Town, state: State, van: int, gap: int) -> int:
    """The same for the stops after it, the way to the first of them apart."""
    size = state.size[van]
    total_s = state.home_s[van] if gap < size else 0
    for spot in range(gap, size):
        visit = state.tour[van, spot]
        total_s += town.stop_s[town.station[visit]]
        if spot > gap:
            total_s += state.way_s[visit]
    return total_s
