"""What the energy of one car costs at least, wherever it is charged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimiser.relocation.problem import Car, Problem

Floats = NDArray[np.float64]


class EnergyPrice:
    """
    What a car costs with so much from the grid: power, and what its battery lacks of goal and must.

    Its kWh are bought in the cheapest slots from `from_s` to opening, at `kw` in each: a car is on one plug at a time,
    so that all its stays together draw no more in a slot. Driving and the taper are left out; both only cost more.
    """

    def __init__(self, problem: Problem, car: Car, *, must_kwh: float, from_s: int, kw: float) -> None:
        prices, grid, slots = problem.prices, problem.grid, problem.slots
        begins = np.arange(slots) * grid.slot_s
        ends = np.minimum(begins + grid.slot_s, problem.opening_s)
        hours = np.maximum(0, ends - np.maximum(begins, from_s)) / 3600
        price = np.array(grid.tariff[:slots]) + prices.co2_kg * np.array(grid.co2_kg[:slots])
        order = np.argsort(price, kind="stable")
        kwh = kw * hours[order]
        self._kwh = np.concatenate(([0.0], np.cumsum(kwh)))
        self._money = np.concatenate(([0.0], np.cumsum(kwh * price[order])))
        self._efficiency, self._energy = problem.charging.efficiency, car.energy_kwh
        self._wishes = ((car.goal_kwh, prices.missing_kwh), (must_kwh, prices.must))
        turns = [max(0.0, wanted - car.energy_kwh) / self._efficiency for wanted, _ in self._wishes]
        turns_kwh = np.clip(np.concatenate((self._kwh, turns)), 0.0, self.most_kwh)
        costs = self._cost(turns_kwh)
        best = int(costs.argmin())
        self._best_kwh, self.best = float(turns_kwh[best]), float(costs[best])
        """The amount that costs least, and what it costs."""

    @property
    def most_kwh(self) -> float:
        """From the grid until opening."""
        return float(self._kwh[-1])

    @property
    def uncharged(self) -> float:
        """What is lacked where nothing is charged."""
        return float(self._cost(np.zeros(1))[0])

    def least(self, needed_kwh: Floats) -> Floats:
        """Least cost of any amount from each of these on: convex in the amount, so it falls to the best and rises."""
        return np.where(needed_kwh <= self._best_kwh, self.best, self._cost(np.maximum(needed_kwh, self._best_kwh)))

    def _cost(self, kwh: Floats) -> Floats:
        cost = np.interp(kwh, self._kwh, self._money)
        for wanted, price in self._wishes:
            cost = cost + price * np.maximum(0.0, wanted - self._energy - self._efficiency * kwh)
        return cost
