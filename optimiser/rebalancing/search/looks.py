"""Small questions about a station."""

from __future__ import annotations

from optimiser.basics.compiled import inlined
from optimiser.rebalancing.search.town import State, Town


@inlined
def visits_on(town: Town, state: State, station: int, van: int) -> bool:
    """Whether a van stops at a station already."""
    found = False
    for visit in town.visits[station]:
        if visit >= 0 and state.route[visit] == van:
            found = True
    return found


@inlined
def wants_of(town: Town, state: State, station: int) -> int:
    """1 where one more bike would save something, -1 where one fewer would, else 0."""
    inventory = state.inventory[station]
    losses = town.loss[station]
    wants = 0
    if inventory < town.high[station] and losses[inventory + 1] < losses[inventory]:
        wants = 1
    elif inventory > town.low[station] and losses[inventory - 1] < losses[inventory]:
        wants = -1
    return wants


@inlined
def left_out(town: Town, state: State, station: int) -> int:
    """A visit of a station that is on no route; -1 where there is none."""
    found = -1
    for visit in town.visits[station]:
        if visit >= 0 and state.route[visit] < 0:
            found = visit
    return int(found)
