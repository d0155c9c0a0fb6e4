"""
What no plan can undercut: a Lagrangian bound with two prices, one for a bike and one for a van second.

Sets and data
    i in I        stations, inventory a_i, tonight's capacity C_i, lost trips g_i(s), convex in s = 0..C_i
    v in V        vans with slots Q_v, initial load, usable time H_v = shift less the shortest way back
    V             price of a lost trip;  w, k: price of a van second and of a driven metre
    t_i, l_i      shortest drive (s, fastest van) and length (m) into i from any other place
    Q_i           min(max_v Q_v, C_i): the most that one visit can change at i
    tau_i         van seconds per bike moved at i, at least:  handling + (stop + t_i) / Q_i
    kappa_i       price per bike moved at i, at least:        w tau_i + k l_i / Q_i
    B, S          bikes at stations and on vans at the start;  slots of all vans

Relaxation
    min   sum_i V g_i(s_i) + kappa_i |s_i - a_i|
    s.t.  B - S <= sum_i s_i <= B                  (no bike appears or vanishes)   price lambda
          sum_i tau_i |s_i - a_i| <= sum_v H_v     (vans' time)                    price mu >= 0

Every plan's final inventories satisfy it and cost at least this much: a visit that changes i by q bikes
drives in (t_i, l_i), stops once and handles at least |q| <= Q_i bikes. For any prices
    L(lambda, mu) = sum_i min_s [ V g_i(s) + (kappa_i + mu tau_i) |s - a_i| + lambda s ]
                    - max(lambda B, lambda (B - S)) - mu sum_v H_v
is at most that minimum (weak duality), so rounding in the search for good prices cannot spoil the proof.
A plan that moves anything also pays for one van and its way back; a plan that moves nothing costs
sum_i V g_i(a_i). The bound is the lesser of the two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimiser.rebalancing.problem import Problem

_ROUNDS = 48
"""Halvings of the price intervals; each evaluation costs well under a millisecond."""
_SAFETY = 1e-9
"""Relative allowance for floating-point sums."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A proven lower bound on the cost of any plan, and the goals its prices suggest."""

    value: float
    goal_low: tuple[int, ...]
    """By station: the fewest bikes worth leaving there, in the problem's order."""
    goal_high: tuple[int, ...]
    """By station: the most bikes worth bringing it up to."""


def lower_bound(problem: Problem) -> Bound:
    """Best Lagrangian bound that the search over both prices finds."""
    nothing = problem.prices.lost_trip * sum(station.lost_trips(station.inventory) for station in problem.stations)
    if not problem.stations or not problem.vans:
        stay = tuple(station.inventory for station in problem.stations)
        return Bound(value=nothing, goal_low=stay, goal_high=stay)
    relaxation = _Relaxation(problem)
    value, _ = _maximise(lambda mu: relaxation.best_over_lambda(mu)[0], 0.0, relaxation.price_limit)
    # The goals ignore that time is short: which bikes to leave out is for the search to decide.
    _, bike_price = relaxation.best_over_lambda(0.0)
    goal_low, goal_high = relaxation.goals(bike_price)
    bound = min(nothing, value + relaxation.first_van)
    return Bound(value=max(0.0, bound - _SAFETY * abs(bound)), goal_low=goal_low, goal_high=goal_high)


class _Relaxation:
    """Tables over stations and inventories; padded with infinity where a station has fewer docks."""

    def __init__(self, problem: Problem) -> None:
        stations, vans, prices = problem.stations, problem.vans, problem.prices
        widest = max(station.capacity for station in stations) + 1
        self.inventory = np.arange(widest)
        self.loss = np.full((len(stations), widest), np.inf)
        for row, station in enumerate(stations):
            self.loss[row, : station.capacity + 1] = prices.lost_trip * np.asarray(station.target.lost_trips)
        start = np.array([station.inventory for station in stations])
        self.moved = np.abs(self.inventory[None, :] - start[:, None])

        speed = max(van.speed_factor for van in vans)
        second, metre = prices.van_hour / 3600, prices.van_km / 1000
        slots = max(van.slots for van in vans)
        per_visit = np.maximum(1, np.minimum(slots, [station.capacity for station in stations]))
        station_ids = [station.id for station in stations]
        drive_in_s, length_in_m = _shortest_into(problem, station_ids, origin_ids=problem.travel.place_ids)
        self.seconds = problem.handling.bike_s + (problem.handling.stop_s + drive_in_s / speed) / per_visit
        self.cost = second * self.seconds + metre * length_in_m / per_visit

        ends = [van.end_depot_id for van in vans]
        back_s, back_m = _shortest_into(problem, ends, origin_ids=station_ids)
        back_s = back_s / np.array([van.speed_factor for van in vans])
        shifts_s = np.array([van.shift_end_s - van.shift_start_s for van in vans])
        self.van_time_s = float(np.maximum(0, shifts_s - back_s).sum())
        self.first_van = float((prices.van_use + second * back_s + metre * back_m).min())
        self.bikes = int(start.sum()) + sum(van.initial_load for van in vans)
        self.slots = sum(van.slots for van in vans)
        finite = np.where(np.isfinite(self.loss), self.loss, 0)
        self.price_limit = 1.0 + float(np.abs(np.diff(finite, axis=1)).max(initial=0.0))
        """Steeper than any loss: at this price of a bike or of a van second per bike nothing is worth moving."""

    def value(self, bike_price: float, time_price: float) -> float:
        """L(lambda, mu)."""
        per_station = self._priced(bike_price, time_price).min(axis=1)
        given = max(bike_price * self.bikes, bike_price * (self.bikes - self.slots))
        return float(per_station.sum()) - given - time_price * self.van_time_s

    def best_over_lambda(self, time_price: float) -> tuple[float, float]:
        """The best value for a price of time, and the price of a bike that gives it."""
        return _maximise(lambda price: self.value(price, time_price), -self.price_limit, self.price_limit)

    def goals(self, bike_price: float) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Fewest and most bikes that are best anywhere near this price of a bike, by station."""
        near = 1e-6 * self.price_limit
        fewest = np.argmin(self._priced(bike_price + near, 0.0), axis=1)
        flipped = self._priced(bike_price - near, 0.0)[:, ::-1]
        most = self.inventory[-1] - np.argmin(flipped, axis=1)
        return tuple(int(value) for value in fewest), tuple(int(value) for value in most)

    def _priced(self, bike_price: float, time_price: float) -> NDArray[np.float64]:
        per_bike = (self.cost + time_price * self.seconds)[:, None]
        priced: NDArray[np.float64] = self.loss + per_bike * self.moved + bike_price * self.inventory[None, :]
        return priced


def _shortest_into(
    problem: Problem, ids: Sequence[str], *, origin_ids: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Seconds and metres of the shortest legs into each place of `ids` from any other place of `origin_ids`."""
    index = problem.place_index
    columns, rows = [index[id_] for id_ in ids], [index[id_] for id_ in origin_ids]
    same = np.equal.outer(rows, columns)
    shortest = []
    for matrix in (problem.travel.travel_s, problem.travel.length_m):
        legs = np.where(same, np.inf, matrix[np.ix_(rows, columns)]).min(axis=0)
        shortest.append(np.where(np.isfinite(legs), legs, 0.0))
    return shortest[0], shortest[1]


def _maximise(function: Callable[[float], float], low: float, high: float) -> tuple[float, float]:
    """Largest value of a concave function found by golden-section search, and where."""
    ratio = (5**0.5 - 1) / 2
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = function(left), function(right)
    best = max((function(low), low), (function(high), high), (at_left, left), (at_right, right))
    for _ in range(_ROUNDS):
        if at_left < at_right:
            low, left, at_left = left, right, at_right
            right = low + ratio * (high - low)
            at_right = function(right)
            best = max(best, (at_right, right))
        else:
            high, right, at_right = right, left, at_left
            left = high - ratio * (high - low)
            at_left = function(left)
            best = max(best, (at_left, left))
    return best
