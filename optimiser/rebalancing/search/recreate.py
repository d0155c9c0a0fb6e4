"""Puts stops back where they cost least or earn most, one after the other, looking away now and then."""

from __future__ import annotations

import numpy as np

from optimiser.basics.chance import Chance, draw
from optimiser.basics.compiled import in_place, inlined, whole
from optimiser.rebalancing.search.desk import SHORTLIST, Desk
from optimiser.rebalancing.search.insertion import gain_in, price_of
from optimiser.rebalancing.search.looks import visits_on, wants_of
from optimiser.rebalancing.search.pairs import best_pair
from optimiser.rebalancing.search.settle import is_late, put_in, settle, take_out
from optimiser.rebalancing.search.town import BACK_M, BACK_S, Floats, Ints, State, Town

BLINK = 0.01
"""How often a gap is overlooked (Christiaens & Vanden Berghe 2020)."""
BESIDE = 30
"""Near stations beside whose stops another is put."""
SCAN_ALL = 200
"""With no more visits than these every gap is looked at; with more, the `desk.SHORTLIST` nearest."""


WAYS, MUCH_FIRST = 11, 4
"""Ways to sort, some more often than others; one of those that put first where much is to be moved or saved."""


@in_place
def order(town: Town, state: State, chosen: Ints, count: int, way: int, chance: Chance, keys: Floats) -> None:
    """Sort the visits to put back in one of `WAYS`: at random, much to move or save first, far first, or near first."""
    for position in range(count):
        station = town.station[chosen[position]]
        if way < 4:
            keys[position] = draw(chance)
        elif way < 8:
            keys[position] = -_potential(town, state, station)
        else:
            far = town.ways[0, station, town.origin[0], BACK_S] + town.ways[0, station, town.origin[0], BACK_M]
            keys[position] = -far if way < 10 else far
    for position in range(1, count):
        visit, key = chosen[position], keys[position]
        back = position
        while back > 0 and keys[back - 1] > key:
            chosen[back], keys[back] = chosen[back - 1], keys[back - 1]
            back -= 1
        chosen[back], keys[back] = visit, key


@in_place
def _potential(town: Town, state: State, station: int) -> float:
    """Bikes where they are fixed, else money that could be saved there."""
    if town.is_fixed:
        return float(abs(town.start[station] - town.low[station]))
    row = town.row[station, town.kind[0]]
    losses = town.loss[row]
    least = losses[town.low[row]]
    for inventory in range(town.low[row] + 1, town.high[row] + 1):
        least = min(least, losses[inventory])
    return float(state.lost[station] - least)


@in_place
def best_gap(
    town: Town, state: State, desk: Desk, visit: int, chance: Chance, slot_price: float
) -> tuple[float, int, int]:
    """Greatest gain of a visit, and its van and gap; van -1 where it fits nowhere. Sets what junk it takes."""
    best, best_van, best_gap_, chosen = -np.inf, -1, -1, 0
    for choice in range(town.choices[town.station[visit]]):
        state.clears[visit] = choice
        if len(town.station) <= SCAN_ALL:
            gain, van, gap = _best_anywhere(town, state, visit, chance, slot_price)
        else:
            gain, van, gap = _best_nearby(town, state, desk, visit, chance, slot_price)
        if gain > best:
            best, best_van, best_gap_, chosen = gain, van, gap, choice
    state.clears[visit] = chosen
    return best, best_van, best_gap_


@in_place
def _best_anywhere(town: Town, state: State, visit: int, chance: Chance, slot_price: float) -> tuple[float, int, int]:
    """The same over all gaps."""
    station = town.station[visit]
    best, best_van, best_gap_ = -np.inf, -1, -1
    vans, longest = state.tour.shape
    empty_twin = -1
    for van in range(vans):
        size = state.size[van]
        if size >= longest or not town.allowed[van, station] or visits_on(town, state, station, van):
            continue
        if size == 0:
            # Of empty vans that are the same in everything one is enough.
            if town.twin[van] == empty_twin:
                continue
            empty_twin = town.twin[van]
        for gap in range(size + 1):
            if draw(chance) < BLINK:
                continue
            gain = gain_in(town, state, van, gap, visit, slot_price)
            if gain > best:
                best, best_van, best_gap_ = gain, van, gap
    return best, best_van, best_gap_


@in_place
def _best_nearby(
    town: Town, state: State, desk: Desk, visit: int, chance: Chance, slot_price: float
) -> tuple[float, int, int]:
    """The same over the gaps beside near stations to which the detour is shortest, and over vans in their depots."""
    station = town.station[visit]
    best, best_van, best_gap_ = -np.inf, -1, -1
    vans, longest = state.tour.shape
    count = 0
    for neighbour in town.near[station, :BESIDE]:
        for other in town.visits[neighbour]:
            if other < 0 or state.route[other] < 0:
                continue
            van = state.route[other]
            if state.size[van] >= longest or not town.allowed[van, station] or visits_on(town, state, station, van):
                continue
            for gap in range(state.spot[other], state.spot[other] + 2):
                if draw(chance) >= BLINK:
                    price, _ = price_of(town, state, van, gap, station)
                    count = _shortlist(desk, count, van, gap, price)
    empty_twin = -1
    for van in range(vans):
        if state.size[van] == 0 and town.twin[van] != empty_twin and town.allowed[van, station]:
            empty_twin = town.twin[van]
            desk.vans[count], desk.gaps[count] = van, 0
            count += 1
    for position in range(count):
        gain = gain_in(town, state, desk.vans[position], desk.gaps[position], visit, slot_price)
        if gain > best:
            best, best_van, best_gap_ = gain, desk.vans[position], desk.gaps[position]
    return best, best_van, best_gap_


@inlined
def _shortlist(desk: Desk, count: int, van: int, gap: int, price: float) -> int:
    """Keep a gap if it is among the cheapest to drive to; how many are kept."""
    is_new = price < np.inf
    for position in range(count):
        if desk.vans[position] == van and desk.gaps[position] == gap:
            is_new = False
    if is_new and (count < SHORTLIST or price < desk.prices[count - 1]):
        position = min(count, SHORTLIST - 1)
        count = position + 1
        while position > 0 and desk.prices[position - 1] > price:
            desk.vans[position], desk.gaps[position] = desk.vans[position - 1], desk.gaps[position - 1]
            desk.prices[position] = desk.prices[position - 1]
            position -= 1
        desk.vans[position], desk.gaps[position], desk.prices[position] = van, gap, price
    return count


@in_place
def recreate(
    town: Town, state: State, desk: Desk, count: int, chance: Chance, slot_price: float, waking: float
) -> None:
    """
    Put `count` chosen visits back in their order where they pay or must be.

    A share `waking` of these times a van may leave its depot for less than that costs.
    """
    is_waking = draw(chance) < waking
    for position in range(count):
        visit = whole(desk.chosen[position])
        if state.route[visit] >= 0 or town.station[visit] >= town.near.shape[0]:
            continue
        if not town.is_fixed and not town.must[visit] and wants_of(town, state, town.station[visit]) == 0:
            continue
        gain, van, gap = best_gap(town, state, desk, visit, chance, slot_price)
        if van >= 0 and (gain > 0.0 or town.must[visit]):
            put_in(state, visit, van, gap)
            settle(town, state, van)
            desk.is_touched[van] = True
            if is_late(town, state, van):
                take_out(town, state, visit)
                settle(town, state, van)
        elif not town.is_fixed:
            _put_pair(town, state, desk, visit, chance, is_waking)


@in_place
def _put_pair(town: Town, state: State, desk: Desk, visit: int, chance: Chance, is_waking: bool) -> None:
    """Put a visit in together with another, where that pays."""
    van, gap, first, second = best_pair(town, state, desk, visit, chance, is_waking)
    if van < 0:
        return
    put_in(state, second, van, gap)
    put_in(state, first, van, gap)
    settle(town, state, van)
    desk.is_touched[van] = True
    if is_late(town, state, van):
        take_out(town, state, first)
        take_out(town, state, second)
        settle(town, state, van)
