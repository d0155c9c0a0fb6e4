"""Zones steer the search by a price for each bike in them, found as it goes on (subgradient steps on their limits)."""

from __future__ import annotations

from optimiser.basics.compiled import in_place
from optimiser.rebalancing.search.copies import bikes_in
from optimiser.rebalancing.search.loads import settle_in_time
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
        settle_in_time(town, state, van)


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
