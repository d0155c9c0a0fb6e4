"""
What no plan can undercut: a Lagrangian bound with two prices, one for a bike and one for a van second.

Sets and data
    i in I        stations: inventory a_i, tonight's capacity C_i, lost trips g_i(s), convex in s = 0..C_i; where
                  low-charge or broken bikes block docks, C_i is what fits once all are gone and g_i(s) the least over
                  how many are
    L_i           bikes low on charge, which swaps may turn into ready ones without lifting them
    v in V        vans with slots Q_v, initial load, usable time H_v = shift less the shortest way back
    V             price of a lost trip;  w, k: price of a van second and of a driven metre
    h, p          seconds to handle a bike, and per stop
    t_i, l_i      shortest drive (s, fastest van) and length (m) into i from any other place
    n_i(s)        visits at least: m_i(s) / max_v Q_v, rounded up
    m_i(s)        bikes lifted at least: |s - a_i|, less L_i
    tau_i(s)      van seconds at least:   h m_i(s) + n_i(s) (p + t_i)
    kappa_i(s)    their price at least:   w tau_i(s) + k n_i(s) l_i
    B             bikes at stations, on vans and in the depots' stock at the start, and those that swaps can make ready

Relaxation
    min   sum_i V g_i(s_i) + kappa_i(s_i)
    s.t.  sum_i s_i <= B                       (no bike appears)               price lambda >= 0
          sum_i tau_i(s_i) <= sum_v H_v        (vans' time)                    price mu >= 0

Every plan's final inventories satisfy it and cost at least this much: a visit changes i by at most the slots of
a van, drives in (t_i, l_i), stops once and handles every bike that comes or goes. For any prices
    L(lambda, mu) = sum_i min_s [ V g_i(s) + kappa_i(s) + mu tau_i(s) + lambda s ]
                    - lambda B - mu sum_v H_v
is at most that minimum (weak duality), so rounding in the search for good prices cannot spoil the proof.
A plan that moves anything also pays for one van and its way back; a plan that moves nothing costs
sum_i V g_i(a_i). The bound is the lesser of the two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.compiled import in_place
from optimiser.rebalancing.problem import Problem, Station

_ROUNDS = 40
"""Halvings of the price intervals; each evaluation costs well under a millisecond."""
_FAR = np.iinfo(np.int32).max
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
        widest = max(station.capacity + station.blocked for station in stations) + 1
        self.inventory = np.arange(widest)
        self.loss = np.full((len(stations), widest), np.inf)
        for row, station in enumerate(stations):
            self.loss[row, : station.capacity + station.blocked + 1] = prices.lost_trip * _least_lost(station)
        start = np.array([station.inventory for station in stations])
        swappable = np.array([station.low_charge for station in stations])
        moved = np.maximum(0, np.abs(self.inventory[None, :] - start[:, None]) - swappable[:, None])

        speed = max(van.speed_factor for van in vans)
        second, metre = prices.van_hour / 3600, prices.van_km / 1000
        slots = max(van.slots for van in vans)
        station_ids = [station.id for station in stations]
        drive_in_s, length_in_m = _shortest_into(problem, station_ids, origin_ids=problem.travel.place_ids)
        visits = np.ceil(moved / slots)
        handling_s = problem.handling.bike_s * moved
        self.seconds = handling_s + visits * (problem.handling.stop_s + drive_in_s / speed)[:, None]
        self.price = self.loss + second * self.seconds + metre * visits * length_in_m[:, None]
        self.widths = np.array([station.capacity + station.blocked + 1 for station in stations])
        # Goals are for the search to choose from, so stops and drives, which moves share, do not count.
        self.handling_cost = second * handling_s

        ends = [van.end_depot_id for van in vans]
        back_s, back_m = _shortest_into(problem, ends, origin_ids=station_ids)
        back_s = back_s / np.array([van.speed_factor for van in vans])
        shifts_s = np.array([van.shift_end_s - van.shift_start_s for van in vans])
        self.van_time_s = float(np.maximum(0, shifts_s - back_s).sum())
        self.first_van = float((prices.van_use + second * back_s + metre * back_m).min())
        stock = sum(depot.stock for depot in problem.depot_by_id.values())
        self.bikes = int((start + swappable).sum()) + sum(van.initial_load for van in vans) + stock
        self.room = np.array([station.capacity for station in stations])
        finite = np.where(np.isfinite(self.loss), self.loss, 0)
        self.price_limit = 1.0 + float(np.abs(np.diff(finite, axis=1)).max(initial=0.0))
        """Steeper than any loss: at this price of a bike or of a van second per bike nothing is worth moving."""

    def value(self, bike_price: float, time_price: float) -> float:
        """L(lambda, mu)."""
        least = _least(self.price, self.seconds, self.widths, bike_price, time_price)
        return least - bike_price * self.bikes - time_price * self.van_time_s

    def best_over_lambda(self, time_price: float) -> tuple[float, float]:
        """The best value for a price of time, and the price of a bike that gives it."""
        return _maximise(lambda price: self.value(price, time_price), 0.0, self.price_limit)

    def goals(self, bike_price: float) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Fewest and most bikes that are best anywhere near this price of a bike, by station."""
        near = 1e-6 * self.price_limit
        priced = self.loss + self.handling_cost
        fewest = np.argmin(priced + (bike_price + near) * self.inventory, axis=1)
        flipped = (priced + (bike_price - near) * self.inventory)[:, ::-1]
        most = self.inventory[-1] - np.argmin(flipped, axis=1)
        fewest, most = np.minimum(fewest, self.room), np.minimum(most, self.room)
        return tuple(int(value) for value in fewest), tuple(int(value) for value in most)


@in_place
def _least(
    price: NDArray[np.float64],
    seconds: NDArray[np.float64],
    widths: NDArray[np.int64],
    bike_price: float,
    time_price: float,
) -> float:
    """Sum over stations of the least price that any of their inventories has, bikes and seconds priced as well."""
    total = 0.0
    for row in range(len(widths)):
        least = np.inf
        for bikes in range(widths[row]):
            least = min(least, price[row, bikes] + time_price * seconds[row, bikes] + bike_price * bikes)
        total += least
    return total


def _least_lost(station: Station) -> NDArray[np.float64]:
    """Least trips lost by ready bikes, over how many of the blocked docks are freed."""
    least = np.full(station.capacity + station.blocked + 1, np.inf)
    for freed in range(station.blocked + 1):
        lost = station.lost_by_inventory(freed)
        least[: len(lost)] = np.minimum(least[: len(lost)], lost)
    return least


def _shortest_into(
    problem: Problem, ids: Sequence[str], *, origin_ids: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Seconds and metres of the shortest legs into each place of `ids` from any other place of `origin_ids`."""
    index = problem.place_index
    row_of = {index[id_]: row for row, id_ in enumerate(origin_ids)}
    columns = [index[id_] for id_ in ids]
    itself = [(row_of[place], column) for column, place in enumerate(columns) if place in row_of]
    rows, same = np.ix_(list(row_of), columns), tuple(np.array(itself, dtype=np.int64).reshape(-1, 2).T)
    shortest = []
    for matrix in (problem.travel.travel_s, problem.travel.length_m):
        legs = matrix[rows]
        legs[same] = _FAR
        least = legs.min(axis=0, initial=_FAR)
        shortest.append(np.where(least < _FAR, least, 0).astype(np.float64))
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
