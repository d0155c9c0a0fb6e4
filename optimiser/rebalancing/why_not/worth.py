"""What bikes more or less at a station are worth after a plan, in money: estimates for choosing what to try."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimiser.rebalancing.problem import Problem, Station
from optimiser.rebalancing.replay import Timeline

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """Money saved by 0, 1, 2, … ready bikes more or less at each station; -inf where that cannot be."""

    bring: Floats
    """Shape (stations, most bikes + 1)."""
    fetch: Floats


def worth_of(problem: Problem, timeline: Timeline) -> Worth:
    """Tables for every station, up to the most bikes that a van carries; permissions do not count here."""
    most = max((van.slots for van in problem.vans), default=0)
    return Worth(
        bring=np.array([_saved(problem, timeline, one, range(most + 1)) for one in problem.stations]),
        fetch=np.array([_saved(problem, timeline, one, range(0, -most - 1, -1)) for one in problem.stations]),
    )


def worth_of_swaps(problem: Problem, timeline: Timeline, station: Station) -> list[float]:
    """Money saved by 0, 1, 2, … swaps at one station, as many as low-charge bikes are left; their price is paid."""
    bikes, freed = timeline.inventories[station.id], timeline.freed[station.id]
    before = price_at(problem, station, bikes, freed)
    return [
        before - price_at(problem, station, bikes + swaps, freed + swaps) - problem.prices.swap * swaps
        for swaps in range(timeline.low_charge[station.id] + 1)
    ]


def worth_of_broken(problem: Problem, timeline: Timeline, station: Station) -> list[float]:
    """Money saved by 0, 1, 2, … broken bikes taken home from one station."""
    bikes, freed = timeline.inventories[station.id], timeline.freed[station.id]
    before = price_at(problem, station, bikes, freed)
    return [
        before - price_at(problem, station, bikes, freed + taken) + problem.prices.broken_left * taken
        for taken in range(timeline.broken[station.id] + 1)
    ]


def price_at(problem: Problem, station: Station, bikes: int, freed: int) -> float:
    """What it costs that a station opens so: lost trips, and ready bikes missing or too many for must-do work."""
    price, must = problem.prices.lost_trip * station.lost_trips(bikes, freed), station.must
    if must is not None:
        price += problem.prices.must * max(0, (must.low or 0) - bikes)
        price += 0 if must.high is None else problem.prices.must * max(0, bikes - must.high)
    return price


def _saved(problem: Problem, timeline: Timeline, station: Station, steps: range) -> list[float]:
    bikes, freed = timeline.inventories[station.id], timeline.freed[station.id]
    before = price_at(problem, station, bikes, freed)
    return [
        before - price_at(problem, station, bikes + step, freed)
        if 0 <= bikes + step <= station.capacity + freed
        else -np.inf
        for step in steps
    ]
