"""
Two visits put in together: where a stop that brings bikes pays only with one that fetches them, or with a call at a
depot.
"""

from __future__ import annotations

from optimiser.basics.chance import Chance, draw
from optimiser.basics.compiled import in_place, whole
from optimiser.rebalancing.search.desk import PARTNERS, Desk
from optimiser.rebalancing.search.insertion import gain_of_pair
from optimiser.rebalancing.search.looks import left_out, saved_by, visits_on, wants_of
from optimiser.rebalancing.search.town import State, Town

PLACES = 10
"""Gaps that are tried for both."""


@in_place
def best_pair(
    town: Town, state: State, desk: Desk, visit: int, chance: Chance, is_waking: bool
) -> tuple[int, int, int, int]:
    """Where a visit gains most with one that is left out near it: van, gap, first and second visit; van -1: nowhere."""
    station = town.station[visit]
    best, best_van, best_at, best_first, best_second = 0.0, -1, -1, -1, -1
    wants = wants_of(town, state, station)
    count = _partners(town, state, desk, station, wants)
    if wants == 0 or (count == 0 and town.calls.shape[1] == 0):
        return best_van, best_at, best_first, best_second
    empty_twin = -1
    for van in range(len(town.slots)):
        if state.size[van] == 0 and town.twin[van] != empty_twin and town.allowed[van, station]:
            empty_twin = town.twin[van]
            for partner in desk.partners[: _with_calls(town, state, desk, van, count)]:
                if town.allowed[van, town.station[partner]]:
                    first, second = (visit, partner) if wants < 0 else (partner, visit)
                    gain = gain_of_pair(town, state, van, whole(0), first, second, desk.worth, desk.work_s, is_waking)
                    if gain > best:
                        best, best_van, best_at, best_first, best_second = gain, van, 0, first, second
    places = 0
    for around in town.near[station]:
        for other in town.visits[around]:
            if other < 0 or state.route[other] < 0:
                continue
            van = whole(state.route[other])
            if state.size[van] + 2 > state.tour.shape[1] or not town.allowed[van, station]:
                continue
            if visits_on(town, state, station, van):
                continue
            places += 1
            gap = state.spot[other] + int(draw(chance) < 0.5)
            for partner in desk.partners[: _with_calls(town, state, desk, van, count)]:
                neighbour = town.station[partner]
                if not town.allowed[van, neighbour] or visits_on(town, state, neighbour, van):
                    continue
                first, second = (visit, partner) if wants < 0 else (partner, visit)
                gain = gain_of_pair(town, state, van, gap, first, second, desk.worth, desk.work_s, is_waking)
                if gain > best:
                    best, best_van, best_at, best_first, best_second = gain, van, gap, first, second
        if places >= PLACES:
            break
    return best_van, best_at, best_first, best_second


@in_place
def _with_calls(town: Town, state: State, desk: Desk, van: int, count: int) -> int:
    """Add the van's calls at depots that are left out; how many partners there are now."""
    for place in town.calls[van]:
        if place >= 0 and state.route[town.visits[place, 0]] < 0:
            desk.partners[count] = town.visits[place, 0]
            count += 1
    return count


@in_place
def _partners(town: Town, state: State, desk: Desk, station: int, wants: int) -> int:
    """
    Fill in visits left out near a station: those that want the opposite, then such as lose less by it than the station
    gains; how many.
    """
    count = 0
    if abs(wants) != 1:
        return count
    for neighbour in town.near[station]:
        if count < PARTNERS and wants_of(town, state, neighbour) == -wants:
            partner = left_out(town, state, neighbour)
            if partner >= 0:
                desk.partners[count] = partner
                count += 1
    gain = saved_by(town, state, station, wants)
    for neighbour in town.near[station]:
        if count < PARTNERS and wants_of(town, state, neighbour) != -wants:
            partner = left_out(town, state, neighbour)
            if partner >= 0 and gain + saved_by(town, state, neighbour, -wants) > 0.0:
                desk.partners[count] = partner
                count += 1
    return count
