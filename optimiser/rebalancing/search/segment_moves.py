"""Random moves of segments, done when they pay or chance allows."""

from __future__ import annotations

import numpy as np

from optimiser.basics.chance import Chance, below, draw
from optimiser.basics.compiled import in_place, inlined, whole
from optimiser.rebalancing.search.lines import Lines
from optimiser.rebalancing.search.segments import (
    do_swap,
    do_turn,
    exchange_tails,
    swap_segments,
    turn_segment,
)
from optimiser.rebalancing.search.town import Bools, Ints

NEAREST = 10
"""Neighbours beside which a stop may come."""
TAILS, TURNS, SWAPS = 0.5, 0.2, 0.3
"""How often tails are exchanged, a segment is turned, and one that moves changes places with another."""


@in_place
def move_segments(
    lines: Lines,
    chance: Chance,
    temperature: float,
    slot_price: float,
    tries: int,
    is_touched: Bools,
    scratch: Ints,
) -> float:
    """So many random moves of any kind, each done when it pays or chance allows; marks vans, tells what all save."""
    saved = 0.0
    for _ in range(tries):
        van, other, more = _try_one(lines, chance, temperature, slot_price, scratch)
        if van >= 0:
            saved += more
            is_touched[van] = is_touched[other] = True
    return saved


@inlined
def _try_one(
    lines: Lines, chance: Chance, temperature: float, slot_price: float, scratch: Ints
) -> tuple[int, int, float]:
    """One of them; the two vans (-1: not done) and what it saves."""
    visit = below(chance, len(lines.station))
    van = whole(lines.route[visit])
    neighbour = lines.near[lines.station[visit], below(chance, min(NEAREST, lines.near.shape[1]))]
    beside = lines.visits[neighbour, 0]
    if van < 0 or lines.route[beside] < 0:
        return -1, -1, 0.0
    spot, other, gap = lines.spot[visit], whole(lines.route[beside]), lines.spot[beside] + 1
    least = temperature * np.log(max(draw(chance), 1e-300))
    kind = draw(chance)
    if van != other and kind < TAILS:
        return _try_exchange(lines, van, spot, other, gap, slot_price, least, scratch)
    if van == other and kind < TURNS:
        return _try_turn(lines, van, spot, gap, slot_price, least)
    return _try_swap(lines, chance, van, spot, other, gap, slot_price, least, scratch)


@inlined
def _try_exchange(
    lines: Lines,
    van: int,
    spot: int,
    other: int,
    gap: int,
    slot_price: float,
    least: float,
    scratch: Ints,
) -> tuple[int, int, float]:
    saved = exchange_tails(lines, van, spot, other, gap, slot_price)
    if saved <= least:
        return -1, -1, 0.0
    do_swap(lines, van, whole(spot), whole(lines.size[van]), other, gap, whole(lines.size[other]), scratch)
    return van, other, saved


@inlined
def _try_turn(lines: Lines, van: int, spot: int, gap: int, slot_price: float, least: float) -> tuple[int, int, float]:
    """Turn what lies between two stops, so that one comes beside the other."""
    start, end = (spot + 1, gap) if gap > spot else (gap - 1, spot)
    if end - start < 2:
        return -1, -1, 0.0
    saved = turn_segment(lines, van, start, end, slot_price, least)
    if saved <= least:
        return -1, -1, 0.0
    do_turn(lines, van, start, end)
    return van, van, saved


@inlined
def _try_swap(
    lines: Lines,
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
    start, end, first, last = spot, _end(lines, chance, van, spot), gap, gap
    if draw(chance) < SWAPS:
        last = _end(lines, chance, other, gap)
    if van == other:
        if first < start:
            start, end, first, last = first, last, start, end
        if start == first or end > first or (end == first and last == first):
            return -1, -1, 0.0
    saved = swap_segments(lines, van, start, end, other, first, last, slot_price, least)
    if saved <= least:
        return -1, -1, 0.0
    do_swap(lines, van, start, end, other, first, last, scratch)
    return van, other, saved


@inlined
def _end(lines: Lines, chance: Chance, van: int, start: int) -> int:
    left = lines.size[van] - start
    return int(start + min(1 + int(left * draw(chance) ** 3), left))
