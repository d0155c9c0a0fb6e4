"""One search: its routes, how hot it is, and the best it has found."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np

from optimiser.basics.chance import Chance, chance_of
from optimiser.rebalancing.search.anneal import anneal, begin, keep
from optimiser.rebalancing.search.copies import copy_vans, cost_of, eased
from optimiser.rebalancing.search.desk import desk_of
from optimiser.rebalancing.search.sectors import Sector, mend, sectors_of
from optimiser.rebalancing.search.settle import put_in, settle_in_time
from optimiser.rebalancing.search.steer import press, steer
from optimiser.rebalancing.search.town import OUT_S, Floats, State, Town, copy_of, empty_state, told_of
from optimiser.rebalancing.search.translate import UNREAL

REMOVED = 4.0
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
PRESS_STEP = 0.01
"""Of what a second saves on average, by which the price of a van's seconds changes at once."""
EASING = 0.2
"""Of the search, in which seconds become as cheap as they are."""
SEGMENTS = 500
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
        # What the search asks for bikes and seconds changes, in each thread on its own.
        self.town = town._replace(second=town.second.copy(), pressure=town.pressure.copy())
        if len(town.floor):
            self.town = self.town._replace(loss=town.loss.copy(), idle=town.idle.copy())
        self._vans = np.arange(len(town.slots), dtype=np.int32)
        self._chance = chance_of(seed, stream)
        self._desk = desk_of(town)
        self._now, self._trial, self._best = (empty_state(town, longest=longest) for _ in range(3))
        _drive(self.town, self._now, start)
        cost = begin(town, self._now, self._chance, self._desk, NO_SLOT)
        for state in (self._trial, self._best):
            copy_vans(town, self._now, state, self._vans)
        self._costs = np.array([cost, cost, float(self._now.excess.sum()), 0.0])
        self._bike_prices = np.zeros(len(town.floor))
        self._second_price = 0.0
        self._press_step = _saved_a_second(town, self._now) * PRESS_STEP
        self._unit = self._stop_price()
        self._slot_price = self._unit * SLOT
        self._segments = SEGMENTS if is_length_all(town) else 0
        self._hot, self._cold = heat * HOT, COLD if town.is_fixed else COLD_FREE

    @property
    def best(self) -> Found:
        """The cheapest routes so far; a copy."""
        return Found(cost=float(self._costs[1]), state=told_of(self._best))

    def advance(self, rounds: int, fraction: float) -> bool:
        """So many rounds when this much of the search is over, 0..1; whether a better best was found."""
        found = self._anneal(self.town, self._costs, rounds, fraction)
        self._steer(fraction)
        return found > 0

    def divide(self, count: int) -> list[Sector]:
        """Parts of the town for so many searches at once."""
        return sectors_of(self.town, self._now, self._chance, count)

    def advance_in(self, sector: Sector, rounds: int, fraction: float) -> None:
        """So many rounds in one part of the town; none of their routes is a best yet."""
        self._anneal(sector.town, np.array([0.0, -np.inf, float(self._now.excess.sum()), 0.0]), rounds, fraction)

    def join(self, others: Sequence[tuple[Annealer, Sector]], fraction: float) -> bool:
        """Take over what others made of their parts of the town; whether all of it is a better best."""
        for other, sector in others:
            copy_vans(self.town, other._now, self._now, sector.vans)
        mend(self.town, self._now)
        self._agree()
        is_better = keep(self.town, self._now, self._best, self._costs) > 0
        self._steer(fraction)
        return is_better

    def follow(self, lead: Annealer) -> None:
        """Go on from another's routes."""
        for state in (self._now, self._trial):
            copy_vans(self.town, lead._now, state, self._vans)

    def twin(self, chance: Chance) -> Annealer:
        """Another that goes on from the same routes with numbers drawn elsewhere."""
        twin = copy(self)
        twin._chance, twin._desk = chance, desk_of(self.town)
        twin._now, twin._trial, twin._best = copy_of(self._now), copy_of(self._trial), copy_of(self._best)
        twin._costs, twin._bike_prices = self._costs.copy(), self._bike_prices.copy()
        return twin

    def _anneal(self, town: Town, costs: Floats, rounds: int, fraction: float) -> int:
        """Rounds in a town or a part of it; how often a better best was found."""
        temperature = self._unit * self._hot * (self._cold / self._hot) ** fraction
        return anneal(
            town,
            self._now,
            self._trial,
            self._best,
            costs,
            self._chance,
            self._desk,
            rounds,
            temperature,
            REMOVED,
            self._slot_price,
            self._segments,
        )

    def _steer(self, fraction: float) -> None:
        """Change what is asked for bikes in zones and for seconds, by how the routes keep to what binds them."""
        if not len(self.town.floor) and self._press_step == 0.0:
            return
        if len(self.town.floor):
            steer(self.town, self._now, self._bike_prices)
        if self._press_step > 0.0:
            share = min(1.0, (1.0 - fraction) / EASING)
            self._second_price = press(self.town, self._now, self._second_price, self._press_step, share)
        self._agree()

    def _agree(self) -> None:
        """See what the routes cost now that something else has changed them, and make the trial the same."""
        self._costs[0], self._costs[3] = cost_of(self.town, self._now), eased(self.town, self._now)
        self._costs[2] = float(self._now.excess.sum())
        copy_vans(self.town, self._now, self._trial, self._vans)

    def _stop_price(self) -> float:
        """Price of a stop with its leg, on average."""
        state = self._now
        stops = int(state.size.sum())
        seconds = state.paid_s + self.town.bike_s * state.lifts
        return float((state.price + self.town.second * seconds).sum()) / stops if stops else 1.0


def _saved_a_second(town: Town, state: State) -> float:
    """What vans save in a second, on average; nothing where all is fixed."""
    seconds = float(state.time_s.sum())
    return 0.0 if town.is_fixed or seconds <= 0 else max(0.0, float((town.idle_truth - state.lost).sum())) / seconds


def _drive(town: Town, state: State, tours: Sequence[Sequence[int]]) -> None:
    """Give every van its visits, those that it has time for."""
    for van, tour in enumerate(tours):
        for gap, visit in enumerate(tour[: state.tour.shape[1]]):
            put_in(state, visit, van, gap)
        settle_in_time(town, state, van)


def is_length_all(town: Town) -> bool:
    """Whether routes of fixed loads cost their length alone and any van may drive any; only then are segments moved."""
    takes_time = town.ways[..., OUT_S].any() or town.stop_s.any() or town.bike_s or town.has_clock
    is_free = town.allowed.all() and (town.range_m >= UNREAL).all() and town.calls.size == 0
    is_one_goal = (town.goal == town.goal[0]).all()
    return bool(town.is_fixed and is_free and is_one_goal and not takes_time and not town.use.any())
