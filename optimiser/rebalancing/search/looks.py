"""Small questions about a station."""

from __future__ import annotations

import numpy as np

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
    """1 where one more bike would save something, -1 where one fewer would, 2 where only coming would, else 0."""
    inventory = state.inventory[station]
    first = town.row[station, town.kind[0]]
    wants = _leaning(town, first, inventory, town.loss[first, inventory])
    for row in range(first, first + town.choices[station]):
        if wants == 0 and town.choices[station] > 1:
            wants = _leaning(town, row, inventory, town.idle[station])
            if wants == 0 and town.loss[row, inventory] < town.idle[station]:
                wants = 2
    return wants


@inlined
def _leaning(town: Town, row: int, inventory: int, lost: float) -> int:
    """1 where one more bike loses less than this, -1 where one fewer does, else 0."""
    wants = 0
    if inventory < town.high[row] and town.loss[row, inventory + 1] < lost:
        wants = 1
    elif inventory > town.low[row] and town.loss[row, inventory - 1] < lost:
        wants = -1
    return wants


@inlined
def saved_by(town: Town, state: State, station: int, more: int) -> float:
    """What one bike more (1) or fewer (-1) saves at a station; minus infinity where that is impossible."""
    row, inventory = town.row[station, town.kind[0]], state.inventory[station]
    saved = -np.inf
    if town.low[row] <= inventory + more <= town.high[row]:
        saved = town.loss[row, inventory] - town.loss[row, inventory + more]
    return float(saved)


@inlined
def left_out(town: Town, state: State, station: int) -> int:
    """A visit of a station that is on no route; -1 where there is none."""
    found = -1
    for visit in town.visits[station]:
        if visit >= 0 and state.route[visit] < 0:
            found = visit
    return int(found)
