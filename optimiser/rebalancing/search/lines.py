"""Routes as lines of stops where loads are fixed and only length counts: what moves of segments look at."""

from __future__ import annotations

from typing import NamedTuple

from optimiser.basics.compiled import in_place, inlined
from optimiser.rebalancing.search.town import Ints, State, Town


class Lines(NamedTuple):
    """Arrays of a town and a state: to hand over all of these would take longer than most moves."""

    tour: Ints
    size: Ints
    route: Ints
    spot: Ints
    carried: Ints
    fore_low: Ints
    fore_high: Ints
    back_low: Ints
    back_high: Ints
    excess: Ints
    metres: Ints
    near: Ints
    visits: Ints
    station: Ints
    start: Ints
    low: Ints
    slots: Ints
    origin: Ints
    goal: Ints
    metre: float


@inlined
def lines_of(town: Town, state: State) -> Lines:
    """The same arrays; what is changed in one is changed in the other."""
    return Lines(
        state.tour,
        state.size,
        state.route,
        state.spot,
        state.carried,
        state.fore_low,
        state.fore_high,
        state.back_low,
        state.back_high,
        state.excess,
        town.metres,
        town.near,
        town.visits,
        town.station,
        town.start,
        town.low,
        town.slots,
        town.origin,
        town.goal,
        town.metre,
    )


@inlined
def slots_missing(slots: int, needed: int) -> int:
    """Bikes without a slot, squared: however cheap a slot, few will be missing."""
    missing = max(0, needed - slots)
    return int(missing * missing)


@in_place
def measure(lines: Lines, van: int) -> None:
    """See where the stops of a changed route are, what they add to the load, and how many slots it misses."""
    size = lines.size[van]
    carried, low, high = 0, 0, 0
    lines.carried[van, 0], lines.fore_low[van, 0], lines.fore_high[van, 0] = 0, 0, 0
    for spot in range(size):
        visit = lines.tour[van, spot]
        lines.route[visit], lines.spot[visit] = van, spot
        station = lines.station[visit]
        carried += lines.start[station] - lines.low[station]
        low, high = min(low, carried), max(high, carried)
        lines.carried[van, spot + 1] = carried
        lines.fore_low[van, spot + 1], lines.fore_high[van, spot + 1] = low, high
    lines.excess[van] = slots_missing(lines.slots[van], high - low)
    low, high = 0, 0
    lines.back_low[van, 0], lines.back_high[van, 0] = 0, 0
    for left in range(size):
        gap = size - 1 - left
        change = lines.carried[van, gap + 1] - lines.carried[van, gap]
        low, high = min(0, low + change), max(0, high + change)
        lines.back_low[van, left + 1], lines.back_high[van, left + 1] = low, high
