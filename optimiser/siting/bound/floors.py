"""
What a floor asks of whole builds: rows that hold for every plan, found by rounding what each site can give a district.

    sum_j phi(most that j's build serves in the district) >= phi(floor),
    phi(d) = floor(d/a) + min(1, frac(d/a) / frac(floor/a)),  phi(floor) = ceil(floor/a)

for any amount a (mixed integer rounding: Nemhauser & Wolsey 1990, Mathematical Programming 46). Where one site alone
does not keep a floor, prices of people alone would grant it a second one by a small part.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from optimiser.siting.arrays import Arrays, Floats, Ints
from optimiser.siting.bound.entries import Entries
from optimiser.siting.bound.worths import Prices, find_gains, patterns_of

MOST = 24
"""Rows in use, of all districts and scenarios."""
PARTS = (1, 2, 3)
"""Amounts are what a site can give at most, or an equal part of it."""
SITES = 40
"""Of each district, that can give it most and are tried as amounts."""
CLEAR = 0.01
"""By as much of its right side a row has to be broken so that it is taken."""
FLATTEST = 0.05
"""Part of an amount that a floor exceeds a multiple by; below, rounding asks for much precision."""
SAFE = 1e-5
"""By as much of itself a floor may be missed unnoticed."""
LATELY = 0.03
"""Weight of the last step among those that tell what is built."""


class FloorRows:
    """Rows of the last phase, none at first."""

    def __init__(self, arrays: Arrays, entries: Entries) -> None:
        self._floors: list[tuple[int, int]] = [
            (one, other) for one, other in np.argwhere(arrays.demand.asked > 0).tolist()
        ]
        self._asked, self._worth = [], []
        self._first = entries.first
        self._given: list[Floats] = []
        """Of each floor, the most that each entry can serve."""
        demand = arrays.demand
        for scenario, district in self._floors:
            asked = float(demand.asked[scenario, district]) * (1 - SAFE)
            self._asked.append(asked)
            self._worth.append(asked * float(demand.unit.mean() * demand.chance.sum()))
            self._given.append(np.minimum(_given(arrays, entries, scenario, district), asked))
        self._lately = np.zeros(entries.first[-1])
        self._known: set[tuple[int, float]] = set()
        self.weight = np.zeros((0, entries.first[-1]))
        """Of every entry in each row."""
        self.floor: list[tuple[int, int]] = []
        """Scenario and district of each."""
        self.least = np.zeros(0)
        """Right sides."""
        self.size = np.zeros(0)
        """Of a move of a row's price when nothing of it is kept, over its right side."""

    def missing(self, chosen: Ints) -> Floats:
        """By how much each row is broken by one entry of each site."""
        self._lately *= 1 - LATELY
        self._lately[chosen] += LATELY
        missing: Floats = self.least - self.weight[:, chosen].sum(axis=1)
        return missing

    def add(self) -> bool:
        """Take into use, for each floor, the row that was broken most lately; whether there was any."""
        added = False
        for floor, (asked, worth, given) in enumerate(zip(self._asked, self._worth, self._given, strict=True)):
            best, row = CLEAR, None
            for amount in self._amounts(given):
                weight, least = _rounded(given, asked, amount)
                broken = 1 - float(weight @ self._lately) / least
                if (floor, amount) not in self._known and broken > best:
                    best, row = broken, (amount, weight, least)
            if row is not None and len(self.least) < MOST:
                amount, weight, least = row
                self._known.add((floor, amount))
                self.floor.append(self._floors[floor])
                self.weight, self.least = np.vstack([self.weight, weight]), np.append(self.least, least)
                self.size, added = np.append(self.size, worth / least**2), True
        return added

    def _amounts(self, given: Floats) -> Iterator[float]:
        """That are tried: what sites can give at most, and parts of it."""
        most = np.unique(np.maximum.reduceat(given, self._first[:-1]))[::-1]
        for amount in most[most > 0][:SITES].tolist():
            for part in PARTS:
                yield amount / part


def _rounded(given: Floats, asked: float, amount: float) -> tuple[Floats, float]:
    """Weights and right side of a row; of the floor itself where rounding would ask for too much precision."""
    whole, over = divmod(asked / amount, 1.0)
    if over < FLATTEST:
        return given / asked, 1.0
    # What is a multiple of the amount but for rounding counts as that.
    times, rest = np.divmod(given / amount * (1 + 1e-12), 1.0)
    return times + np.minimum(1.0, rest / over), whole + 1.0


def _given(arrays: Arrays, entries: Entries, scenario: int, district: int) -> Floats:
    """The most that each entry can serve in a district: as plugs allow, and no more than are within reach."""
    demand, builds, _ = arrays
    sites = len(builds.of_site)
    reward = np.zeros_like(demand.asked)
    reward[scenario, district] = 1.0
    prices = Prices(np.zeros_like(demand.weight), reward, np.zeros(0))
    given = np.zeros(entries.first[-1])
    people = demand._replace(unit=np.zeros_like(demand.unit))
    find_gains(people, builds, prices, patterns_of(people, builds, entries), np.zeros(sites), entries.first, given)
    inside = demand.weight[scenario] * (demand.district == district)
    site = np.repeat(np.arange(sites), np.diff(demand.first_arc))
    reach = np.bincount(site, weights=inside[demand.arc_group], minlength=sites)
    return np.minimum(np.maximum(given, 0.0), reach[entries.site])
