"""
What no plan can exceed: that nobody is served twice, and the money, relaxed at prices (Geoffrion 1974).

    Z = sum_iso u_iso w_iso - sum_ko phi_ko e_ko + sum_s mu_s B_s + ...
        + sum_g max { sum_{j at g} profit_j(builds) : kW at g }

Each site has a sequence of builds, one for each phase and none smaller than the one before. At each grid node the sites
choose those that bring most together at the prices of groups u, of money mu, of being too near to others and of new
sites, with the reward phi of floors. What holds at the end of the last phase held before: so distances, numbers and the
power at a node are asked for only there, except that power before an upgrade has a price. Rows that floors ask of whole
builds (`floors`) are taken into use once prices have settled. Any prices give a bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimiser.siting.arrays import Arrays, Bools, Floats, Ints, Limits
from optimiser.siting.bound.chains import best_ends, smaller_builds, trace_back
from optimiser.siting.bound.counts import Box, counted
from optimiser.siting.bound.descent import Descent, Size, sizes_of
from optimiser.siting.bound.entries import entries_of
from optimiser.siting.bound.floors import FloorRows
from optimiser.siting.bound.nodes import choose, nodes_of
from optimiser.siting.bound.worths import Prices, add_all_served, find_gains, patterns_of

FACTORS = 0.5 * 1.3 ** np.arange(20)
"""Of the first guess of what money brings, that are tried."""
SHARES = np.linspace(0.0, 1.0, 9)
"""Of a floor's reward that are tried for a new row."""
LATELY = 0.01
"""Weight of the last step in averages."""
PACE = 0.1
"""Of steps that begin to reward floors where prices have settled without."""
HARD = 0.05
"""Reward of a floor that is hard to keep, of what serving somebody brings."""


@dataclass(slots=True, kw_only=True, eq=False)
class Relaxed:
    """What the relaxation does at some prices."""

    bound: float
    is_better: bool
    """Clearly, than at all prices before."""
    build: Ints
    """Of each site after each phase, as the lists of builds number them; shape (phases, sites)."""
    is_upgraded: Bools
    """Shape (phases, nodes)."""


class Relaxation:
    """Prices of all phases, and the best bound that they have given."""

    def __init__(self, arrays: Sequence[Arrays], *, weight: Floats, guess: Floats) -> None:
        """
        Begin with prices that a guess suggests.

        Parameters
        ----------
        weight
            Of each phase.
        guess
            What each phase brings, before it is weighted.
        """
        self._arrays = [
            its._replace(demand=its.demand._replace(chance=its.demand.chance * much))
            for its, much in zip(arrays, weight, strict=True)
        ]
        self.bound = np.inf
        """The best so far."""
        _, builds, limits = arrays[-1]
        self._nodes, self._smaller, self._entries = (
            nodes_of(arrays[-1]),
            smaller_builds(builds),
            entries_of(builds, limits),
        )
        self._most_new = int(min(limits.new_sites, builds.is_new.sum()))
        self._patterns = patterns_of(arrays[-1].demand, builds, self._entries)
        money = np.array([its.limits.money for its in arrays])
        self._has_limit, self._money = np.isfinite(money), np.where(np.isfinite(money), money, 0.0)
        self._is_too_dear = (self._entries.cost > money[:, None] * (1 + 1e-9)) & (self._entries.plugs > 0)
        self._is_barred = self._is_too_dear
        self._rows = FloorRows(self._arrays[-1], self._entries)
        self._counted = counted(builds, self._entries)
        self.box = self._whole_box(len(arrays))
        self.asks_floors = not any((its.demand.asked > 0.0).any() for its in arrays)
        """Whether what is missing of floors, if there are any, raises their reward; at first it does not."""
        self._gain = np.zeros(self._is_barred.shape)
        worth = np.maximum(guess * weight, 1e-9)
        self._worth = worth
        self._begin(worth)
        self._sizes = self._sizes_of(arrays, worth)
        self._descent = Descent(self._all, self._sizes)
        self.best: Sequence[Floats] = self._all
        """Prices that gave the best bound."""
        self.plugs = np.zeros(len(limits.node), dtype=np.int64)
        """New ones at the end of what was chosen last, by site."""
        self._counts = np.zeros_like(self.box.low)
        """Of it, after each phase."""
        self.counts = self._counts.copy()
        """On average, lately."""

    def _begin(self, worth: Floats) -> None:
        """With half of what everybody brings, and of what money would bring."""
        self._prices = [
            Prices(
                served=0.5 * demand.chance[:, None] * demand.unit[None, :],
                floor=np.zeros_like(demand.asked),
                near=np.zeros(limits.sets),
            )
            for demand, _, limits in self._arrays
        ]
        self._money_price = 0.5 * worth / np.maximum(self._money, 1e-9) * (self._money > 0)
        self._power_price = np.zeros((len(worth), len(self._arrays[-1].limits.free_kw)))
        """Of each node before the last phase."""
        self._new_site_price = np.zeros(1)
        self._many_price, self._few_price = np.zeros_like(self.box.low), np.zeros_like(self.box.low)
        """Of more than the most of a count, and of less than the least."""
        self._all = [
            *(price for prices in self._prices for price in prices),
            self._money_price,
            self._power_price,
            self._new_site_price,
            self._many_price,
            self._few_price,
            np.zeros(0),
        ]
        """The last ones are those of the rows of floors."""

    def _sizes_of(self, arrays: Sequence[Arrays], worth: Floats) -> list[Size]:
        """How far prices move where each phase brings so much."""
        sizes = [size for its, much in zip(arrays, worth, strict=True) for size in sizes_of(its, much)]
        limits = arrays[-1].limits
        money = np.maximum(self._money, 0.01 * self._money.max() or 1.0)
        kw = np.maximum(limits.free_kw + limits.upgrade_kw, 1e-9)
        node = worth[:, None] / max(1, len(kw)) / kw
        site = worth[-1:] / max(1.0, len(limits.node) / 10) / max(1, self._most_new)
        rows = self._rows.size, 1.0 / self._rows.size
        money_size, node_size = (worth / money**2, money**2 / worth), (node / kw, kw / node)
        return [*sizes, money_size, node_size, (site, 1.0 / site), *self._count_sizes(worth), rows]

    def _count_sizes(self, worth: Floats) -> list[Size]:
        """Of the most and the least of counts."""
        usual = [np.maximum(1.0, np.where(np.isfinite(limit), limit, 1.0)) for limit in (self.box.high, self.box.low)]
        return [(worth[:, None] / number**2, number**2 / worth[:, None]) for number in usual]

    def _whole_box(self, phases: int) -> Box:
        """Without limits."""
        most, shape = self._entries.most(), (phases, len(self._counted))
        return Box(fewest=np.zeros_like(most), most=most, low=np.zeros(shape), high=np.full(shape, np.inf))

    def ask_floors(self) -> None:
        """Reward floors from now on, from the best prices without."""
        self._take(self.best)
        self.asks_floors, self._descent = True, Descent(self._all, self._sizes, pace=PACE)

    def round_floors(self) -> None:
        """Take rows into use that whole builds keep, where there are any, and go on from the best prices."""
        if not self._rows.add():
            return
        before, rows = self.best[-1], np.zeros_like(self._rows.least)
        rows[: len(before)] = before
        self._all[-1], self.best = rows, [*self.best[:-1], rows.copy()]
        self._take(self.best)
        for row in range(len(before), len(rows)):
            self._share_reward(row)
        self._sizes = [*self._sizes[:-1], (self._rows.size, 1.0 / self._rows.size)]
        self._descent = Descent(self._all, self._sizes)

    def _share_reward(self, row: int) -> None:
        """Give a row that share of its floor's reward with which the bound is least."""
        floor, rewards = self._rows.floor[row], self._prices[-1].floor
        whole = rewards[floor]
        of_row = whole * self._arrays[-1].demand.asked[floor] / self._rows.least[row]

        def bound(share: float) -> float:
            rewards[floor], self._all[-1][row] = (1.0 - share) * whole, share * of_row
            return self.relax().bound

        bound(min(SHARES, key=bound))

    @property
    def pace(self) -> float:
        """How long steps are: 1 at first, and less the less they help."""
        return self._descent.pace

    def is_hard(self) -> Bools:
        """Sites within reach of a district whose floor is hard to keep."""
        (demand, _, limits), reward = self._arrays[-1], self._prices[-1].floor.sum(axis=0)
        is_hard = reward[demand.district] > HARD * demand.unit * demand.chance.sum()
        site = np.repeat(np.arange(len(limits.node)), np.diff(demand.first_arc))
        return np.bincount(site, weights=is_hard[demand.arc_group], minlength=len(limits.node)) > 0

    def begin_anew(self, box: Box, prices: Sequence[Floats], *, pace: float) -> None:
        """From now on plans are of a branch; begin at prices, and forget the bound."""
        plugs, site = self._entries.plugs, self._entries.site
        self.box, self._is_barred = box, self._is_too_dear | (plugs > box.most[site])
        self._is_barred[-1] |= plugs < box.fewest[site]
        self._take(prices)
        self._sizes[-3:-1] = self._count_sizes(self._worth)
        self.bound, self.best, self._descent = np.inf, prices, Descent(self._all, self._sizes, pace=pace)

    def relax(self) -> Relaxed:
        """The bound of the prices as they are."""
        self._find_gains()
        gain, build, is_upgraded = self._chosen()
        bound = gain + float(self._money_price @ self._money)
        bound += float((self._power_price @ self._arrays[-1].limits.free_kw).sum() - self._all[-1] @ self._rows.least)
        has_most = np.isfinite(self.box.high)
        bound += float(self._many_price[has_most] @ self.box.high[has_most] - (self._few_price * self.box.low).sum())
        for (demand, _, _), prices in zip(self._arrays, self._prices, strict=True):
            bound += float((prices.served * demand.weight).sum() - (prices.floor * demand.asked).sum())
            bound += float(prices.near.sum())
        is_better = bound < self.bound * (1 - 1e-6)
        if bound < self.bound:
            self.bound, self.best = bound, [price.copy() for price in self._all]
        return Relaxed(bound=bound, is_better=is_better, build=build, is_upgraded=is_upgraded)

    def _find_gains(self) -> None:
        """Of all entries in each phase, before money."""
        entries, last = self._entries, len(self._arrays) - 1
        for phase, ((demand, builds, limits), prices) in enumerate(zip(self._arrays, self._prices, strict=True)):
            charge = np.zeros(len(limits.node))
            np.add.at(charge, _sites_near(limits), prices.near[limits.near])
            find_gains(demand, builds, prices, self._patterns, charge, entries.first, self._gain[phase])
            if phase < last and self._power_price[phase].any():
                self._gain[phase] -= self._power_price[phase].take(limits.node)[entries.site] * entries.kw
        if self._all[-1].any():
            self._gain[-1] += self._all[-1] @ self._rows.weight
        self._gain[self._is_barred] = -np.inf

    def _chosen(self) -> tuple[float, Ints, Bools]:
        """What the best builds and upgrades bring at the prices, and which these are."""
        _, builds, limits = self._arrays[-1]
        phases, sites, nodes = len(self._arrays), len(limits.node), len(limits.free_kw)
        first, cost = self._entries.first, self._entries.cost
        value, before = np.zeros(len(cost)), np.zeros(self._gain.shape, dtype=np.int64)
        of_site, fee = (builds.of_site, builds.first), self._many_price - self._few_price
        gain = self._gain - fee @ self._counted if fee.any() else self._gain
        best_ends(*of_site, self._smaller, first, gain, cost, self._money_price, value, before)
        paid = self._charge_new_sites(value)
        brings = self._power_price * limits.upgrade_kw - self._money_price[:, None] * limits.upgrade_cost
        from_then_on = np.cumsum(brings[::-1], axis=0)[::-1]
        when = from_then_on.argmax(axis=0) if nodes else np.zeros(0, dtype=np.int64)
        upgrade = from_then_on[when, np.arange(nodes)]
        place, is_upgraded = np.zeros(sites, dtype=np.int64), np.zeros(nodes, dtype=np.bool_)
        total = choose(self._nodes, *of_site, first, value, upgrade, place, is_upgraded)
        build = np.zeros((phases, sites), dtype=np.int64)
        trace_back(*of_site, first, before, place, build)
        self.plugs = self._entries.plugs[first[:-1] + place]
        entry = build - builds.first[builds.of_site] + first[:-1]
        self._counts = self._counted[:, entry].sum(axis=2).T
        return total + paid, build, is_upgraded & (np.arange(phases)[:, None] >= when)

    def _charge_new_sites(self, value: Floats) -> float:
        """
        Charge each new site the price of one; what all that may be opened pay.

        Where no grid node stands between them the best price is at hand: as many are worth it as may be opened.
        """
        (_, builds, limits), first = self._arrays[-1], self._entries.first[:-1]
        if builds.is_new.sum() == self._most_new:
            return 0.0
        is_nothing = np.zeros(len(value), dtype=np.bool_)
        is_nothing[first] = True
        if not len(limits.free_kw):
            most = np.maximum.reduceat(np.where(is_nothing, -np.inf, value), first)
            is_asked = builds.is_new & np.isfinite(most)  # Others open nothing, whatever it costs.
            more = most[is_asked] - value[first][is_asked]
            self._new_site_price[0] = _price_between(more, self._most_new)
        value[~is_nothing & builds.is_new[self._entries.site]] -= self._new_site_price[0]
        return float(self._new_site_price[0] * self._most_new)

    def step(self, relaxed: Relaxed, known: float) -> None:
        """Move the prices; `known` is what a plan brings."""
        self.counts = (1 - LATELY) * self.counts + LATELY * self._counts
        excess = max(relaxed.bound - known, 1e-6 * abs(relaxed.bound))
        overdrawn = self._overdrawn(relaxed.build, relaxed.is_upgraded)
        if self._descent.step(overdrawn, excess=excess, is_better=relaxed.is_better):
            self._take(self.best)

    def find_money_prices(self) -> None:
        """Begin with those of many multiples of the guess that give the best bound."""
        guess, bounds = self._money_price.copy(), []
        for factor in FACTORS:
            self._money_price[:] = factor * guess
            bounds.append(self.relax().bound)
        self._money_price[:] = FACTORS[int(np.argmin(bounds))] * guess

    def _take(self, prices: Sequence[Floats]) -> None:
        for price, taken in zip(self._all, prices, strict=True):
            price[...] = taken

    def _overdrawn(self, build: Ints, is_upgraded: Bools) -> list[Floats]:
        """Demand less supply of everything that is relaxed."""
        drawn = [one for phase in range(len(build)) for one in self._overdrawn_in(phase, build[phase])]
        money, power = np.zeros_like(self._money_price), np.zeros_like(self._power_price)
        for phase, (_, builds, limits) in enumerate(self._arrays):
            number, is_built = build[phase], builds.plugs[build[phase]].any(axis=1)
            spent = builds.cost[number].sum() + builds.open_cost[is_built].sum()
            spent += float(is_upgraded[phase] @ limits.upgrade_cost)
            money[phase] = (spent - self._money[phase]) * self._has_limit[phase]
            if phase < len(build) - 1:
                at_node = limits.node >= 0
                held = np.bincount(limits.node[at_node], builds.kw[number[at_node]], minlength=len(limits.free_kw))
                power[phase] = held - limits.free_kw - limits.upgrade_kw * is_upgraded[phase]
        lists, is_opened = self._arrays[-1].builds, is_built & self._arrays[-1].builds.is_new
        opened = np.array([float(is_opened.sum() - self._most_new)])
        missing = self._rows.missing(build[-1] - lists.first[lists.of_site] + self._entries.first[:-1])
        many = np.where(np.isfinite(self.box.high), self._counts - self.box.high, 0.0)
        few = np.where(self.box.low > 0.0, self.box.low - self._counts, 0.0)
        return [*drawn, money, power * (self._arrays[-1].limits.upgrade_kw > 0), opened, many, few, missing]

    def _overdrawn_in(self, phase: int, build: Ints) -> list[Floats]:
        """What is relaxed in one phase."""
        (demand, builds, limits), prices = self._arrays[phase], self._prices[phase]
        is_last = phase == len(self._arrays) - 1
        served, lists = np.zeros_like(demand.weight), builds.first[builds.of_site]
        add_all_served(demand, prices, self._patterns, self._entries.first[:-1] + build - lists, served)
        is_built = builds.plugs[build].any(axis=1)
        floor = demand.asked.copy()
        for scenario in range(len(floor)):
            weight = served[scenario] * demand.weight[scenario]
            floor[scenario] -= np.bincount(demand.district, weights=weight, minlength=floor.shape[1])
        near = np.zeros(limits.sets)
        np.add.at(near, limits.near, is_built.take(_sites_near(limits)))
        return [served - 1.0, np.where((demand.asked > 0) & self.asks_floors, floor, 0.0), (near - 1.0) * is_last]


def _sites_near(limits: Limits) -> Ints:
    """Site of each entry in the sets of sites too near to each other."""
    return np.repeat(np.arange(len(limits.node)), np.diff(limits.first_near))


def _price_between(more: Floats, count: int) -> float:
    """A price that so many amounts reach and no others, in the middle of those; 0 where nobody has to be kept out."""
    if len(more) <= count:
        return 0.0
    falling = -np.sort(-more)
    other = max(0.0, float(falling[count]))
    reached = max(other, float(falling[count - 1])) if count > 0 else other
    return 0.5 * (other + reached) if np.isfinite(reached) else other if np.isfinite(other) else 0.0
