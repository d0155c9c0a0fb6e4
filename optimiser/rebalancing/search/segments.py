"""
Moves of whole parts of routes: two segments change places (or one goes to another place), one is turned, or the tails
of two routes are exchanged.

Where ruin and recreate breaks a few stops out, these mend long routes (Or 1976; Taillard et al. 1997, Transportation
Science 31: CROSS; Potvin & Rousseau 1995, Journal of the Operational Research Society 46: 2-opt*). Ways may be
asymmetric: what is turned is measured anew.
"""

from __future__ import annotations

import numpy as np

from optimiser.basics.compiled import in_place, inlined
from optimiser.rebalancing.search.loads import slots_missing
from optimiser.rebalancing.search.settle import settle, swap_tails
from optimiser.rebalancing.search.town import Ints, State, Town


@inlined
def _metres(town: Town, before: int, after: int) -> int:
    return int(town.metres[before, after])


@inlined
def _place(town: Town, state: State, van: int, spot: int) -> int:
    """Row of the matrices; the depots at both ends."""
    if spot < 0:
        return int(town.origin[van])
    if spot >= state.size[van]:
        return int(town.goal[van])
    return int(town.station[state.tour[van, spot]])


@in_place
def exchange_tails(
    town: Town, state: State, first: int, first_gap: int, second: int, second_gap: int, slot_price: float
) -> float:
    """What it saves when two routes go on with each other's stops from a gap on; loads fixed, slots missing priced."""
    if state.size[first] - first_gap + second_gap > state.tour.shape[1]:
        return -np.inf
    if state.size[second] - second_gap + first_gap > state.tour.shape[1]:
        return -np.inf
    here, there = _place(town, state, first, first_gap - 1), _place(town, state, second, second_gap - 1)
    on, off = _place(town, state, first, first_gap), _place(town, state, second, second_gap)
    saved = _metres(town, here, on) + _metres(town, there, off)
    if first_gap > 0 or second_gap < state.size[second]:
        saved -= _metres(town, here, off)
    if second_gap > 0 or first_gap < state.size[first]:
        saved -= _metres(town, there, on)
    excess = _joined(town, state, first, first_gap, second, second_gap)
    excess += _joined(town, state, second, second_gap, first, first_gap)
    missing = excess - state.excess[first] - state.excess[second]
    return float(town.metre * saved - slot_price * missing)


@inlined
def _joined(town: Town, state: State, first: int, first_gap: int, second: int, second_gap: int) -> int:
    carried = state.carried[first, first_gap]
    left = state.size[second] - second_gap
    low = min(state.fore_low[first, first_gap], carried + state.back_low[second, left])
    high = max(state.fore_high[first, first_gap], carried + state.back_high[second, left])
    return slots_missing(town, first, high - low)


@in_place
def do_exchange(
    town: Town, state: State, first: int, first_gap: int, second: int, second_gap: int, scratch: Ints
) -> None:
    """Exchange the tails."""
    swap_tails(state, first, first_gap, second, second_gap, scratch)
    settle(town, state, first)
    settle(town, state, second)


@in_place
def swap_segments(
    town: Town,
    state: State,
    van: int,
    start: int,
    end: int,
    other: int,
    first: int,
    last: int,
    slot_price: float,
    least: float,
) -> float:
    """
    What it saves when stops start..end - 1 of a route and first..last - 1 of another change places, of which one may be
    none; loads fixed, slots missing priced. Within one route the second come later.

    Loads are only looked at where the metres could save more than `least`; else minus infinity.
    """
    if van == other:
        return _swapped_within(town, state, van, start, end, first, last, slot_price, least)
    more = last - first - end + start
    if max(state.size[van] + more, state.size[other] - more) > state.tour.shape[1]:
        return -np.inf
    before, on = _place(town, state, van, start - 1), _place(town, state, van, end)
    there, after = _place(town, state, other, first - 1), _place(town, state, other, last)
    saved = _through(town, state, before, van, start, end, on) + _through(town, state, there, other, first, last, after)
    saved -= _through(town, state, there, van, start, end, after)
    if state.size[van] + more > 0:
        saved -= _through(town, state, before, other, first, last, on)
    if town.metre * saved + slot_price * (state.excess[van] + state.excess[other]) <= least:
        return -np.inf
    low, high, carried = _range(town, state, other, first, last)
    missing = _spliced(town, state, van, start, end, low, high, carried) - state.excess[van]
    low, high, carried = _range(town, state, van, start, end)
    missing += _spliced(town, state, other, first, last, low, high, carried) - state.excess[other]
    return float(town.metre * saved - slot_price * missing)


@inlined
def _swapped_within(
    town: Town, state: State, van: int, start: int, end: int, first: int, last: int, slot_price: float, least: float
) -> float:
    saved = _joints(town, state, van, start, end, first, last, False)
    saved -= _joints(town, state, van, start, end, first, last, True)
    if town.metre * saved + slot_price * state.excess[van] <= least:
        return -np.inf
    low, high, carried = _range(town, state, van, first, last)
    low, high, carried = _followed(low, high, carried, _range(town, state, van, end, first))
    low, high, carried = _followed(low, high, carried, _range(town, state, van, start, end))
    missing = _spliced(town, state, van, start, last, low, high, carried) - state.excess[van]
    return float(town.metre * saved - slot_price * missing)


@in_place
def turn_segment(town: Town, state: State, van: int, start: int, end: int, slot_price: float, least: float) -> float:
    """What it saves to drive stops start..end - 1 the other way round; minus infinity where that is too little."""
    first, last = _place(town, state, van, start), _place(town, state, van, end - 1)
    before, after = _place(town, state, van, start - 1), _place(town, state, van, end)
    saved = _metres(town, before, first) + _metres(town, last, after)
    saved -= _metres(town, before, last) + _metres(town, first, after)
    for spot in range(start, end - 1):
        here, there = _place(town, state, van, spot), _place(town, state, van, spot + 1)
        saved += _metres(town, here, there) - _metres(town, there, here)
    if town.metre * saved + slot_price * state.excess[van] <= least:
        return -np.inf
    low, high, carried = _range(town, state, van, start, end)
    missing = _spliced(town, state, van, start, end, carried - high, carried - low, carried) - state.excess[van]
    return float(town.metre * saved - slot_price * missing)


@inlined
def _through(town: Town, state: State, before: int, van: int, start: int, end: int, after: int) -> int:
    """Metres into stops start..end - 1 of a route and on from them; straight on where there are none."""
    total, here = 0, before
    if start < end:
        total = _metres(town, before, _place(town, state, van, start))
        here = _place(town, state, van, end - 1)
    return total + _metres(town, here, after)


@inlined
def _joints(town: Town, state: State, van: int, start: int, end: int, first: int, last: int, is_swapped: bool) -> int:
    """Metres between the parts start..end - 1, end..first - 1 and first..last - 1, in this order or swapped."""
    total, here = 0, _place(town, state, van, start - 1)
    for number in range(3):
        begin, stop = end, first
        if number == (2 if is_swapped else 0):
            begin, stop = start, end
        elif number != 1:
            begin, stop = first, last
        if begin < stop:
            total += _metres(town, here, _place(town, state, van, begin))
            here = _place(town, state, van, stop - 1)
    return total + _metres(town, here, _place(town, state, van, last))


@inlined
def _followed(low: int, high: int, carried: int, later: tuple[int, int, int]) -> tuple[int, int, int]:
    """The same of some stops and then others."""
    return min(low, carried + later[0]), max(high, carried + later[1]), carried + later[2]


@inlined
def _range(town: Town, state: State, van: int, start: int, end: int) -> tuple[int, int, int]:
    """Least, most and last of what stops start..end - 1 add to the load before them."""
    low, high = 0, 0
    base = state.carried[van, start]
    for gap in range(start + 1, end + 1):
        carried = state.carried[van, gap] - base
        low, high = min(low, carried), max(high, carried)
    return low, high, int(state.carried[van, end] - base)


@inlined
def _spliced(town: Town, state: State, van: int, start: int, end: int, low: int, high: int, carried: int) -> int:
    """Slots missing with something of this range in place of stops start..end - 1."""
    reached = state.carried[van, start]
    left = state.size[van] - end
    lowest = min(state.fore_low[van, start], reached + low, reached + carried + state.back_low[van, left])
    highest = max(state.fore_high[van, start], reached + high, reached + carried + state.back_high[van, left])
    return slots_missing(town, van, highest - lowest)


@in_place
def do_swap(
    town: Town, state: State, van: int, start: int, end: int, other: int, first: int, last: int, scratch: Ints
) -> None:
    """Let the segments change places."""
    if van == other:
        count = _note(state, van, first, last, scratch, 0)
        count = _note(state, van, end, first, scratch, count)
        count = _note(state, van, start, end, scratch, count)
        _write(state, van, start, scratch, 0, count)
        settle(town, state, van)
        return
    size = state.size[van]
    theirs = _note(state, van, start, end, scratch, 0)
    theirs = _note(state, other, last, state.size[other], scratch, theirs)
    ours = _note(state, other, first, last, scratch, theirs)
    ours = _note(state, van, end, size, scratch, ours)
    state.size[other] = _write(state, other, first, scratch, 0, theirs)
    state.size[van] = _write(state, van, start, scratch, theirs, ours)
    settle(town, state, van)
    settle(town, state, other)


@inlined
def _note(state: State, van: int, start: int, end: int, scratch: Ints, count: int) -> int:
    """Add stops start..end - 1 to the `count` that are noted; how many there are then."""
    for spot in range(start, end):
        scratch[count + spot - start] = state.tour[van, spot]
    return count + end - start


@inlined
def _write(state: State, van: int, spot: int, scratch: Ints, start: int, end: int) -> int:
    """Put what is noted from `start` to `end` into a tour from a spot on; the spot after it."""
    for position in range(start, end):
        state.tour[van, spot + position - start] = scratch[position]
    return spot + end - start


@in_place
def do_turn(town: Town, state: State, van: int, start: int, end: int) -> None:
    """Turn the segment."""
    for step in range((end - start) // 2):
        visit = state.tour[van, start + step]
        state.tour[van, start + step] = state.tour[van, end - 1 - step]
        state.tour[van, end - 1 - step] = visit
    settle(town, state, van)
