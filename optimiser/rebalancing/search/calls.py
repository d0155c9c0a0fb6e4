"""Calls at depots in mid-shift: for bikes out of the stock, for batteries, to be rid of junk."""

from __future__ import annotations

from optimiser.basics.chance import Chance, below
from optimiser.basics.compiled import in_place, whole
from optimiser.rebalancing.search.settle import is_late, put_in, settle, take_out
from optimiser.rebalancing.search.town import Bools, State, Town


@in_place
def call(town: Town, state: State, chance: Chance, is_touched: Bools) -> None:
    """Put a call into a gap of a touched van, both at random."""
    first = town.near.shape[0]
    place = first + below(chance, len(town.start) - first)
    visit = whole(town.visits[place, 0])
    if state.route[visit] >= 0:
        return
    for van in range(len(town.slots)):
        if town.allowed[van, place] and is_touched[van] and 0 < state.size[van] < state.tour.shape[1]:
            put_in(state, visit, van, 1 + below(chance, state.size[van]))
            settle(town, state, van)
            if is_late(town, state, van):
                take_out(town, state, visit)
                settle(town, state, van)


@in_place
def leave_out_idle_calls(town: Town, state: State, is_touched: Bools) -> None:
    """Take out calls at which nothing is loaded, unloaded or refilled."""
    first = town.near.shape[0]
    for van in range(len(town.slots)):
        if not is_touched[van]:
            continue
        spot = 0
        while spot < state.size[van]:
            visit = whole(state.tour[van, spot])
            is_of_use = state.moved[visit] or state.aboard[van, spot] or state.spare[van, spot] < town.packs[van]
            if town.station[visit] >= first and not is_of_use:
                take_out(town, state, visit)
                settle(town, state, van)
            else:
                spot += 1
