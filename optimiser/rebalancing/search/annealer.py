"""One search: its routes, how hot it is, and the best it has found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimiser.rebalancing.search.anneal import anneal, begin
from optimiser.rebalancing.search.chance import chance_of
from optimiser.rebalancing.search.copies import copy_van, cost_of
from optimiser.rebalancing.search.desk import desk_of
from optimiser.rebalancing.search.loads import put_in, settle_in_time
from optimiser.rebalancing.search.steer import steer
from optimiser.rebalancing.search.town import State, Town, copy_of, empty_state
from optimiser.rebalancing.search.translate import UNREAL

REMOVED = 10.0
"""Stops that a round takes out, on average."""
HOT, COLD = 1.0, 0.003
"""Temperatures at the start and at the end, of the price of an average stop with its leg."""
COLD_FREE = 0.01
"""At the end where quantities are free: their stops differ more in what they are worth."""
NO_SLOT = 1e9
"""Price of a bike without a slot while the first routes are made."""
SLOT = 3.0
"""
Price of the first bike without a slot later on, of that of an average stop.

It stays the same: where one long route is all there is, prices that follow how often slots are missing swing between
none and many, and every swing spoils the routes.
"""
SEGMENTS = 200
"""Moves of segments that are tried in each round; they cost little where loads are fixed."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Found:
    """Routes as they were at one moment, and what the search believes they cost."""

    cost: float
    state: State


class Annealer:
    """Ruins and recreates the routes of a town, hot at first, then ever colder."""

    def __init__(
        self,
        town: Town,
        *,
        seed: int,
        stream: int = 0,
        heat: float = 1.0,
        longest: int,
        start: Sequence[Sequence[int]] = (),
    ) -> None:
        """`start`: for each van the visits that it makes to begin with."""
        # Zones change what the search believes, in each thread on its own.
        self.town = town._replace(loss=town.loss.copy(), idle=town.idle.copy()) if len(town.floor) else town
        self._chance = chance_of(seed, stream)
        self._desk = desk_of(town)
        self._now, self._trial, self._best = (empty_state(town, longest=longest) for _ in range(3))
        _drive(self.town, self._now, start)
        cost = begin(town, self._now, self._chance, self._desk, NO_SLOT)
        for state in (self._trial, self._best):
            for van in range(len(town.slots)):
                copy_van(town, self._now, state, van)
        self._costs = np.array([cost, cost, float(self._now.excess.sum())])
        self._bike_prices = np.zeros(len(town.floor))
        self._unit = self._stop_price()
        self._slot_price = self._unit * SLOT
        self._segments = SEGMENTS if _is_length_all(town) else 0
        self._hot, self._cold = heat * HOT, COLD if town.is_fixed else COLD_FREE

    @property
    def best(self) -> Found:
        """The cheapest routes so far; a copy."""
        return Found(cost=float(self._costs[1]), state=copy_of(self._best))

    def advance(self, rounds: int, fraction: float) -> bool:
        """So many rounds when this much of the search is over, 0..1; whether a better best was found."""
        temperature = self._unit * self._hot * (self._cold / self._hot) ** fraction
        found = anneal(
            self.town,
            self._now,
            self._trial,
            self._best,
            self._costs,
            self._chance,
            self._desk,
            rounds,
            temperature,
            REMOVED,
            self._slot_price,
            self._segments,
        )
        if len(self.town.floor):
            steer(self.town, self._now, self._bike_prices)
            self._costs[0] = cost_of(self.town, self._now)
            for van in range(len(self.town.slots)):
                copy_van(self.town, self._now, self._trial, van)
        return found > 0

    def _stop_price(self) -> float:
        """Price of a stop with its leg, on average."""
        state = self._now
        stops = int(state.size.sum())
        lifts = self.town.second * self.town.bike_s * float(state.lifts.sum())
        return (float(state.price.sum()) + lifts) / stops if stops else 1.0


def _drive(town: Town, state: State, tours: Sequence[Sequence[int]]) -> None:
    """Give every van its visits, those that it has time for."""
    for van, tour in enumerate(tours):
        for gap, visit in enumerate(tour[: state.tour.shape[1]]):
            put_in(state, visit, van, gap)
        settle_in_time(town, state, van)


def _is_length_all(town: Town) -> bool:
    """Whether routes of fixed loads cost their length alone and any van may drive any; only then are segments moved."""
    takes_time = town.seconds.any() or town.stop_s.any() or town.bike_s or town.has_clock
    is_free = town.allowed.all() and (town.range_m >= UNREAL).all() and town.calls.size == 0
    return bool(town.is_fixed and is_free and not takes_time and not town.use.any())
