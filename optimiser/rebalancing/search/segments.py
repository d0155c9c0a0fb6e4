"""
Moves of whole parts of routes: a segment to another place, or the tails of two routes exchanged.

Where ruin and recreate breaks a few stops out, these mend long routes (Or 1976; Potvin & Rousseau 1995, Journal of
the Operational Research Society 46: 2-opt*). Nothing is ever driven backwards, so driving times may be asymmetric.
"""

from __future__ import annotations

import numpy as np

from optimiser.basics.compiled import in_place, inlined
from optimiser.rebalancing.search.chance import Chance, below, draw
from optimiser.rebalancing.search.loads import settle
from optimiser.rebalancing.search.town import Ints, State, Town

NEAREST = 10
"""Neighbours beside which a stop may come."""


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
    low = min(state.fore_low[first, first_gap], carried + state.back_low[second, second_gap])
    high = max(state.fore_high[first, first_gap], carried + state.back_high[second, second_gap])
    return int(max(0, high - low - town.slots[first]))


@in_place
def do_exchange(
    town: Town, state: State, first: int, first_gap: int, second: int, second_gap: int, scratch: Ints
) -> None:
    """Exchange the tails."""
    first_size, second_size = state.size[first], state.size[second]
    for spot in range(first_gap, first_size):
        scratch[spot - first_gap] = state.tour[first, spot]
    for spot in range(second_gap, second_size):
        state.tour[first, first_gap + spot - second_gap] = state.tour[second, spot]
    for spot in range(first_size - first_gap):
        state.tour[second, second_gap + spot] = scratch[spot]
    state.size[first] = first_gap + second_size - second_gap
    state.size[second] = second_gap + first_size - first_gap
    settle(town, state, first)
    settle(town, state, second)


@in_place
def shift_segment(
    town: Town, state: State, van: int, start: int, end: int, other: int, gap: int, slot_price: float
) -> float:
    """
    What it saves to drive stops start..end - 1 in a gap of a route instead; loads fixed, slots missing priced.

    Within one route the gap lies outside start..end.
    """
    if van != other and state.size[other] + end - start > state.tour.shape[1]:
        return -np.inf
    first, last = _place(town, state, van, start), _place(town, state, van, end - 1)
    before, after = _place(town, state, van, start - 1), _place(town, state, van, end)
    here, there = _place(town, state, other, gap - 1), _place(town, state, other, gap)
    saved = _metres(town, before, first) + _metres(town, last, after)
    if end - start < state.size[van]:
        saved -= _metres(town, before, after)
    saved -= _metres(town, here, first) + _metres(town, last, there)
    if state.size[other] > 0:
        saved += _metres(town, here, there)
    worth = float(town.metre * saved)
    low, high, carried = _range(town, state, van, start, end)
    if van != other:
        missing = _around(town, state, van, start, end) - state.excess[van]
        missing += _between(town, state, other, gap, low, high, carried) - state.excess[other]
        return float(worth - slot_price * missing)
    if gap > end:
        # start..end - 1 and end..gap - 1 change places.
        low_on, high_on, carried_on = _range(town, state, van, end, gap)
        low, high = min(low_on, carried_on + low), max(high_on, carried_on + high)
        excess = _spliced(town, state, van, start, gap, low, high, carried + carried_on)
    else:
        low_on, high_on, carried_on = _range(town, state, van, gap, start)
        low, high = min(low, carried + low_on), max(high, carried + high_on)
        excess = _spliced(town, state, van, gap, end, low, high, carried + carried_on)
    return float(worth - slot_price * (excess - state.excess[van]))


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
    lowest = min(state.fore_low[van, start], reached + low, reached + carried + state.back_low[van, end])
    highest = max(state.fore_high[van, start], reached + high, reached + carried + state.back_high[van, end])
    return int(max(0, highest - lowest - town.slots[van]))


@inlined
def _around(town: Town, state: State, van: int, start: int, end: int) -> int:
    return _spliced(town, state, van, start, end, 0, 0, 0)


@inlined
def _between(town: Town, state: State, van: int, gap: int, low: int, high: int, carried: int) -> int:
    return _spliced(town, state, van, gap, gap, low, high, carried)


@in_place
def do_shift(town: Town, state: State, van: int, start: int, end: int, other: int, gap: int, scratch: Ints) -> None:
    """Move the segment."""
    length = end - start
    for spot in range(start, end):
        scratch[spot - start] = state.tour[van, spot]
    for spot in range(end, state.size[van]):
        state.tour[van, spot - length] = state.tour[van, spot]
    state.size[van] -= length
    into = gap - length if van == other and gap >= end else gap
    for spot in range(state.size[other] - 1, into - 1, -1):
        state.tour[other, spot + length] = state.tour[other, spot]
    for spot in range(length):
        state.tour[other, into + spot] = scratch[spot]
    state.size[other] += length
    settle(town, state, van)
    if van != other:
        settle(town, state, other)


@in_place
def try_segments(
    town: Town, state: State, chance: Chance, temperature: float, slot_price: float, scratch: Ints
) -> tuple[int, int, float]:
    """One random move of either kind, done when it pays or chance allows; the two vans (-1: none) and what it saved."""
    visit = below(chance, len(town.station))
    van = state.route[visit]
    neighbour = town.near[town.station[visit], below(chance, min(NEAREST, town.near.shape[1]))]
    beside = town.visits[neighbour, 0]
    if van < 0 or state.route[beside] < 0:
        return -1, -1, 0.0
    spot, other, gap = state.spot[visit], state.route[beside], state.spot[beside] + 1
    least = temperature * np.log(max(draw(chance), 1e-300))
    if van != other and draw(chance) < 0.5:
        saved = exchange_tails(town, state, van, spot, other, gap, slot_price)
        if saved <= least:
            return -1, -1, 0.0
        do_exchange(town, state, van, spot, other, gap, scratch)
        return van, other, saved
    length = 1 + int((state.size[van] - spot) * draw(chance) ** 3)
    end = min(spot + length, state.size[van])
    if van == other and spot <= gap <= end:
        return -1, -1, 0.0
    saved = shift_segment(town, state, van, spot, end, other, gap, slot_price)
    if saved <= least:
        return -1, -1, 0.0
    do_shift(town, state, van, spot, end, other, gap, scratch)
    return van, other, saved
