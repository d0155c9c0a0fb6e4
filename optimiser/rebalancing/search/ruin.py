"""
Takes strings of neighbouring stops out of neighbouring routes (Christiaens & Vanden Berghe 2020, Transportation
Science 54: slack induction by string removals).
"""

from __future__ import annotations

from optimiser.basics.chance import Chance, below, draw
from optimiser.basics.compiled import in_place, whole
from optimiser.rebalancing.search.settle import take_out
from optimiser.rebalancing.search.town import Bools, Ints, State, Town

LONGEST = 10
"""Stops in a string at most."""
SPLIT = 0.5
"""How often a string keeps some stops in its middle."""
KEEP = 0.5
"""How often one more is kept."""


@in_place
def ruin(
    town: Town, state: State, seed_station: int, mean: float, chance: Chance, is_touched: Bools, removed: Ints
) -> int:
    """Take out strings around a station; marks touched vans, fills `removed` and answers how many."""
    driving, stops = 0, 0
    for van in range(len(town.slots)):
        if state.size[van]:
            driving += 1
            stops += state.size[van]
    if stops == 0:
        return 0
    longest = min(float(LONGEST), stops / driving)
    strings = int(draw(chance) * (4.0 * mean / (1.0 + longest))) + 1
    # Few long routes are broken in several places, many short ones in one each.
    again = max(0.0, 1.0 - driving / (2.0 * strings))
    count, done = whole(0), 0
    for rank in range(-1, town.near.shape[1]):
        station = seed_station if rank < 0 else town.near[seed_station, rank]
        for visit in town.visits[station]:
            if visit < 0 or state.route[visit] < 0 or not town.allowed[state.route[visit], station]:
                continue
            if is_touched[state.route[visit]] and draw(chance) >= again:
                continue
            van = state.route[visit]
            most = min(longest, float(state.size[van]))
            length = int(draw(chance) * most) + 1
            count = _string(town, state, van, state.spot[visit], length, chance, removed, count)
            is_touched[van] = True
            done += 1
            if done >= strings:
                return count
    return count


@in_place
def _string(
    town: Town, state: State, van: int, spot: int, length: int, chance: Chance, removed: Ints, count: int
) -> int:
    """Take out `length` stops around a spot, now and then with some between them kept."""
    size = state.size[van]
    kept = 0
    if length > 1 and length < size and draw(chance) < SPLIT:
        while length + kept < size and draw(chance) < KEEP:
            kept += 1
    span = length + kept
    first = max(0, spot - span + 1)
    last = min(spot, size - span)
    start = first + below(chance, last - first + 1)
    keep_from = start + below(chance, length + 1) if kept else start + span
    for position in range(start + span - 1, start - 1, -1):
        if keep_from <= position < keep_from + kept:
            continue
        removed[count] = state.tour[van, position]
        count += 1
        take_out(town, state, whole(state.tour[van, position]))
    return count
