"""
What no plan can exceed: that nobody is served twice, and the money, relaxed at prices (Geoffrion 1974).

    Z = sum_io u_io w_io - sum_ko phi_ko e_ko + mu B + ... + sum_g max { sum_{j at g} profit_j(build) : kW at g }

At each grid node its sites build whatever brings most together at the prices of groups u, of money mu, of being too
near to others and of new sites, and with the reward phi of floors. Any prices give a bound; steps along the
subgradient lower it (Held, Wolfe & Crowder 1974).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from optimiser.siting.arrays import Arrays, Ints
from optimiser.siting.bound.nodes import choose, nodes_of
from optimiser.siting.bound.worths import Prices, add_all_served, find_gains

KEPT = 0.7
"""Of each direction, that the next one keeps (Crowder 1976)."""
LOOKS, NEARLY = 6, 0.01
"""For the price of money at which nearly all of it is spent."""
STALE = 15
"""Steps without a better bound after which they get shorter."""


@dataclass(slots=True, kw_only=True, eq=False)
class Relaxed:
    """What the relaxation does at some prices."""

    bound: float
    build: Ints
    """Of each site, as the lists of builds number them."""
    overdrawn: Prices
    """How much more is taken than is there, by price."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Chosen:
    """Builds at a price of money."""

    gain: float
    """What they bring, with the money that there is at that price."""
    price: float
    spent: float
    build: Ints


class Relaxation:
    """Prices of one phase, and the best bound that they have given."""

    def __init__(self, arrays: Arrays, *, guess: float) -> None:
        demand, builds, limits = arrays
        self.arrays, self.bound, self.pace = arrays, np.inf, 1.0
        self.best: Prices | None = None
        self._nodes, self._stale = nodes_of(arrays), 0
        self._first = np.concatenate([[0], np.cumsum(np.diff(builds.first)[builds.of_site])])
        self._gain = np.zeros(self._first[-1])
        number = builds.first[builds.of_site][_owner(self._first)] + _place(self._first)
        self._cost = builds.cost[number] + (_place(self._first) > 0) * builds.open_cost[_owner(self._first)]
        self._is_too_dear = (self._cost > limits.money * (1 + 1e-9)) & (_place(self._first) > 0)
        self._scale = _scale(arrays, max(guess, 1.0))
        self.price = 0.5 * guess / limits.money if 0 < limits.money < np.inf else 0.0
        """Of money."""
        self.prices = Prices(
            served=0.5 * demand.chance[:, None] * demand.unit[None, :],
            floor=np.zeros_like(demand.asked),
            near=np.zeros(limits.sets),
            new_site=np.zeros(1),
        )
        self._direction = Prices(*(np.zeros_like(price) for price in self.prices))

    def begin_like(self, other: Relaxation) -> None:
        """Begin with the best prices of another phase, which has floors of its own."""
        if other.best is not None:
            self.prices = Prices(*(price.copy() for price in other.best))
            self.prices.floor[:] = 0.0
            self.price = other.price

    def relax(self) -> Relaxed:
        """The bound of the prices as they are."""
        (demand, builds, limits), prices = self.arrays, self.prices
        near = np.bincount(_owner(limits.first_near), weights=prices.near[limits.near], minlength=len(limits.node))
        charge = near + builds.is_new * prices.new_site[0]
        find_gains(demand, builds, prices, charge, self._first, self._gain)
        self._gain[self._is_too_dear] = -np.inf
        chosen = self._choose()
        bound = chosen.gain + float((prices.served * demand.weight).sum() - (prices.floor * demand.asked).sum())
        bound += float(prices.near.sum())
        bound += float(prices.new_site[0] * limits.new_sites) if np.isfinite(limits.new_sites) else 0.0
        if bound < self.bound:
            self.bound, self.best = bound, Prices(*(price.copy() for price in prices))
        return Relaxed(bound=bound, build=chosen.build, overdrawn=self._overdrawn(chosen.build))

    def _choose(self) -> _Chosen:
        """The best builds at the price of money that makes them bring least, as nearly as a few looks find it."""
        _, _, limits = self.arrays
        at = best = self._chosen(self.price)
        low, high = 0.0, np.inf
        for look in range(LOOKS if np.isfinite(limits.money) else 0):
            if abs(at.spent - limits.money) <= NEARLY * limits.money:
                break
            low, high = (at.price, high) if at.spent > limits.money else (low, at.price)
            wide = 1.02 ** (2**look)
            if np.isinf(high):
                price = max(low * wide, 1e-9)
            else:
                price = (low + high) / 2 if low > 0 else high / wide
            at = self._chosen(price)
            best = at if at.gain < best.gain else best
        self.price = best.price
        return best

    def _chosen(self, price: float) -> _Chosen:
        _, builds, limits = self.arrays
        build, upgraded = np.zeros(len(limits.node), dtype=np.int64), np.zeros(len(limits.free_kw))
        gain = choose(
            self._nodes,
            builds.of_site,
            builds.first,
            self._first,
            self._gain,
            self._cost,
            limits.upgrade_cost,
            price,
            build,
            upgraded,
        )
        is_built = builds.plugs[build].any(axis=1)
        spent = float(builds.cost[build].sum() + builds.open_cost[is_built].sum() + upgraded @ limits.upgrade_cost)
        gain += price * limits.money if np.isfinite(limits.money) else 0.0
        return _Chosen(gain=gain, price=price, spent=spent, build=build)

    def _overdrawn(self, build: Ints) -> Prices:
        """Demand less supply of everything that is relaxed."""
        demand, builds, limits = self.arrays
        served = np.zeros_like(demand.weight)
        add_all_served(demand, builds, self.prices, build, served)
        is_built = np.any(builds.plugs[build] > 0, axis=1)
        floor = demand.asked.copy()
        for scenario in range(len(floor)):
            floor[scenario] -= np.bincount(
                demand.district, weights=served[scenario] * demand.weight[scenario], minlength=floor.shape[1]
            )
        near = np.zeros(limits.sets)
        np.add.at(near, limits.near, is_built.take(_owner(limits.first_near)))
        opened = float((is_built & builds.is_new).sum())
        return Prices(
            served=served - 1.0,
            floor=np.where(demand.asked > 0, floor, 0.0),
            near=near - 1.0,
            new_site=np.array([opened - limits.new_sites if np.isfinite(limits.new_sites) else 0.0]),
        )

    def step(self, relaxed: Relaxed, known: float, best: float) -> None:
        """Move the prices against what is overdrawn; `best` is the bound before, `known` what a plan brings."""
        self._stale = 0 if relaxed.bound < best * (1 - 1e-6) else self._stale + 1
        if self._stale >= STALE:
            self._stale, self.pace = 0, self.pace / 2
        norm, moves = 0.0, []
        for price, kept, drawn, (size, metric) in zip(
            self.prices, self._direction, relaxed.overdrawn, self._scale, strict=True
        ):
            steepest = drawn * size
            steepest[(price <= 0.0) & (steepest < 0.0)] = 0.0
            move = KEPT * kept + (1 - KEPT) * steepest
            move[(price <= 0.0) & (move < 0.0)] = 0.0
            norm += float((steepest * steepest * metric).sum())
            moves.append(move)
        self._direction = Prices(*moves)
        length = self.pace * max(relaxed.bound - known, 1e-6 * abs(relaxed.bound)) / max(norm, 1e-12)
        for price, move in zip(self.prices, moves, strict=True):
            np.maximum(price + length * move, 0.0, out=price)


def _owner(first: Ints) -> Ints:
    return np.repeat(np.arange(len(first) - 1), np.diff(first))


def _place(first: Ints) -> Ints:
    """Number of each entry in its list."""
    return np.arange(first[-1]) - np.repeat(first[:-1], np.diff(first))


def _scale(arrays: Arrays, guess: float) -> tuple[tuple[Any, Any], ...]:
    """For each price the size of a move where all of it is overdrawn, and the weight of a squared move in the norm."""
    demand, _, limits = arrays
    total = max(float((demand.chance @ demand.weight).sum()), 1e-9)
    unit = guess / total
    site = guess / max(1.0, len(limits.node) / 10)
    asked = np.maximum(demand.asked, 1e-9)
    count = limits.new_sites if np.isfinite(limits.new_sites) and limits.new_sites > 0 else 1.0
    return (
        (unit, demand.weight / unit),
        (unit / asked, asked / unit * (demand.asked > 0)),
        (site, 1.0 / site),
        (site / count, count / site),
    )
