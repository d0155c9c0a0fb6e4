"""
What the search asks for beyond all costs, found as it goes on (subgradient steps on the limits that bind): a price for
each bike in a zone with too few or too many, and one for the seconds of a van whose shift is full. Without the latter
bikes that save little would leave no time for those that save much.
"""

from __future__ import annotations

from optimiser.basics.compiled import in_place, inlined
from optimiser.rebalancing.search.copies import bikes_in
from optimiser.rebalancing.search.settle import forget, is_late, settle, settle_in_time
from optimiser.rebalancing.search.town import Floats, State, Town

STEPS = 20.0
"""Steps from a price of nothing to that of a bike that is missing."""
FADE = 0.97
"""Of its price a zone keeps while it is within its limits."""


@in_place
def steer(town: Town, state: State, prices: Floats) -> None:
    """Change the price of bikes in zones that end with too few or too many, and all quantities with it."""
    for zone in range(len(prices)):
        bikes = bikes_in(town, state, zone)
        if bikes < town.floor[zone]:
            price = max(-town.zone_price, prices[zone] - town.zone_price / STEPS)
        elif bikes > town.cap[zone]:
            price = min(town.zone_price, prices[zone] + town.zone_price / STEPS)
        else:
            price = prices[zone] * FADE
        _add(town, zone, price - prices[zone])
        prices[zone] = price
    for van in range(len(town.slots)):
        forget(state, van)
        settle_in_time(town, state, van)


@in_place
def press(town: Town, state: State, price: float, step: float, share: float) -> float:
    """
    Ask more than `price` for all vans' seconds where most shifts are full, less where most are not; the new price.

    A shift is full with less than half a stop's time left, not so from a stop's time on. In the end no more than a
    `share` of the price is asked, so that what is left of the shifts is used as well.
    """
    driving, full = 0, 0
    for van in range(len(town.slots)):
        if state.size[van]:
            left_s = town.shift_s[van] - state.time_s[van]
            a_stop_s = state.time_s[van] / state.size[van]
            driving += 1
            full += int(left_s < a_stop_s / 2) - int(left_s > a_stop_s)
    if share == 1.0:
        price = max(0.0, price + step * full / max(1, driving))
    for van in range(len(town.slots)):
        before = town.pressure[van]
        _ask(town, state, van, share * price if state.size[van] else 0.0)
        if state.size[van]:
            settle(town, state, van)
            if is_late(town, state, van):
                # More bikes pay now than there is time for.
                _ask(town, state, van, before)
                settle_in_time(town, state, van)
    return price


@inlined
def _ask(town: Town, state: State, van: int, pressure: float) -> None:
    forget(state, van)
    town.second[van] += pressure - town.pressure[van]
    town.pressure[van] = pressure


@in_place
def _add(town: Town, zone: int, price: float) -> None:
    """Make a bike at the stations of a zone dearer in what the search believes."""
    for station in town.members[zone]:
        if station < 0:
            continue
        town.idle[station] += price * town.start[station]
        for kind in range(town.row.shape[1]):
            first = town.row[station, kind]
            if kind == 1 and first == town.row[station, 0]:
                continue
            for row in range(first, first + town.choices[station]):
                for column in range(town.loss.shape[1]):
                    town.loss[row, column] += price * column
