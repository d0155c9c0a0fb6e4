"""
A feasible plan at once: again and again the pair of stations whose bikes earn most per van second.

Each van in turn empties its first load, then drives giver, receiver, giver, receiver, until no pair pays
or fits its shift. Plain and never clever: what the search starts against.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimiser.rebalancing.bound import Bound
from optimiser.rebalancing.plan import NOTHING, Plan, Route, Stop
from optimiser.rebalancing.problem import Problem, Van


def construct(problem: Problem, bound: Bound) -> Plan:
    """Greedy plan towards the goals of `bound`: valid, whatever the problem."""
    if not problem.stations:
        return NOTHING
    town = _Town(problem, bound)
    routes = [Route(van_id=van.id, stops=tuple(_fill_shift(problem, van, town))) for van in problem.vans]
    return Plan(routes=tuple(route for route in routes if route.stops))


class _Town:
    """Inventories as they change while routes grow, with tables to value and time every step."""

    def __init__(self, problem: Problem, bound: Bound) -> None:
        widest = max(station.capacity for station in problem.stations) + 1
        self.loss = np.zeros((len(problem.stations), widest))
        for row, station in enumerate(problem.stations):
            self.loss[row, : station.capacity + 1] = problem.prices.lost_trip * np.asarray(station.target.lost_trips)
        self.start = np.array([station.inventory for station in problem.stations])
        self.inventory = self.start.copy()
        self.goal_low, self.goal_high = np.array(bound.goal_low), np.array(bound.goal_high)
        self.place = np.array([problem.place_index[station.id] for station in problem.stations])

    def givers(self) -> NDArray[np.intp]:
        """Stations with bikes to spare; never one that has been brought bikes."""
        return np.flatnonzero((self.inventory > self.goal_low) & (self.inventory <= self.start))

    def receivers(self) -> NDArray[np.intp]:
        """Stations that want bikes; never one that has given some."""
        return np.flatnonzero((self.inventory < self.goal_high) & (self.inventory >= self.start))

    def gain(self, rows: NDArray[np.intp], change: NDArray[np.int64]) -> NDArray[np.float64]:
        """Money saved when inventories of `rows` change by `change`; both broadcast."""
        now = self.inventory[rows]
        saved: NDArray[np.float64] = self.loss[rows, now] - self.loss[rows, now + change]
        return saved


@dataclass(frozen=True, slots=True)
class _Step:
    """The best next thing to do: bikes to `receiver`, from `giver` or, without one, from on board."""

    giver: int | None
    receiver: int
    bikes: int
    seconds: int


@dataclass(slots=True)
class _Shift:
    """A van on its way: where it is, how long it has left, what it carries."""

    at: int
    left_s: int
    load: int
    drive_s: NDArray[np.int64]
    """Seconds between all places at this van's speed."""
    end: int
    """Row of the depot to be back in."""


def _fill_shift(problem: Problem, van: Van, town: _Town) -> list[Stop]:
    """Grow one van's route; changes the inventories of `town`."""
    shift = _Shift(
        at=problem.place_index[van.start_depot_id],
        left_s=van.shift_end_s - van.shift_start_s,
        load=van.initial_load,
        drive_s=np.ceil(problem.travel.travel_s / van.speed_factor).astype(np.int64),
        end=problem.place_index[van.end_depot_id],
    )
    stops: list[Stop] = []
    while step := (_best_drop(problem, town, shift) or _best_pair(problem, town, shift, room=van.slots - shift.load)):
        if step.giver is None:
            shift.load -= step.bikes
        else:
            stops.append(Stop(station_id=problem.stations[step.giver].id, pickup=step.bikes))
            town.inventory[step.giver] -= step.bikes
        stops.append(Stop(station_id=problem.stations[step.receiver].id, dropoff=step.bikes))
        town.inventory[step.receiver] += step.bikes
        shift.at = int(town.place[step.receiver])
        shift.left_s -= step.seconds
    return stops


def _best_drop(problem: Problem, town: _Town, shift: _Shift) -> _Step | None:
    """Bring bikes that are on board to the station where they earn most per second."""
    receivers = town.receivers()
    if not shift.load or not receivers.size:
        return None
    to = town.place[receivers]
    bikes = np.minimum(shift.load, town.goal_high[receivers] - town.inventory[receivers])
    seconds = shift.drive_s[shift.at, to] + problem.handling.stop_s + problem.handling.bike_s * bikes
    metres = problem.travel.length_m[shift.at, to]
    fits = seconds + shift.drive_s[to, shift.end] <= shift.left_s
    best = _best(problem, town.gain(receivers, bikes), seconds=seconds, metres=metres, fits=fits)
    if best is None:
        return None
    return _Step(None, int(receivers[best]), int(bikes[best]), int(seconds[best]))


def _best_pair(problem: Problem, town: _Town, shift: _Shift, *, room: int) -> _Step | None:
    """Take bikes from one station to another, the pair that earns most per second."""
    givers, receivers = town.givers(), town.receivers()
    if not givers.size or not receivers.size or room == 0:
        return None
    from_, to = town.place[givers], town.place[receivers]
    spare = (town.inventory - town.goal_low)[givers][:, None]
    wanted = (town.goal_high - town.inventory)[receivers][None, :]
    bikes = np.minimum(np.minimum(spare, wanted), room)
    handling_s = 2 * (problem.handling.stop_s + problem.handling.bike_s * bikes)
    seconds = shift.drive_s[shift.at, from_][:, None] + shift.drive_s[np.ix_(from_, to)] + handling_s
    length_m = problem.travel.length_m
    metres = length_m[shift.at, from_][:, None] + length_m[np.ix_(from_, to)]
    gain = town.gain(givers[:, None], -bikes) + town.gain(receivers[None, :], bikes)
    fits = seconds + shift.drive_s[to, shift.end][None, :] <= shift.left_s
    best = _best(problem, gain, seconds=seconds, metres=metres, fits=fits)
    if best is None:
        return None
    row, column = divmod(best, receivers.size)
    return _Step(int(givers[row]), int(receivers[column]), int(bikes[row, column]), int(seconds[row, column]))


def _best(
    problem: Problem,
    gain: NDArray[np.float64],
    *,
    seconds: NDArray[np.int64],
    metres: NDArray[np.int32],
    fits: NDArray[np.bool_],
) -> int | None:
    """Flat index of the step that earns most per second, or None where none fits and pays."""
    prices = problem.prices
    earned = gain - prices.van_hour / 3600 * seconds - prices.van_km / 1000 * metres
    rate = np.where(fits & (earned > 0), earned / np.maximum(seconds, 1), -np.inf)
    best = int(np.argmax(rate))
    return best if np.isfinite(rate.flat[best]) else None
