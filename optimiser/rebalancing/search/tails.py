"""
Two routes go on as each other: what follows a gap of one changes places with what follows a gap of the other.

Strings of stops taken out and put back change what is near; a van that goes round where bikes are left over and drops
them there again, while another does the same where bikes are short, are parted from one long useful route each by no
small change. The exchange (2-opt*, Potvin & Rousseau 1995, Journal of the Operational Research Society 46) makes them
in one. All pairs of gaps of two routes are seen, each with the best quantities of both new routes: what the stops
before a gap earn by the load there is known, and what those after it earn.
"""

from __future__ import annotations

import numpy as np

from optimiser.basics.chance import Chance, below, draw
from optimiser.basics.compiled import in_place, inlined, whole
from optimiser.rebalancing.search.cuts import best_cut, measure
from optimiser.rebalancing.search.desk import Desk
from optimiser.rebalancing.search.settle import is_late, settle, swap_tails
from optimiser.rebalancing.search.town import Ints, State, Town

TRIES = 6
"""Other routes that one is seen with."""
NEAR = 0.3
"""How often the other is one that stops near; else it is any."""


@in_place
def exchange_tails(
    town: Town, state: State, van: int, seed: int, chance: Chance, temperature: float, desk: Desk
) -> int:
    """
    Exchange what follows a gap of a route with what follows one of another, where that pays or chance allows.

    Answers the other van, -1: none. Marks it as touched, even if in the end all stays as it was: quantities that are
    worth the same may have changed.
    """
    if not _is_plain(state, van):
        return -1
    best, partner, own_gap, other_gap = temperature * np.log(max(draw(chance), 1e-300)), whole(-1), -1, -1
    measure(town, state, van, desk.heads, desk.tails)
    for _ in range(TRIES):
        other = _drawn(town, state, seed, chance)
        if other < 0 or other == van or not _is_plain(state, other) or not _are_alike(town, van, other):
            continue
        if not town.allowed[other, town.station[state.tour[other, 0]]]:
            # Another search has it.
            continue
        gain, gap, cut = best_cut(town, state, van, desk.heads, desk.tails, other, best)
        if gain > best and _may(town, state, van, gap, other) and _may(town, state, other, cut, van):
            best, partner, own_gap, other_gap = gain, other, gap, cut
    if partner >= 0:
        desk.is_touched[partner] = True
        _exchange(town, state, van, own_gap, partner, other_gap, desk.moved)
        if is_late(town, state, van) or is_late(town, state, partner):
            # A clock or batteries have a say that loads do not tell of.
            _exchange(town, state, van, own_gap, partner, other_gap, desk.moved)
            partner = -1
    return partner


@inlined
def _is_plain(state: State, van: int) -> bool:
    """Whether what the stops before a gap earn does not change what those after it do."""
    return bool(state.size[van] > 1 and not state.is_laden[van] and not state.is_shared[van])


@inlined
def _are_alike(town: Town, van: int, other: int) -> bool:
    """Whether stops earn and take the same with either van."""
    is_same = town.speed[van] == town.speed[other] and town.kind[van] == town.kind[other]
    is_same &= town.slots[van] == town.slots[other] and town.second[van] == town.second[other]
    return bool(is_same and town.goal[van] == town.goal[other] and town.load_home[van] == town.load_home[other])


@inlined
def _drawn(town: Town, state: State, seed: int, chance: Chance) -> int:
    """A van that stops near a station, or any; -1 where nobody stops."""
    if town.near.shape[1] > 0 and draw(chance) < NEAR:
        visit = town.visits[town.near[seed, below(chance, town.near.shape[1])], 0]
        other = state.route[visit] if visit >= 0 else -1
    else:
        other = below(chance, len(town.slots))
    return int(other)


@inlined
def _may(town: Town, state: State, van: int, gap: int, other: int) -> bool:
    """Whether another van may make a van's stops after a gap."""
    may = True
    for spot in range(gap, state.size[van]):
        may &= town.allowed[other, town.station[state.tour[van, spot]]]
    return bool(may)


@inlined
def _exchange(town: Town, state: State, van: int, gap: int, other: int, cut: int, scratch: Ints) -> None:
    """Do it; done once more it is undone."""
    swap_tails(state, van, gap, other, cut, scratch)
    settle(town, state, van)
    settle(town, state, other)
