"""Random moves of segments, done when they pay or chance allows."""

from __future__ import annotations

import numpy as np

from optimiser.basics.compiled import in_place, inlined, whole
from optimiser.rebalancing.search.chance import Chance, below, draw
from optimiser.rebalancing.search.segments import (
    do_exchange,
    do_swap,
    do_turn,
    exchange_tails,
    swap_segments,
    turn_segment,
)
from optimiser.rebalancing.search.town import Ints, State, Town

NEAREST = 10
"""Neighbours beside which a stop may come."""
TAILS, TURNS, SWAPS = 0.5, 0.2, 0.3
"""How often tails are exchanged, a segment is turned, and one that moves changes places with another."""


@in_place
def try_segments(
    town: Town, state: State, chance: Chance, temperature: float, slot_price: float, scratch: Ints
) -> tuple[int, int, float]:
    """One random move of any kind, done when it pays or chance allows; the two vans (-1: none) and what it saved."""
    visit = below(chance, len(town.station))
    van = whole(state.route[visit])
    neighbour = town.near[town.station[visit], below(chance, min(NEAREST, town.near.shape[1]))]
    beside = town.visits[neighbour, 0]
    if van < 0 or state.route[beside] < 0:
        return -1, -1, 0.0
    spot, other, gap = state.spot[visit], whole(state.route[beside]), state.spot[beside] + 1
    least = temperature * np.log(max(draw(chance), 1e-300))
    kind = draw(chance)
    if van != other and kind < TAILS:
        return _try_exchange(town, state, van, spot, other, gap, slot_price, least, scratch)
    if van == other and kind < TURNS:
        return _try_turn(town, state, van, spot, gap, slot_price, least)
    return _try_swap(town, state, chance, van, spot, other, gap, slot_price, least, scratch)


@inlined
def _try_exchange(
    town: Town,
    state: State,
    van: int,
    spot: int,
    other: int,
    gap: int,
    slot_price: float,
    least: float,
    scratch: Ints,
) -> tuple[int, int, float]:
    saved = exchange_tails(town, state, van, spot, other, gap, slot_price)
    if saved <= least:
        return -1, -1, 0.0
    do_exchange(town, state, van, spot, other, gap, scratch)
    return van, other, saved


@inlined
def _try_turn(
    town: Town, state: State, van: int, spot: int, gap: int, slot_price: float, least: float
) -> tuple[int, int, float]:
    """Turn what lies between two stops, so that one comes beside the other."""
    start, end = (spot + 1, gap) if gap > spot else (gap - 1, spot)
    if end - start < 2:
        return -1, -1, 0.0
    saved = turn_segment(town, state, van, start, end, slot_price, least)
    if saved <= least:
        return -1, -1, 0.0
    do_turn(town, state, van, start, end)
    return van, van, saved


@inlined
def _try_swap(
    town: Town,
    state: State,
    chance: Chance,
    van: int,
    spot: int,
    other: int,
    gap: int,
    slot_price: float,
    least: float,
    scratch: Ints,
) -> tuple[int, int, float]:
    """Move a segment, mostly a short one, into a gap, now and then in place of the one that follows there."""
    start, end, first, last = spot, _end(state, chance, van, spot), gap, gap
    if draw(chance) < SWAPS:
        last = _end(state, chance, other, gap)
    if van == other:
        if first < start:
            start, end, first, last = first, last, start, end
        if start == first or end > first or (end == first and last == first):
            return -1, -1, 0.0
    saved = swap_segments(town, state, van, start, end, other, first, last, slot_price, least)
    if saved <= least:
        return -1, -1, 0.0
    do_swap(town, state, van, start, end, other, first, last, scratch)
    return van, other, saved


@inlined
def _end(state: State, chance: Chance, van: int, start: int) -> int:
    left = state.size[van] - start
    return int(start + min(1 + int(left * draw(chance) ** 3), left))
